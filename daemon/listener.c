// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>

#include "listener.h"

#define BACKLOG 8

static int from_systemd(struct listener *l, struct reason *why)
{
	int n = sd_listen_fds(1);

	if (n < 0)
		return reason_set(why, -n, "sockets of systemd: %s",
				  strerror(-n));
	if (!n)
		return reason_set(
			why, EINVAL,
			"--socket is missing, and systemd passed no socket");
	if (n > 1)
		return reason_set(why, EINVAL,
				  "systemd passed %d sockets, one is served",
				  n);
	if (sd_is_socket_unix(SD_LISTEN_FDS_START, SOCK_STREAM, 1, NULL, 0) <=
	    0)
		return reason_set(
			why, EINVAL,
			"what systemd passed is no listening Unix stream socket");
	l->fd = SD_LISTEN_FDS_START;
	return 0;
}

/* Removes a socket that nobody listens on any more. */
static int unlink_stale(const struct sockaddr_un *addr, struct reason *why)
{
	_cleanup_(fd_close) int fd = -1;
	struct stat st;

	if (lstat(addr->sun_path, &st))
		return errno == ENOENT ?
			       0 :
			       reason_set(why, errno, "%s: %s", addr->sun_path,
					  strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return reason_set(why, EEXIST, "%s exists and is not a socket",
				  addr->sun_path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return reason_set(why, errno, "socket: %s", strerror(errno));
	if (!connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) ||
	    errno != ECONNREFUSED)
		return reason_set(why, EADDRINUSE,
				  "somebody else listens on %s",
				  addr->sun_path);
	if (unlink(addr->sun_path))
		return reason_set(why, errno, "remove stale %s: %s",
				  addr->sun_path, strerror(errno));
	return 0;
}

static int own(struct listener *l, const char *path, struct reason *why)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	_cleanup_(fd_close) int fd = -1;
	struct stat st;
	int ret;

	if (!*path || strlen(path) >= sizeof(addr.sun_path))
		return reason_set(
			why, ENAMETOOLONG,
			"path of the socket is empty or longer than %zu",
			sizeof(addr.sun_path) - 1);
	strcpy(addr.sun_path, path);
	ret = unlink_stale(&addr, why);
	if (ret)
		return ret;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return reason_set(why, errno, "socket: %s", strerror(errno));
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    lstat(path, &st) || listen(fd, BACKLOG))
		return reason_set(why, errno, "listen on %s: %s", path,
				  strerror(errno));
	l->path = path;
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	l->fd = fd_take(&fd);
	return 0;
}

int listener_init(struct listener *l, const char *path, struct reason *why)
{
	*l = (struct listener){ .fd = -1 };
	return path ? own(l, path, why) : from_systemd(l, why);
}

void listener_exit(struct listener *l)
{
	struct stat st;

	if (l->path && !lstat(l->path, &st) && st.st_dev == l->dev &&
	    st.st_ino == l->ino)
		unlink(l->path);
	fd_close(&l->fd);
}
