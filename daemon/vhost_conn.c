// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "vhost_conn.h"

#define HEADER_SIZE sizeof(struct vhost_user_header)

void vhost_conn_init(struct vhost_conn *conn, int fd)
{
	memset(conn, 0, sizeof(*conn));
	conn->fd = fd;
}

void vhost_conn_done(struct vhost_conn *conn)
{
	while (conn->msg.fds)
		fd_close(&conn->msg.fd[--conn->msg.fds]);
	conn->have = 0;
}

void vhost_conn_exit(struct vhost_conn *conn)
{
	vhost_conn_done(conn);
	fd_close(&conn->fd);
}

static int header_check(const struct vhost_user_header *h, struct reason *why)
{
	if ((h->flags & VHOST_USER_VERSION_MASK) != VHOST_USER_VERSION)
		return reason_set(why, EPROTO,
				  "message %u has protocol version %u, not %u",
				  h->request,
				  h->flags & VHOST_USER_VERSION_MASK,
				  VHOST_USER_VERSION);
	if (h->flags & VHOST_USER_REPLY)
		return reason_set(why, EPROTO, "message %u is a reply",
				  h->request);
	if (h->size > VHOST_USER_PAYLOAD_MAX)
		return reason_set(
			why, EMSGSIZE,
			"message %u is oversized: payload of %u bytes, at most %d are taken",
			h->request, h->size, VHOST_USER_PAYLOAD_MAX);
	return 0;
}

/* Bytes that the message has as far as is known. */
static size_t wanted(const struct vhost_conn *conn)
{
	if (conn->have < HEADER_SIZE)
		return HEADER_SIZE;
	return HEADER_SIZE + conn->msg.header.size;
}

/* Takes all descriptors over, so that none leaks, and then counts them. */
static int fds_take(struct vhost_conn *conn, struct msghdr *m,
		    struct reason *why)
{
	struct cmsghdr *c;
	size_t i, n, extra = 0;
	int fd;

	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < n; i++) {
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (conn->msg.fds < VHOST_USER_FDS_MAX) {
				conn->msg.fd[conn->msg.fds++] = fd;
			} else {
				fd_close(&fd);
				extra++;
			}
		}
	}
	if (extra || m->msg_flags & MSG_CTRUNC)
		return reason_set(why, EMSGSIZE,
				  "message has more than %d descriptors",
				  VHOST_USER_FDS_MAX);
	return 0;
}

static int closed(const struct vhost_conn *conn, struct reason *why)
{
	if (!conn->have)
		return reason_set(why, ENOTCONN,
				  "front end closed the connection");
	if (conn->have < HEADER_SIZE)
		return reason_set(
			why, EPIPE,
			"message is truncated: connection closed after %zu of %zu bytes of its header",
			conn->have, HEADER_SIZE);
	return reason_set(
		why, EPIPE,
		"message %u is truncated: connection closed after %zu of %u bytes of its payload",
		conn->msg.header.request, conn->have - HEADER_SIZE,
		conn->msg.header.size);
}

/* One read. 1: got something, 0: would block. */
static int receive(struct vhost_conn *conn, size_t want, struct reason *why)
{
	char control[CMSG_SPACE(VHOST_USER_FDS_MAX * sizeof(int))]
		__attribute__((aligned(__alignof__(struct cmsghdr))));
	char *dst = conn->have < HEADER_SIZE ?
			    (char *)&conn->msg.header + conn->have :
			    (char *)conn->msg.payload.raw + conn->have -
				    HEADER_SIZE;
	struct iovec iov = {
		.iov_base = dst,
		.iov_len = want - conn->have,
	};
	struct msghdr m = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n;

	n = recvmsg(conn->fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0)
		return reason_set(why, errno, "recvmsg: %s", strerror(errno));
	if (!n)
		return closed(conn, why);
	conn->have += (size_t)n;
	return fds_take(conn, &m, why) ?: 1;
}

int vhost_conn_read(struct vhost_conn *conn, struct reason *why)
{
	size_t want;
	int ret;

	/* Never reads beyond the message: descriptors belong to it alone. */
	while ((want = wanted(conn)) > conn->have) {
		ret = receive(conn, want, why);
		if (ret <= 0)
			return ret;
		if (conn->have == HEADER_SIZE) {
			ret = header_check(&conn->msg.header, why);
			if (ret)
				return ret;
		}
	}
	return 1;
}

/*
 * A front end waits for each reply before it goes on, and replies are tiny: a
 * socket buffer that is full of them belongs to a front end that does not
 * read. It is dropped; queueing would only hide that.
 */
int vhost_conn_reply(struct vhost_conn *conn, struct reason *why)
{
	struct iovec iov[] = {
		{ &conn->msg.header, HEADER_SIZE },
		{ &conn->msg.payload, conn->msg.header.size },
	};
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 2 };
	size_t size = HEADER_SIZE + conn->msg.header.size;
	ssize_t n;

	do {
		n = sendmsg(conn->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return reason_set(why, errno, "reply to message %u: %s",
				  conn->msg.header.request, strerror(errno));
	if ((size_t)n != size)
		return reason_set(
			why, EIO,
			"reply to message %u: the front end does not read",
			conn->msg.header.request);
	return 0;
}
