// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A listener by libpvsched of 100000 boosts a second, which is stopped and
 * continued: does it have the kernel's figures in the end?
 *
 * usage: storm [BOOSTS-PER-SECOND [MILLISECONDS]]
 *
 * A fake kernel tells boosts as the real one does, gathered for 10 ms, in one
 * message for each of 16 CPUs. The listener is a process, which has SIGSTOP for
 * the second fifth of the time. Prints JSON; fails if a count is not exact, or if
 * nothing was lost, so that nothing was tried. Needs CAP_NET_ADMIN, else it ends
 * with 77, which is a skipped test.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <netlink/netlink.h>

#include "../../lib/monitor.h"
#include "../unit/fake_kernel.h"

#define VCPUS	     64
#define CPUS	     16
#define GROUP	     2
#define TICK_NS	     10000000ULL
#define BUFFER_BYTES (1 << 19) /* less than the library's, soon too small */
#define SKIPPED	     77

/* After so many ticks without a loss at the end, nothing more is to come. */
#define QUIET_TICKS 40

struct kernel {
	pthread_mutex_t lock;
	uint64_t boosts[VCPUS];
	struct fake_kernel *fake;
	uint64_t seq;
	unsigned int next; /* vCPU to be boosted */
};

/* What the listener has. */
struct result {
	uint64_t boosts[VCPUS];
	uint64_t events, lost;
	unsigned int gaps, resyncs, quiet;
};

struct listener {
	struct pvsched_monitor *monitor;
	struct result result;
};

