// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A source with a made-up host.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"

#define NS_PER_S 1000000000ULL
#define START_S	 1000
/* 2026-01-02 03:04:05 UTC */
#define START_REAL_S 1767323045

#define MANY_VMS     32
#define MANY_VCPUS   32

/* What a vCPU of the scene does, and how fast. */
struct actor {
	uint32_t vm_id;
	uint32_t id;
	uint32_t state;
	uint32_t flags;
	uint32_t current;
	uint32_t granted;
	uint32_t cause;
	uint32_t cpu;
	unsigned int boosted_percent;
	unsigned int urgent_ms; /* each second */
	unsigned int boosts;	/* each second */
};

static const struct actor actors[] = {
	{ 3, 0, PVSCHED_VCPU_STATE_RUNNING, PVSCHED_VCPU_FLAG_BOOSTED,
	  PVSCHED_LEVEL_RT(20), PVSCHED_LEVEL_RT(10), PVSCHED_CAUSE_INTERRUPT,
	  0, 30, 4, 120 },
	{ 3, 1, PVSCHED_VCPU_STATE_PREEMPTED, PVSCHED_VCPU_FLAG_THROTTLED,
	  PVSCHED_LEVEL_RT(80), 0, 0, 1, 48, 210, 15 },
	{ 3, 2, PVSCHED_VCPU_STATE_PREEMPTED, 0, PVSCHED_LEVEL_RT(1), 0, 0, 1,
	  2, 33, 8 },
	{ 3, 3, PVSCHED_VCPU_STATE_BLOCKED, 0, 0, 0, 0, 2, 0, 0, 0 },
	{ 5, 0, PVSCHED_VCPU_STATE_RUNNING, 0, PVSCHED_LEVEL_NICE(0), 0, 0, 2,
	  0, 0, 0 },
	{ 5, 1, PVSCHED_VCPU_STATE_RUNNING, PVSCHED_VCPU_FLAG_OWNER_CHANGED,
	  PVSCHED_LEVEL_NICE(5), 0, 0, 3, 0, 0, 0 },
	{ 9, 0, PVSCHED_VCPU_STATE_PENDING,
	  PVSCHED_VCPU_FLAG_WORDLESS | PVSCHED_VCPU_FLAG_BY_HAND, 0, 0, 0, 0, 0,
	  0, 0 },
};

#define ACTORS (sizeof(actors) / sizeof(actors[0]))

struct fake {
	struct source source;
	const char *scene;
	unsigned int samples; /* taken so far */
	bool enabled;
	bool told; /* the events of this sample */
	bool caps_changed;
	struct pvsched_target watched;
	/* Caps: of the host, the VM web-1, and its vCPU 0; those of others stay. */
	struct pvsched_caps_info host, web, vcpu;
};

static struct fake *fake_of(const struct source *source)
{
	return (struct fake *)source;
}

static bool is(const struct fake *fake, const char *scene)
{
	return !strcmp(fake->scene, scene);
}

static void *allocate(size_t count, size_t size)
{
	void *items = calloc(count + 1, size);

	if (!items)
		abort();
	return items;
}

static void hist_fill(struct pvsched_hist_info *hist, uint64_t seconds,
		      uint64_t rate)
{
	static const unsigned int parts[] = { 1, 3, 10, 40, 30, 10, 5, 1 };
	unsigned int i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		hist->bucket[5 + i] = seconds * rate * parts[i] / 10;
		hist->sum_ns += hist->bucket[5 + i] *
				(pvsched_hist_bound(5 + i) / 4 * 3);
	}
}

