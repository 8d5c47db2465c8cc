// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Lists of structs that are as large as the caller has them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "list.h"

void fill(void *to, size_t size, const void *from, size_t known)
{
	memcpy(to, from, size < known ? size : known);
	if (size > known)
		memset((char *)to + known, 0, size - known);
}

int list_append(struct list *list, const void *item, size_t known)
{
	if (list->count == list->room) {
		size_t room = list->room ? 2 * list->room : 16;
		char *grown = reallocarray(list->items, room, list->size);

		if (!grown)
			return -ENOMEM;
		list->items = grown;
		list->room = room;
	}
	fill(list->items + list->count++ * list->size, list->size, item, known);
	return 0;
}
