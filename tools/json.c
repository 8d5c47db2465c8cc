// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * JSON of what the kernel told.
 *
 * json_object_object_add() takes over what it is given. A member that memory
 * did not suffice for is null; json_print() cannot tell, but malloc() does not
 * fail on the systems that this runs on before the kernel ends the process.
 */
#include <sys/wait.h>

#include "json.h"
#include "user.h"

/* Keys are names that last, and each is there once: nothing is copied or looked up. */
static void add(struct json_object *to, const char *key,
		struct json_object *value)
{
	json_object_object_add_ex(to, key, value,
				  JSON_C_OBJECT_ADD_KEY_IS_NEW |
					  JSON_C_OBJECT_KEY_IS_CONSTANT);
}

static void add_string(struct json_object *to, const char *key,
		       const char *text)
{
	add(to, key, text ? json_object_new_string(text) : NULL);
}

static void add_u64(struct json_object *to, const char *key, uint64_t value)
{
	add(to, key, json_object_new_uint64(value));
}

static void add_bool(struct json_object *to, const char *key, bool value)
{
	add(to, key, json_object_new_boolean(value));
}

/* A number that is not known is null. */
static void add_known(struct json_object *to, const char *key, bool known,
		      uint64_t value)
{
	add(to, key, known ? json_object_new_uint64(value) : NULL);
}

struct json_object *json_document(void)
{
	struct json_object *document = json_object_new_object();

	add_u64(document, "schema", JSON_SCHEMA);
	return document;
}

struct json_object *json_level(uint32_t value)
{
	struct json_object *to = json_object_new_object();
	char text[PVSCHED_TEXT_LEN];

	add_u64(to, "level", value);
	add_string(to, "name", pvsched_level_text(value, text));
	return to;
}

/* No task, or no boost: null. */
static struct json_object *level_or_none(uint32_t value)
{
	return value ? json_level(value) : NULL;
}

static struct json_object *counts(const uint64_t *values)
{
	struct json_object *to = json_object_new_object();
	unsigned int i;

	for (i = 0; i < PVSCHED_CAUSE_COUNT; i++)
		if (values[i])
			add_u64(to, pvsched_cause_name(i), values[i]);
	return to;
}

static struct json_object *hist(const struct pvsched_hist_info *info)
{
	struct json_object *to = json_object_new_object();

	add_u64(to, "count", pvsched_hist_count(info));
	add_u64(to, "sum_ns", info->sum_ns);
	add(to, "buckets", json_buckets(info));
	return to;
}

static struct json_object *hists(const struct pvsched_hist_info *info)
{
	struct json_object *to = json_object_new_object();
	unsigned int id;

	for (id = 0; id < PVSCHED_HIST_COUNT; id++)
		add(to, pvsched_hist_name(id), hist(&info[id]));
	return to;
}

static struct json_object *stats(const struct pvsched_stats_info *info)
{
	struct json_object *to = json_object_new_object();

	add_u64(to, "boosts", pvsched_stats_boosts(info));
	add(to, "boosts_by_cause", counts(info->boosts));
	add(to, "deboosts_by_cause", counts(info->deboosts));
	add_u64(to, "doorbells", info->doorbells);
	add_u64(to, "doorbells_ignored", info->doorbells_ignored);
	add_u64(to, "spurious", info->spurious);
	add_u64(to, "throttles", info->throttles);
	add_u64(to, "would_boost", info->would_boost);
	add_u64(to, "preempted_urgent", info->preempted_urgent);
	add_u64(to, "boosted_ns", info->boosted_ns);
	add_u64(to, "waited_ns", info->waited_ns);
	add_u64(to, "waited_urgent_ns", info->waited_urgent_ns);
	add_u64(to, "debt_ns", info->debt_ns);
	add(to, "histograms", hists(info->hist));
	return to;
}

