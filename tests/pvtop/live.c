// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvtop of a fake kernel in another process, by way of libpvsched
 *
 * usage: pvtop-live kernel SCENE	prints its port, serves until standard input ends
 *	  pvtop-live PORT [OPTION...]	pvtop
 *
 * The kernel has the made-up host of fake.c, and goes on by a second each time that
 * it is asked for the host.
 */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../lib/monitor.h"
#include "../../tools/pvtop/options.h"
#include "../unit/fake_kernel.h"
#include "fake.h"

/* As large as the kernel's datagrams. */
#define DATAGRAM 16384

struct kernel {
	struct source *source;
	struct snapshot now;
};

/* Messages that become one datagram. */
struct datagram {
	struct fake_kernel *to;
	char bytes[DATAGRAM] __attribute__((aligned(8)));
	size_t size;
};

static void datagram_send(struct datagram *datagram)
{
	if (datagram->size)
		fake_send_all(datagram->to, (struct nlmsghdr *)datagram->bytes,
			      (int)datagram->size);
	datagram->size = 0;
}

static void datagram_add(struct datagram *datagram, struct nl_msg *msg)
{
	size_t size = NLMSG_ALIGN(nlmsg_hdr(msg)->nlmsg_len);

	if (datagram->size + size > DATAGRAM)
		datagram_send(datagram);
	memcpy(datagram->bytes + datagram->size, nlmsg_hdr(msg), size);
	datagram->size += size;
	nlmsg_free(msg);
}

static void counts_put(struct nl_msg *msg, int type, const uint64_t *counts)
{
	uint32_t cause;

	for (cause = 0; cause < PVSCHED_CAUSE_COUNT; cause++) {
		struct nlattr *nest;

		if (!counts[cause])
			continue;
		nest = nla_nest_start(msg, type);
		nla_put_u32(msg, PVSCHED_A_CAUSE_COUNT_CAUSE, cause);
		nla_put_u64(msg, PVSCHED_A_CAUSE_COUNT_COUNT, counts[cause]);
		nla_nest_end(msg, nest);
	}
}

static void stats_put(struct nl_msg *msg, int type,
		      const struct pvsched_stats_info *stats)
{
	static const int hists[] = {
		[PVSCHED_HIST_WAIT_URGENT] = PVSCHED_A_STATS_WAIT_URGENT,
		[PVSCHED_HIST_EVENT_LATENCY] = PVSCHED_A_STATS_EVENT_LATENCY,
		[PVSCHED_HIST_BOOST_LENGTH] = PVSCHED_A_STATS_BOOST_LENGTH,
		[PVSCHED_HIST_DEBOOST_LATENCY] =
			PVSCHED_A_STATS_DEBOOST_LATENCY,
	};
	struct nlattr *nest = nla_nest_start(msg, type), *hist;
	unsigned int id;

	counts_put(msg, PVSCHED_A_STATS_BOOSTS, stats->boosts);
	counts_put(msg, PVSCHED_A_STATS_DEBOOSTS, stats->deboosts);
	nla_put_u64(msg, PVSCHED_A_STATS_DOORBELLS, stats->doorbells);
	nla_put_u64(msg, PVSCHED_A_STATS_THROTTLES, stats->throttles);
	nla_put_u64(msg, PVSCHED_A_STATS_WOULD_BOOST, stats->would_boost);
	nla_put_u64(msg, PVSCHED_A_STATS_BOOSTED_NS, stats->boosted_ns);
	nla_put_u64(msg, PVSCHED_A_STATS_DEBT_NS, stats->debt_ns);
	nla_put_u64(msg, PVSCHED_A_STATS_SPURIOUS, stats->spurious);
	nla_put_u64(msg, PVSCHED_A_STATS_WAITED_NS, stats->waited_ns);
	nla_put_u64(msg, PVSCHED_A_STATS_WAITED_URGENT_NS,
		    stats->waited_urgent_ns);
	for (id = 0; id < PVSCHED_HIST_COUNT; id++) {
		hist = nla_nest_start(msg, hists[id]);
		nla_put_u64(msg, PVSCHED_A_HISTOGRAM_SUM_NS,
			    stats->hist[id].sum_ns);
		nla_put(msg, PVSCHED_A_HISTOGRAM_BUCKET,
			sizeof(stats->hist[id].bucket), stats->hist[id].bucket);
		nla_nest_end(msg, hist);
	}
	nla_nest_end(msg, nest);
}

