// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Events of the kernel, as they come.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/genetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <sys/socket.h>

#include "decode.h"
#include "error.h"
#include "list.h"
#include "monitor.h"
#include "resync.h"
#include "socket.h"
#include "wake.h"

/* Room for what comes while the reader does something else. */
#define BUFFER_BYTES (4 << 20)

/* The kernel's messages have at most half of that. */
#define MESSAGE_MAX 65536

/* So many messages at a time: more than a full buffer has, but not for ever. */
#define READ_MESSAGES 8192

/**
 * struct pvsched_monitor - a listener
 * @client: whose socket the events arrive at
 * @wake: what the program waits with
 * @groups: that it listens to
 * @look: how to find out the family's numbers; NULL: there is no need
 * @unsure: news of the family may be among what was lost, or could not be followed
 * @retry_ns: when to find out about it, after a failure; 0: there was none
 * @gone: there is no family, so there are no events
 * @seq: numbers of the last events
 * @resync: what there was when it asked last
 * @event: room for the larger of ours and the caller's
 * @buffer: a message
 */
struct pvsched_monitor {
	struct pvsched_client *client;
	struct wake wake;
	unsigned int groups;
	family_look_fn look;
	bool unsure;
	uint64_t retry_ns;
	bool gone;
	struct event_seq seq;
	struct resync resync;
	void *event;
	char buffer[MESSAGE_MAX] __attribute__((aligned(8)));
};

