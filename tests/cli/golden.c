// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * golden CASE - what pvsched prints of a host that never was; without CASE,
 * the names of all cases
 *
 * golden.py compares it with what is in golden/, and JSON with its schema: a
 * case is named after the schema, then '.' or '-'.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../tools/doctor.h"
#include "../../tools/guestinfo.h"
#include "../../tools/json.h"
#include "../../tools/view.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct pvsched_host_info host = {
	.enabled = true,
	.has_boosted = true,
	.boosted = 1,
	.canary_ms = 500,
	.canary_trips = 2,
};

static const struct pvsched_host_info host_off = {
	.held = true,
	.ended = 3,
	.has_ended_ns = true,
	.ended_ns = 123456,
};

static struct pvsched_vm_info vm_list[] = {
	{
		.id = 1,
		.name = "web-1",
		.pid = 1000,
		.uid = 0,
		.policy = "boost",
		.protocol = "urgency",
		.protocol_version = 1,
		.vcpus = 2,
		.boosted = 1,
		.throttled = 1,
		.payback = true,
	},
	{
		.id = 2,
		.name = "audio",
		.uid = 4000000000,
		.policy = "blind",
		.kind = PVSCHED_VM_KIND_THREADS,
	},
};

static struct pvsched_vcpu_info vcpu_list[] = {
	{
		.vm = "web-1",
		.vm_id = 1,
		.id = 0,
		.bound = true,
		.tid = 1001,
		.cpu = 3,
		.state = PVSCHED_VCPU_STATE_RUNNING,
		.flags = PVSCHED_VCPU_FLAG_BOOSTED,
		.current = PVSCHED_LEVEL_RT(50),
		.waiter = PVSCHED_LEVEL_NORMAL,
		.granted = PVSCHED_LEVEL_RT(10),
		.cause = PVSCHED_CAUSE_INTERRUPT,
		.share = 512,
	},
	{
		.vm = "web-1",
		.vm_id = 1,
		.id = 1,
		.state = PVSCHED_VCPU_STATE_PENDING,
		.flags = PVSCHED_VCPU_FLAG_THROTTLED,
		.current = PVSCHED_LEVEL_IDLE,
		.sleeper = PVSCHED_LEVEL_DEADLINE,
	},
};

static const struct pvsched_vms vms = { vm_list, COUNT(vm_list) };
static const struct pvsched_vcpus vcpus = { vcpu_list, COUNT(vcpu_list) };

static void stats_fill(struct pvsched_stats_info *stats, uint64_t by)
{
	struct pvsched_hist_info *hist =
		&stats->hist[PVSCHED_HIST_EVENT_LATENCY];

	stats->boosts[PVSCHED_CAUSE_INTERRUPT] = 100 * by;
	stats->boosts[PVSCHED_CAUSE_PREEMPTED] = 7 * by;
	stats->deboosts[PVSCHED_CAUSE_DOORBELL] = 106 * by;
	stats->doorbells = 120 * by;
	stats->doorbells_ignored = 3 * by;
	stats->spurious = 11 * by;
	stats->throttles = 2 * by;
	stats->preempted_urgent = 9 * by;
	stats->boosted_ns = 250000000 * by;
	stats->waited_ns = 80000000 * by;
	stats->waited_urgent_ns = 20000000 * by;
	stats->debt_ns = 1234567;
	hist->sum_ns = 900000 * by;
	hist->bucket[3] = 90 * by;
	hist->bucket[PVSCHED_HIST_BUCKETS - 1] = by;
}

static void world_fill(void)
{
	unsigned int id;
	size_t i;

	stats_fill(&vm_list[0].stats, 4);
	for (i = 0; i < COUNT(vcpu_list); i++) {
		stats_fill(&vcpu_list[i].stats, i + 1);
		for (id = 0; id < PVSCHED_CAP_COUNT; id++) {
			vcpu_list[i].binding[id].value = 10 + id;
			vcpu_list[i].binding[id].level =
				i ? PVSCHED_CAP_LEVEL_VCPU :
				    PVSCHED_CAP_LEVEL_HOST;
		}
	}
}

