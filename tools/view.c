// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Text of what the kernel told, for people.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "capspec.h"
#include "colour.h"
#include "table.h"
#include "user.h"
#include "view.h"
#include "viewstats.h"

static void free_table(struct table **table)
{
	table_free(*table);
}

/* The level of something that may not be there. */
static const char *level_or_dash(uint32_t level, char *text)
{
	return level ? pvsched_level_text(level, text) : "-";
}

/* RUNNING and so on, and what is unusual about it. */
static void state_cell(struct table *table,
		       const struct pvsched_vcpu_info *vcpu)
{
	table_cell(
		table, "%s%s%s%s", pvsched_state_name(vcpu->state),
		vcpu->flags & PVSCHED_VCPU_FLAG_THROTTLED ? ",throttled" : "",
		vcpu->flags & PVSCHED_VCPU_FLAG_OWNER_CHANGED ? ",hands-off" :
								"",
		vcpu->flags & PVSCHED_VCPU_FLAG_RTTIME_SHORT ? ",rttime" : "");
}

static void thread_cells(struct table *table,
			 const struct pvsched_vcpu_info *vcpu)
{
	char text[PVSCHED_TEXT_LEN];

	if (vcpu->tid)
		table_cell(table, "%" PRIu32, vcpu->tid);
	else
		table_cell(table, "-");
	if (vcpu->bound)
		table_cell(table, "%" PRIu32, vcpu->cpu);
	else
		table_cell(table, "-");
	state_cell(table, vcpu);
	table_cell(table, "%s",
		   vcpu->bound ? pvsched_baseline_text(vcpu, text) : "-");
}

static void vcpu_cells(struct table *table,
		       const struct pvsched_vcpu_info *vcpu)
{
	uint32_t asks =
		vcpu->waiter > vcpu->current ? vcpu->waiter : vcpu->current;
	const struct pvsched_stats_info *stats = &vcpu->stats;
	char text[PVSCHED_TEXT_LEN];

	table_cell(table, "%" PRIu32, vcpu->id);
	thread_cells(table, vcpu);
	table_cell(table, "%s", pvsched_level_text(asks, text));
	table_cell(table, "%s", level_or_dash(vcpu->sleeper, text));
	table_cell(table, "%s", level_or_dash(vcpu->granted, text));
	table_cell(table, "%" PRIu64, pvsched_stats_boosts(stats));
	table_cell(table, "%" PRIu64, stats->doorbells);
	table_cell(table, "%" PRIu64, stats->throttles);
	table_cell(table, "%" PRIu64 ".%03us", stats->boosted_ns / 1000000000,
		   (unsigned int)(stats->boosted_ns / 1000000 % 1000));
}

#define VCPU_HEADINGS                                          \
	">VCPU >TID >CPU STATE BASELINE ASKS SLEEPER GRANTED " \
	">BOOSTS >DOORBELLS >THROTTLES >BOOSTED"
#define VCPU_CELLS 12

static void vm_rows(struct table *table, const struct pvsched_vm_info *vm,
		    const struct pvsched_vcpus *vcpus)
{
	size_t i, rows = 0;

	for (i = 0; i < vcpus->count; i++) {
		if (vcpus->vcpu[i].vm_id != vm->id)
			continue;
		table_cell(table, "%s", vm->name);
		vcpu_cells(table, &vcpus->vcpu[i]);
		rows++;
	}
	if (rows)
		return;
	table_cell(table, "%s", vm->name);
	for (i = 0; i < VCPU_CELLS; i++)
		table_cell(table, "-");
}

static const char disabled_text[] =
	"boosts are disabled on this host (pvsched enable)";

static const char held_text[] =
	"boosts are held back for a while: they had kept ordinary work from running";

/* Nothing, if all is well. */
static void host_state_print(const struct pvsched_host_info *host, FILE *to)
{
	const char *text = !host->enabled ? disabled_text :
			   host->held	  ? held_text :
					    NULL;

	if (text)
		fprintf(to, "%s%s%s\n", colour_begin(to, COLOUR_BAD), text,
			colour_end(to, COLOUR_BAD));
}

int view_canary(const struct pvsched_host_info *host, FILE *to)
{
	if (host->canary_ms)
		fprintf(to,
			"ordinary work may have to wait for %" PRIu32
			" ms of boosts\n",
			host->canary_ms);
	else
		fputs("the canary is off\n", to);
	fprintf(to, "boosts were stopped for it: %" PRIu64 "\n",
		host->canary_trips);
	return ferror(to) ? -1 : 0;
}

