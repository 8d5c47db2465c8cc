/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device that one front end sees: features, guest RAM, two queues, and the
 * control requests. Knows nothing of sockets or of the event loop.
 */
#ifndef PVSCHED_VHOST_DEV_H
#define PVSCHED_VHOST_DEV_H

#include <linux/virtio_pvsched.h>

#include "ctrl.h"
#include "vhost_mem.h"
#include "vhost_proto.h"
#include "vring.h"

struct vhost_dev {
	uint64_t features;	    /* negotiated */
	uint64_t protocol_features; /* negotiated */
	uint8_t status;
	bool started_before;   /* control queue ran on this connection */
	uint32_t stopped_base; /* of the control queue */
	struct virtqueue vring[VIRTIO_PVSCHED_VQ_COUNT];
	struct vhost_mem mem;
	struct ctrl ctrl;
	struct log_limit *limit;
	/* Told when the kick eventfd of the control queue is another; -1: none */
	void (*watch)(void *arg, int fd);
	void *watch_arg;
};

void vhost_dev_init(struct vhost_dev *dev, struct host *host,
		    struct log_limit *limit);
void vhost_dev_exit(struct vhost_dev *dev);

uint64_t vhost_dev_features(void);
uint64_t vhost_dev_protocol_features(void);
bool vhost_dev_has_protocol(const struct vhost_dev *dev, unsigned int bit);
/* @len bytes of the configuration space, zeroes beyond what is defined. */
void vhost_dev_config(uint32_t offset, void *buf, uint32_t len);

int vhost_dev_set_features(struct vhost_dev *dev, uint64_t features,
			   struct reason *why);
int vhost_dev_set_protocol_features(struct vhost_dev *dev, uint64_t features,
				    struct reason *why);
void vhost_dev_set_status(struct vhost_dev *dev, uint8_t status);

/* Around any change of guest RAM. */
void vhost_dev_mem_begin(struct vhost_dev *dev);
void vhost_dev_mem_end(struct vhost_dev *dev);

/* NULL with the reason if there is no such queue. */
struct virtqueue *vhost_dev_vring(struct vhost_dev *dev, uint32_t index,
				  struct reason *why);
bool vhost_dev_packed(const struct vhost_dev *dev);
int vhost_dev_map_ring(struct vhost_dev *dev, uint32_t index,
		       struct reason *why);
/* Takes @fd, which may be -1. */
int vhost_dev_set_kick(struct vhost_dev *dev, uint32_t index, int fd,
		       struct reason *why);
void vhost_dev_stop_ring(struct vhost_dev *dev, uint32_t index);
void vhost_dev_stop(struct vhost_dev *dev);
void vhost_dev_reset(struct vhost_dev *dev);

/*
 * Answer the requests in the control queue, at most a ring full of them. True
 * if there may be more.
 */
bool vhost_dev_run(struct vhost_dev *dev);

#endif
