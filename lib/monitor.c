// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Events of the kernel, as they come.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <sys/socket.h>

#include "decode.h"
#include "error.h"
#include "socket.h"

/* Room for what comes while the reader does something else. */
#define BUFFER_BYTES (4 << 20)

/* The kernel's messages have at most half of that. */
#define MESSAGE_MAX 65536

struct pvsched_monitor {
	struct pvsched_client *client;
	struct event_seq seq;
	void *event; /* room for the larger of ours and the caller's */
	char buffer[MESSAGE_MAX] __attribute__((aligned(8)));
};

static int group_join(struct pvsched_monitor *monitor, unsigned int group,
		      struct pvsched_error *error)
{
	const char *name = pvsched_group_name(group);
	struct nl_sock *sock = monitor->client->sock;
	int id = genl_ctrl_resolve_grp(sock, PVSCHED_FAMILY_NAME, name);
	int err = id;

	if (id >= 0)
		err = nl_socket_add_membership(sock, id);
	if (err >= 0)
		return 0;
	if (error_from_nl(err) == -EPERM) {
		error_set(
			error, -EPERM,
			"listening to group %s: not permitted: needs CAP_NET_ADMIN, as events tell what every VM does",
			name);
		error->refused = true;
		return -EPERM;
	}
	return error_set(error, error_from_nl(err), "listening to group %s: %s",
			 name, nl_geterror(err));
}

static void buffer_enlarge(int fd)
{
	int bytes = BUFFER_BYTES;

	/* Beyond net.core.rmem_max if permitted, else up to it. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

static int monitor_init(struct pvsched_monitor *monitor, unsigned int groups,
			size_t size, struct pvsched_error *error)
{
	unsigned int group;
	int err;

	monitor->event = calloc(1, size > sizeof(struct pvsched_event) ?
					   size :
					   sizeof(struct pvsched_event));
	if (!monitor->event)
		return error_set(error, -ENOMEM, "out of memory");
	err = pvsched_client_open(&monitor->client, error);
	if (err)
		return err;
	buffer_enlarge(pvsched_monitor_fd(monitor));
	for (group = 0; group < PVSCHED_GROUP_COUNT && !err; group++)
		if (groups & (1U << group))
			err = group_join(monitor, group, error);
	return err;
}

int pvsched_monitor_open(struct pvsched_monitor **monitor, unsigned int groups,
			 unsigned int flags, size_t size,
			 struct pvsched_error *error)
{
	struct pvsched_monitor *new;
	int err;

	*monitor = NULL;
	if (flags || !size || groups >> PVSCHED_GROUP_COUNT)
		return error_set(error, -EINVAL,
				 "listening to events: no such group or flag");
	new = calloc(1, sizeof(*new));
	if (!new)
		return error_set(error, -ENOMEM, "out of memory");
	err = monitor_init(new, groups, size, error);
	if (err) {
		pvsched_monitor_close(new);
		return err;
	}
	*monitor = new;
	return 0;
}

void pvsched_monitor_close(struct pvsched_monitor *monitor)
{
	if (!monitor)
		return;
	pvsched_client_close(monitor->client);
	free(monitor->event);
	free(monitor);
}

int pvsched_monitor_fd(const struct pvsched_monitor *monitor)
{
	return nl_socket_get_fd(monitor->client->sock);
}

/* Returns bytes, 0 if there is nothing, or a negative errno value. */
static ssize_t receive(struct pvsched_monitor *monitor)
{
	struct sockaddr_nl from = {};
	socklen_t from_len = sizeof(from);
	ssize_t len;

	len = recvfrom(pvsched_monitor_fd(monitor), monitor->buffer,
		       sizeof(monitor->buffer), MSG_DONTWAIT | MSG_TRUNC,
		       (struct sockaddr *)&from, &from_len);
	if (len < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if ((size_t)len > sizeof(monitor->buffer))
		return -EMSGSIZE;
	/* Processes may send to each other's sockets. */
	return from.nl_pid ? -EAGAIN : len;
}

/* Who reads, while that lasts. */
struct reader {
	struct pvsched_monitor *monitor;
	pvsched_event_fn fn;
	void *arg;
};

/* Hand over an event, of the size that the caller knows. */
static bool deliver(const struct pvsched_event *event, void *arg)
{
	const struct reader *reader = arg;

	memcpy(reader->monitor->event, event, sizeof(*event));
	return reader->fn(reader->monitor->event, reader->arg);
}

static int dispatch(struct pvsched_monitor *monitor, ssize_t len,
		    struct reader *reader)
{
	struct nlmsghdr *msg = (struct nlmsghdr *)monitor->buffer;
	int rest = len;

	for (; nlmsg_ok(msg, rest); msg = nlmsg_next(msg, &rest)) {
		int ret;

		if (msg->nlmsg_type != monitor->client->family)
			continue;
		ret = decode_events(msg, &monitor->seq, deliver, reader);
		if (ret <= 0)
			return ret;
	}
	return 1;
}

int pvsched_monitor_read(struct pvsched_monitor *monitor, pvsched_event_fn fn,
			 void *arg, struct pvsched_error *error)
{
	static const struct pvsched_event overrun = { .gap = true };
	struct reader reader = { monitor, fn, arg };

	for (;;) {
		ssize_t len = receive(monitor);
		int ret;

		if (!len)
			return 0;
		if (len == -EAGAIN)
			continue;
		if (len == -ENOBUFS) {
			if (!deliver(&overrun, &reader))
				return 0;
			continue;
		}
		if (len < 0)
			return error_errno(error, len, "reading events");
		ret = dispatch(monitor, len, &reader);
		if (ret < 0)
			return error_set(
				error, ret,
				"an event is not understood: are pvsched and its module of the same version?");
		if (!ret)
			return 0;
	}
}
