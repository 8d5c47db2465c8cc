// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>

#include "metrics.h"
#include "util.h"

/* Of 24 buckets of the kernel, every other: a bound is four times the one before. */
#define BUCKET_STEP 2

/* Where the text goes, and in which of the two formats. */
struct page {
	const struct metrics *metrics;
	bool openmetrics;
	FILE *to;
	size_t vms_vcpus; /* the first so many VMs have series of their vCPUs */
	size_t vcpus_left;
};

/* The name of a counter has _total at the end, that of its family in OpenMetrics not. */
static void family(const struct page *p, const char *name, const char *type,
		   const char *help)
{
	const char *suffix = !p->openmetrics && type[0] == 'c' ? "_total" : "";

	fprintf(p->to, "# HELP %s%s %s\n# TYPE %s%s %s\n", name, suffix, help,
		name, suffix, type);
}

/* A label's value. */
static void quote(const struct page *p, const char *text)
{
	putc('"', p->to);
	for (; *text; text++) {
		if (*text == '\n') {
			fputs("\\n", p->to);
			continue;
		}
		if (*text == '"' || *text == '\\')
			putc('\\', p->to);
		putc(*text, p->to);
	}
	putc('"', p->to);
}

static size_t vms_told(const struct page *p)
{
	size_t count = p->metrics->world->count;

	return count < METRICS_VMS ? count : METRICS_VMS;
}

static const struct vm *vm_at(const struct page *p, size_t i)
{
	return p->metrics->world->vm[i];
}

/* name{vm="web" and, without the end of the labels. */
static void series(const struct page *p, const char *name, const char *suffix,
		   const struct vm *vm)
{
	fprintf(p->to, "%s%s{vm=", name, suffix);
	quote(p, vm->info.name);
}

static void seconds(const struct page *p, uint64_t ns)
{
	fprintf(p->to, "%" PRIu64 ".%09" PRIu64, ns / NS_PER_S, ns % NS_PER_S);
}

static void gauge(const struct page *p, const char *name, const char *help,
		  uint64_t value)
{
	family(p, name, "gauge", help);
	fprintf(p->to, "%s %" PRIu64 "\n", name, value);
}

static void counter(const struct page *p, const char *name, const char *help,
		    uint64_t value)
{
	family(p, name, "counter", help);
	fprintf(p->to, "%s_total %" PRIu64 "\n", name, value);
}

/* What is told of each VM as one number. */
static const struct number {
	const char *name;
	const char *help;
	size_t offset; /* in struct pvsched_stats_info */
	bool time;     /* in nanoseconds */
} numbers[] = {
#define NUMBER(name, member, help)                                             \
	{                                                                      \
		name, help, offsetof(struct pvsched_stats_info, member), false \
	}
#define TIME(name, member, help)                                              \
	{                                                                     \
		name, help, offsetof(struct pvsched_stats_info, member), true \
	}
	NUMBER("pvsched_doorbells", doorbells, "Doorbells rung by the guest."),
	NUMBER("pvsched_doorbells_ignored", doorbells_ignored,
	       "Doorbells beyond cap kicks."),
	NUMBER("pvsched_spurious_boosts", spurious,
	       "Boosts for an interrupt of which nothing urgent came."),
	NUMBER("pvsched_throttles", throttles, "Boosts that a cap ended."),
	NUMBER("pvsched_would_boosts", would_boost,
	       "Boosts that a policy which only observes would have begun."),
	NUMBER("pvsched_preempted_urgent", preempted_urgent,
	       "Times that the CPU was taken from an urgent guest."),
	TIME("pvsched_boosted_seconds", boosted_ns, "Time run while boosted."),
	TIME("pvsched_waited_seconds", waited_ns,
	     "Time runnable but waiting for a CPU."),
	TIME("pvsched_waited_urgent_seconds", waited_urgent_ns,
	     "Time waiting for a CPU while the guest was urgent."),
#undef NUMBER
#undef TIME
};

static void number_print(const struct page *p,
			 const struct pvsched_stats_info *stats,
			 const struct number *n)
{
	uint64_t value = *(const uint64_t *)((const char *)stats + n->offset);

	if (n->time)
		seconds(p, value);
	else
		fprintf(p->to, "%" PRIu64, value);
}

static void numbers_tell(const struct page *p, const struct number *n)
{
	size_t i;

	family(p, n->name, "counter", n->help);
	for (i = 0; i < vms_told(p); i++) {
		series(p, n->name, "_total", vm_at(p, i));
		fputs("} ", p->to);
		number_print(p, &vm_at(p, i)->info.stats, n);
		putc('\n', p->to);
	}
}

/*
 * Whole VMs, as many as there is room for; those before that do not depend on those
 * behind.
 */