int view_host_set(const struct pvsched_host_info *host, FILE *to)
{
	if (host->enabled) {
		fputs("boosts are allowed\n", to);
	} else {
		fprintf(to, "%s\nboosts ended: %" PRIu32, disabled_text,
			host->ended);
		if (host->has_ended_ns)
			fprintf(to, ", the last after %" PRIu64 " us",
				host->ended_ns / 1000);
		if (host->boosted)
			fprintf(to, ", still boosted: %" PRIu32, host->boosted);
		fputc('\n', to);
	}
	return ferror(to) ? -1 : 0;
}

int view_list(const struct pvsched_host_info *host,
	      const struct pvsched_vms *vms, const struct pvsched_vcpus *vcpus,
	      FILE *to)
{
	struct table *table __attribute__((cleanup(free_table))) =
		table_new("VM " VCPU_HEADINGS);
	size_t i;

	if (!table)
		return -1;
	host_state_print(host, to);
	for (i = 0; i < vms->count; i++)
		vm_rows(table, &vms->vm[i], vcpus);
	return table_print(table, to);
}

static void counts_print(const char *what, const uint64_t *counts, FILE *to)
{
	const char *separator = "";
	unsigned int i;

	fprintf(to, "  %s: ", what);
	for (i = 0; i < PVSCHED_CAUSE_COUNT; i++) {
		if (!counts[i])
			continue;
		fprintf(to, "%s%s %" PRIu64, separator, pvsched_cause_name(i),
			counts[i]);
		separator = ", ";
	}
	fputs(*separator ? "\n" : "none\n", to);
}

static void binding_print(const struct pvsched_binding_info *binding, FILE *to)
{
	char text[PVSCHED_TEXT_LEN];
	const char *separator = "";
	unsigned int i;

	fputs("  bound by:", to);
	for (i = 0; i < PVSCHED_CAP_COUNT; i++) {
		if (binding[i].value == PVSCHED_UNLIMITED)
			continue;
		fprintf(to, "%s %s %s (%s)", separator, pvsched_cap_name(i),
			pvsched_cap_text(i, binding[i].value, text),
			pvsched_cap_level_name(binding[i].level));
		separator = ",";
	}
	fputc('\n', to);
}

static void stats_print(const struct pvsched_stats_info *stats, FILE *to)
{
	char waited[PVSCHED_TEXT_LEN], urgent[PVSCHED_TEXT_LEN];

	counts_print("boosts", stats->boosts, to);
	counts_print("ends of boosts", stats->deboosts, to);
	fprintf(to, "  boosts in vain: %" PRIu64 "\n", stats->spurious);
	if (stats->would_boost)
		fprintf(to, "  would have boosted: %" PRIu64 "\n",
			stats->would_boost);
	fprintf(to, "  preempted while urgent: %" PRIu64 "\n",
		stats->preempted_urgent);
	fprintf(to, "  waited for a CPU: %s, while urgent: %s\n",
		pvsched_time_text(stats->waited_ns, waited),
		pvsched_time_text(stats->waited_urgent_ns, urgent));
}

static void vcpu_detail(const struct pvsched_vcpu_info *vcpu, FILE *to)
{
	fprintf(to, "\nvCPU %" PRIu32 "\n", vcpu->id);
	binding_print(vcpu->binding, to);
	if (vcpu->share)
		fprintf(to,
			"  payback: owes %" PRIu64 ".%03u ms, share %" PRIu32
			" %%\n",
			vcpu->stats.debt_ns / 1000000,
			(unsigned int)(vcpu->stats.debt_ns / 1000 % 1000),
			(vcpu->share * 100 + 512) / 1024);
	stats_print(&vcpu->stats, to);
}

/* How long things took, of each vCPU and of all that the VM has or had. */
static int hists_print(const struct pvsched_vm_info *vm,
		       const struct pvsched_vcpus *vcpus, FILE *to)
{
	struct table *table __attribute__((cleanup(free_table))) =
		table_new(VIEW_HIST_HEADINGS);
	char id[PVSCHED_TEXT_LEN];
	size_t i;

	if (!table)
		return -1;
	for (i = 0; i < vcpus->count; i++) {
		snprintf(id, sizeof(id), "%" PRIu32, vcpus->vcpu[i].id);
		view_hist_rows(table, NULL, id, &vcpus->vcpu[i].stats);
	}
	view_hist_rows(table, NULL, "all", &vm->stats);
	return table_print(table, to);
}

