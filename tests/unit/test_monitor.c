// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Listening to events: what is lost is told, and made up for by asking; what is
 * known then is exact.
 */
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <linux/genetlink.h>
#include <netlink/netlink.h>

#include "../../lib/monitor.h"
#include "check_run.h"
#include "fake_kernel.h"

#define VCPUS	    4
#define SOME_GROUP  1
#define OTHER_GROUP 2

/* What there is, for the fake kernel to answer. Guarded by lock. */
struct model {
	pthread_mutex_t lock;
	uint64_t boosts[VCPUS];
	uint64_t time_ns; /* that answers have; 0: the clock's */
	int refusals;	  /* answer so many requests with an error */
};

static struct model model;
static struct fake_kernel *kernel;
static struct pvsched_monitor *monitor;
static struct nl_sock *arriving; /* of the monitor */
static uint32_t port;
static struct pvsched_error error;

/* What was handed over. */
struct seen {
	unsigned int events, gaps, resyncs, gone;
	unsigned int since; /* events since the last resync */
	uint64_t lost;
	struct pvsched_event last;
	uint64_t boosts[VCPUS]; /* as of the last resync, and since then */
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void vcpu_send(struct fake_kernel *to, uint32_t id)
{
	struct nl_msg *msg = fake_message(PVSCHED_CMD_VCPU_GET);
	struct nlattr *stats, *count;

	nla_put_string(msg, PVSCHED_A_VCPU_VM, "web");
	nla_put_u32(msg, PVSCHED_A_VCPU_VM_ID, 7);
	nla_put_u32(msg, PVSCHED_A_VCPU_ID, id);
	stats = nla_nest_start(msg, PVSCHED_A_VCPU_STATS);
	count = nla_nest_start(msg, PVSCHED_A_STATS_BOOSTS);
	pthread_mutex_lock(&model.lock);
	nla_put_u32(msg, PVSCHED_A_CAUSE_COUNT_CAUSE, 0);
	nla_put_u64(msg, PVSCHED_A_CAUSE_COUNT_COUNT, model.boosts[id]);
	nla_nest_end(msg, count);
	nla_nest_end(msg, stats);
	nla_put_u64(msg, PVSCHED_A_VCPU_TIME_NS, model.time_ns ?: now_ns());
	pthread_mutex_unlock(&model.lock);
	fake_send(to, msg, NLM_F_MULTI);
}

static void answer(struct fake_kernel *of, uint8_t command, unsigned int count,
		   void *arg)
{
	uint32_t id;

	(void)count;
	(void)arg;
	if (model.refusals > 0) {
		model.refusals--;
		fake_ack(of, -ENOBUFS, "no memory for that");
		return;
	}
	if (command == PVSCHED_CMD_VM_GET) {
		struct nl_msg *msg = fake_message(PVSCHED_CMD_VM_GET);

		nla_put_string(msg, PVSCHED_A_VM_NAME, "web");
		nla_put_u32(msg, PVSCHED_A_VM_ID, 7);
		fake_send(of, msg, NLM_F_MULTI);
	} else {
		/* In no order. */
		for (id = VCPUS; id-- > 0;)
			vcpu_send(of, id);
	}
	fake_done(of, 0);
}

/* What the family is, as the monitor finds out. */
static struct family family_now;
static int look_error;

static int look(struct family *family, struct pvsched_error *why)
{
	(void)why;
	*family = family_now;
	return look_error;
}

/* resync: as for PVSCHED_MONITOR_RESYNC. */
static void start(bool resync)
{
	struct monitor_setup setup = {};

	memset(&model, 0, sizeof(model));
	family_now = (struct family){ .id = FAKE_FAMILY };
	look_error = 0;
	pthread_mutex_init(&model.lock, NULL);
	kernel = fake_start(answer, NULL);
	setup.events = fake_client(kernel);
	setup.requests = resync ? fake_client(kernel) : NULL;
	setup.groups = 1U << PVSCHED_GROUP_BOOST;
	setup.look = look;
	port = fake_client_port(setup.events);
	arriving = setup.events->sock;
	ck_assert_int_eq(monitor_new(&monitor, &setup,
				     sizeof(struct pvsched_event), &error),
			 0);
}

/* Returns how many requests there were: two for each dump. */
static unsigned int stop(void)
{
	pvsched_monitor_close(monitor);
	return fake_stop(kernel);
}

static void take_figures(struct seen *seen)
{
	struct pvsched_vcpus vcpus;
	struct pvsched_vms vms;
	size_t i;

	ck_assert_int_eq(
		pvsched_monitor_vms(monitor, &vms, sizeof(*vms.vm), &error), 0);
	ck_assert_uint_eq(vms.count, 1);
	ck_assert_str_eq(vms.vm[0].name, "web");
	pvsched_vms_free(&vms);
	ck_assert_int_eq(pvsched_monitor_vcpus(monitor, &vcpus,
					       sizeof(*vcpus.vcpu), &error),
			 0);
	ck_assert_uint_eq(vcpus.count, VCPUS);
	for (i = 0; i < VCPUS; i++) {
		ck_assert_uint_eq(vcpus.vcpu[i].id, i);
		seen->boosts[i] = pvsched_stats_boosts(&vcpus.vcpu[i].stats);
	}
	pvsched_vcpus_free(&vcpus);
}

static bool on_event(const struct pvsched_event *event, void *arg)
{
	struct seen *seen = arg;

	seen->last = *event;
	seen->gone += event->gone;
	if (event->resync) {
		seen->resyncs++;
		seen->since = 0;
		take_figures(seen);
	} else if (event->gap) {
		seen->gaps++;
		seen->lost += event->lost;
		ck_assert_uint_ne(event->time_ns, 0);
	} else {
		seen->events++;
		seen->since++;
		if (event->has_vcpu && event->vcpu < VCPUS)
			seen->boosts[event->vcpu]++;
	}
	return true;
}

/* Returns what poll(2) does. */
static int readable(int timeout_ms)
{
	struct pollfd polled = { pvsched_monitor_fd(monitor), POLLIN, 0 };

	return poll(&polled, 1, timeout_ms);
}

static void read_all(struct seen *seen)
{
	ck_assert_int_eq(pvsched_monitor_read(monitor, on_event, seen, &error),
			 0);
}

/* Reads until there was another resync. */
static void read_resync(struct seen *seen)
{
	unsigned int before = seen->resyncs;

	while (seen->resyncs == before) {
		ck_assert_int_eq(readable(10000), 1);
		read_all(seen);
	}
}

static void event_put(struct nl_msg *msg, uint64_t seq, uint64_t time,
		      uint32_t vcpu)
{
	struct nlattr *nest = nla_nest_start(msg, PVSCHED_A_EVENTS_EVENT);

	nla_put_u64(msg, PVSCHED_A_EVENT_SEQ, seq);
	nla_put_u64(msg, PVSCHED_A_EVENT_TIME_NS, time);
	nla_put_u32(msg, PVSCHED_A_EVENT_KIND, PVSCHED_EVENT_BOOST);
	nla_put_u32(msg, PVSCHED_A_EVENT_VM_ID, 7);
	nla_put_u32(msg, PVSCHED_A_EVENT_VCPU, vcpu);
	nla_nest_end(msg, nest);
}

static struct nl_msg *event_message(uint64_t seq, uint64_t time, uint32_t vcpu)
{
	struct nl_msg *msg = fake_message(PVSCHED_CMD_BOOST_NTF);

