// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What it costs a program to ask for 1024 vCPUs by libpvsched
 *
 * usage: dump [ROUNDS]
 *
 * A fake kernel answers with vCPUs whose every counter, cap and bucket has a large
 * value, in datagrams of the size that the kernel's have. Counted is the CPU time
 * of the thread that asks, system calls included. Prints JSON.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <pvsched/client.h>

#include "../unit/fake_kernel.h"

#define VCPUS	 1024
#define DATAGRAM 16384

struct dump {
	char *bytes;
	size_t size;
	size_t *ends; /* of the datagrams */
	size_t count;
};

static void cap_put(struct nl_msg *msg, uint32_t id)
{
	struct nlattr *nest = nla_nest_start(msg, PVSCHED_A_VCPU_BINDING);

	nla_put_u32(msg, PVSCHED_A_CAP_ID, id);
	nla_put_u32(msg, PVSCHED_A_CAP_LEVEL, PVSCHED_CAP_LEVEL_VM);
	nla_put_u64(msg, PVSCHED_A_CAP_SOFT, 12345678);
	nla_nest_end(msg, nest);
}

static void counts_put(struct nl_msg *msg, int type)
{
	uint32_t cause;

	for (cause = 0; cause < PVSCHED_CAUSE_COUNT; cause++) {
		struct nlattr *nest = nla_nest_start(msg, type);

		nla_put_u32(msg, PVSCHED_A_CAUSE_COUNT_CAUSE, cause);
		nla_put_u64(msg, PVSCHED_A_CAUSE_COUNT_COUNT, 1234567890123);
		nla_nest_end(msg, nest);
	}
}

static void hist_put(struct nl_msg *msg, int type)
{
	uint64_t buckets[PVSCHED_HIST_BUCKETS];
	struct nlattr *nest = nla_nest_start(msg, type);

	memset(buckets, 1, sizeof(buckets));
	nla_put_u64(msg, PVSCHED_A_HISTOGRAM_SUM_NS, 1234567890123);
	nla_put(msg, PVSCHED_A_HISTOGRAM_BUCKET, sizeof(buckets), buckets);
	nla_nest_end(msg, nest);
}

