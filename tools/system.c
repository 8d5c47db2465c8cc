// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading small files of /proc, /sys and /boot; what a process begins with.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "system.h"

#define SIZE_MAX_READ (1UL << 20)

/* Files of /proc have no size: read until the end, in a buffer that grows. */
char *system_read_fd(int fd, size_t *size)
{
	size_t room = 4096, used = 0;
	char *text = malloc(room);
	char *more;
	ssize_t got;

	while (text) {
		got = read(fd, text + used, room - used - 1);
		if (!got)
			break;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 || room > SIZE_MAX_READ) {
			errno = got < 0 ? errno : EFBIG;
			free(text);
			return NULL;
		}
		used += got;
		if (used < room - 1)
			continue;
		room *= 2;
		more = realloc(text, room);
		if (!more)
			free(text);
		text = more;
	}
	if (!text)
		return NULL;
	text[used] = '\0';
	if (size)
		*size = used;
	return text;
}

char *system_read_all(int root, const char *path, size_t *size)
{
	int fd = openat(root, path, O_RDONLY | O_CLOEXEC);
	char *text;
	int err;

	if (fd < 0)
		return NULL;
	text = system_read_fd(fd, size);
	err = errno;
	close(fd);
	errno = err;
	return text;
}

char *system_read(int root, const char *path)
{
	return system_read_all(root, path, NULL);
}

void system_free(char **text)
{
	free(*text);
}

void system_fds_occupy(void)
{
	int fd;

	/* Each is the lowest that is free by then. */
	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null",
			 fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			_exit(COMMAND_FAILED);
}

/* A file would be written from its beginning, and never has no room. */
static bool may_lack_room(int fd, int flags)
{
	struct stat st;

	return flags >= 0 && flags & O_NONBLOCK && !fstat(fd, &st) &&
	       (S_ISFIFO(st.st_mode) || isatty(fd));
}

static void wait_for_room(int fd)
{
	int flags = fcntl(fd, F_GETFL), own;
	char path[32];

	if (!may_lack_room(fd, flags))
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	/* Opening a pipe that nobody reads any more would wait. */
	own = open(path,
		   (flags & O_ACCMODE) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (own < 0)
		return;
	if (!fcntl(own, F_SETFL, flags & ~O_NONBLOCK))
		dup2(own, fd);
	close(own);
}

void system_output_wait(void)
{
	wait_for_room(STDOUT_FILENO);
	wait_for_room(STDERR_FILENO);
}
