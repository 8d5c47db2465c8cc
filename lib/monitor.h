/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A monitor, whatever its sockets are.
 */
#ifndef PVSCHED_LIB_MONITOR_H
#define PVSCHED_LIB_MONITOR_H

#include <pvsched/client.h>

/*
 * A monitor of what arrives at events, which asks by requests, NULL for one that
 * never asks. Takes both over, also if it fails.
 */
int monitor_new(struct pvsched_monitor **monitor, struct pvsched_client *events,
		struct pvsched_client *requests, size_t size,
		struct pvsched_error *error);

#endif /* PVSCHED_LIB_MONITOR_H */
