/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading small files of /proc, /sys and /boot.
 */
#ifndef PVSCHED_TOOLS_SYSTEM_H
#define PVSCHED_TOOLS_SYSTEM_H

#include <stddef.h>

/*
 * A whole file, with a NUL behind it; size (may be NULL) is without that. NULL
 * with errno set if it cannot be read or is larger than 1 MiB. free() it.
 */
char *system_read_all(int root, const char *path, size_t *size);
char *system_read(int root, const char *path);

/* Likewise of an open file or pipe, up to its end. */
char *system_read_fd(int fd, size_t *size);

/* For cleanup attributes. */
void system_free(char **text);

/*
 * Have standard input, output and error refer to something: a socket that got one
 * of their numbers would be written to. What was closed still fails.
 */
void system_fds_occupy(void);

/*
 * Have standard output and error wait for room: a terminal or a pipe is non-blocking
 * for all who share it if it is for one, and stdio drops what does not fit. What
 * cannot be opened anew, for this process alone, remains as it is.
 */
void system_output_wait(void);

#endif /* PVSCHED_TOOLS_SYSTEM_H */