/* Unlimited is null. */
static void add_cap_value(struct json_object *to, const char *key,
			  unsigned int id, uint64_t value)
{
	struct json_object *number = NULL;

	if (value != PVSCHED_UNLIMITED && id == PVSCHED_CAP_NICE)
		number = json_object_new_int64(pvsched_cap_nice(value));
	else if (value != PVSCHED_UNLIMITED)
		number = json_object_new_uint64(value);
	add(to, key, number);
}

static struct json_object *binding(const struct pvsched_binding_info *info)
{
	struct json_object *all = json_object_new_object();
	unsigned int i;

	for (i = 0; i < PVSCHED_CAP_COUNT; i++) {
		struct json_object *to;

		/* The kernel does not have it. */
		if (info[i].value == PVSCHED_UNLIMITED)
			continue;
		to = json_object_new_object();
		add_cap_value(to, "value", i, info[i].value);
		add_string(to, "from", pvsched_cap_level_name(info[i].level));
		add(all, pvsched_cap_name(i), to);
	}
	return all;
}

static struct json_object *vcpu(const struct pvsched_vcpu_info *info)
{
	bool boosted = info->flags & PVSCHED_VCPU_FLAG_BOOSTED;
	struct json_object *to = json_object_new_object();
	char text[PVSCHED_TEXT_LEN];

	add_u64(to, "id", info->id);
	add_known(to, "tid", info->tid, info->tid);
	add_known(to, "cpu", info->bound, info->cpu);
	add_string(to, "state", pvsched_state_name(info->state));
	add_bool(to, "boosted", boosted);
	add_bool(to, "throttled", info->flags & PVSCHED_VCPU_FLAG_THROTTLED);
	add_bool(to, "owner_changed",
		 info->flags & PVSCHED_VCPU_FLAG_OWNER_CHANGED);
	add_bool(to, "rttime_short",
		 info->flags & PVSCHED_VCPU_FLAG_RTTIME_SHORT);
	add_bool(to, "by_hand", info->flags & PVSCHED_VCPU_FLAG_BY_HAND);
	add_bool(to, "wordless", info->flags & PVSCHED_VCPU_FLAG_WORDLESS);
	add_string(to, "baseline",
		   info->bound ? pvsched_baseline_text(info, text) : NULL);
	add(to, "current", json_level(info->current));
	add(to, "waiter", level_or_none(info->waiter));
	add(to, "sleeper", level_or_none(info->sleeper));
	add(to, "granted", level_or_none(info->granted));
	add_string(to, "cause",
		   boosted ? pvsched_cause_name(info->cause) : NULL);
	add(to, "binding", binding(info->binding));
	add(to, "share",
	    info->share ? json_object_new_double(info->share / 1024.0) : NULL);
	add(to, "stats", stats(&info->stats));
	return to;
}

struct json_object *json_host(const struct pvsched_host_info *host)
{
	struct json_object *to = json_object_new_object();

	add_bool(to, "enabled", host->enabled);
	add_known(to, "boosted", host->has_boosted, host->boosted);
	add_bool(to, "held", host->held);
	add_known(to, "canary_ms", host->canary_ms, host->canary_ms);
	add_u64(to, "canary_trips", host->canary_trips);
	return to;
}

struct json_object *json_host_set(const struct pvsched_host_info *host)
{
	struct json_object *to = json_document();

	add(to, "host", json_host(host));
	add_u64(to, "ended", host->ended);
	add_known(to, "ended_ns", host->has_ended_ns, host->ended_ns);
	return to;
}

