/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's side of a VM, /dev/pvsched. Behind a small interface, so that a
 * test can be the host.
 *
 * Each call returns 0 or a negative errno with the reason in words.
 */
#ifndef PVSCHED_VHOST_HOST_H
#define PVSCHED_VHOST_HOST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "util.h"

#define HOST_DEVICE "/dev/pvsched"

struct host;

struct host_ops {
	/* Open the device and create the VM. */
	int (*open)(struct host *host, struct reason *why);
	/* Ends everything that was set up. */
	void (*close)(struct host *host);
	int (*protocol)(struct host *host, const char *name, uint32_t version,
			struct reason *why);
	int (*doorbell)(struct host *host, int fd, struct reason *why);
	int (*attach)(struct host *host, uint32_t vcpu, void *page,
		      struct reason *why);
	/* Where the attached vCPU counts what keeps it from being preempted. */
	int (*atomic)(struct host *host, uint32_t vcpu, void *count,
		      uint32_t mask, struct reason *why);
	int (*detach)(struct host *host, uint32_t vcpu, struct reason *why);
};

struct host {
	const struct host_ops *ops;
	const char *device;
	const char *name;
	const char *policy; /* empty: the host's default */
	pid_t pid;	    /* of the VMM; 0: not known */
	int fd;		    /* -1: not open */
};

extern const struct host_ops host_device;

#endif