static struct nl_msg *vm_message(const struct pvsched_vm_info *vm)
{
	struct nl_msg *msg = fake_message(PVSCHED_CMD_VM_GET);

	nla_put_u32(msg, PVSCHED_A_VM_ID, vm->id);
	nla_put_string(msg, PVSCHED_A_VM_NAME, vm->name);
	nla_put_u32(msg, PVSCHED_A_VM_PID, vm->pid);
	nla_put_u32(msg, PVSCHED_A_VM_UID, vm->uid);
	nla_put_string(msg, PVSCHED_A_VM_POLICY, vm->policy);
	nla_put_u32(msg, PVSCHED_A_VM_VCPUS, vm->vcpus);
	stats_put(msg, PVSCHED_A_VM_STATS, &vm->stats);
	return msg;
}

static struct nl_msg *vcpu_message(const struct pvsched_vcpu_info *vcpu)
{
	struct nl_msg *msg = fake_message(PVSCHED_CMD_VCPU_GET);
	uint32_t id;

	nla_put_string(msg, PVSCHED_A_VCPU_VM, vcpu->vm);
	nla_put_u32(msg, PVSCHED_A_VCPU_VM_ID, vcpu->vm_id);
	nla_put_u32(msg, PVSCHED_A_VCPU_ID, vcpu->id);
	nla_put_u32(msg, PVSCHED_A_VCPU_STATE, vcpu->state);
	nla_put_u32(msg, PVSCHED_A_VCPU_FLAGS, vcpu->flags);
	if (vcpu->bound) {
		nla_put_u32(msg, PVSCHED_A_VCPU_TID, vcpu->tid);
		nla_put_u32(msg, PVSCHED_A_VCPU_CPU, vcpu->cpu);
		nla_put_u32(msg, PVSCHED_A_VCPU_BASELINE_POLICY,
			    vcpu->baseline_policy);
		nla_put_u32(msg, PVSCHED_A_VCPU_BASELINE_NICE,
			    (uint32_t)vcpu->baseline_nice);
		nla_put_u32(msg, PVSCHED_A_VCPU_BASELINE_RTPRIO,
			    vcpu->baseline_rtprio);
	}
	nla_put_u32(msg, PVSCHED_A_VCPU_CURRENT, vcpu->current);
	nla_put_u32(msg, PVSCHED_A_VCPU_WAITER, vcpu->waiter);
	nla_put_u32(msg, PVSCHED_A_VCPU_SLEEPER, vcpu->sleeper);
	nla_put_u32(msg, PVSCHED_A_VCPU_GRANTED, vcpu->granted);
	nla_put_u32(msg, PVSCHED_A_VCPU_CAUSE, vcpu->cause);
	for (id = 0; id < PVSCHED_CAP_COUNT; id++) {
		struct nlattr *nest =
			nla_nest_start(msg, PVSCHED_A_VCPU_BINDING);

		nla_put_u32(msg, PVSCHED_A_CAP_ID, id);
		nla_put_u32(msg, PVSCHED_A_CAP_LEVEL, vcpu->binding[id].level);
		nla_put_u64(msg, PVSCHED_A_CAP_SOFT, vcpu->binding[id].value);
		nla_nest_end(msg, nest);
	}
	stats_put(msg, PVSCHED_A_VCPU_STATS, &vcpu->stats);
	nla_put_u64(msg, PVSCHED_A_VCPU_TIME_NS, vcpu->time_ns);
	return msg;
}