struct json_object *json_vm(const struct pvsched_vm_info *vm,
			    const struct pvsched_vcpus *vcpus)
{
	struct json_object *to = json_object_new_object();
	struct json_object *list = json_object_new_array();
	char user[USER_TEXT_LEN];
	size_t i;

	add_string(to, "name", vm->name);
	add_u64(to, "id", vm->id);
	add_known(to, "pid", vm->pid, vm->pid);
	add_u64(to, "uid", vm->uid);
	add_string(to, "user", user_name(vm->uid, user) ? user : NULL);
	add_string(to, "kind", pvsched_kind_name(vm->kind));
	add_string(to, "policy", vm->policy);
	add_bool(to, "payback", vm->payback);
	add_string(to, "protocol", vm->protocol[0] ? vm->protocol : NULL);
	add_known(to, "protocol_version", vm->protocol[0],
		  vm->protocol_version);
	for (i = 0; i < vcpus->count; i++)
		if (vcpus->vcpu[i].vm_id == vm->id)
			json_object_array_add(list, vcpu(&vcpus->vcpu[i]));
	add(to, "vcpus", list);
	add(to, "stats", stats(&vm->stats));
	return to;
}

struct json_object *json_list(const struct pvsched_host_info *host,
			      const struct pvsched_vms *vms,
			      const struct pvsched_vcpus *vcpus)
{
	struct json_object *document = json_document();
	struct json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < vms->count; i++)
		json_object_array_add(list, json_vm(&vms->vm[i], vcpus));
	add(document, "host", json_host(host));
	add(document, "vms", list);
	return document;
}

struct json_object *json_show(const struct pvsched_vm_info *vm,
			      const struct pvsched_vcpus *vcpus)
{
	struct json_object *document = json_document();

	add(document, "vm", json_vm(vm, vcpus));
	return document;
}

static void add_rate(struct json_object *to, const char *key, uint64_t growth,
		     uint64_t interval_ns)
{
	add(to, key, json_object_new_double(rate_of(growth, interval_ns)));
}

static void add_share(struct json_object *to, const char *key, uint64_t ns,
		      uint64_t interval_ns)
{
	add(to, key, json_object_new_double(share_of(ns, interval_ns)));
}

/* Per second; times as a share of the time. */
static struct json_object *rates(const struct pvsched_stats_info *info,
				 uint64_t interval_ns)
{
	struct json_object *to = json_object_new_object();

	add_rate(to, "boosts", pvsched_stats_boosts(info), interval_ns);
	add_rate(to, "doorbells", info->doorbells, interval_ns);
	add_rate(to, "doorbells_ignored", info->doorbells_ignored, interval_ns);
	add_rate(to, "spurious", info->spurious, interval_ns);
	add_rate(to, "throttles", info->throttles, interval_ns);
	add_rate(to, "would_boost", info->would_boost, interval_ns);
	add_rate(to, "preempted_urgent", info->preempted_urgent, interval_ns);
	add_share(to, "boosted", info->boosted_ns, interval_ns);
	add_share(to, "waited", info->waited_ns, interval_ns);
	add_share(to, "waited_urgent", info->waited_urgent_ns, interval_ns);
	return to;
}

static void add_stats(struct json_object *to,
		      const struct pvsched_stats_info *info,
		      uint64_t interval_ns)
{
	add(to, "stats", stats(info));
	add(to, "rates", interval_ns ? rates(info, interval_ns) : NULL);
}

static struct json_object *vm_stats(const struct pvsched_vm_info *vm,
				    const struct pvsched_vcpus *vcpus,
				    uint64_t interval_ns)
{
	struct json_object *to = json_object_new_object();
	struct json_object *list = json_object_new_array();
	size_t i;

	add_string(to, "name", vm->name);
	add_u64(to, "id", vm->id);
	for (i = 0; i < vcpus->count; i++) {
		struct json_object *one;

		if (vcpus->vcpu[i].vm_id != vm->id)
			continue;
		one = json_object_new_object();
		add_u64(one, "id", vcpus->vcpu[i].id);
		add_stats(one, &vcpus->vcpu[i].stats, interval_ns);
		json_object_array_add(list, one);
	}
	add(to, "vcpus", list);
	add_stats(to, &vm->stats, interval_ns);
	return to;
}