static void vm_head(const struct pvsched_vm_info *vm, FILE *to)
{
	char user[USER_TEXT_LEN];

	fprintf(to, "%s %s: id %" PRIu32 ", ",
		vm->kind == PVSCHED_VM_KIND_THREADS ? "group" : "VM", vm->name,
		vm->id);
	if (vm->pid)
		fprintf(to, "pid %" PRIu32 ", ", vm->pid);
	fprintf(to, "user %s, policy %s, payback %s, ",
		user_text(vm->uid, user), vm->policy,
		vm->payback ? "on" : "off");
	if (vm->protocol[0])
		fprintf(to, "protocol %s version %" PRIu32 "\n", vm->protocol,
			vm->protocol_version);
	else
		fputs("no protocol yet\n", to);
	fprintf(to,
		"vCPUs %" PRIu32 ", boosted %" PRIu32 ", throttled %" PRIu32
		"\n",
		vm->vcpus, vm->boosted, vm->throttled);
}

int view_vm(const struct pvsched_vm_info *vm, const struct pvsched_vcpus *vcpus,
	    FILE *to)
{
	struct table *table __attribute__((cleanup(free_table))) =
		table_new(VCPU_HEADINGS);
	size_t i;

	if (!table)
		return -1;
	vm_head(vm, to);
	if (!vcpus->count)
		return ferror(to) ? -1 : 0;
	fputc('\n', to);
	for (i = 0; i < vcpus->count; i++)
		vcpu_cells(table, &vcpus->vcpu[i]);
	if (table_print(table, to))
		return -1;
	for (i = 0; i < vcpus->count; i++)
		vcpu_detail(&vcpus->vcpu[i], to);
	fputs("\nAll vCPUs, those that are gone too\n", to);
	stats_print(&vm->stats, to);
	fputc('\n', to);
	return hists_print(vm, vcpus, to);
}

int view_vm_set(const struct pvsched_vm_info *vm, FILE *to)
{
	fprintf(to, "VM %s: policy %s, payback %s\n", vm->name, vm->policy,
		vm->payback ? "on" : "off");
	return ferror(to) ? -1 : 0;
}

int view_policies(const struct pvsched_policies *policies, FILE *to)
{
	struct table *table __attribute__((cleanup(free_table))) =
		table_new("POLICY PROTOCOL MODULE >VMS >FAULTS");
	size_t i;

	if (!table)
		return -1;
	for (i = 0; i < policies->count; i++) {
		const struct pvsched_policy_info *policy = &policies->policy[i];

		table_cell(table, "%s", policy->name);
		if (policy->protocol[0])
			table_cell(table, "%s %" PRIu32, policy->protocol,
				   policy->protocol_version);
		else
			table_cell(table, "any");
		table_cell(table, "%s",
			   policy->module[0] ? policy->module : "-");
		table_cell(table, "%" PRIu32, policy->vms);
		table_cell(table, "%" PRIu64, policy->faults);
	}
	return table_print(table, to);
}

int view_caps(const struct pvsched_caps_info *caps, FILE *to)
{
	struct table *table __attribute__((cleanup(free_table))) =
		table_new(caps->has_binding ? "CAP >SOFT >HARD >BINDS FROM" :
					      "CAP >SOFT >HARD");
	char text[PVSCHED_TEXT_LEN];
	unsigned int i;

	if (!table)
		return -1;
	for (i = 0; i < PVSCHED_CAP_COUNT; i++) {
		if (!caps->cap[i].present)
			continue;
		table_cell(table, "%s", pvsched_cap_name(i));
		table_cell(table, "%s",
			   pvsched_cap_text(i, caps->cap[i].soft, text));
		table_cell(table, "%s",
			   pvsched_cap_text(i, caps->cap[i].hard, text));
		if (!caps->has_binding)
			continue;
		table_cell(table, "%s",
			   pvsched_cap_text(i, caps->binding[i].value, text));
		table_cell(table, "%s",
			   pvsched_cap_level_name(caps->binding[i].level));
	}
	return table_print(table, to);
}

static void cap_cell(struct table *table, unsigned int id,
		     const struct pvsched_cap_info *cap)
{
	char soft[PVSCHED_TEXT_LEN], hard[PVSCHED_TEXT_LEN];

	table_cell(table, "%s:%s", pvsched_cap_text(id, cap->soft, soft),
		   pvsched_cap_text(id, cap->hard, hard));
}