static void list_text(FILE *to)
{
	view_list(&host, &vms, &vcpus, to);
}

static void list_disabled_text(FILE *to)
{
	view_list(&host_off, &vms, &vcpus, to);
}

static void list_json(FILE *to)
{
	json_print(json_list(&host, &vms, &vcpus), to);
}

static void list_empty_json(FILE *to)
{
	static const struct pvsched_vcpus no_vcpus;
	static const struct pvsched_vms no_vms;

	json_print(json_list(&host_off, &no_vms, &no_vcpus), to);
}

static void show_text(FILE *to)
{
	view_vm(&vm_list[0], &vcpus, to);
}

static void show_json(FILE *to)
{
	json_print(json_show(&vm_list[0], &vcpus), to);
}

static const struct sample sample = {
	.time_ns = 5000000000,
	.vms = { vm_list, COUNT(vm_list) },
	.vcpus = { vcpu_list, COUNT(vcpu_list) },
};

static void stats_text(FILE *to)
{
	view_stats(&sample, 0, to);
}

static void stats_watch_text(FILE *to)
{
	view_stats(&sample, 2000000000, to);
}

static void stats_json(FILE *to)
{
	json_print(json_stats(&sample, 0), to);
}

static void stats_watch_json(FILE *to)
{
	json_print_line(json_stats(&sample, 2000000000), to);
}

static void stats_since_json(FILE *to)
{
	static const struct past_span span = {
		.begin_ns = 1700000000000000000,
		.end_ns = 1700000600000000000,
		.damaged = 2,
		.dropped = 1,
	};

	json_print(json_stats_since(&sample, &span), to);
}

static void caps_fill(struct pvsched_caps_info *caps)
{
	unsigned int id;

	for (id = 0; id < PVSCHED_CAP_COUNT; id++) {
		caps->cap[id] = (struct pvsched_cap_info){ true, 10 + id,
							   20 + 1000 * id };
		caps->binding[id] = vcpu_list[0].binding[id];
	}
	caps->cap[PVSCHED_CAP_KICKS].hard = PVSCHED_UNLIMITED;
}

static const struct pvsched_target targets[] = {
	{ .vm = "web-1" },
	{ .vm = "web-2" },
	{ .vm = "web-1", .has_vcpu = true, .vcpu = 1 },
	{},
};

static void get_cap_text(FILE *to)
{
	struct pvsched_caps_info caps = { .has_binding = true };

	caps_fill(&caps);
	view_caps(&caps, to);
}

static void get_cap_host_text(FILE *to)
{
	struct pvsched_caps_info caps = {};

	caps_fill(&caps);
	view_caps(&caps, to);
}

static void get_cap_json(FILE *to)
{
	struct pvsched_caps_info caps = { .has_binding = true };

	caps_fill(&caps);
	json_print(json_caps_get(&targets[2], &caps), to);
}

static void get_cap_host_json(FILE *to)
{
	struct pvsched_caps_info caps = {};

	caps_fill(&caps);
	json_print(json_caps_get(&targets[3], &caps), to);
}

static void get_cap_pattern_json(FILE *to)
{
	struct pvsched_caps_info caps[2] = {};

	caps_fill(&caps[0]);
	caps_fill(&caps[1]);
	json_print(json_caps_get_all(targets, caps, 2), to);
}