struct json_object *json_stats(const struct sample *sample,
			       uint64_t interval_ns)
{
	struct json_object *to = json_document();
	struct json_object *list = json_object_new_array();
	size_t i;

	add_u64(to, "time_ns", sample->time_ns);
	add_known(to, "interval_ns", interval_ns, interval_ns);
	for (i = 0; i < sample->vms.count; i++)
		json_object_array_add(list,
				      vm_stats(&sample->vms.vm[i],
					       &sample->vcpus, interval_ns));
	add(to, "vms", list);
	return to;
}

/* Members that a history has. */
static struct json_object *counted(const struct pvsched_stats_info *info)
{
	struct json_object *to = json_object_new_object();

	add_u64(to, "boosts", pvsched_stats_boosts(info));
	add_u64(to, "doorbells", info->doorbells);
	add_u64(to, "spurious", info->spurious);
	add_u64(to, "throttles", info->throttles);
	add_u64(to, "would_boost", info->would_boost);
	add_u64(to, "preempted_urgent", info->preempted_urgent);
	add_u64(to, "boosted_ns", info->boosted_ns);
	add_u64(to, "waited_ns", info->waited_ns);
	add_u64(to, "waited_urgent_ns", info->waited_urgent_ns);
	return to;
}

static struct json_object *vm_counted(const struct pvsched_vm_info *vm,
				      const struct pvsched_vcpus *vcpus)
{
	struct json_object *to = json_object_new_object();
	struct json_object *list = json_object_new_array();
	size_t i;

	add_string(to, "name", vm->name);
	add_u64(to, "id", vm->id);
	add(to, "counted", counted(&vm->stats));
	for (i = 0; i < vcpus->count; i++) {
		struct json_object *one;

		if (!vcpu_is_of(&vcpus->vcpu[i], vm))
			continue;
		one = json_object_new_object();
		add_u64(one, "id", vcpus->vcpu[i].id);
		add(one, "counted", counted(&vcpus->vcpu[i].stats));
		json_object_array_add(list, one);
	}
	add(to, "vcpus", list);
	return to;
}

struct json_object *json_stats_since(const struct sample *growth,
				     const struct past_span *span)
{
	struct json_object *to = json_document();
	struct json_object *list = json_object_new_array();
	size_t i;

	add_u64(to, "begin_ns", span->begin_ns);
	add_u64(to, "end_ns", span->end_ns);
	add_u64(to, "damaged", span->damaged);
	add_u64(to, "dropped", span->dropped);
	for (i = 0; i < growth->vms.count; i++)
		json_object_array_add(
			list, vm_counted(&growth->vms.vm[i], &growth->vcpus));
	add(to, "vms", list);
	return to;
}

struct json_object *json_policy(const struct pvsched_policy_info *policy)
{
	struct json_object *to = json_object_new_object();

	add_string(to, "name", policy->name);
	add_string(to, "protocol",
		   policy->protocol[0] ? policy->protocol : NULL);
	add_known(to, "protocol_version", policy->protocol[0],
		  policy->protocol_version);
	add_string(to, "module", policy->module[0] ? policy->module : NULL);
	add_u64(to, "vms", policy->vms);
	add_u64(to, "faults", policy->faults);
	return to;
}

struct json_object *json_policies(const struct pvsched_policies *policies)
{
	struct json_object *document = json_document();
	struct json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < policies->count; i++)
		json_object_array_add(list, json_policy(&policies->policy[i]));
	add(document, "policies", list);
	return document;
}

struct json_object *json_vm_set(const struct pvsched_vm_info *vm)
{
	struct json_object *to = json_document();

	add_string(to, "vm", vm->name);
	add_string(to, "policy", vm->policy);
	add_bool(to, "payback", vm->payback);
	return to;
}

static struct json_object *target_json(const struct pvsched_target *target)
{
	struct json_object *to = json_object_new_object();

	add_string(to, "vm", target->vm[0] ? target->vm : NULL);
	add_known(to, "vcpu", target->has_vcpu, target->vcpu);
	return to;
}

static struct json_object *cap(unsigned int id,
			       const struct pvsched_cap_info *info)
{
	struct json_object *to = json_object_new_object();

	add_cap_value(to, "soft", id, info->soft);
	add_cap_value(to, "hard", id, info->hard);
	return to;
}