static void vcpus_choose(struct page *p)
{
	size_t i, sum = 0;

	for (i = 0; i < vms_told(p); i++) {
		sum += vm_at(p, i)->info.vcpus;
		if (sum > p->metrics->vcpus)
			break;
		p->vms_vcpus = i + 1;
	}
	for (; i < p->metrics->world->count; i++)
		p->vcpus_left += vm_at(p, i)->info.vcpus;
}

/* The members of struct pvsched_stats_info that a vCPU has, too. */
static const struct number vcpu_numbers[] = {
	{ "pvsched_vcpu_throttles", "Boosts of a vCPU that a cap ended.",
	  offsetof(struct pvsched_stats_info, throttles), false },
	{ "pvsched_vcpu_boosted_seconds", "Time that a vCPU ran boosted.",
	  offsetof(struct pvsched_stats_info, boosted_ns), true },
	{ "pvsched_vcpu_waited_seconds",
	  "Time that a vCPU was runnable but waited for a CPU.",
	  offsetof(struct pvsched_stats_info, waited_ns), true },
	{ "pvsched_vcpu_waited_urgent_seconds",
	  "Time that a vCPU waited for a CPU while the guest was urgent.",
	  offsetof(struct pvsched_stats_info, waited_urgent_ns), true },
};

/* n: NULL: boosts */
static void vcpu_tell(const struct page *p, const struct vm *vm,
		      const struct pvsched_vcpu_info *vcpu,
		      const struct number *n)
{
	series(p, n ? n->name : "pvsched_vcpu_boosts", "_total", vm);
	fprintf(p->to, ",vcpu=\"%" PRIu32 "\"} ", vcpu->id);
	if (!n)
		fprintf(p->to, "%" PRIu64, pvsched_stats_boosts(&vcpu->stats));
	else
		number_print(p, &vcpu->stats, n);
	putc('\n', p->to);
}

static void vcpu_family(const struct page *p, const struct number *n)
{
	const struct pvsched_vcpus *vcpus = &p->metrics->world->vcpus;
	size_t i, at;

	family(p, n ? n->name : "pvsched_vcpu_boosts", "counter",
	       n ? n->help : "Boosts of a vCPU that began.");
	for (i = 0; i < p->vms_vcpus; i++)
		for (at = 0; at < vcpus->count; at++)
			if (vcpus->vcpu[at].vm_id == vm_at(p, i)->info.id)
				vcpu_tell(p, vm_at(p, i), &vcpus->vcpu[at], n);
}

static void vcpu_families(struct page *p)
{
	size_t i;

	vcpus_choose(p);
	gauge(p, "pvsched_vcpus_left_out",
	      "vCPUs of which nothing is told, as there are too many.",
	      p->vcpus_left);
	vcpu_family(p, NULL);
	for (i = 0; i < sizeof(vcpu_numbers) / sizeof(vcpu_numbers[0]); i++)
		vcpu_family(p, &vcpu_numbers[i]);
}

static void boosts_tell(const struct page *p)
{
	unsigned int cause;
	size_t i;

	family(p, "pvsched_boosts", "counter", "Boosts that began.");
	for (i = 0; i < vms_told(p); i++)
		for (cause = 0; cause < PVSCHED_CAUSE_COUNT; cause++) {
			const struct vm *vm = vm_at(p, i);

			/* The others are no reason to begin one. */
			if (!vm->info.stats.boosts[cause])
				continue;
			series(p, "pvsched_boosts", "_total", vm);
			fprintf(p->to, ",cause=\"%s\"} %" PRIu64 "\n",
				pvsched_cause_name(cause),
				vm->info.stats.boosts[cause]);
		}
}

static void vcpus_tell(const struct page *p)
{
	size_t i;

	family(p, "pvsched_vcpus", "gauge", "vCPUs.");
	for (i = 0; i < vms_told(p); i++) {
		series(p, "pvsched_vcpus", "", vm_at(p, i));
		fprintf(p->to, "} %" PRIu32 "\n", vm_at(p, i)->info.vcpus);
	}
	family(p, "pvsched_vcpus_boosted", "gauge", "vCPUs that are boosted.");
	for (i = 0; i < vms_told(p); i++) {
		series(p, "pvsched_vcpus_boosted", "", vm_at(p, i));
		fprintf(p->to, "} %" PRIu32 "\n", vm_at(p, i)->info.boosted);
	}
	family(p, "pvsched_vcpus_throttled", "gauge",
	       "vCPUs that are throttled.");
	for (i = 0; i < vms_told(p); i++) {
		series(p, "pvsched_vcpus_throttled", "", vm_at(p, i));
		fprintf(p->to, "} %" PRIu32 "\n", vm_at(p, i)->info.throttled);
	}
	family(p, "pvsched_debt_seconds", "gauge",
	       "Boosted time that is to be paid back.");
	for (i = 0; i < vms_told(p); i++) {
		series(p, "pvsched_debt_seconds", "", vm_at(p, i));
		fputs("} ", p->to);
		seconds(p, vm_at(p, i)->info.stats.debt_ns);
		putc('\n', p->to);
	}
}

