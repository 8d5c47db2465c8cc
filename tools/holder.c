// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How "pvsched detach" reaches the process that holds what it shall detach.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "holder.h"

/* Both sides are the same program. */
struct holder_request {
	uint32_t number;
};

struct holder_reply {
	int32_t err;
};

#define PATIENCE_S 5

/* As the kernel's: no error has a larger number. */
#define ERR_MAX 4095

static socklen_t address_make(struct sockaddr_un *address, const char *name)
{
	int len;

	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	len = snprintf(address->sun_path + 1, sizeof(address->sun_path) - 1,
		       "pvsched/%s", name);
	return offsetof(struct sockaddr_un, sun_path) + 1 + len;
}

static int socket_make(int flags)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0);

	return fd < 0 ? -errno : fd;
}

static int closed(int fd, int err)
{
	close(fd);
	return -err;
}

int holder_listen(const char *name)
{
	struct sockaddr_un address;
	socklen_t len = address_make(&address, name);
	int fd = socket_make(SOCK_NONBLOCK);

	if (fd < 0)
		return fd;
	if (bind(fd, (struct sockaddr *)&address, len) || listen(fd, 8))
		return closed(fd, errno);
	return fd;
}

/* Neither side lets the other wait for ever; connecting waits to send. */
static int patience_set(int fd)
{
	static const struct timeval patience = { .tv_sec = PATIENCE_S };

	return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
			  sizeof(patience)) ||
	       setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience,
			  sizeof(patience));
}

/* -1: not known, which is nobody's. */
static uid_t peer_uid(int peer)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	return getsockopt(peer, SOL_SOCKET, SO_PEERCRED, &cred, &len) ?
		       (uid_t)-1 :
		       cred.uid;
}

/* Is it this user, or root? Either may end this process by a signal as well. */
static bool peer_trusted(int peer)
{
	uid_t uid = peer_uid(peer);

	return uid == geteuid() || !uid;
}

int64_t holder_take(int listener, int *peer)
{
	struct holder_request request;

	*peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (*peer < 0)
		return -1;
	if (patience_set(*peer) || !peer_trusted(*peer)) {
		holder_answer(*peer, -EACCES);
		return -1;
	}
	if (recv(*peer, &request, sizeof(request), 0) == sizeof(request))
		return request.number;
	close(*peer);
	return -1;
}

void holder_answer(int peer, int err)
{
	const struct holder_reply reply = { .err = err };

	/* Who did not wait for it does without. */
	send(peer, &reply, sizeof(reply), MSG_NOSIGNAL | MSG_DONTWAIT);
	close(peer);
}

int holder_ask(const char *name, uint32_t number, uid_t owner)
{
	const struct holder_request request = { .number = number };
	struct holder_reply reply;
	struct sockaddr_un address;
	socklen_t len = address_make(&address, name);
	int fd = socket_make(0);
	ssize_t got;

	if (fd < 0)
		return fd;
	if (patience_set(fd) || connect(fd, (struct sockaddr *)&address, len))
		return closed(fd, errno);
	/*
	 * A name may be taken by whoever comes first, so what he says counts only if
	 * the group could be his. Of those who listened, these are the credentials.
	 */
	if (!peer_trusted(fd) && (geteuid() || peer_uid(fd) != owner))
		return closed(fd, EACCES);
	/* Who is refused is answered before he has asked. */
	send(fd, &request, sizeof(request), MSG_NOSIGNAL);
	got = recv(fd, &reply, sizeof(reply), 0);
	/* That his request was not read is told before the answer. */
	if (got < 0 && errno == ECONNRESET)
		got = recv(fd, &reply, sizeof(reply), 0);
	if (got < 0)
		return closed(fd, errno);
	if (got != sizeof(reply))
		return closed(fd, ECONNRESET);
	/* He may be anybody's program. */
	return closed(fd, reply.err > 0 || reply.err < -ERR_MAX ? EPROTO :
								  -reply.err);
}