static void buffer_enlarge(int fd)
{
	int bytes = BUFFER_BYTES;

	/* Beyond net.core.rmem_max if permitted, else up to it. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

/*
 * All numbers are known before anything is joined: what was joined is heard from
 * then on, whatever becomes of the rest. That families come and go is heard before,
 * so that no change of the numbers is missed.
 */
static int events_open(struct pvsched_client **client, unsigned int groups,
		       struct pvsched_error *error)
{
	struct family family;
	int err = pvsched_client_open(client, error);

	if (err)
		return err;
	buffer_enlarge(nl_socket_get_fd((*client)->sock));
	err = family_watch((*client)->sock, error);
	if (!err)
		err = family_look(&family, error);
	if (!err)
		err = family_join((*client)->sock, &family, groups, error);
	if (err) {
		pvsched_client_close(*client);
		return err;
	}
	(*client)->family = family.id;
	return 0;
}

/* When there is something to do, even if nothing arrives; 0: never. */
static uint64_t due_ns(const struct pvsched_monitor *monitor)
{
	if (monitor->retry_ns && monitor->look)
		return monitor->retry_ns;
	/* Without a module there is nobody to ask. */
	return monitor->gone ? 0 : resync_due_ns(&monitor->resync);
}

int monitor_new(struct pvsched_monitor **monitor,
		const struct monitor_setup *setup, size_t size,
		struct pvsched_error *error)
{
	const size_t known = sizeof(struct pvsched_event);
	struct pvsched_monitor *new = calloc(1, sizeof(*new));
	void *event = calloc(1, size > known ? size : known);
	int err;

	if (!new || !event) {
		free(new);
		free(event);
		pvsched_client_close(setup->events);
		pvsched_client_close(setup->requests);
		return error_set(error, -ENOMEM, "out of memory");
	}
	new->client = setup->events;
	new->groups = setup->groups;
	new->look = setup->look;
	new->event = event;
	if (setup->requests)
		resync_init(&new->resync, setup->requests);
	err = wake_init(&new->wake, nl_socket_get_fd(setup->events->sock),
			error);
	if (!err)
		err = wake_set(&new->wake, due_ns(new), error);
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
	struct monitor_setup setup = { .groups = groups, .look = family_look };
	int err;

	*monitor = NULL;
	if (flags & ~PVSCHED_MONITOR_RESYNC || !size ||
	    groups >> PVSCHED_GROUP_COUNT)
		return error_set(error, -EINVAL,
				 "listening to events: no such group or flag");
	err = events_open(&setup.events, groups, error);
	if (err)
		return err;
	if (flags & PVSCHED_MONITOR_RESYNC)
		err = pvsched_client_open(&setup.requests, error);
	if (err) {
		pvsched_client_close(setup.events);
		return err;
	}
	return monitor_new(monitor, &setup, size, error);
}

void pvsched_monitor_close(struct pvsched_monitor *monitor)
{
	if (!monitor)
		return;
	resync_exit(&monitor->resync);
	wake_exit(&monitor->wake);
	pvsched_client_close(monitor->client);
	free(monitor->event);
	free(monitor);
}

int pvsched_monitor_fd(const struct pvsched_monitor *monitor)
{
	return monitor->wake.poll;
}

/* Returns bytes, 0 if there is nothing, or a negative errno value. */
static ssize_t receive(struct pvsched_monitor *monitor)
{
	struct nl_sock *sock = monitor->client->sock;
	struct sockaddr_nl from = {};
	socklen_t from_len = sizeof(from);
	ssize_t len;

	do
		len = recvfrom(nl_socket_get_fd(sock), monitor->buffer,
			       sizeof(monitor->buffer),
			       MSG_DONTWAIT | MSG_TRUNC,
			       (struct sockaddr *)&from, &from_len);
	while (len < 0 && errno == EINTR);
	if (len < 0)
		return errno == EAGAIN ? 0 : -errno;
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
	struct pvsched_error *error;
};

/* Hand over an event, of the size that the caller knows. */
static bool deliver(const struct reader *reader,
		    const struct pvsched_event *event)
{
	memcpy(reader->monitor->event, event, sizeof(*event));
	return reader->fn(reader->monitor->event, reader->arg);
}

/* Events were lost: nobody knows how many, or of which group. */
static bool deliver_gap(const struct reader *reader, bool gone)
{
	const struct resync *resync = &reader->monitor->resync;
	const struct pvsched_event gap = {
		.gap = true,
		.gone = gone,
		.time_ns = wake_now_ns(),
	};

	return (!gone && resync_awaited(resync)) || deliver(reader, &gap);
}

static bool on_event(const struct pvsched_event *event, void *arg)
{
	struct reader *reader = arg;
	struct resync *resync = &reader->monitor->resync;

	resync_note(resync, event, reader->dropped);
	reader->dropped = 0;
	return resync_awaited(resync) || resync_has(resync, event) ||
	       deliver(reader, event);
}

/* Return: 1 to go on, 0 to stop. */
static int family_gone(struct reader *reader)
{
	struct pvsched_monitor *monitor = reader->monitor;

	if (monitor->gone)
		return 1;
	monitor->gone = true;
	resync_forget(&monitor->resync);
	return deliver_gap(reader, true);
}

/* It begins to count anew. Return: 1 to go on, 0 to stop, or a negative errno value. */
static int family_new(struct reader *reader, const struct family *family)
{
	struct pvsched_monitor *monitor = reader->monitor;
	int err = family_join(monitor->client->sock, family, monitor->groups,
			      reader->error);

	if (err)
		return err;
	monitor->gone = false;
	monitor->client->family = family->id;
	memset(&monitor->seq, 0, sizeof(monitor->seq));
	resync_anew(&monitor->resync, family->id);
	return deliver_gap(reader, false);
}

/*
 * What fails may go well soon, and no message need ever arrive; only who may not
 * listen any more is not to be asked again. Returns ret.
 */
static int family_retry(struct pvsched_monitor *monitor, int ret)
{
	if (ret < 0 && ret != -EPERM) {
		monitor->unsure = true;
		monitor->retry_ns = wake_now_ns() + WAKE_INTERVAL_NS;
	}
	return ret;
}

static int news_take(struct reader *reader, struct nlmsghdr *msg)
{
	struct family family;

	switch (family_decode(msg, &family)) {
	case FAMILY_GONE:
		return family_gone(reader);
	case FAMILY_NEW:
		return family_retry(reader->monitor,
				    family_new(reader, &family));
	case FAMILY_NO_NEWS:
		break;
	}
	return 1;
}

static int family_find_out(struct reader *reader)
{
	struct pvsched_monitor *monitor = reader->monitor;
	struct family family;
	int err = monitor->look(&family, reader->error);

	if (err == -ENOENT)
		return family_gone(reader);
	if (err)
		return err;
	return monitor->gone || family.id != monitor->client->family ?
		       family_new(reader, &family) :
		       1;
}

/* Is it the same family as before, after something was lost? */
static int family_check(struct reader *reader)
{
	struct pvsched_monitor *monitor = reader->monitor;

	if (!monitor->unsure || !monitor->look)
		return 1;
	if (wake_now_ns() < monitor->retry_ns)
		return 0;
	monitor->unsure = false;
	monitor->retry_ns = 0;
	return family_retry(monitor, family_find_out(reader));
}

/* An event. Return: 1 to go on, 0 to stop, or a negative errno value. */
static int events_take(struct reader *reader, struct nlmsghdr *msg)
{
	int ret;

	reader->dropped = decode_dropped(msg);
	ret = decode_events(msg, &reader->monitor->seq, on_event, reader);
	return ret >= 0 ?
		       ret :
		       error_set(
			       reader->error, ret,
			       "an event is not understood: are pvsched and its module of the same version?");
}

static int dispatch(struct reader *reader, ssize_t len)
{
	struct pvsched_monitor *monitor = reader->monitor;
	struct nlmsghdr *msg = (struct nlmsghdr *)monitor->buffer;
	int rest = len;
	int ret = 1;

	for (; ret > 0 && nlmsg_ok(msg, rest); msg = nlmsg_next(msg, &rest))
		if (msg->nlmsg_type == GENL_ID_CTRL)
			ret = news_take(reader, msg);
		else if (msg->nlmsg_type == monitor->client->family)
			ret = events_take(reader, msg);
	return ret;
}

/* Returns 1 to go on, 0 to stop, or a negative errno value. */
static int read_one(struct reader *reader, ssize_t len)
{
	struct pvsched_monitor *monitor = reader->monitor;

	if (len == -EAGAIN)
		return 1;
	if (len == -ENOBUFS) {
		monitor->unsure = true;
		resync_overrun(&monitor->resync);
		return deliver_gap(reader, false);
	}
	if (len < 0)
		return error_errno(reader->error, len, "reading events");
	return dispatch(reader, len);
}

/* All that was told before has been handed over. */
static int resync(const struct reader *reader)
{
	struct pvsched_monitor *monitor = reader->monitor;
	struct pvsched_event event = { .resync = true };
	int ret = resync_ask(&monitor->resync, reader->error);

	/* The module goes: that arrives as an event. */
	if (ret == -ENOENT)
		return 0;
	if (ret <= 0)
		return ret;
	event.time_ns = monitor->resync.asked_ns;
	deliver(reader, &event);
	return 0;
}

/* Nothing is left to be read. */
static int drained(struct reader *reader)
{
	int ret = family_check(reader);

	if (ret <= 0 || reader->monitor->gone)
		return ret < 0 ? ret : 0;
	return reader->monitor->resync.client ? resync(reader) : 0;
}

static int read_arrived(struct reader *reader)
{
	unsigned int messages;

	for (messages = 0; messages < READ_MESSAGES; messages++) {
		ssize_t len = receive(reader->monitor);
		int ret;

		if (!len)
			return drained(reader);
		ret = read_one(reader, len);
		if (ret <= 0)
			return ret;
	}
	/*
	 * What is left is older than an answer would be: ask when it has been
	 * read. The descriptor remains readable.
	 */
	return 0;
}

int pvsched_monitor_read(struct pvsched_monitor *monitor, pvsched_event_fn fn,
			 void *arg, struct pvsched_error *error)
{
	struct reader reader = {
		.monitor = monitor,
		.fn = fn,
		.arg = arg,
		.error = error,
	};
	int ret = read_arrived(&reader);
	struct pvsched_error ignored;
	int err = wake_set(&monitor->wake, due_ns(monitor),
			   ret ? &ignored : error);

	/* However it ended: what is due must not wait for a message. */
	return ret ? ret : err;
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