static void stats_put(struct nl_msg *msg)
{
	static const int counters[] = {
		PVSCHED_A_STATS_DOORBELLS,
		PVSCHED_A_STATS_THROTTLES,
		PVSCHED_A_STATS_WOULD_BOOST,
		PVSCHED_A_STATS_BOOSTED_NS,
		PVSCHED_A_STATS_DEBT_NS,
		PVSCHED_A_STATS_SPURIOUS,
		PVSCHED_A_STATS_DOORBELLS_IGNORED,
		PVSCHED_A_STATS_WAITED_NS,
		PVSCHED_A_STATS_PREEMPTED_URGENT,
		PVSCHED_A_STATS_WAITED_URGENT_NS,
	};
	struct nlattr *nest = nla_nest_start(msg, PVSCHED_A_VCPU_STATS);
	size_t i;

	counts_put(msg, PVSCHED_A_STATS_BOOSTS);
	counts_put(msg, PVSCHED_A_STATS_DEBOOSTS);
	for (i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		nla_put_u64(msg, counters[i], 1234567890123);
	hist_put(msg, PVSCHED_A_STATS_WAIT_URGENT);
	hist_put(msg, PVSCHED_A_STATS_EVENT_LATENCY);
	hist_put(msg, PVSCHED_A_STATS_BOOST_LENGTH);
	hist_put(msg, PVSCHED_A_STATS_DEBOOST_LATENCY);
	nla_nest_end(msg, nest);
}

static struct nl_msg *vcpu_message(uint32_t id)
{
	struct nl_msg *msg = fake_message(PVSCHED_CMD_VCPU_GET);
	uint32_t cap;
	int attr;

	nla_put_string(msg, PVSCHED_A_VCPU_VM, "a-virtual-machine");
	nla_put_u32(msg, PVSCHED_A_VCPU_VM_ID, 7);
	nla_put_u32(msg, PVSCHED_A_VCPU_ID, id);
	for (attr = PVSCHED_A_VCPU_TID; attr <= PVSCHED_A_VCPU_CAUSE; attr++)
		nla_put_u32(msg, attr, 1);
	for (cap = 0; cap < PVSCHED_CAP_COUNT; cap++)
		cap_put(msg, cap);
	stats_put(msg);
	nla_put_u32(msg, PVSCHED_A_VCPU_SHARE, 512);
	nla_put_u64(msg, PVSCHED_A_VCPU_TIME_NS, 1234567890123);
	return msg;
}

static void dump_fill(struct dump *dump)
{
	size_t begin = 0;
	uint32_t id;

	dump->bytes = malloc(VCPUS * (size_t)DATAGRAM);
	dump->ends = calloc(VCPUS, sizeof(*dump->ends));
	if (!dump->bytes || !dump->ends)
		abort();
	for (id = 0; id < VCPUS; id++) {
		struct nl_msg *msg = vcpu_message(id);
		size_t size = NLMSG_ALIGN(nlmsg_hdr(msg)->nlmsg_len);

		if (dump->size + size - begin > DATAGRAM) {
			dump->ends[dump->count++] = dump->size;
			begin = dump->size;
		}
		memcpy(dump->bytes + dump->size, nlmsg_hdr(msg), size);
		dump->size += size;
		nlmsg_free(msg);
	}
	dump->ends[dump->count++] = dump->size;
}

static void answer(struct fake_kernel *kernel, uint8_t command,
		   unsigned int count, void *arg)
{
	const struct dump *dump = arg;
	size_t i, begin = 0;

	(void)command;
	(void)count;
	for (i = 0; i < dump->count; begin = dump->ends[i++])
		fake_send_all(kernel, (struct nlmsghdr *)(dump->bytes + begin),
			      (int)(dump->ends[i] - begin));
	fake_done(kernel, 0);
}

static double cpu_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

/* Returns milliseconds of CPU time. */
static double ask(struct pvsched_client *client)
{
	struct pvsched_error error;
	struct pvsched_vcpus vcpus;
	double began = cpu_ms();

	if (pvsched_vcpus_get(client, NULL, &vcpus, sizeof(*vcpus.vcpu),
			      &error)) {
		fprintf(stderr, "dump: %s\n", error.text);
		exit(1);
	}
	if (vcpus.count != VCPUS ||
	    vcpus.vcpu[VCPUS - 1].stats.doorbells != 1234567890123) {
		fprintf(stderr, "dump: what was read is not what was sent\n");
		exit(1);
	}
	pvsched_vcpus_free(&vcpus);
	return cpu_ms() - began;
}

static int compare(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

int main(int argc, char **argv)
{
	int i, rounds = argc > 1 ? atoi(argv[1]) : 21;
	struct pvsched_client *client;
	struct fake_kernel *kernel;
	struct dump dump = {};
	double *ms;

	if (rounds < 1) {
		fputs("usage: dump [ROUNDS]\n", stderr);
		return 1;
	}
	ms = calloc(rounds, sizeof(*ms));
	if (!ms)
		abort();
	dump_fill(&dump);
	kernel = fake_start(answer, &dump);
	client = fake_client(kernel);
	for (i = 0; i < rounds; i++)
		ms[i] = ask(client);
	qsort(ms, rounds, sizeof(*ms), compare);
	printf("{\"vcpus\": %d, \"bytes\": %zu, \"datagrams\": %zu, \"rounds\": %d, "
	       "\"cpu_ms\": {\"min\": %.2f, \"median\": %.2f, \"max\": %.2f}}\n",
	       VCPUS, dump.size, dump.count, rounds, ms[0], ms[rounds / 2],
	       ms[rounds - 1]);
	pvsched_client_close(client);
	fake_stop(kernel);
	free(ms);
	free(dump.ends);
	free(dump.bytes);
	return 0;
}
