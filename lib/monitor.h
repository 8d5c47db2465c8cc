/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A monitor, whatever its sockets are.
 */
#ifndef PVSCHED_LIB_MONITOR_H
#define PVSCHED_LIB_MONITOR_H

#include <pvsched/client.h>

#include "family.h"

typedef int (*family_look_fn)(struct family *family,
			      struct pvsched_error *error);

/**
 * struct monitor_setup - what a monitor is made of
 * @events: where they arrive; taken over, also on failure
 * @requests: by which it asks, NULL for one that never does; likewise
 * @groups: bits by enum pvsched_group, joined again when the family is another
 * @look: how to find out what the family is now; NULL: it never changes unheard
 */
struct monitor_setup {
	struct pvsched_client *events;
	struct pvsched_client *requests;
	unsigned int groups;
	family_look_fn look;
};

int monitor_new(struct pvsched_monitor **monitor,
		const struct monitor_setup *setup, size_t size,
		struct pvsched_error *error);

#endif /* PVSCHED_LIB_MONITOR_H */