/* The first is set, the second, if it is there, refused. */
static void changes_make(struct cap_changes *changes, size_t count)
{
	struct cap_change *change;
	size_t i;

	if (cap_changes_init(changes, targets, count))
		abort();
	change = changes->change;
	change->caps.old[PVSCHED_CAP_RTPRIO] =
		(struct pvsched_cap_info){ true, 10, 49 };
	change->caps.cap[PVSCHED_CAP_RTPRIO] =
		(struct pvsched_cap_info){ true, 20, PVSCHED_UNLIMITED };
	change->caps.old[PVSCHED_CAP_NICE] =
		(struct pvsched_cap_info){ true, 30, 40 };
	change->caps.cap[PVSCHED_CAP_NICE] =
		(struct pvsched_cap_info){ true, 0, 20 };
	for (i = 0; i < COUNT(vcpu_list); i++)
		if (binds_add(&change->binds, change, vcpu_list[i].binding))
			abort();
	changes->pattern = count > 1;
	if (count < 2)
		return;
	change[1].failed = true;
	strcpy(change[1].error.text, "no VM web-2");
}

static void set_cap_print(size_t count, bool dry_run, bool json, FILE *to)
{
	struct cap_changes changes;

	changes_make(&changes, count);
	changes.dry_run = dry_run;
	if (json)
		json_print(json_caps_set(&changes), to);
	else
		view_caps_changes(&changes, to);
	cap_changes_free(&changes);
}

static void set_cap_text(FILE *to)
{
	set_cap_print(1, false, false, to);
}

static void set_cap_dry_run_text(FILE *to)
{
	set_cap_print(1, true, false, to);
}

static void set_cap_json(FILE *to)
{
	set_cap_print(1, true, true, to);
}

static void set_cap_unknown_json(FILE *to)
{
	struct cap_changes changes;

	changes_make(&changes, 1);
	changes.change->binds_unknown = true;
	json_print(json_caps_set(&changes), to);
	cap_changes_free(&changes);
}

static void set_cap_pattern_json(FILE *to)
{
	set_cap_print(2, false, true, to);
}

static void set_cap_pattern_text(FILE *to)
{
	set_cap_print(2, false, false, to);
}

static void disable_text(FILE *to)
{
	view_host_set(&host_off, to);
}

static void enable_text(FILE *to)
{
	view_host_set(&host, to);
}

static void canary_text(FILE *to)
{
	view_canary(&host, to);
	view_canary(&host_off, to);
}

static void host_set_json(FILE *to)
{
	json_print(json_host_set(&host_off), to);
}

static struct pvsched_policy_info policy_array[] = {
	{ .name = "boost",
	  .protocol = "urgency",
	  .protocol_version = 1,
	  .vms = 2 },
	{ .name = "blind", .module = "pvsched_extra", .faults = 7 },
};

static const struct pvsched_policies policies = { policy_array,
						  COUNT(policy_array) };

static void policies_text(FILE *to)
{
	view_policies(&policies, to);
}

static void policies_json(FILE *to)
{
	json_print(json_policies(&policies), to);
}

static void vm_set_text(FILE *to)
{
	view_vm_set(&vm_list[0], to);
}

static void vm_set_json(FILE *to)
{
	json_print(json_vm_set(&vm_list[0]), to);
}

static void attach_json(FILE *to)
{
	static const int tids[] = { 1001, 0, 1003 };

	json_print(
		json_attached("win-1", false, 1000, "blind", tids, COUNT(tids)),
		to);
}

static void attach_threads_json(FILE *to)
{
	static const int tid = 1001;

	json_print(json_attached("audio", true, 1000, "boost", &tid, 1), to);
}

static void detach_json(FILE *to)
{
	json_print(json_detached(&targets[0]), to);
}

static void run_json(FILE *to)
{
	json_print(json_ran("make-42", 42, 3 << 8, 5, &vm_list[0].stats), to);
}

static void run_signal_json(FILE *to)
{
	json_print(json_ran("make-42", 42, 9, 5, NULL), to);
}

