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
#include "list.h"
#include "monitor.h"
#include "resync.h"
#include "socket.h"

/* Room for what comes while the reader does something else. */
#define BUFFER_BYTES (4 << 20)

/* The kernel's messages have at most half of that. */
#define MESSAGE_MAX 65536

/* So many messages at a time: more than a full buffer has, but not for ever. */
#define READ_MESSAGES 8192

struct pvsched_monitor {
	struct pvsched_client *client;
	struct event_seq seq;
	struct resync resync;
	void *event; /* room for the larger of ours and the caller's */
	char buffer[MESSAGE_MAX] __attribute__((aligned(8)));
};

static int group_join(struct nl_sock *sock, unsigned int group,
		      struct pvsched_error *error)
{
	const char *name = pvsched_group_name(group);
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

static int events_open(struct pvsched_client **client, unsigned int groups,
		       struct pvsched_error *error)
{
	unsigned int group;
	int err = pvsched_client_open(client, error);

	if (err)
		return err;
	buffer_enlarge(nl_socket_get_fd((*client)->sock));
	for (group = 0; group < PVSCHED_GROUP_COUNT && !err; group++)
		if (groups & (1U << group))
			err = group_join((*client)->sock, group, error);
	if (err)
		pvsched_client_close(*client);
	return err;
}

int monitor_new(struct pvsched_monitor **monitor, struct pvsched_client *events,
		struct pvsched_client *requests, size_t size,
		struct pvsched_error *error)
{
	const size_t known = sizeof(struct pvsched_event);
	struct pvsched_monitor *new = calloc(1, sizeof(*new));
	void *event = calloc(1, size > known ? size : known);
	int err = 0;

	if (!new || !event) {
		free(new);
		free(event);
		pvsched_client_close(events);
		pvsched_client_close(requests);
		return error_set(error, -ENOMEM, "out of memory");
	}
	new->client = events;
	new->event = event;
	if (requests)
		err = resync_init(&new->resync, requests,
				  nl_socket_get_fd(events->sock), error);
	if (err) {
		pvsched_monitor_close(new);
		return err;
	}
	*monitor = new;
	return 0;
}

int pvsched_monitor_open(struct pvsched_monitor **monitor, unsigned int groups,
			 unsigned int flags, size_t size,
			 struct pvsched_error *error)
{
	struct pvsched_client *events, *requests = NULL;
	int err;