static void stats_fill(struct pvsched_stats_info *stats,
		       const struct actor *actor, uint64_t seconds)
{
	uint64_t boosts = actor->boosts * seconds;

	stats->boosts[PVSCHED_CAUSE_INTERRUPT] = boosts / 2;
	stats->boosts[PVSCHED_CAUSE_PREEMPTED] = boosts / 3;
	stats->boosts[PVSCHED_CAUSE_HALT] = boosts / 12;
	stats->boosts[PVSCHED_CAUSE_SECTION] = boosts / 12;
	stats->deboosts[PVSCHED_CAUSE_DOORBELL] = boosts / 2;
	if (actor->flags & PVSCHED_VCPU_FLAG_THROTTLED)
		stats->deboosts[PVSCHED_CAUSE_SLICE] = boosts / 3;
	stats->throttles = stats->deboosts[PVSCHED_CAUSE_SLICE];
	stats->doorbells = boosts;
	stats->spurious = boosts / 20;
	stats->boosted_ns = seconds * actor->boosted_percent * NS_PER_S / 100;
	/* Ten seconds more, ten seconds less. */
	if (seconds / 10 % 2)
		stats->boosted_ns +=
			seconds % 10 * NS_PER_S / 50 * !!actor->boosted_percent;
	stats->waited_urgent_ns = seconds * actor->urgent_ms * 1000000;
	stats->waited_ns = 2 * stats->waited_urgent_ns;
	stats->debt_ns = actor->boosted_percent * 100000ULL;
	if (actor->boosts) {
		hist_fill(&stats->hist[PVSCHED_HIST_WAIT_URGENT], seconds, 1);
		hist_fill(&stats->hist[PVSCHED_HIST_EVENT_LATENCY], seconds, 3);
		hist_fill(&stats->hist[PVSCHED_HIST_BOOST_LENGTH], seconds, 7);
	}
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void binding_fill(const struct fake *fake,
			 struct pvsched_vcpu_info *vcpu)
{
	unsigned int id;

	for (id = 0; id < PVSCHED_CAP_COUNT; id++) {
		uint64_t host = fake->host.cap[id].soft;
		uint64_t vm = vcpu->vm_id == 3 ? fake->web.cap[id].soft :
						 PVSCHED_UNLIMITED;
		uint64_t own = vcpu->vm_id == 3 && !vcpu->id ?
				       fake->vcpu.cap[id].soft :
				       PVSCHED_UNLIMITED;

		vcpu->binding[id].value = least(host, least(vm, own));
		vcpu->binding[id].level = own < least(host, vm) ?
						  PVSCHED_CAP_LEVEL_VCPU :
					  vm < host ? PVSCHED_CAP_LEVEL_VM :
						      PVSCHED_CAP_LEVEL_HOST;
	}
}

static void vcpu_fill(const struct fake *fake, struct pvsched_vcpu_info *vcpu,
		      const struct actor *actor, uint64_t seconds)
{
	vcpu->vm_id = actor->vm_id;
	vcpu->id = actor->id;
	vcpu->state = actor->state;
	vcpu->flags = actor->flags;
	vcpu->bound = actor->state != PVSCHED_VCPU_STATE_PENDING;
	vcpu->tid = vcpu->bound ? 1000 * actor->vm_id + actor->id : 0;
	vcpu->cpu = actor->cpu;
	vcpu->current = actor->current;
	vcpu->sleeper = actor->granted ? PVSCHED_LEVEL_RT(30) : 0;
	vcpu->granted = fake->enabled ? actor->granted : 0;
	vcpu->cause = actor->cause;
	vcpu->share = actor->boosted_percent ? 256 : 0;
	vcpu->baseline_policy = SCHED_OTHER;
	vcpu->baseline_nice = actor->vm_id == 5 ? 10 : 0;
	vcpu->time_ns = (START_S + seconds) * NS_PER_S;
	if (!fake->enabled)
		vcpu->flags &= ~PVSCHED_VCPU_FLAG_BOOSTED;
	stats_fill(&vcpu->stats, actor, seconds);
	binding_fill(fake, vcpu);
}

static void vm_fill(struct pvsched_vm_info *vm, uint32_t id, const char *name,
		    const char *policy)
{
	vm->id = id;
	snprintf(vm->name, sizeof(vm->name), "%s", name);
	snprintf(vm->policy, sizeof(vm->policy), "%s", policy);
	vm->pid = 1000 * id - 1;
	vm->uid = 64055;
}

/* What a VM has is what its vCPUs have. */
static void sums_fill(struct snapshot *to)
{
	size_t i, at;
	unsigned int n;

	for (i = 0; i < to->vcpus.count; i++) {
		struct pvsched_vcpu_info *vcpu = &to->vcpus.vcpu[i];
		const struct pvsched_stats_info *from = &vcpu->stats;
		struct pvsched_stats_info *sum;

		for (at = 0; to->vms.vm[at].id != vcpu->vm_id; at++)
			;
		memcpy(vcpu->vm, to->vms.vm[at].name, sizeof(vcpu->vm));
		to->vms.vm[at].vcpus++;
		sum = &to->vms.vm[at].stats;
		for (n = 0; n < PVSCHED_CAUSE_COUNT; n++) {
			sum->boosts[n] += from->boosts[n];
			sum->deboosts[n] += from->deboosts[n];
		}
		sum->doorbells += from->doorbells;
		sum->spurious += from->spurious;
		sum->throttles += from->throttles;
		sum->boosted_ns += from->boosted_ns;
		sum->waited_ns += from->waited_ns;
		sum->waited_urgent_ns += from->waited_urgent_ns;
		sum->debt_ns += from->debt_ns;
		for (n = 0; n < PVSCHED_HIST_BUCKETS; n++)
			sum->hist[0].bucket[n] += from->hist[0].bucket[n];
		sum->hist[0].sum_ns += from->hist[0].sum_ns;
	}
}

static void few_fill(const struct fake *fake, struct snapshot *to,
		     uint64_t seconds)
{
	bool hostile = is(fake, "hostile");
	bool gone = is(fake, "vanish") && fake->samples > 3;
	size_t i;

	to->cpus = 4;
	to->vms.vm = allocate(3, sizeof(*to->vms.vm));
	to->vcpus.vcpu = allocate(ACTORS, sizeof(*to->vcpus.vcpu));
	if (!gone)
		vm_fill(&to->vms.vm[to->vms.count++], 3,
			hostile ? "\033[2J\033]0;x\007" : "web-1", "boost");
	vm_fill(&to->vms.vm[to->vms.count++], 5,
		hostile ? "\xff\xc3(\xe2\x82\xed\xa0\x80\u0301" : "db-数据库",
		"boost");
	vm_fill(&to->vms.vm[to->vms.count++], 9,
		hostile ?
			"a-name-that-is-as-long-as-the-kernel-lets-a-name-be-63-bytes" :
			"win-1",
		hostile ? "\r\n" : "blind");
	for (i = 0; i < ACTORS; i++)
		if (!gone || actors[i].vm_id != 3)
			vcpu_fill(fake, &to->vcpus.vcpu[to->vcpus.count++],
				  &actors[i], seconds);
}

static void many_fill(const struct fake *fake, struct snapshot *to,
		      uint64_t seconds)
{
	uint32_t i, n;
	char name[32];

	to->cpus = 160;
	to->vms.vm = allocate(MANY_VMS, sizeof(*to->vms.vm));
	to->vcpus.vcpu =
		allocate(MANY_VMS * MANY_VCPUS, sizeof(*to->vcpus.vcpu));
	for (i = 0; i < MANY_VMS; i++) {
		snprintf(name, sizeof(name), "vm-%u", i + 1);
		vm_fill(&to->vms.vm[to->vms.count++], 100 + i, name, "boost");
		for (n = 0; n < MANY_VCPUS; n++) {
			struct actor actor = actors[(i * 5 + n) % ACTORS];

			actor.vm_id = 100 + i;
			actor.id = n;
			actor.cpu = (i * MANY_VCPUS + n) * 7 % 160;
			vcpu_fill(fake, &to->vcpus.vcpu[to->vcpus.count++],
				  &actor, seconds);
		}
	}
}

static bool is_missing(const struct fake *fake)
{
	return (is(fake, "late") && fake->samples <= 3) ||
	       (is(fake, "reload") && fake->samples >= 4 && fake->samples < 6);
}

static int fake_sample(struct source *source, struct snapshot *to,
		       struct pvsched_error *error)
{
	struct fake *fake = fake_of(source);
	uint64_t seconds = fake->samples++;

	memset(to, 0, sizeof(*to));
	if (is(fake, "broken") && fake->samples > 2)
		return source_error(
			error, -EIO,
			"talking to the kernel: it does not answer");
	to->time_ns = (START_S + seconds) * NS_PER_S;
	to->real_ns = (START_REAL_S + seconds) * NS_PER_S;
	to->missing = is_missing(fake);
	to->cpus = 4;
	fake->told = false;
	if (to->missing)
		return 0;
	/* A module that was loaded anew counts from 0. */
	if (is(fake, "reload") && fake->samples >= 6)
		seconds -= 5;
	/* By somebody else. */
	if (is(fake, "switched") && fake->samples == 6)
		fake->enabled = false;
	to->host.enabled = fake->enabled;
	to->host.held = is(fake, "held");
	to->host.canary_ms = 500;
	to->host.canary_trips = to->host.held;
	to->has_pressure = true;
	to->pressure = 1234;
	to->listening = !is(fake, "user");
	to->lost = fake->samples > 5 ? 17 : 0;
	if (is(fake, "many"))
		many_fill(fake, to, seconds);
	else if (!is(fake, "none"))
		few_fill(fake, to, seconds);
	sums_fill(to);
	return 0;
}

static struct pvsched_caps_info *caps_of(struct fake *fake,
					 const struct pvsched_target *target)
{
	if (!target->vm[0])
		return &fake->host;
	if (strcmp(target->vm, "web-1") != 0)
		return NULL;
	if (!target->has_vcpu)
		return &fake->web;
	return target->vcpu ? NULL : &fake->vcpu;
}

static void unlimited_fill(struct pvsched_caps_info *caps)
{
	unsigned int id;

	memset(caps, 0, sizeof(*caps));
	for (id = 0; id < PVSCHED_CAP_COUNT; id++)
		caps->cap[id] =
			(struct pvsched_cap_info){ true, PVSCHED_UNLIMITED,
						   PVSCHED_UNLIMITED };
}

static int fake_caps_get(struct source *source,
			 const struct pvsched_target *target,
			 struct pvsched_caps_info *caps,
			 struct pvsched_error *error)
{
	struct fake *fake = fake_of(source);
	const struct pvsched_caps_info *from = caps_of(fake, target);
	struct pvsched_vcpu_info vcpu = { .vm_id = 3, .id = target->vcpu };

	(void)error;
	if (from)
		*caps = *from;
	else
		unlimited_fill(caps);
	caps->has_binding = target->has_vcpu;
	if (strcmp(target->vm, "web-1") != 0)
		vcpu.vm_id = 0;
	binding_fill(fake, &vcpu);
	memcpy(caps->binding, vcpu.binding, sizeof(caps->binding));
	return 0;
}

static int refuse(struct pvsched_error *error, int code, const char *text)
{
	source_error(error, code, "%s", text);
	error->refused = true;
	return code;
}

static int fake_caps_set(struct source *source,
			 const struct pvsched_target *target,
			 const struct pvsched_cap_wish *wishes, size_t count,
			 struct pvsched_error *error)
{
	struct fake *fake = fake_of(source);
	struct pvsched_caps_info *caps = caps_of(fake, target), new;
	size_t i;

	if (is(fake, "user"))
		return refuse(error, -EPERM, "not permitted: not your VM");
	if (!caps)
		return refuse(error, -EPERM,
			      "not permitted: needs CAP_SYS_RESOURCE");
	new = *caps;
	for (i = 0; i < count; i++) {
		struct pvsched_cap_info *cap = &new.cap[wishes[i].id];

		if (wishes[i].has_soft)
			cap->soft = wishes[i].soft;
		if (wishes[i].has_hard)
			cap->hard = wishes[i].hard;
		if (cap->soft > cap->hard)
			return refuse(error, -EINVAL, "soft is above hard");
	}
	*caps = new;
	fake->caps_changed = true;
	return 0;
}

static int fake_enable(struct source *source, bool enabled,
		       struct pvsched_host_info *host,
		       struct pvsched_error *error)
{
	struct fake *fake = fake_of(source);

	if (is(fake, "user"))
		return refuse(error, -EPERM,
			      "not permitted: needs CAP_SYS_RESOURCE");
	fake->enabled = enabled;
	*host = (struct pvsched_host_info){ .enabled = enabled,
					    .canary_ms = 500,
					    .ended = !enabled };
	return 0;
}

static int fake_watch(struct source *source, const struct pvsched_target *vcpu,
		      struct pvsched_error *error)
{
	struct fake *fake = fake_of(source);

	memset(&fake->watched, 0, sizeof(fake->watched));
	if (!vcpu)
		return 0;
	if (is(fake, "user"))
		return refuse(error, -EPERM,
			      "not permitted: needs CAP_NET_ADMIN");
	fake->watched = *vcpu;
	return 0;
}

static size_t fake_fds(const struct source *source,
		       struct pollfd fds[SOURCE_FDS])
{
	(void)source;
	(void)fds;
	return 0;
}

static int fake_events(struct source *source, pvsched_event_fn fn, void *arg,
		       struct pvsched_error *error)
{
	struct fake *fake = fake_of(source);
	struct pvsched_event event = {
		.time_ns = (START_S + fake->samples - 1) * NS_PER_S - 250000000,
		.kind = PVSCHED_EVENT_THROTTLE,
		.vm = "web-1",
		.vm_id = 3,
		.has_vcpu = true,
		.vcpu = 1,
	};

	(void)error;
	if (fake->caps_changed) {
		struct pvsched_event changed = event;

		changed.kind = PVSCHED_EVENT_CAPS;
		changed.has_vcpu = false;
		fake->caps_changed = false;
		fn(&changed, arg);
	}
	if (fake->told || is(fake, "user"))
		return 0;
	fake->told = true;
	if (fake->samples % 2)
		fn(&event, arg);
	if (fake->watched.has_vcpu) {
		event.group = PVSCHED_GROUP_BOOST;
		event.kind = fake->samples % 2 ? PVSCHED_EVENT_BOOST :
						 PVSCHED_EVENT_DEBOOST;
		event.vcpu = fake->watched.vcpu;
		event.cause = fake->samples % 2 ? PVSCHED_CAUSE_INTERRUPT :
						  PVSCHED_CAUSE_DOORBELL;
		event.level = fake->samples % 2 ? PVSCHED_LEVEL_RT(10) : 0;
		event.time_ns += 100000000;
		fn(&event, arg);
	}
	return 0;
}

static void fake_close(struct source *source)
{
	free(source);
}

static void caps_fill(struct fake *fake)
{
	static const struct pvsched_cap_info host[] = {
		[PVSCHED_CAP_RTPRIO] = { true, 10, 49 },
		[PVSCHED_CAP_RUNTIME] = { true, 50000, 90000 },
		[PVSCHED_CAP_PERIOD] = { true, 100000, 1000000 },
		[PVSCHED_CAP_SLICE] = { true, 10000, 50000 },
		[PVSCHED_CAP_NICE] = { true, 30, 40 },
		[PVSCHED_CAP_KICKS] = { true, 10000, 100000 },
		[PVSCHED_CAP_VCPUS] = { true, 4096, 4096 },
		[PVSCHED_CAP_SECTION] = { true, 500, 5000 },
	};

	memcpy(fake->host.cap, host, sizeof(host));
	unlimited_fill(&fake->web);
	fake->web.cap[PVSCHED_CAP_SLICE] =
		(struct pvsched_cap_info){ true, 5000, 20000 };
	unlimited_fill(&fake->vcpu);
	fake->vcpu.cap[PVSCHED_CAP_RTPRIO] =
		(struct pvsched_cap_info){ true, 8, 9 };
}

struct source *fake_new(const char *scene)
{
	static const char *const scenes[] = { "few",	"many",	   "none",
					      "late",	"reload",  "switched",
					      "vanish", "broken",  "disabled",
					      "held",	"hostile", "user" };
	static const struct source_ops ops = {
		.sample = fake_sample,
		.caps_get = fake_caps_get,
		.caps_set = fake_caps_set,
		.enable = fake_enable,
		.watch = fake_watch,
		.fds = fake_fds,
		.events = fake_events,
		.close = fake_close,
	};
	struct fake *fake = allocate(1, sizeof(*fake));
	size_t i;

	fake->source.ops = &ops;
	for (i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++)
		if (!strcmp(scene, scenes[i]))
			fake->scene = scenes[i];
	if (!fake->scene) {
		free(fake);
		return NULL;
	}
	fake->enabled = !is(fake, "disabled");
	caps_fill(fake);
	return &fake->source;
}