static void doctor_fill(struct doctor *doctor)
{
	doctor_add(doctor, FINDING_OK, "kernel", NULL,
		   "6.12.1 has all options");
	doctor_add(doctor, FINDING_NOTE, "throttling",
		   "sysctl kernel.sched_rt_runtime_us=950000",
		   "the kernel's real-time throttling is off");
	doctor_add(doctor, FINDING_BAD, "module", "modprobe pvsched",
		   "pvsched is not loaded");
}

static void doctor_text(FILE *to)
{
	struct doctor doctor = { .root = -1 };

	doctor_fill(&doctor);
	doctor_print(&doctor, to);
	doctor_free(&doctor);
}

static void doctor_as_json(FILE *to)
{
	struct doctor doctor = { .root = -1 };

	doctor_fill(&doctor);
	json_print(doctor_json(&doctor), to);
	doctor_free(&doctor);
}

static struct guest_cpu guest_list[] = {
	{ .cpu = 0,
	  .value = { [GUEST_RUNNING] = PVSCHED_LEVEL_RT(50),
		     [GUEST_BOOSTED] = 1,
		     [GUEST_GRANTED] = PVSCHED_LEVEL_RT(10),
		     [GUEST_CAPACITY] = 1024,
		     [GUEST_TAKEN] = 256,
		     [GUEST_CORE_ID] = 0xabcdef,
		     [GUEST_CACHE_ID] = 0x12345678 } },
	{ .cpu = 1,
	  .value = { [GUEST_WAITER] = PVSCHED_LEVEL_NORMAL,
		     [GUEST_PREEMPTED] = 1,
		     [GUEST_THROTTLED] = 1,
		     [GUEST_THROTTLED_US] = 700 } },
};

static const struct guest_cpus guest = { guest_list, COUNT(guest_list) };

static void guest_text(FILE *to)
{
	guest_cpus_print(&guest, to);
}

static void guest_json(FILE *to)
{
	json_print(guest_cpus_json(&guest), to);
}

static const struct pvsched_event events[] = {
	{ .group = PVSCHED_GROUP_CONFIG,
	  .kind = PVSCHED_EVENT_VM_ADD,
	  .seq = 1,
	  .time_ns = 1000000000,
	  .vm = "web-1",
	  .pid = 1000 },
	{ .group = PVSCHED_GROUP_CONFIG,
	  .kind = PVSCHED_EVENT_VCPU_BOUND,
	  .seq = 2,
	  .time_ns = 2000000000,
	  .vm = "web-1",
	  .has_vcpu = true,
	  .vcpu = 1,
	  .pid = 1001 },
	{ .group = PVSCHED_GROUP_CONFIG,
	  .gap = true,
	  .lost = 3,
	  .time_ns = 2500000000 },
	{ .gap = true, .time_ns = 2600000000 },
	{ .gap = true, .gone = true, .time_ns = 2700000000 },
	{ .group = PVSCHED_GROUP_CONFIG,
	  .kind = PVSCHED_EVENT_CAPS,
	  .seq = 6,
	  .time_ns = 3000000000,
	  .cap = { [PVSCHED_CAP_SLICE] = { true, 5000, 20000 } } },
	{ .group = PVSCHED_GROUP_CONFIG,
	  .kind = PVSCHED_EVENT_POLICY,
	  .seq = 7,
	  .time_ns = 4000000000,
	  .vm = "web-1",
	  .policy = "observe" },
	{ .group = PVSCHED_GROUP_CONFIG,
	  .kind = PVSCHED_EVENT_PAYBACK,
	  .seq = 8,
	  .time_ns = 5000000000,
	  .vm = "web-1",
	  .payback = true },
	{ .group = PVSCHED_GROUP_CONFIG,
	  .kind = PVSCHED_EVENT_CANARY,
	  .seq = 9,
	  .time_ns = 6000000000,
	  .cpu = 2,
	  .waited_ns = 512000000,
	  .hold_ns = 4000000000 },
	{ .group = PVSCHED_GROUP_BOOST,
	  .kind = PVSCHED_EVENT_BOOST,
	  .seq = 1,
	  .time_ns = 1500000000,
	  .vm = "web-1",
	  .has_vcpu = true,
	  .vcpu = 1,
	  .pid = 1001,
	  .level = PVSCHED_LEVEL_RT(10),
	  .cause = PVSCHED_CAUSE_PREEMPTED,
	  .cpu = 3 },
	{ .group = PVSCHED_GROUP_BOOST,
	  .kind = PVSCHED_EVENT_DEBOOST,
	  .seq = 2,
	  .time_ns = 1500100000,
	  .vm = "web-1",
	  .has_vcpu = true,
	  .vcpu = 1,
	  .pid = 1001,
	  .cause = PVSCHED_CAUSE_DOORBELL,
	  .cpu = 3 },
};

