/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's side: where VMs are seen and set. A file of its own, so that a test
 * can be the kernel.
 */
#ifndef PVSCHEDD_KERNEL_H
#define PVSCHEDD_KERNEL_H

#include <pvsched/client.h>

struct kernel {
	struct pvsched_client *client;	 /* for requests */
	struct pvsched_monitor *monitor; /* events of group config, resynced */
};

/* Return: 0 or a negative errno value, and why. */
int kernel_open(struct kernel *kernel, struct pvsched_error *error);

/* Also of one that was not opened, if it is all 0. */
void kernel_close(struct kernel *kernel);

#endif
