/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pvsched_hostile: a guest that means harm. It drives the device as guest/ does,
 * but does what a guest must not do.
 *
 *	hostile_main.c		the driver, and the order to attack
 *	hostile_device.c	queues, requests, as well-formed as the caller likes
 *	hostile_requests.c	attacks on the control queue
 *	hostile_words.c		attacks on the shared page and by interrupts
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <linux/completion.h>
#include <linux/pvsched.h>
#include <linux/virtio.h>
#include <linux/virtio_pvsched.h>

/* What the attacks need: one vCPU that is attacked, one that attacks. */
#define HOSTILE_VCPUS  2
#define HOSTILE_HELPER 1

/* As many descriptors as a request is cut into at most. */
#define HOSTILE_PARTS 16

/**
 * struct hostile_request - what is put into the control queue
 * @data: device-readable
 * @size: bytes of it
 * @parts: pieces that these are cut into
 * @reply: device-writable
 * @reply_size: bytes of it that are offered
 * @data_pfn: if not 0, this page frame is offered instead of @data
 * @reply_pfn: likewise instead of @reply
 * @used: bytes that the device says it has written
 */
struct hostile_request {
	u8 data[sizeof(struct virtio_pvsched_negotiate) + 64];
	size_t size;
	unsigned int parts;
	struct virtio_pvsched_reply reply;
	size_t reply_size;
	unsigned long data_pfn;
	unsigned long reply_pfn;
	u32 used;
};

/**
 * struct hostile - the device
 * @vdev: it
 * @control: its queues
 * @doorbell: likewise
 * @done: the device has raised an interrupt
 * @page: of each vCPU
 * @request: as large as to need its own memory
 * @random: state of the generator
 */
struct hostile {
	struct virtio_device *vdev;
	struct virtqueue *control;
	struct virtqueue *doorbell;
	struct completion done;
	struct pvsched_page *page[HOSTILE_VCPUS];
	struct hostile_request request;
	u64 random;
};

/* hostile_device.c; may sleep */
int hostile_queues_start(struct hostile *h);
void hostile_queues_stop(struct hostile *h);
int hostile_queues_restart(struct hostile *h);
int hostile_add(struct hostile *h, struct hostile_request *r);
int hostile_wait(struct hostile *h, struct hostile_request **r);
int hostile_ask(struct hostile *h, struct hostile_request *r);
void hostile_fill_negotiate(struct hostile_request *r, const char *name);
void hostile_fill_register(struct hostile_request *r, u32 id, u64 addr);
void hostile_fill_unregister(struct hostile_request *r, u32 id);
int hostile_negotiate(struct hostile *h);
int hostile_register(struct hostile *h, u32 cpu);
int hostile_unregister(struct hostile *h, u32 cpu);
void hostile_page_init(struct pvsched_page *page);
u32 hostile_status(const struct hostile_request *r);
u64 hostile_random(struct hostile *h);
u32 hostile_below(struct hostile *h, u32 limit);
u32 hostile_hw_id(unsigned int cpu);

/* hostile_requests.c; may sleep */
int hostile_requests(struct hostile *h, unsigned int rounds, u64 seed);

/* hostile_words.c; may sleep */
int hostile_words(struct hostile *h, const char *name, unsigned int seconds);

#endif /* HOSTILE_H */