static struct event_clock event_clock = {
	.start_ns = 1000000000,
	.real_ns = 1795348800000000000,
};

static void monitor_text(FILE *to)
{
	size_t i;

	for (i = 0; i < COUNT(events); i++)
		view_event(&events[i], &event_clock, to);
	event_clock.form = EVENT_TIME_ABSOLUTE;
	view_event(&events[0], &event_clock, to);
	event_clock.form = EVENT_TIME_MONOTONIC;
	view_event(&events[0], &event_clock, to);
}

static void monitor_json(FILE *to)
{
	size_t i;

	for (i = 0; i < COUNT(events); i++)
		json_print_line(json_event(&events[i], &event_clock), to);
}

static const struct {
	const char *name;
	void (*print)(FILE *to);
} cases[] = {
	{ "list.txt", list_text },
	{ "list-disabled.txt", list_disabled_text },
	{ "list.json", list_json },
	{ "list-empty.json", list_empty_json },
	{ "show.txt", show_text },
	{ "show.json", show_json },
	{ "stats.txt", stats_text },
	{ "stats-watch.txt", stats_watch_text },
	{ "stats.json", stats_json },
	{ "stats-watch.json", stats_watch_json },
	{ "stats-since.json", stats_since_json },
	{ "get-cap.txt", get_cap_text },
	{ "get-cap-host.txt", get_cap_host_text },
	{ "get-cap.json", get_cap_json },
	{ "get-cap-host.json", get_cap_host_json },
	{ "get-cap-pattern.json", get_cap_pattern_json },
	{ "set-cap.txt", set_cap_text },
	{ "set-cap-dry-run.txt", set_cap_dry_run_text },
	{ "set-cap-pattern.txt", set_cap_pattern_text },
	{ "set-cap.json", set_cap_json },
	{ "set-cap-unknown.json", set_cap_unknown_json },
	{ "set-cap-pattern.json", set_cap_pattern_json },
	{ "disable.txt", disable_text },
	{ "enable.txt", enable_text },
	{ "set-canary.txt", canary_text },
	{ "host-set.json", host_set_json },
	{ "policy-list.txt", policies_text },
	{ "policy-list.json", policies_json },
	{ "policy-set.txt", vm_set_text },
	{ "vm-set.json", vm_set_json },
	{ "attach.json", attach_json },
	{ "attach-threads.json", attach_threads_json },
	{ "detach.json", detach_json },
	{ "run.json", run_json },
	{ "run-signal.json", run_signal_json },
	{ "doctor.txt", doctor_text },
	{ "doctor.json", doctor_as_json },
	{ "guest.txt", guest_text },
	{ "guest.json", guest_json },
	{ "monitor.txt", monitor_text },
	{ "monitor.json", monitor_json },
};

int main(int argc, char **argv)
{
	size_t i;

	setenv("TZ", "UTC", 1);
	world_fill();
	for (i = 0; i < COUNT(cases); i++) {
		if (argc < 2)
			puts(cases[i].name);
		else if (!strcmp(argv[1], cases[i].name))
			return cases[i].print(stdout), ferror(stdout);
	}
	return argc > 1;
}
