/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scoped clean-up, and the clock. */
#ifndef PVSCHEDD_UTIL_H
#define PVSCHEDD_UTIL_H

#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S     UINT64_C(1000000000)

#define _cleanup_(f) __attribute__((cleanup(f)))

static inline void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static inline void freep(void *p)
{
	free(*(void **)p);
}

static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

#endif