	*monitor = NULL;
	if (flags & ~PVSCHED_MONITOR_RESYNC || !size ||
	    groups >> PVSCHED_GROUP_COUNT)
		return error_set(error, -EINVAL,
				 "listening to events: no such group or flag");
	err = events_open(&events, groups, error);
	if (err)
		return err;
	if (flags & PVSCHED_MONITOR_RESYNC)
		err = pvsched_client_open(&requests, error);
	if (err) {
		pvsched_client_close(events);
		return err;
	}
	return monitor_new(monitor, events, requests, size, error);
}

void pvsched_monitor_close(struct pvsched_monitor *monitor)
{
	if (!monitor)
		return;
	resync_exit(&monitor->resync);
	pvsched_client_close(monitor->client);
	free(monitor->event);
	free(monitor);
}

int pvsched_monitor_fd(const struct pvsched_monitor *monitor)
{
	return monitor->resync.client ? monitor->resync.poll :
					nl_socket_get_fd(monitor->client->sock);
}

/* Returns bytes, 0 if there is nothing, or a negative errno value. */
static ssize_t receive(struct pvsched_monitor *monitor)
{
	struct nl_sock *sock = monitor->client->sock;
	struct sockaddr_nl from = {};
	socklen_t from_len = sizeof(from);
	ssize_t len;

	len = recvfrom(nl_socket_get_fd(sock), monitor->buffer,
		       sizeof(monitor->buffer), MSG_DONTWAIT | MSG_TRUNC,
		       (struct sockaddr *)&from, &from_len);
	if (len < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if ((size_t)len > sizeof(monitor->buffer))
		return -EMSGSIZE;
	/* Processes may send to each other's sockets; the kernel's port is 0. */
	return from.nl_pid != nl_socket_get_peer_port(sock) ? -EAGAIN : len;
}

/* Who reads, while that lasts. */
struct reader {
	struct pvsched_monitor *monitor;
	pvsched_event_fn fn;
	void *arg;
	uint64_t dropped; /* before the message under way */
};

/* Hand over an event, of the size that the caller knows. */
static bool deliver(const struct reader *reader,
		    const struct pvsched_event *event)
{
	memcpy(reader->monitor->event, event, sizeof(*event));
	return reader->fn(reader->monitor->event, reader->arg);
}

static bool on_event(const struct pvsched_event *event, void *arg)
{
	struct reader *reader = arg;
	struct resync *resync = &reader->monitor->resync;

	resync_note(resync, event, reader->dropped);
	reader->dropped = 0;
	return resync_has(resync, event) || deliver(reader, event);
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
		reader->dropped = decode_dropped(msg);
		ret = decode_events(msg, &monitor->seq, on_event, reader);
		if (ret <= 0)
			return ret;
	}
	return 1;
}

/* Returns 1 to go on, 0 to stop, or a negative errno value. */
static int read_one(struct pvsched_monitor *monitor, struct reader *reader,
		    ssize_t len, struct pvsched_error *error)
{
	int ret;

	if (len == -EAGAIN)
		return 1;
	if (len == -ENOBUFS) {
		const struct pvsched_event overrun = {
			.gap = true,
			.time_ns = resync_now_ns(),
		};

		resync_overrun(&monitor->resync);
		return deliver(reader, &overrun);
	}
	if (len < 0)
		return error_errno(error, len, "reading events");
	ret = dispatch(monitor, len, reader);
	return ret >= 0 ?
		       ret :
		       error_set(
			       error, ret,
			       "an event is not understood: are pvsched and its module of the same version?");
}

/* All that was told before has been handed over. */
static int resync(struct pvsched_monitor *monitor, const struct reader *reader,
		  struct pvsched_error *error)
{
	struct pvsched_event event = { .resync = true };
	int ret = resync_ask(&monitor->resync, error);

	if (ret <= 0)
		return ret;
	event.time_ns = monitor->resync.asked_ns;
	deliver(reader, &event);
	return 0;
}

int pvsched_monitor_read(struct pvsched_monitor *monitor, pvsched_event_fn fn,
			 void *arg, struct pvsched_error *error)
{
	struct reader reader = { .monitor = monitor, .fn = fn, .arg = arg };
	unsigned int messages;

	for (messages = 0; messages < READ_MESSAGES; messages++) {
		ssize_t len = receive(monitor);
		int ret;

		if (!len)
			break;
		ret = read_one(monitor, &reader, len, error);
		if (ret <= 0)
			return ret;
	}
	return monitor->resync.client ? resync(monitor, &reader, error) : 0;
}

int pvsched_monitor_vms(const struct pvsched_monitor *monitor,
			struct pvsched_vms *vms, size_t size,
			struct pvsched_error *error)
{
	const struct pvsched_vms *from = &monitor->resync.vms;
	struct list list = { .size = size };
	size_t i;

	memset(vms, 0, sizeof(*vms));
	if (!size)
		return error_set(error, -EINVAL, "the size of a struct is 0");
	for (i = 0; i < from->count; i++) {
		if (!list_append(&list, &from->vm[i], sizeof(*from->vm)))
			continue;
		free(list.items);
		return error_set(error, -ENOMEM, "out of memory");
	}
	vms->vm = (struct pvsched_vm_info *)list.items;
	vms->count = list.count;
	return 0;
}

int pvsched_monitor_vcpus(const struct pvsched_monitor *monitor,
			  struct pvsched_vcpus *vcpus, size_t size,
			  struct pvsched_error *error)
{
	const struct pvsched_vcpus *from = &monitor->resync.vcpus;
	struct list list = { .size = size };
	size_t i;

	memset(vcpus, 0, sizeof(*vcpus));
	if (!size)
		return error_set(error, -EINVAL, "the size of a struct is 0");
	for (i = 0; i < from->count; i++) {
		if (!list_append(&list, &from->vcpu[i], sizeof(*from->vcpu)))
			continue;
		free(list.items);
		return error_set(error, -ENOMEM, "out of memory");
	}
	vcpus->vcpu = (struct pvsched_vcpu_info *)list.items;
	vcpus->count = list.count;
	return 0;
}
