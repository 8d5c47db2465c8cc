// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which thread has which number in a group.
 */
#include "roster.h"

int roster_find(const struct roster *roster, int tid)
{
	size_t i;

	for (i = 0; i < roster->count; i++)
		if (roster->tid[i] == tid)
			return i;
	return -1;
}

bool roster_put(struct roster *roster, size_t number, int tid)
{
	if (number >= ROSTER_MAX || roster->tid[number])
		return false;
	roster->tid[number] = tid;
	if (number >= roster->count)
		roster->count = number + 1;
	return true;
}

int roster_free(const struct roster *roster)
{
	size_t i;

	for (i = 0; i < ROSTER_MAX; i++)
		if (!roster->tid[i])
			return i;
	return -1;
}

void roster_remove(struct roster *roster, size_t number)
{
	roster->tid[number] = 0;
	while (roster->count && !roster->tid[roster->count - 1])
		roster->count--;
}