struct json_object *json_caps(const struct pvsched_cap_info *caps)
{
	struct json_object *to = json_object_new_object();
	unsigned int i;

	for (i = 0; i < PVSCHED_CAP_COUNT; i++)
		if (caps[i].present)
			add(to, pvsched_cap_name(i), cap(i, &caps[i]));
	return to;
}

static void add_caps(struct json_object *to,
		     const struct pvsched_target *target,
		     const struct pvsched_caps_info *caps)
{
	add(to, "target", target_json(target));
	add(to, "caps", json_caps(caps->cap));
	add(to, "binding", caps->has_binding ? binding(caps->binding) : NULL);
}

struct json_object *json_caps_get(const struct pvsched_target *target,
				  const struct pvsched_caps_info *caps)
{
	struct json_object *to = json_document();

	add_caps(to, target, caps);
	return to;
}

struct json_object *json_caps_get_all(const struct pvsched_target *targets,
				      const struct pvsched_caps_info *caps,
				      size_t count)
{
	struct json_object *to = json_document();
	struct json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < count; i++) {
		struct json_object *one = json_object_new_object();

		add_caps(one, &targets[i], &caps[i]);
		json_object_array_add(list, one);
	}
	add(to, "targets", list);
	return to;
}

static struct json_object *bind_json(const struct bind *bind)
{
	struct json_object *to = json_object_new_object();

	add_cap_value(to, "value", bind->id, bind->by.value);
	add_string(to, "from", pvsched_cap_level_name(bind->by.level));
	add_u64(to, "vcpus", bind->vcpus);
	return to;
}

/* By the caps that were to be set. */
static struct json_object *binds_json(const struct cap_change *change)
{
	struct json_object *all = json_object_new_object();
	unsigned int id;
	size_t i;

	for (id = 0; id < PVSCHED_CAP_COUNT; id++) {
		struct json_object *list;

		if (!change->caps.cap[id].present)
			continue;
		list = json_object_new_array();
		for (i = 0; i < change->binds.count; i++)
			if (change->binds.bind[i].id == id)
				json_object_array_add(
					list,
					bind_json(&change->binds.bind[i]));
		add(all, pvsched_cap_name(id), list);
	}
	return all;
}

static void add_change(struct json_object *to, const struct cap_change *change)
{
	add(to, "target", target_json(&change->target));
	if (change->failed) {
		add_string(to, "error", change->error.text);
		return;
	}
	add(to, "old", json_caps(change->caps.old));
	add(to, "new", json_caps(change->caps.cap));
	add(to, "binds", change->binds_unknown ? NULL : binds_json(change));
}

struct json_object *json_caps_set(const struct cap_changes *changes)
{
	struct json_object *to = json_document();
	struct json_object *list;
	size_t i;

	add_bool(to, "dry_run", changes->dry_run);
	if (!changes->pattern) {
		add_change(to, changes->change);
		return to;
	}
	list = json_object_new_array();
	for (i = 0; i < changes->count; i++) {
		struct json_object *one = json_object_new_object();

		add_change(one, &changes->change[i]);
		json_object_array_add(list, one);
	}
	add(to, "targets", list);
	return to;
}

struct json_object *json_attached(const char *name, bool threads, int pid,
				  const char *policy, const int *tid,
				  size_t count)
{
	struct json_object *to = json_document();
	struct json_object *list = json_object_new_array();
	size_t i;

	add_string(to, "name", name);
	add_string(to, "kind",
		   pvsched_kind_name(threads ? PVSCHED_VM_KIND_THREADS :
					       PVSCHED_VM_KIND_VM));
	add_u64(to, "pid", pid);
	add_string(to, "policy", policy);
	for (i = 0; i < count; i++) {
		struct json_object *one;

		if (!tid[i])
			continue;
		one = json_object_new_object();
		add_u64(one, "id", i);
		add_u64(one, "tid", tid[i]);
		json_object_array_add(list, one);
	}
	add(to, "threads", list);
	return to;
}