static void must(bool truth, const char *what)
{
	if (truth)
		return;
	fprintf(stderr, "storm: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static struct nl_msg *vcpu_message(struct kernel *kernel, uint32_t id)
{
	struct nl_msg *msg = fake_message(PVSCHED_CMD_VCPU_GET);
	struct nlattr *stats, *count;

	nla_put_string(msg, PVSCHED_A_VCPU_VM, "web");
	nla_put_u32(msg, PVSCHED_A_VCPU_VM_ID, 7);
	nla_put_u32(msg, PVSCHED_A_VCPU_ID, id);
	stats = nla_nest_start(msg, PVSCHED_A_VCPU_STATS);
	count = nla_nest_start(msg, PVSCHED_A_STATS_BOOSTS);
	nla_put_u32(msg, PVSCHED_A_CAUSE_COUNT_CAUSE, 0);
	pthread_mutex_lock(&kernel->lock);
	nla_put_u64(msg, PVSCHED_A_CAUSE_COUNT_COUNT, kernel->boosts[id]);
	nla_nest_end(msg, count);
	nla_nest_end(msg, stats);
	nla_put_u64(msg, PVSCHED_A_VCPU_TIME_NS, now_ns());
	pthread_mutex_unlock(&kernel->lock);
	return msg;
}

static void answer(struct fake_kernel *fake, uint8_t command,
		   unsigned int count, void *arg)
{
	uint32_t id;

	(void)count;
	if (command == PVSCHED_CMD_VM_GET) {
		struct nl_msg *msg = fake_message(PVSCHED_CMD_VM_GET);

		nla_put_string(msg, PVSCHED_A_VM_NAME, "web");
		nla_put_u32(msg, PVSCHED_A_VM_ID, 7);
		fake_send(fake, msg, NLM_F_MULTI);
	} else {
		for (id = 0; id < VCPUS; id++)
			fake_send(fake, vcpu_message(arg, id), NLM_F_MULTI);
	}
	fake_done(fake, 0);
}

/* vcpu: VCPUS for an event that is about none of them. */
static void event_put(struct kernel *kernel, struct nl_msg *msg, uint32_t vcpu)
{
	struct nlattr *nest = nla_nest_start(msg, PVSCHED_A_EVENTS_EVENT);

	must(nest && !nla_put_u64(msg, PVSCHED_A_EVENT_SEQ, ++kernel->seq) &&
		     !nla_put_u64(msg, PVSCHED_A_EVENT_TIME_NS, now_ns()) &&
		     !nla_put_u32(msg, PVSCHED_A_EVENT_KIND,
				  PVSCHED_EVENT_BOOST) &&
		     !nla_put_u32(msg, PVSCHED_A_EVENT_VM_ID, 7) &&
		     !nla_put_u32(msg, PVSCHED_A_EVENT_VCPU, vcpu),
	     "event");
	nla_nest_end(msg, nest);
}

/* Boosts of one CPU in one tick; told together, after they were counted. */
static void batch_send(struct kernel *kernel, unsigned int boosts)
{
	struct nl_msg *msg = fake_message(PVSCHED_CMD_BOOST_NTF);

	while (boosts--) {
		uint32_t vcpu = kernel->next++ % VCPUS;

		pthread_mutex_lock(&kernel->lock);
		kernel->boosts[vcpu]++;
		event_put(kernel, msg, vcpu);
		pthread_mutex_unlock(&kernel->lock);
	}
	fake_multicast(kernel->fake, GROUP, msg);
}

static void tick_wait(uint64_t until_ns)
{
	const struct timespec until = { until_ns / 1000000000,
					until_ns % 1000000000 };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

/* Returns how long it took; as fast as it can, where the rate is beyond that. */
static uint64_t storm(struct kernel *kernel, pid_t listener, uint64_t rate,
		      uint64_t ticks)
{
	uint64_t tick, boosts = 0, began = now_ns();
	unsigned int cpu;

	for (tick = 0; tick < ticks; tick++) {
		if (tick == ticks / 5)
			kill(listener, SIGSTOP);
		if (tick == 2 * ticks / 5)
			kill(listener, SIGCONT);
		for (cpu = 0; cpu < CPUS; cpu++) {
			uint64_t due = rate * (tick * CPUS + cpu + 1) *
				       TICK_NS / CPUS / 1000000000;

			batch_send(kernel, due - boosts);
			boosts = due;
		}
		tick_wait(began + (tick + 1) * TICK_NS);
	}
	return now_ns() - began;
}

/* Without an event behind it, nobody would know of a loss. */
static void quiet_until(struct kernel *kernel, pid_t listener)
{
	int status;

	while (!waitpid(listener, &status, WNOHANG)) {
		struct nl_msg *msg = fake_message(PVSCHED_CMD_BOOST_NTF);

		event_put(kernel, msg, VCPUS);
		fake_multicast(kernel->fake, GROUP, msg);
		tick_wait(now_ns() + TICK_NS);
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED)
		exit(SKIPPED);
	must(WIFEXITED(status) && !WEXITSTATUS(status), "the listener");
}

static void begin_anew(struct listener *listener)
{
	struct pvsched_error error;
	struct pvsched_vcpus list;
	size_t i;

	must(!pvsched_monitor_vcpus(listener->monitor, &list,
				    sizeof(*list.vcpu), &error) &&
		     list.count == VCPUS,
	     "vCPUs");
	for (i = 0; i < VCPUS; i++)
		listener->result.boosts[i] =
			pvsched_stats_boosts(&list.vcpu[i].stats);
	pvsched_vcpus_free(&list);
}

static bool on_event(const struct pvsched_event *event, void *arg)
{
	struct listener *listener = arg;
	struct result *result = &listener->result;

	if (event->resync) {
		begin_anew(listener);
		result->resyncs++;
	} else if (event->gap) {
		result->gaps++;
		result->lost += event->lost;
	} else if (event->vcpu < VCPUS) {
		result->boosts[event->vcpu]++;
		result->events++;
	} else {
		result->quiet++;
		return true;
	}
	result->quiet = 0;
	return true;
}

static void listener_open(struct listener *listener, struct fake_kernel *fake)
{
	const struct monitor_setup setup = {
		.events = fake_client(fake),
		.requests = fake_client(fake),
	};
	int bytes = BUFFER_BYTES, fd = nl_socket_get_fd(setup.events->sock);
	struct pvsched_error error;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) ||
	    nl_socket_add_membership(setup.events->sock, GROUP)) {
		fputs("storm: needs CAP_NET_ADMIN\n", stderr);
		_exit(SKIPPED);
	}
	must(!monitor_new(&listener->monitor, &setup,
			  sizeof(struct pvsched_event), &error),
	     "listening");
}

/* In a process of its own, which never returns. */
static void listen_all(struct fake_kernel *fake, int ready, int report)
{
	struct listener listener = {};
	struct pollfd fd = { .events = POLLIN };
	struct pvsched_error error;

	listener_open(&listener, fake);
	fd.fd = pvsched_monitor_fd(listener.monitor);
	while (listener.result.quiet < QUIET_TICKS) {
		must(poll(&fd, 1, -1) > 0, "poll");
		must(!pvsched_monitor_read(listener.monitor, on_event,
					   &listener, &error),
		     "reading");
		if (ready >= 0 && listener.result.resyncs)
			close(ready);
		ready = -1;
	}
	must(write(report, &listener.result, sizeof(listener.result)) ==
		     sizeof(listener.result),
	     "pipe");
	pvsched_monitor_close(listener.monitor);
	_exit(0);
}

/* Returns the listener's process, which has asked for the first time. */
static pid_t listener_start(struct kernel *kernel, int *report)
{
	int ready[2], result[2];
	pid_t pid;
	char byte;

	must(!pipe(ready) && !pipe(result), "pipe");
	pid = fork();
	must(pid >= 0, "fork");
	if (!pid) {
		close(ready[0]);
		close(result[0]);
		listen_all(kernel->fake, ready[1], result[1]);
	}
	close(ready[1]);
	close(result[1]);
	must(!read(ready[0], &byte, 1), "pipe");
	close(ready[0]);
	*report = result[0];
	return pid;
}

static bool exact(const struct kernel *kernel, const struct result *result)
{
	return !memcmp(kernel->boosts, result->boosts, sizeof(result->boosts));
}

int main(int argc, char **argv)
{
	uint64_t rate = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;
	uint64_t ms = argc > 2 ? strtoull(argv[2], NULL, 10) : 5000;
	struct kernel kernel = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct result result;
	uint64_t took_ns, told = rate * (ms / 10) * TICK_NS / 1000000000;
	pid_t listener;
	int report;

	if (!rate || rate > 1000000 || ms < 100 || ms > 600000) {
		fputs("usage: storm [BOOSTS-PER-SECOND [MILLISECONDS]]\n",
		      stderr);
		return 1;
	}
	kernel.fake = fake_start(answer, &kernel);
	listener = listener_start(&kernel, &report);
	took_ns = storm(&kernel, listener, rate, ms / 10);
	quiet_until(&kernel, listener);
	must(read(report, &result, sizeof(result)) == sizeof(result), "pipe");
	fake_stop(kernel.fake);
	printf("{\"boosts\": %llu, \"per_second\": %.0f, \"heard\": %llu, \"lost\": %llu, "
	       "\"gaps\": %u, \"resyncs\": %u, \"exact\": %s}\n",
	       (unsigned long long)told, told * 1e9 / took_ns,
	       (unsigned long long)result.events,
	       (unsigned long long)result.lost, result.gaps, result.resyncs,
	       exact(&kernel, &result) ? "true" : "false");
	return exact(&kernel, &result) && result.lost && result.resyncs > 1 ?
		       0 :
		       1;
}
