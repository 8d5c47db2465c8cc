// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What it costs a program to ask for 1024 vCPUs by libpvsched, and to list them
 *
 * usage: dump [-n ROUNDS] [FILE...]
 *
 * A fake kernel answers with vCPUs whose every counter, cap and bucket has a large
 * value, in datagrams of the size that the kernel's have; then with what a kernel
 * answered that tests/vm/dump-record.py had asked, in each FILE. Counted is the
 * CPU time of the thread that asks, system calls included, without output and as
 * "pvsched list" and "pvsched list -j" print it. Prints an object of JSON a line.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <pvsched/client.h>

#include "../../tools/json.h"
#include "../../tools/view.h"
#include "../unit/fake_kernel.h"

#define VCPUS	 1024
#define DATAGRAM 16384

struct dump {
	char *bytes;
	size_t size;
	size_t *ends; /* of the datagrams */
	size_t count;
};

/* What becomes of an answer. */
enum output {
	OUTPUT_NONE,
	OUTPUT_TEXT,
	OUTPUT_JSON,
	OUTPUTS,
};

static void must(int truth, const char *what)
{
	if (truth)
		return;
	perror(what);
	exit(1);
}

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

/* size more bytes that are messages, in a datagram of their own or in the last. */
static void dump_add(struct dump *dump, const void *messages, size_t size,
		     bool own)
{
	dump->bytes = realloc(dump->bytes, dump->size + size);
	must(!!dump->bytes, "memory");
	memcpy(dump->bytes + dump->size, messages, size);
	dump->size += size;
	if (own || !dump->count) {
		dump->ends = reallocarray(dump->ends, dump->count + 1,
					  sizeof(*dump->ends));
		must(!!dump->ends, "memory");
		dump->count++;
	}
	dump->ends[dump->count - 1] = dump->size;
}

static void dump_make(struct dump *dump)
{
	size_t datagram = 0;
	uint32_t id;

	for (id = 0; id < VCPUS; id++) {
		struct nl_msg *msg = vcpu_message(id);
		size_t size = NLMSG_ALIGN(nlmsg_hdr(msg)->nlmsg_len);
		bool own = datagram + size > DATAGRAM;

		dump_add(dump, nlmsg_hdr(msg), size, own);
		datagram = own ? size : datagram + size;
		nlmsg_free(msg);
	}
}

/* The size of each datagram is in front of it. */
static void dump_read(struct dump *dump, const char *path)
{
	char datagram[1 << 18] __attribute__((aligned(8)));
	FILE *file = fopen(path, "re");
	uint32_t size;

	must(!!file, path);
	while (fread(&size, sizeof(size), 1, file) == 1) {
		errno = EBADMSG;
		must(size <= sizeof(datagram) &&
			     fread(datagram, size, 1, file) == 1,
		     path);
		dump_add(dump, datagram, size, true);
	}
	must(!ferror(file) && dump->count, path);
	fclose(file);
}

static void dump_free(struct dump *dump)
{
	free(dump->bytes);
	free(dump->ends);
	*dump = (struct dump){};
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

static void print(const struct pvsched_vcpus *vcpus, enum output output,
		  FILE *to)
{
	static const struct pvsched_host_info host = { .enabled = true };
	struct pvsched_vm_info vm = { .id = vcpus->vcpu[0].vm_id };
	const struct pvsched_vms vms = { &vm, 1 };

	memcpy(vm.name, vcpus->vcpu[0].vm, sizeof(vm.name));
	if (output == OUTPUT_TEXT)
		view_list(&host, &vms, vcpus, to);
	else if (output == OUTPUT_JSON)
		json_print(json_list(&host, &vms, vcpus), to);
	must(!fflush(to), "printing");
}

/* Returns milliseconds of CPU time. */
static double list(struct pvsched_client *client, enum output output, FILE *to)
{
	struct pvsched_error error;
	struct pvsched_vcpus vcpus;
	double began = cpu_ms();

	if (pvsched_vcpus_get(client, NULL, &vcpus, sizeof(*vcpus.vcpu),
			      &error)) {
		fprintf(stderr, "dump: %s\n", error.text);
		exit(1);
	}
	errno = EBADMSG;
	must(vcpus.count == VCPUS && vcpus.vcpu[VCPUS - 1].id == VCPUS - 1,
	     "dump: what was read is not what was sent");
	print(&vcpus, output, to);
	pvsched_vcpus_free(&vcpus);
	return cpu_ms() - began;
}

static int compare(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static void measure(struct pvsched_client *client, enum output output,
		    int rounds)
{
	static const char *const names[OUTPUTS] = { "ask", "list",
						    "list_json" };
	double *ms = calloc(rounds, sizeof(*ms));
	FILE *to = fopen("/dev/null", "we");
	int i;

	must(ms && to, "/dev/null");
	for (i = 0; i < rounds; i++)
		ms[i] = list(client, output, to);
	qsort(ms, rounds, sizeof(*ms), compare);
	printf(", \"%s_cpu_ms\": {\"min\": %.2f, \"median\": %.2f, \"max\": %.2f}",
	       names[output], ms[0], ms[rounds / 2], ms[rounds - 1]);
	fclose(to);
	free(ms);
}

static void bench(struct dump *dump, const char *what, int rounds)
{
	struct fake_kernel *kernel = fake_start(answer, dump);
	struct pvsched_client *client = fake_client(kernel);
	enum output output;

	printf("{\"dump\": \"%s\", \"vcpus\": %d, \"bytes\": %zu, \"datagrams\": %zu, \"rounds\": %d",
	       what, VCPUS, dump->size, dump->count, rounds);
	for (output = OUTPUT_NONE; output < OUTPUTS; output++)
		measure(client, output, rounds);
	puts("}");
	pvsched_client_close(client);
	fake_stop(kernel);
	dump_free(dump);
}

int main(int argc, char **argv)
{
	struct dump dump = {};
	int c, rounds = 21;

	while ((c = getopt(argc, argv, "n:")) != -1)
		rounds = c == 'n' ? atoi(optarg) : 0;
	if (rounds < 1) {
		fputs("usage: dump [-n ROUNDS] [FILE...]\n", stderr);
		return 1;
	}
	dump_make(&dump);
	bench(&dump, "made", rounds);
	for (; optind < argc; optind++) {
		dump_read(&dump, argv[optind]);
		bench(&dump, argv[optind], rounds);
	}
	return 0;
}