struct json_object *json_detached(const struct pvsched_target *target)
{
	struct json_object *to = json_document();

	add(to, "detached", target_json(target));
	return to;
}

struct json_object *json_ran(const char *name, int pid, int status,
			     unsigned int threads,
			     const struct pvsched_stats_info *info)
{
	struct json_object *to = json_document();

	add_string(to, "name", name);
	add_u64(to, "pid", pid);
	add_known(to, "status", WIFEXITED(status), WEXITSTATUS(status));
	add_known(to, "signal", WIFSIGNALED(status), WTERMSIG(status));
	add_u64(to, "threads", threads);
	add(to, "stats", info ? stats(info) : NULL);
	return to;
}

static void add_times(struct json_object *to, const struct pvsched_event *event,
		      const struct event_clock *clock)
{
	char time[EVENT_TIME_LEN];

	add_u64(to, "time_ns", event->time_ns);
	add(to, "since_ns",
	    json_object_new_int64(event->time_ns - clock->start_ns));
	add_string(to, "time", event_time_utc(clock, event->time_ns, time));
}

static struct json_object *gap(const struct pvsched_event *event,
			       const struct event_clock *clock)
{
	struct json_object *to = json_document();

	/* When the socket overran, it is not known what was lost. */
	add_string(to, "group",
		   event->lost ? pvsched_group_name(event->group) : NULL);
	add_string(to, "kind", "gap");
	add_known(to, "lost", event->lost, event->lost);
	add_bool(to, "gone", event->gone);
	add_times(to, event, clock);
	return to;
}

static bool has_caps(const struct pvsched_event *event)
{
	unsigned int i;

	for (i = 0; i < PVSCHED_CAP_COUNT; i++)
		if (event->cap[i].present)
			return true;
	return false;
}

struct json_object *json_event(const struct pvsched_event *event,
			       const struct event_clock *clock)
{
	struct json_object *to;

	if (event->gap)
		return gap(event, clock);
	to = json_document();
	add_string(to, "group", pvsched_group_name(event->group));
	add_string(to, "kind", pvsched_event_name(event->kind));
	add_u64(to, "seq", event->seq);
	add_times(to, event, clock);
	add_string(to, "vm", event->vm[0] ? event->vm : NULL);
	add_known(to, "vcpu", event->has_vcpu, event->vcpu);
	add_known(to, event->has_vcpu ? "tid" : "pid", event->pid, event->pid);
	if (event->group == PVSCHED_GROUP_BOOST) {
		add(to, "granted", level_or_none(event->level));
		add_string(to, "cause", pvsched_cause_name(event->cause));
		add_u64(to, "cpu", event->cpu);
	} else if (event->waited_ns || event->kind == PVSCHED_EVENT_RECOVER) {
		add_u64(to, "cpu", event->cpu);
	}
	if (event->policy[0])
		add_string(to, "policy", event->policy);
	if (event->group == PVSCHED_GROUP_CONFIG &&
	    event->kind == PVSCHED_EVENT_PAYBACK)
		add_bool(to, "payback", event->payback);
	if (event->waited_ns) {
		add_u64(to, "waited_ns", event->waited_ns);
		add_u64(to, "hold_ns", event->hold_ns);
	}
	if (has_caps(event))
		add(to, "caps", json_caps(event->cap));
	return to;
}

static int print(struct json_object *document, FILE *to, int flags)
{
	const char *text = json_object_to_json_string_ext(document, flags);
	int ret = text && fprintf(to, "%s\n", text) >= 0 ? 0 : -1;

	json_object_put(document);
	return ret;
}

int json_print(struct json_object *document, FILE *to)
{
	return print(document, to,
		     JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
			     JSON_C_TO_STRING_NOSLASHESCAPE);
}

int json_print_line(struct json_object *document, FILE *to)
{
	return print(document, to,
		     JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}
