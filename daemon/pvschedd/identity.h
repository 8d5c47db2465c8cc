/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who a VM is, beside the name that it registered by: from its VMM's command line
 * and cgroup, and from what libvirt keeps in files. Whatever is not there or not to
 * be read stays empty.
 */
#ifndef PVSCHEDD_IDENTITY_H
#define PVSCHEDD_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct identity - who a VM is
 * @name: what its VMM or its manager calls it
 * @uuid: in lower case
 * @owner: name of the user that it belongs to, or the number if that has none
 * @cgroup: of the VMM, from the root of the hierarchy
 */
struct identity {
	char name[64];
	char uuid[37];
	char owner[33];
	char cgroup[256];
};

/*
 * root: a directory, below which are proc and run; pid: of the VMM, 0 if not known.
 */
void identity_find(struct identity *id, int root, uint32_t pid, uint32_t uid);

/* Take what a command line tells, as /proc/PID/cmdline has it. */
void identity_cmdline(struct identity *id, const char *text, size_t len);

/* Take a name, as far as it is printable. */
void identity_name(struct identity *id, const char *text);

/* Take a UUID if it is one. */
void identity_uuid(struct identity *id, const char *text);

#endif
