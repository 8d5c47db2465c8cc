/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lists of structs that are as large as the caller has them.
 */
#ifndef PVSCHED_LIB_LIST_H
#define PVSCHED_LIB_LIST_H

#include <stddef.h>

/* items: count of them, size bytes each, with room for more; free() it. */
struct list {
	char *items;
	size_t count;
	size_t room;
	size_t size;
};

/* Known bytes into size bytes: what does not fit is left out, the rest is 0. */
void fill(void *to, size_t size, const void *from, size_t known);

/* Returns 0 or -ENOMEM. */
int list_append(struct list *list, const void *item, size_t known);

#endif /* PVSCHED_LIB_LIST_H */