/* "5 (vcpu)", or with the number of vCPUs for each if they differ. */
static void binds_cell(struct table *table, unsigned int id,
		       const struct binds *binds)
{
	char value[PVSCHED_TEXT_LEN];
	char *text = NULL;
	bool several = false;
	size_t i, len;
	FILE *to = open_memstream(&text, &len);

	if (!to) {
		table_fail(table);
		return;
	}
	for (i = 0; i < binds->count; i++) {
		const struct bind *bind = &binds->bind[i];

		if (bind->id != id)
			continue;
		fprintf(to, "%s%s (%s) x%" PRIu32, several ? ", " : "",
			pvsched_cap_text(id, bind->by.value, value),
			pvsched_cap_level_name(bind->by.level), bind->vcpus);
		several = true;
	}
	if (fclose(to))
		table_fail(table);
	else
		table_cell(table, "%s", several ? text : "no vCPU");
	free(text);
}

static void change_rows(struct table *table, const struct cap_change *change)
{
	char text[TARGET_TEXT_LEN];
	unsigned int id;

	for (id = 0; id < PVSCHED_CAP_COUNT && !change->failed; id++) {
		if (!change->caps.cap[id].present)
			continue;
		table_cell(table, "%s", target_text(&change->target, text));
		table_cell(table, "%s", pvsched_cap_name(id));
		cap_cell(table, id, &change->caps.old[id]);
		cap_cell(table, id, &change->caps.cap[id]);
		if (change->binds_unknown)
			table_cell(table, "?");
		else
			binds_cell(table, id, &change->binds);
	}
}

int view_caps_changes(const struct cap_changes *changes, FILE *to)
{
	struct table *table __attribute__((cleanup(free_table))) = table_new(
		changes->dry_run ? "TARGET CAP NOW WOULD-BE WOULD-BIND" :
				   "TARGET CAP OLD NEW BINDS");
	size_t i;

	if (!table)
		return -1;
	for (i = 0; i < changes->count; i++)
		change_rows(table, &changes->change[i]);
	return table_print(table, to);
}

static void gap_print(const struct pvsched_event *event,
		      const struct event_clock *clock, FILE *to)
{
	char when[EVENT_TIME_LEN];

	event_time_text(clock, event->time_ns, when);
	fputs(colour_begin(to, COLOUR_BAD), to);
	if (event->gone)
		fprintf(to,
			"gap %s: the module is gone; what happens is told again once it is loaded",
			when);
	else if (event->lost)
		fprintf(to, "%-6s gap %s: %" PRIu64 " events lost",
			pvsched_group_name(event->group), when, event->lost);
	else
		fprintf(to,
			"gap %s: some events are lost: they came faster than they were read, or the module was loaded anew",
			when);
	fprintf(to, "%s\n", colour_end(to, COLOUR_BAD));
}

static void event_caps_print(const struct pvsched_event *event, FILE *to)
{
	char soft[PVSCHED_TEXT_LEN], hard[PVSCHED_TEXT_LEN];
	unsigned int i;

	for (i = 0; i < PVSCHED_CAP_COUNT; i++)
		if (event->cap[i].present)
			fprintf(to, " %s=%s:%s", pvsched_cap_name(i),
				pvsched_cap_text(i, event->cap[i].soft, soft),
				pvsched_cap_text(i, event->cap[i].hard, hard));
}

int view_event(const struct pvsched_event *event,
	       const struct event_clock *clock, FILE *to)
{
	char text[PVSCHED_TEXT_LEN], when[EVENT_TIME_LEN];

	if (event->gap) {
		gap_print(event, clock, to);
		return ferror(to) ? -1 : 0;
	}
	fprintf(to, "%-6s %" PRIu64 " %s %s %s",
		pvsched_group_name(event->group), event->seq,
		event_time_text(clock, event->time_ns, when),
		pvsched_event_name(event->kind),
		event->vm[0] ? event->vm : "host");
	if (event->has_vcpu)
		fprintf(to, "/%" PRIu32, event->vcpu);
	if (event->group == PVSCHED_GROUP_BOOST)
		fprintf(to, " %s: %s, cpu %" PRIu32,
			level_or_dash(event->level, text),
			pvsched_cause_name(event->cause), event->cpu);
	else if (event->pid)
		fprintf(to, " %s %" PRIu32, event->has_vcpu ? "tid" : "pid",
			event->pid);
	if (event->policy[0])
		fprintf(to, " %s", event->policy);
	if (event->group == PVSCHED_GROUP_CONFIG &&
	    event->kind == PVSCHED_EVENT_PAYBACK)
		fprintf(to, " %s", event->payback ? "on" : "off");
	if (event->waited_ns)
		fprintf(to,
			" cpu %" PRIu32 ": waited %.3fs, no boosts for %.0fs",
			event->cpu, event->waited_ns / 1e9,
			event->hold_ns / 1e9);
	event_caps_print(event, to);
	fputc('\n', to);
	return ferror(to) ? -1 : 0;
}
