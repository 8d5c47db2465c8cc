/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small things that every file needs: scoped clean-up and the reason of a
 * refusal.
 */
#ifndef PVSCHED_VHOST_UTIL_H
#define PVSCHED_VHOST_UTIL_H

#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f) __attribute__((cleanup(f)))

static inline void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Gives a descriptor away: the clean-up of the variable no longer closes it. */
static inline int fd_take(int *fd)
{
	int ret = *fd;

	*fd = -1;
	return ret;
}

static inline void freep(void *p)
{
	free(*(void **)p);
}

/* Why something was refused, in words for people. */
struct reason {
	char text[192];
};

/* Fills @why and returns -@err, so that a refusal is one statement. */
int reason_set(struct reason *why, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Copies a string that somebody else chose; what is not printable becomes '?'. */
void text_copy(char *dst, size_t dst_size, const char *src, size_t src_size);

#endif
