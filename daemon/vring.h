/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A virtqueue as the device sees it. The two layouts of the rings are behind
 * struct vring_ops; everything they read may change under their feet, so each
 * value is read once and checked before it is used.
 */
#ifndef PVSCHED_VHOST_VRING_H
#define PVSCHED_VHOST_VRING_H

#include <linux/vhost_types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vhost_mem.h"

#define VRING_NUM_MAX  1024 /* entries of a ring */
#define VRING_SEGS_MAX 64   /* descriptors of one request */

/* A position in a ring; the wrap counter is the packed layout's. */
struct vring_pos {
	uint16_t idx;
	bool wrap;
};

struct vring_seg {
	uint64_t gpa;
	uint32_t len;
};

/* One request: the readable segments, then the writable ones. */
struct vring_chain {
	uint16_t id;
	unsigned int segs;
	unsigned int readable;
	struct vring_seg seg[VRING_SEGS_MAX];
};

struct virtqueue {
	const struct vring_ops *ops; /* of its layout */
	unsigned int num;	     /* entries; 0: not set */
	bool addr_set;
	struct vhost_vring_addr addr;
	uint32_t base; /* where to start, as the front end says */
	bool base_set;
	int kick;
	int call;
	int err;
	bool enabled;
	bool started;
	bool broken;		/* the guest broke it; until stopped */
	struct vring_pos avail; /* next request to take */
	struct vring_pos used;	/* next place for an answer */
	void *desc;		/* in this process; NULL: not mapped */
	void *driver;		/* available ring, driver event area */
	void *device;		/* used ring, device event area */
};

/*
 * get: 1 and the next request, 0 if there is none, or a negative errno when
 *	the ring makes no sense.
 * worn: was the ring in use before? Tells a resumed ring from a new one.
 */
struct vring_ops {
	size_t (*driver_size)(unsigned int num);
	size_t (*device_size)(unsigned int num);
	uint32_t base_initial;
	int (*start)(struct virtqueue *vq, struct reason *why);
	uint32_t (*base)(const struct virtqueue *vq);
	int (*get)(struct virtqueue *vq, struct vring_chain *chain,
		   struct reason *why);
	void (*put)(struct virtqueue *vq, const struct vring_chain *chain,
		    uint32_t written);
	bool (*interrupt_wanted)(const struct virtqueue *vq);
	bool (*worn)(const struct virtqueue *vq);
};

extern const struct vring_ops vring_split;
extern const struct vring_ops vring_packed;

void virtqueue_init(struct virtqueue *vq);
void virtqueue_exit(struct virtqueue *vq);

/* Translate the addresses of the ring; again whenever guest RAM changes. */
int vring_map(struct virtqueue *vq, const struct vhost_mem *mem, bool packed,
	      struct reason *why);
void vring_unmap(struct virtqueue *vq);

int vring_num_check(unsigned int num, bool packed, struct reason *why);
int vring_start(struct virtqueue *vq, struct reason *why);
void vring_stop(struct virtqueue *vq);
bool vring_ready(const struct virtqueue *vq);
/* Where the front end has to start it again. */
uint32_t vring_base(const struct virtqueue *vq);
/* Does it go on where a ring that was stopped at @base ended? */
bool vring_continues(const struct virtqueue *vq, uint32_t base);

/* Append one descriptor; refuses what no driver may do. */
int vring_chain_add(struct vring_chain *chain, uint64_t gpa, uint32_t len,
		    uint16_t flags, struct reason *why);

/* Copy all readable bytes, at most @size; the count, or a negative errno. */
ssize_t vring_chain_read(const struct vring_chain *chain,
			 const struct vhost_mem *mem, void *buf, size_t size,
			 struct reason *why);
int vring_chain_write(const struct vring_chain *chain,
		      const struct vhost_mem *mem, const void *buf, size_t len,
		      struct reason *why);

/* Interrupt the guest if it wants to know. */
void vring_notify(const struct virtqueue *vq);
/* Tell the front end that the ring is broken. */
void vring_break(struct virtqueue *vq);

#endif