static void host_answer(struct fake_kernel *to, struct kernel *kernel)
{
	struct nl_msg *msg = fake_message(PVSCHED_CMD_HOST_GET);
	struct pvsched_error error;

	snapshot_free(&kernel->now);
	if (kernel->source->ops->sample(kernel->source, &kernel->now, &error))
		abort();
	nla_put_u32(msg, PVSCHED_A_HOST_ENABLED, kernel->now.host.enabled);
	nla_put_u32(msg, PVSCHED_A_HOST_CANARY, kernel->now.host.canary_ms);
	fake_send(to, msg, 0);
	fake_ack(to, 0, NULL);
}

static void caps_answer(struct fake_kernel *to)
{
	struct nl_msg *msg = fake_message(PVSCHED_CMD_CAP_GET);
	uint32_t id;

	for (id = 0; id < PVSCHED_CAP_COUNT; id++) {
		struct nlattr *nest = nla_nest_start(msg, PVSCHED_A_CAPS_CAP);

		nla_put_u32(msg, PVSCHED_A_CAP_ID, id);
		nla_put_u64(msg, PVSCHED_A_CAP_SOFT, 10);
		nla_put_u64(msg, PVSCHED_A_CAP_HARD, 49);
		nla_nest_end(msg, nest);
	}
	fake_send(to, msg, 0);
	fake_ack(to, 0, NULL);
}

static void answer(struct fake_kernel *to, uint8_t command, unsigned int count,
		   void *arg)
{
	struct datagram datagram = { .to = to };
	struct kernel *kernel = arg;
	size_t i;

	(void)count;
	switch (command) {
	case PVSCHED_CMD_HOST_GET:
		host_answer(to, kernel);
		return;
	case PVSCHED_CMD_VM_GET:
		for (i = 0; i < kernel->now.vms.count; i++)
			datagram_add(&datagram,
				     vm_message(&kernel->now.vms.vm[i]));
		break;
	case PVSCHED_CMD_VCPU_GET:
		for (i = 0; i < kernel->now.vcpus.count; i++)
			datagram_add(&datagram,
				     vcpu_message(&kernel->now.vcpus.vcpu[i]));
		break;
	case PVSCHED_CMD_CAP_GET:
		caps_answer(to);
		return;
	default:
		fake_ack(to, -EOPNOTSUPP, "the fake kernel does not do that");
		return;
	}
	datagram_send(&datagram);
	fake_done(to, 0);
}

static int serve(const char *scene)
{
	struct kernel kernel = { .source = fake_new(scene) };
	struct fake_kernel *fake;

	if (!kernel.source)
		return 1;
	fake = fake_start(answer, &kernel);
	printf("%u\n", fake_port(fake));
	fflush(stdout);
	while (getchar() != EOF)
		;
	fake_stop(fake);
	snapshot_free(&kernel.now);
	kernel.source->ops->close(kernel.source);
	return 0;
}

static int client_open(void *arg, struct pvsched_client **client,
		       struct pvsched_error *error)
{
	(void)error;
	*client = fake_client_of(*(const uint32_t *)arg);
	return 0;
}

static int monitor_open(void *arg, struct pvsched_monitor **monitor,
			unsigned int groups, struct pvsched_error *error)
{
	const struct monitor_setup setup = {
		.events = fake_client_of(*(const uint32_t *)arg),
		.groups = groups,
	};

	return monitor_new(monitor, &setup, sizeof(struct pvsched_event),
			   error);
}

int main(int argc, char **argv)
{
	struct live_open open = { client_open, monitor_open, NULL };
	struct options options;
	uint32_t port;
	int status;

	if (argc > 2 && !strcmp(argv[1], "kernel"))
		return serve(argv[2]);
	port = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;
	if (!port) {
		fputs("usage: pvtop-live kernel SCENE | PORT [OPTION...]\n",
		      stderr);
		return 1;
	}
	setlocale(LC_CTYPE, "");
	open.arg = &port;
	if (!options_get(argc - 1, argv + 1, &options, &status))
		return status;
	return app_run(&options, live_new(&open));
}
