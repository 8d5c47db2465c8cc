/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which VMs were given what by which rule, kept in a file below /run: a daemon that
 * is started anew knows what it has set, and so does not undo what an administrator
 * has changed since.
 */
#ifndef PVSCHEDD_APPLIED_H
#define PVSCHEDD_APPLIED_H

#include "world.h"

/* What the file says of a VM. Returns whether it says anything. */
bool applied_get(const char *path, const struct pvsched_vm_info *vm,
		 struct ruling *ruling);

/* Write all of it anew. Returns 0 or a negative errno value. */
int applied_put(const char *path, const struct world *world);

#endif