static void info_tell(const struct page *p)
{
	size_t i;

	family(p, "pvsched_vm_info", "gauge", "Who a VM is; always 1.");
	for (i = 0; i < vms_told(p); i++) {
		const struct vm *vm = vm_at(p, i);

		series(p, "pvsched_vm_info", "", vm);
		fputs(",known_as=", p->to);
		quote(p, vm->who.name);
		fputs(",uuid=", p->to);
		quote(p, vm->who.uuid);
		fputs(",owner=", p->to);
		quote(p, vm->who.owner);
		fputs(",policy=", p->to);
		quote(p, vm->info.policy);
		fputs(",rule=", p->to);
		quote(p, vm->ruling.rule);
		fputs("} 1\n", p->to);
	}
}

/* Cumulative, as the format wants it: of each bound, all that took no longer. */
static void hist_tell(const struct page *p, const char *name,
		      const struct vm *vm, unsigned int id)
{
	const struct pvsched_hist_info *hist = &vm->info.stats.hist[id];
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < PVSCHED_HIST_BUCKETS - 1; i++) {
		sum += hist->bucket[i];
		if (i % BUCKET_STEP)
			continue;
		series(p, name, "_bucket", vm);
		fputs(",le=\"", p->to);
		seconds(p, pvsched_hist_bound(i));
		fprintf(p->to, "\"} %" PRIu64 "\n", sum);
	}
	sum += hist->bucket[i];
	series(p, name, "_bucket", vm);
	fprintf(p->to, ",le=\"+Inf\"} %" PRIu64 "\n", sum);
	series(p, name, "_count", vm);
	fprintf(p->to, "} %" PRIu64 "\n", sum);
	series(p, name, "_sum", vm);
	fputs("} ", p->to);
	seconds(p, hist->sum_ns);
	putc('\n', p->to);
}

static void hists_tell(const struct page *p)
{
	static const struct {
		const char *name;
		const char *help;
	} hists[PVSCHED_HIST_COUNT] = {
		[PVSCHED_HIST_WAIT_URGENT] = { "pvsched_wait_urgent_seconds",
					       "Waits of an urgent guest for a CPU." },
		[PVSCHED_HIST_EVENT_LATENCY] = { "pvsched_event_latency_seconds",
						 "From an interrupt for an urgent task until the vCPU ran." },
		[PVSCHED_HIST_BOOST_LENGTH] = { "pvsched_boost_length_seconds",
						"Boosts, waiting included." },
		[PVSCHED_HIST_DEBOOST_LATENCY] = { "pvsched_deboost_latency_seconds",
						   "From the first reason to end a boost until its end." },
	};
	unsigned int id;
	size_t i;

	for (id = 0; id < PVSCHED_HIST_COUNT; id++) {
		family(p, hists[id].name, "histogram", hists[id].help);
		for (i = 0; i < vms_told(p); i++)
			hist_tell(p, hists[id].name, vm_at(p, i), id);
	}
}

static void host_tell(const struct page *p)
{
	const struct metrics *m = p->metrics;
	const struct world *world = m->world;

	gauge(p, "pvsched_enabled", "Whether there may be boosts.",
	      world->host.enabled);
	gauge(p, "pvsched_held",
	      "Whether the canary holds boosts back at the moment.",
	      world->host.held);
	counter(p, "pvsched_canary_trips",
		"Times that boosts kept the host's own work waiting too long.",
		world->host.canary_trips);
	gauge(p, "pvsched_vms", "VMs that there are.", world->count);
	gauge(p, "pvsched_vms_left_out",
	      "VMs of which nothing is told, as there are too many.",
	      world->count - vms_told(p));
	counter(p, "pvschedd_event_losses",
		"Times that events of the kernel were lost.", m->losses);
	counter(p, "pvschedd_messages_dropped",
		"Messages that were not published, as the broker was not there.",
		m->dropped);
	counter(p, "pvschedd_tunings",
		"Times that runtime of a VM was changed by tuning.",
		m->tunings);
	family(p, "pvschedd_sample_age_seconds", "gauge",
	       "How old all of this is.");
	fputs("pvschedd_sample_age_seconds ", p->to);
	seconds(p, m->now_ns - world->sampled_ns);
	putc('\n', p->to);
}

void metrics_print(const struct metrics *metrics, bool openmetrics, FILE *to)
{
	struct page p = {
		.metrics = metrics,
		.openmetrics = openmetrics,
		.to = to,
	};
	size_t i;

	host_tell(&p);
	vcpus_tell(&p);
	info_tell(&p);
	boosts_tell(&p);
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		numbers_tell(&p, &numbers[i]);
	hists_tell(&p);
	vcpu_families(&p);
	if (openmetrics)
		fputs("# EOF\n", to);
}