	event_put(msg, seq, time, vcpu);
	return msg;
}

static void event_send(uint64_t seq, uint64_t time, uint32_t vcpu)
{
	ck_assert_int_eq(
		fake_event(kernel, port, event_message(seq, time, vcpu)), 0);
}

START_TEST(begins_with_all_there_is)
{
	struct seen seen = {};

	start(true);
	model.boosts[2] = 5;
	ck_assert_int_eq(readable(1000), 1);
	read_all(&seen);
	ck_assert_uint_eq(seen.resyncs, 1);
	ck_assert_uint_eq(seen.events + seen.gaps, 0);
	ck_assert_uint_eq(seen.boosts[2], 5);
	ck_assert_uint_ne(seen.last.time_ns, 0);
	/* And that was it. */
	ck_assert_int_eq(readable(0), 0);
	read_all(&seen);
	ck_assert_uint_eq(seen.resyncs, 1);
	ck_assert_uint_eq(stop(), 2);
}
END_TEST

/* What comes before the first figures is in them. */
START_TEST(begins_with_the_figures)
{
	struct seen seen = {};

	start(true);
	event_send(1, 1, 0);
	event_send(5, UINT64_MAX, 0);
	read_all(&seen);
	ck_assert_uint_eq(seen.resyncs, 1);
	ck_assert_uint_eq(seen.events + seen.gaps, 0);
	stop();
}
END_TEST

/* Events that the figures have are not told again, others are. */
START_TEST(either_figure_or_event)
{
	struct seen seen = {};

	start(true);
	model.time_ns = 1000;
	read_all(&seen);
	event_send(1, 999, 0);
	event_send(2, 1000, 1);
	read_all(&seen);
	ck_assert_uint_eq(seen.events, 0);
	event_send(3, 1001, 0);
	event_send(4, 500, VCPUS);	  /* gone since */
	event_send(5, UINT64_MAX, VCPUS); /* came since */
	read_all(&seen);
	ck_assert_uint_eq(seen.events, 2);
	ck_assert_uint_eq(seen.gaps, 0);
	ck_assert_uint_eq(seen.resyncs, 1);
	ck_assert_uint_eq(stop(), 2);
}
END_TEST

START_TEST(gap_then_resync)
{
	struct seen seen = {};
	uint64_t began = now_ns();

	start(true);
	read_all(&seen);
	event_send(1, UINT64_MAX, 0);
	event_send(5, UINT64_MAX, 0);
	model.boosts[0] = 77;
	read_resync(&seen);
	ck_assert_uint_eq(seen.gaps, 1);
	ck_assert_uint_eq(seen.lost, 3);
	ck_assert_uint_eq(seen.events, 2);
	ck_assert_uint_eq(seen.resyncs, 2);
	ck_assert_uint_eq(seen.boosts[0], 77);
	/* Not one dump after the other. */
	ck_assert_uint_ge(now_ns() - began, 100000000);
	ck_assert_uint_eq(stop(), 4);
}
END_TEST

START_TEST(losses_are_made_up_for_together)
{
	struct seen seen = {};
	uint64_t seq;

	start(true);
	read_all(&seen);
	for (seq = 1; seq < 100; seq += 2) {
		event_send(seq, UINT64_MAX, 0);
		read_all(&seen);
	}
	read_resync(&seen);
	ck_assert_uint_eq(seen.gaps, 49);
	ck_assert_uint_le(seen.resyncs, 3);
	stop();
}
END_TEST

/* Before the first event that is seen, no number is missing. */
START_TEST(dropped_before_the_first)
{
	struct nl_msg *msg = fake_message(PVSCHED_CMD_BOOST_NTF);
	struct seen seen = {};

	start(true);
	read_all(&seen);
	nla_put_u64(msg, PVSCHED_A_EVENTS_DROPPED, 3);
	event_put(msg, 10, UINT64_MAX, 0);
	ck_assert_int_eq(fake_event(kernel, port, msg), 0);
	read_resync(&seen);
	ck_assert_uint_eq(seen.resyncs, 2);
	ck_assert_uint_eq(seen.events, 1);
	ck_assert_uint_eq(seen.lost, 3);
	stop();
}
END_TEST

START_TEST(without_the_flag_only_gaps)
{
	struct seen seen = {};

	start(false);
	ck_assert_int_eq(readable(0), 0);
	event_send(1, 1, 0);
	event_send(5, 2, 0);
	ck_assert_int_eq(readable(1000), 1);
	read_all(&seen);
	ck_assert_uint_eq(seen.events, 2);
	ck_assert_uint_eq(seen.lost, 3);
	ck_assert_uint_eq(seen.resyncs, 0);
	ck_assert_uint_eq(stop(), 0);
}
END_TEST

START_TEST(failed_dumps_are_tried_again)
{
	struct seen seen = {};

	start(true);
	model.refusals = 2;
	ck_assert_int_eq(pvsched_monitor_read(monitor, on_event, &seen, &error),
			 -ENOBUFS);
	ck_assert_str_eq(error.text, "no memory for that");
	ck_assert_int_eq(readable(0), 0);
	ck_assert_int_eq(readable(10000), 1);
	ck_assert_int_eq(pvsched_monitor_read(monitor, on_event, &seen, &error),
			 -ENOBUFS);
	read_resync(&seen);
	ck_assert_uint_eq(seen.resyncs, 1);
	stop();
}
END_TEST

static bool stop_at_gap(const struct pvsched_event *event, void *arg)
{
	on_event(event, arg);
	return !event->gap;
}

/* Who stops gets what was lost made up for all the same, without another event. */
START_TEST(stopped_when_due)
{
	struct seen seen = {};

	start(true);
	read_all(&seen);
	event_send(1, UINT64_MAX, 0);
	event_send(5, UINT64_MAX, 0);
	ck_assert_int_eq(
		pvsched_monitor_read(monitor, stop_at_gap, &seen, &error), 0);
	ck_assert_uint_eq(seen.gaps, 1);
	ck_assert_uint_eq(seen.events, 1);
	read_resync(&seen);
	ck_assert_uint_eq(seen.resyncs, 2);
	stop();
}
END_TEST

/* Another process than the kernel says something. */
START_TEST(strangers_are_not_heard)
{
	struct fake_kernel *stranger = fake_start(answer, NULL);
	struct seen seen = {};

	start(false);
	ck_assert_int_eq(fake_event(stranger, port, event_message(1, 1, 0)), 0);
	read_all(&seen);
	ck_assert_uint_eq(seen.events, 0);
	fake_stop(stranger);
	stop();
}
END_TEST

/*
 * A socket that really overran: known at once, while how much was lost shows with
 * the next event, for which nothing has to be asked again.
 */
START_TEST(overrun_of_the_socket)
{
	struct monitor_setup setup = { .look = look };
	struct seen seen = {};
	uint64_t seq, arrived, sent = 3000;
	int bytes = 1;

	start(true);
	pvsched_monitor_close(monitor);
	setup.events = fake_client(kernel);
	setsockopt(nl_socket_get_fd(setup.events->sock), SOL_SOCKET, SO_RCVBUF,
		   &bytes, sizeof(bytes));
	if (nl_socket_add_membership(setup.events->sock, SOME_GROUP)) {
		puts("not tried without CAP_NET_ADMIN: an overrun");
		pvsched_client_close(setup.events);
		fake_stop(kernel);
		return;
	}
	setup.requests = fake_client(kernel);
	ck_assert_int_eq(monitor_new(&monitor, &setup,
				     sizeof(struct pvsched_event), &error),
			 0);
	read_all(&seen);
	for (seq = 1; seq <= sent; seq++)
		fake_multicast(kernel, SOME_GROUP,
			       event_message(seq, UINT64_MAX, 0));
	read_resync(&seen);
	ck_assert_uint_eq(seen.gaps, 1);
	ck_assert_uint_eq(seen.lost, 0);
	ck_assert_uint_gt(seen.events, 0);
	ck_assert_uint_lt(seen.events, sent);
	arrived = seen.events;
	fake_multicast(kernel, SOME_GROUP, event_message(seq, UINT64_MAX, 0));
	read_all(&seen);
	ck_assert_uint_eq(seen.gaps, 2);
	ck_assert_uint_eq(seen.lost, sent - arrived);
	ck_assert_int_eq(readable(300), 0);
	ck_assert_uint_eq(seen.resyncs, 2);
	/* A gap after that is another one. */
	fake_multicast(kernel, SOME_GROUP,
		       event_message(seq + 2, UINT64_MAX, 0));
	read_resync(&seen);
	ck_assert_uint_eq(seen.resyncs, 3);
	stop();
}
END_TEST

/* More than one call reads has arrived: the figures are asked for behind it. */
#define MANY_EVENTS 9000

START_TEST(asks_when_all_was_read)
{
	int bytes = 64 << 20, calls = 0;
	struct seen seen = {};
	uint64_t seq;

	start(true);
	read_all(&seen);
	if (setsockopt(nl_socket_get_fd(arriving), SOL_SOCKET, SO_RCVBUFFORCE,
		       &bytes, sizeof(bytes))) {
		puts("not tried without CAP_NET_ADMIN: many events");
		stop();
		return;
	}
	for (seq = 1; seq <= MANY_EVENTS; seq++)
		event_send(seq == 1 ? 1 : seq + 1, UINT64_MAX, VCPUS);
	/* Longer than until it may ask again. */
	nanosleep(&(struct timespec){ .tv_nsec = 150000000 }, NULL);
	while (seen.resyncs < 2) {
		ck_assert_int_eq(readable(10000), 1);
		read_all(&seen);
		calls++;
	}
	ck_assert_int_gt(calls, 1);
	ck_assert_uint_eq(seen.events, MANY_EVENTS);
	ck_assert_uint_eq(seen.since, 0);
	stop();
}
END_TEST

static void news_send(uint8_t command, uint16_t family)
{
	static const uint32_t groups[PVSCHED_GROUP_COUNT] = { OTHER_GROUP,
							      SOME_GROUP };

	ck_assert_int_eq(fake_news(kernel, port, command, family, groups), 0);
}

static void event_multicast(uint16_t family, uint64_t seq)
{
	struct nl_msg *msg = fake_message_of(family, PVSCHED_CMD_BOOST_NTF);

	event_put(msg, seq, UINT64_MAX, VCPUS);
	fake_multicast(kernel, SOME_GROUP, msg);
}

/* The module goes, and comes with other numbers, and begins to count anew. */
START_TEST(module_loaded_anew)
{
	struct seen seen = {};
	bool resync = _i;

	start(resync);
	if (resync)
		read_all(&seen);
	event_send(7, UINT64_MAX, VCPUS);
	news_send(CTRL_CMD_DELFAMILY, FAKE_FAMILY);
	read_all(&seen);
	ck_assert_uint_eq(seen.events, 1);
	ck_assert_uint_eq(seen.gone, 1);
	ck_assert(seen.last.gap && seen.last.time_ns);
	ck_assert_int_eq(readable(200), 0);
	news_send(CTRL_CMD_NEWFAMILY, FAKE_FAMILY + 1);
	if (pvsched_monitor_read(monitor, on_event, &seen, &error)) {
		ck_assert_int_eq(error.code, -EPERM);
		puts("not tried without CAP_NET_ADMIN: to join a group");
		stop();
		return;
	}
	ck_assert_uint_eq(seen.gaps, 2);
	ck_assert_uint_eq(seen.lost, 0);
	while (resync && seen.resyncs < 2) {
		ck_assert_int_eq(readable(10000), 1);
		read_all(&seen);
	}
	event_send(8, UINT64_MAX, VCPUS); /* the old number is nobody's */
	event_multicast(FAKE_FAMILY + 1, 1);
	event_multicast(FAKE_FAMILY + 1, 2);
	read_all(&seen);
	ck_assert_uint_eq(seen.events, 3);
	ck_assert_uint_eq(seen.gaps, 2);
	ck_assert_uint_eq(seen.gone, 1);
	ck_assert_uint_eq(stop(), resync ? 4 : 0);
}
END_TEST

/* Other families, and what says nothing of a family, do not matter. */
START_TEST(other_news)
{
	struct nl_msg *msg = fake_message_of(GENL_ID_CTRL, CTRL_CMD_DELFAMILY);
	struct seen seen = {};

	start(false);
	nla_put_string(msg, CTRL_ATTR_FAMILY_NAME, "another");
	nla_put_u16(msg, CTRL_ATTR_FAMILY_ID, FAKE_FAMILY);
	ck_assert_int_eq(fake_event(kernel, port, msg), 0);
	news_send(CTRL_CMD_NEWMCAST_GRP, FAKE_FAMILY);
	msg = fake_message_of(GENL_ID_CTRL, CTRL_CMD_DELFAMILY);
	ck_assert_int_eq(fake_event(kernel, port, msg), 0);
	read_all(&seen);
	ck_assert_uint_eq(seen.gaps, 0);
	stop();
}
END_TEST

static const struct family another = {
	.id = FAKE_FAMILY + 1,
	.group = { OTHER_GROUP, SOME_GROUP },
};

static void overrun(uint16_t family)
{
	uint64_t seq;

	for (seq = 1; seq < 1000; seq++)
		event_multicast(family, seq);
}

/* Have the monitor's socket overrun. Returns whether this process may. */
static bool overrun_begin(void)
{
	int bytes = 1;

	setsockopt(nl_socket_get_fd(arriving), SOL_SOCKET, SO_RCVBUF, &bytes,
		   sizeof(bytes));
	if (nl_socket_add_membership(arriving, SOME_GROUP)) {
		puts("not tried without CAP_NET_ADMIN: lost news");
		return false;
	}
	overrun(FAKE_FAMILY);
	return true;
}

/* The news may be among what an overrun lost. */
START_TEST(news_lost)
{
	struct seen seen = {};

	start(false);
	if (!overrun_begin()) {
		stop();
		return;
	}
	look_error = -ENOENT;
	read_all(&seen);
	ck_assert_uint_eq(seen.gone, 1);
	overrun(FAKE_FAMILY + 1);
	look_error = 0;
	family_now = another;
	seen.events = 0;
	read_all(&seen);
	ck_assert_uint_eq(seen.gone, 1);
	ck_assert_uint_eq(seen.events, 0);
	event_multicast(FAKE_FAMILY + 1, 2000);
	read_all(&seen);
	ck_assert_uint_eq(seen.events, 1);
	stop();
}
END_TEST

/*
 * Nobody knows what the family is now, so no event may ever arrive: finding out is
 * tried again all the same.
 */
START_TEST(lookups_are_tried_again)
{
	struct seen seen = {};
	bool resync = _i;

	start(resync);
	if (resync)
		read_all(&seen);
	if (!overrun_begin()) {
		stop();
		return;
	}
	family_now = another;
	look_error = -ENOBUFS;
	ck_assert_int_eq(pvsched_monitor_read(monitor, on_event, &seen, &error),
			 -ENOBUFS);
	ck_assert_int_eq(readable(10000), 1);
	ck_assert_int_eq(pvsched_monitor_read(monitor, on_event, &seen, &error),
			 -ENOBUFS);
	look_error = 0;
	seen.events = seen.gaps = 0;
	while (!seen.gaps) {
		ck_assert_int_eq(readable(10000), 1);
		read_all(&seen);
	}
	if (resync && seen.resyncs < 2)
		read_resync(&seen);
	event_multicast(FAKE_FAMILY + 1, 1);
	read_all(&seen);
	ck_assert_uint_eq(seen.events, 1);
	ck_assert_int_eq(readable(300), 0);
	stop();
}
END_TEST

/* The family is there, but its groups cannot be joined at that moment. */
START_TEST(joins_are_tried_again)
{
	static const uint32_t none[PVSCHED_GROUP_COUNT];
	struct seen seen = {};
	int err = 0;

	start(false);
	family_now = another;
	ck_assert_int_eq(
		fake_news(kernel, port, CTRL_CMD_NEWFAMILY, another.id, none),
		0);
	ck_assert_int_eq(pvsched_monitor_read(monitor, on_event, &seen, &error),
			 -ENOENT);
	while (!err && !seen.gaps) {
		ck_assert_int_eq(readable(10000), 1);
		err = pvsched_monitor_read(monitor, on_event, &seen, &error);
	}
	if (err) {
		ck_assert_int_eq(err, -EPERM);
		puts("not tried without CAP_NET_ADMIN: to join a group");
	} else {
		event_multicast(FAKE_FAMILY + 1, 1);
		read_all(&seen);
		ck_assert_uint_eq(seen.events, 1);
	}
	ck_assert_int_eq(readable(300), 0);
	stop();
}
END_TEST

/* Who may not listen any more is told once. */
START_TEST(lookups_that_are_refused)
{
	struct seen seen = {};

	start(false);
	if (overrun_begin()) {
		look_error = -EPERM;
		ck_assert_int_eq(
			pvsched_monitor_read(monitor, on_event, &seen, &error),
			-EPERM);
		ck_assert_int_eq(readable(300), 0);
	}
	stop();
}
END_TEST

#define STORM_EVENTS 40000
#define BATCH	     16

/*
 * Boosts all the time, told in batches some time after they were counted. One
 * batch in ten is lost.
 */
static void *storm(void *arg)
{
	unsigned int seed = 1, i, n;
	uint64_t seq = 0;

	for (n = 0; n < STORM_EVENTS / BATCH; n++) {
		struct nl_msg *msg = fake_message(PVSCHED_CMD_BOOST_NTF);
		const struct timespec pause = { 0, 100000 };

		for (i = 0; i < BATCH; i++) {
			uint32_t vcpu = rand_r(&seed) % VCPUS;
			uint64_t time;

			pthread_mutex_lock(&model.lock);
			model.boosts[vcpu]++;
			time = now_ns();
			pthread_mutex_unlock(&model.lock);
			event_put(msg, ++seq, time, vcpu);
		}
		nanosleep(&pause, NULL);
		if (rand_r(&seed) % 10 && n)
			fake_event(kernel, port, msg);
		else
			nlmsg_free(msg);
	}
	/* Without an event behind it, nobody knows of a loss. */
	fake_event(kernel, port, event_message(++seq, now_ns(), VCPUS));
	atomic_store((atomic_bool *)arg, true);
	return NULL;
}

START_TEST(counts_are_exact)
{
	atomic_bool over = false;
	struct seen seen = {};
	pthread_t thread;
	unsigned int i;

	start(true);
	pthread_create(&thread, NULL, storm, &over);
	/* Until a while after the end, in which what was due is done. */
	while (!atomic_load(&over) || readable(300)) {
		if (readable(20))
			read_all(&seen);
	}
	pthread_join(thread, NULL);
	ck_assert_uint_gt(seen.gaps, 0);
	ck_assert_uint_gt(seen.resyncs, 1);
	for (i = 0; i < VCPUS; i++)
		ck_assert_uint_eq(seen.boosts[i], model.boosts[i]);
	stop();
}
END_TEST

static Suite *monitor_suite(void)
{
	Suite *suite = suite_create("monitor");
	TCase *resync = tcase_create("resync");

	tcase_set_timeout(resync, 60);
	tcase_add_test(resync, begins_with_all_there_is);
	tcase_add_test(resync, begins_with_the_figures);
	tcase_add_test(resync, either_figure_or_event);
	tcase_add_test(resync, gap_then_resync);
	tcase_add_test(resync, losses_are_made_up_for_together);
	tcase_add_test(resync, dropped_before_the_first);
	tcase_add_test(resync, without_the_flag_only_gaps);
	tcase_add_test(resync, failed_dumps_are_tried_again);
	tcase_add_test(resync, stopped_when_due);
	tcase_add_test(resync, strangers_are_not_heard);
	tcase_add_test(resync, overrun_of_the_socket);
	tcase_add_test(resync, asks_when_all_was_read);
	tcase_add_loop_test(resync, module_loaded_anew, 0, 2);
	tcase_add_test(resync, other_news);
	tcase_add_test(resync, news_lost);
	tcase_add_loop_test(resync, lookups_are_tried_again, 0, 2);
	tcase_add_test(resync, joins_are_tried_again);
	tcase_add_test(resync, lookups_that_are_refused);
	tcase_add_test(resync, counts_are_exact);
	suite_add_tcase(suite, resync);
	return suite;
}

int main(void)
{
	/*
	 * What others on this machine tell their groups would fill our sockets. Who
	 * may not leave them may not join a group either.
	 */
	if (unshare(CLONE_NEWNET))
		perror("not in a network of its own");
	return check_run(monitor_suite());
}
