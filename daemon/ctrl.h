/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a guest asks for over the control queue (linux/virtio_pvsched.h), and
 * which of its vCPUs are registered.
 */
#ifndef PVSCHED_VHOST_CTRL_H
#define PVSCHED_VHOST_CTRL_H

#include <linux/pvsched.h>
#include <linux/virtio_pvsched.h>
#include <stdbool.h>
#include <stddef.h>

#include "host.h"
#include "log.h"
#include "vhost_mem.h"

struct ctrl_vcpu {
	uint64_t gpa;
	uint64_t count_gpa;  /* of what keeps it from being preempted */
	uint32_t count_mask; /* 0: the guest has not told where that is */
	bool registered;     /* by the guest */
	bool attached;	     /* at the host */
	bool counted;	     /* the host knows where its count is */
};

struct ctrl {
	struct host *host;
	const struct vhost_mem *mem;
	struct log_limit *limit;
	int doorbell; /* not ours to close; -1: none */
	bool open;    /* the host has our VM */
	bool negotiated;
	bool suspended; /* the device is stopped, it may continue */
	unsigned int registered;
	struct ctrl_vcpu vcpu[PVSCHED_VCPU_ID_MAX + 1];
};

void ctrl_init(struct ctrl *ctrl, struct host *host,
	       const struct vhost_mem *mem, struct log_limit *limit);
void ctrl_exit(struct ctrl *ctrl);

/* Make the VM known to the host; a failure is logged and may be retried. */
int ctrl_open(struct ctrl *ctrl, struct reason *why);

/* Answer the request of @len bytes in @buf. */
void ctrl_request(struct ctrl *ctrl, const void *buf, size_t len,
		  struct virtio_pvsched_reply *reply);

void ctrl_set_doorbell(struct ctrl *ctrl, int fd);

/* The host lets go of all vCPUs; what the guest registered is remembered. */
void ctrl_detach(struct ctrl *ctrl);
/* All that was registered and still is RAM is the host's again. */
void ctrl_attach(struct ctrl *ctrl);
/* As after a reset of the device. */
void ctrl_reset(struct ctrl *ctrl);

#endif
