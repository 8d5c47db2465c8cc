// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>

#include "util.h"

int reason_set(struct reason *why, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	return -err;
}

void text_copy(char *dst, size_t dst_size, const char *src, size_t src_size)
{
	size_t i;

	for (i = 0; i < src_size && i + 1 < dst_size && src[i]; i++)
		dst[i] = src[i] > ' ' && src[i] <= '~' ? src[i] : '?';
	dst[i] = '\0';
}
