// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Text of statistics, for people.
 */
#include <inttypes.h>
#include <stdio.h>

#include "view.h"
#include "viewstats.h"

static void free_table(struct table **table)
{
	table_free(*table);
}

/* "<2.1ms", or what the last bucket begins with. */
static void bound_cell(struct table *table, uint64_t bound)
{
	char text[PVSCHED_TEXT_LEN];

	if (bound != UINT64_MAX)
		table_cell(table, "<%s", pvsched_time_text(bound, text));
	else
		table_cell(table, ">%s",
			   pvsched_time_text(
				   pvsched_hist_bound(PVSCHED_HIST_BUCKETS - 2),
				   text));
}

static void hist_row(struct table *table, const char *vm, const char *whose,
		     const char *what, const struct pvsched_hist_info *hist)
{
	char text[PVSCHED_TEXT_LEN];

	if (vm)
		table_cell(table, "%s", vm);
	table_cell(table, "%s", whose);
	table_cell(table, "%s", what);
	table_cell(table, "%" PRIu64, pvsched_hist_count(hist));
	table_cell(table, "%s",
		   pvsched_time_text(pvsched_hist_average(hist), text));
	bound_cell(table, pvsched_hist_quantile(hist, 500));
	bound_cell(table, pvsched_hist_quantile(hist, 990));
	bound_cell(table, pvsched_hist_quantile(hist, 1000));
}

void view_hist_rows(struct table *table, const char *vm, const char *whose,
		    const struct pvsched_stats_info *stats)
{
	unsigned int id;

	for (id = 0; id < PVSCHED_HIST_COUNT; id++)
		if (pvsched_hist_count(&stats->hist[id]))
			hist_row(table, vm, whose, pvsched_hist_name(id),
				 &stats->hist[id]);
}

static void seconds_cell(struct table *table, uint64_t ns)
{
	table_cell(table, "%" PRIu64 ".%03us", ns / 1000000000,
		   (unsigned int)(ns / 1000000 % 1000));
}

/* As counted, or per second. */
static void count_cell(struct table *table, uint64_t count,
		       uint64_t interval_ns)
{
	if (interval_ns)
		table_cell(table, "%.1f", rate_of(count, interval_ns));
	else
		table_cell(table, "%" PRIu64, count);
}

static void time_cell(struct table *table, uint64_t ns, uint64_t interval_ns)
{
	if (interval_ns)
		table_cell(table, "%.1f%%", 100 * share_of(ns, interval_ns));
	else
		seconds_cell(table, ns);
}

#define STATS_HEADINGS                                                \
	"VM >VCPU >BOOSTS >IN-VAIN >DOORBELLS >THROTTLES >PREEMPTED " \
	">BOOSTED >WAITED >URGENT"
#define RATES_HEADINGS                                             \
	"VM >VCPU >BOOSTS/s >IN-VAIN/s >DOORBELLS/s >THROTTLES/s " \
	">PREEMPTED/s >BOOSTED >WAITED >URGENT"

static void stats_row(struct table *table, const char *vm, const char *whose,
		      const struct pvsched_stats_info *stats,
		      uint64_t interval_ns)
{
	table_cell(table, "%s", vm);
	table_cell(table, "%s", whose);
	count_cell(table, pvsched_stats_boosts(stats), interval_ns);
	count_cell(table, stats->spurious, interval_ns);
	count_cell(table, stats->doorbells, interval_ns);
	count_cell(table, stats->throttles, interval_ns);
	count_cell(table, stats->preempted_urgent, interval_ns);
	time_cell(table, stats->boosted_ns, interval_ns);
	time_cell(table, stats->waited_ns, interval_ns);
	time_cell(table, stats->waited_urgent_ns, interval_ns);
}

static void vm_stats_rows(struct table *table, const struct pvsched_vm_info *vm,
			  const struct pvsched_vcpus *vcpus,
			  uint64_t interval_ns)
{
	char id[16];
	size_t i;

	for (i = 0; i < vcpus->count; i++) {
		if (!vcpu_is_of(&vcpus->vcpu[i], vm))
			continue;
		snprintf(id, sizeof(id), "%" PRIu32, vcpus->vcpu[i].id);
		stats_row(table, vm->name, id, &vcpus->vcpu[i].stats,
			  interval_ns);
	}
	stats_row(table, vm->name, "all", &vm->stats, interval_ns);
}

/* Of whole VMs: "show" has those of each vCPU. */
static int hists_print(const struct pvsched_vms *vms, FILE *to)
{
	struct table *table __attribute__((cleanup(free_table))) =
		table_new("VM " VIEW_HIST_HEADINGS);
	size_t i;

	if (!table)
		return -1;
	for (i = 0; i < vms->count; i++)
		view_hist_rows(table, vms->vm[i].name, "all",
			       &vms->vm[i].stats);
	if (table_rows(table) == 0)
		return 0;
	fputc('\n', to);
	return table_print(table, to);
}

int view_stats(const struct sample *sample, uint64_t interval_ns, FILE *to)
{
	struct table *table __attribute__((cleanup(free_table))) =
		table_new(interval_ns ? RATES_HEADINGS : STATS_HEADINGS);
	size_t i;

	if (!table)
		return -1;
	for (i = 0; i < sample->vms.count; i++)
		vm_stats_rows(table, &sample->vms.vm[i], &sample->vcpus,
			      interval_ns);
	if (table_print(table, to) || hists_print(&sample->vms, to))
		return -1;
	if (interval_ns)
		fputc('\n', to);
	return ferror(to) ? -1 : 0;
}
