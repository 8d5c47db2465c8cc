/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which thread has which number in a group.
 */
#ifndef PVSCHED_TOOLS_ROSTER_H
#define PVSCHED_TOOLS_ROSTER_H

#include <linux/pvsched.h>
#include <stdbool.h>
#include <stddef.h>

#define ROSTER_MAX (PVSCHED_VCPU_ID_MAX + 1)

/* tid: by number, 0 where there is none. count: no number from there on is used. */
struct roster {
	int tid[ROSTER_MAX];
	size_t count;
};

/* The number of a thread, or -1. */
int roster_find(const struct roster *roster, int tid);
/* The smallest number that is free, or -1. */
int roster_free(const struct roster *roster);
/* Give a thread that number; false if it is not free, or not in range. */
bool roster_put(struct roster *roster, size_t number, int tid);
void roster_remove(struct roster *roster, size_t number);

#endif /* PVSCHED_TOOLS_ROSTER_H */
