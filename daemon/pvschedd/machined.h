/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who a VM is, by systemd-machined, if that runs. */
#ifndef PVSCHEDD_MACHINED_H
#define PVSCHEDD_MACHINED_H

#include "identity.h"

/* Fills in name and UUID where they are not known. pid: of the VMM. */
void machined_find(struct identity *id, uint32_t pid);

#endif
