// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VMs and vCPUs over time.
 */
#include <stdlib.h>
#include <string.h>

#include "../rates.h"
#include "model.h"

#define NS_PER_S 1000000000ULL

/* Two spans of that length: quantiles are of the last half to whole minute. */
#define WAITS_SPAN_NS (30 * NS_PER_S)

/* No host has more CPUs; a larger number in a recording is not believed. */
#define CPUS_MAX 8192

const char *state_name(enum state state)
{
	static const char *const names[] = {
		[STATE_UNKNOWN] = "unknown",
		[STATE_PENDING] = "pending",
		[STATE_IDLE] = "idle",
		[STATE_RUNNING] = "running",
		[STATE_WAITING] = "waiting",
		[STATE_BOOSTED] = "boosted",
		[STATE_THROTTLED] = "throttled",
		[STATE_OWNER] = "owner changed",
	};

	return names[state];
}

static enum state vcpu_state(const struct pvsched_vcpu_info *vcpu)
{
	if (vcpu->flags & PVSCHED_VCPU_FLAG_OWNER_CHANGED)
		return STATE_OWNER;
	if (vcpu->flags & PVSCHED_VCPU_FLAG_THROTTLED)
		return STATE_THROTTLED;
	if (vcpu->flags & PVSCHED_VCPU_FLAG_BOOSTED)
		return STATE_BOOSTED;
	switch (vcpu->state) {
	case PVSCHED_VCPU_STATE_RUNNING:
		return STATE_RUNNING;
	case PVSCHED_VCPU_STATE_PREEMPTED:
		return STATE_WAITING;
	case PVSCHED_VCPU_STATE_BLOCKED:
		return STATE_IDLE;
	default:
		return STATE_PENDING;
	}
}

static const struct pvsched_stats_info *stats_of(const struct entity *entity)
{
	return entity->vcpu ? &entity->vcpu->stats : &entity->vm->stats;
}

/* By VM, itself first, then by vCPU. */
static int entity_compare(const struct entity *a, uint32_t vm_id, bool is_vcpu,
			  uint32_t vcpu)
{
	if (a->vm->id != vm_id)
		return a->vm->id < vm_id ? -1 : 1;
	if (!a->vcpu || !is_vcpu)
		return (a->vcpu ? 1 : 0) - is_vcpu;
	return (a->vcpu->id > vcpu) - (a->vcpu->id < vcpu);
}

const struct entity *model_find(const struct model *model, uint32_t vm_id,
				bool is_vcpu, uint32_t vcpu)
{
	size_t low = 0, high = model->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = entity_compare(&model->entities[middle], vm_id,
					   is_vcpu, vcpu);

		if (!order)
			return &model->entities[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

unsigned int ring_max(const struct model *model, const struct ring *ring,
		      unsigned int back, unsigned int count)
{
	unsigned int i, most = RING_NONE;

	for (i = 0; i < count && i <= back && back - i < RING_SECONDS; i++) {
		uint64_t second = model->second - (back - i);
		unsigned int here = ring->percent[second % RING_SECONDS];

		if (here != RING_NONE && (most == RING_NONE || here > most))
			most = here;
	}
	return most;
}

/* share is that of all seconds after from, up to to. */
static void ring_put(struct ring *ring, uint64_t from, uint64_t to,
		     double share)
{
	unsigned int percent = share >= 1 ? 100 : (unsigned int)(share * 100);
	uint64_t second;

	/* Several in one second: the largest. */
	if (from == to) {
		uint8_t *here = &ring->percent[to % RING_SECONDS];

		if (*here == RING_NONE || percent > *here)
			*here = percent;
		return;
	}
	if (to - from > RING_SECONDS)
		from = to - RING_SECONDS;
	for (second = from + 1; second <= to; second++)
		ring->percent[second % RING_SECONDS] = percent;
}

static void past_begin(struct past *past, const struct entity *entity,
		       uint64_t now_ns)
{
	memset(&past->boosted, RING_NONE, sizeof(past->boosted));
	memset(&past->urgent, RING_NONE, sizeof(past->urgent));
	past->waits[0] = stats_of(entity)->hist[PVSCHED_HIST_WAIT_URGENT];
	past->waits[1] = past->waits[0];
	past->waits_ns = now_ns;
}

static void waits_quantiles(struct entity *entity, uint64_t now_ns)
{
	const struct pvsched_hist_info *now =
		&stats_of(entity)->hist[PVSCHED_HIST_WAIT_URGENT];
	struct past *past = &entity->past;
	struct pvsched_hist_info recent = {};
	unsigned int i;

	for (i = 0; i < PVSCHED_HIST_BUCKETS; i++)
		if (now->bucket[i] > past->waits[0].bucket[i])
			recent.bucket[i] =
				now->bucket[i] - past->waits[0].bucket[i];
	entity->now.p50 = pvsched_hist_quantile(&recent, 500);
	entity->now.p99 = pvsched_hist_quantile(&recent, 990);
	if (now_ns - past->waits_ns < WAITS_SPAN_NS)
		return;
	past->waits[0] = past->waits[1];
	past->waits[1] = *now;
	past->waits_ns = now_ns;
}

/* A cause that ended boosts; of several the last. */
static void ended_note(struct past *past,
		       const struct pvsched_stats_info *growth)
{
	unsigned int i;

	for (i = 0; i < PVSCHED_CAUSE_COUNT; i++) {
		if (!growth->deboosts[i])
			continue;
		past->ended = i;
		past->has_ended = true;
	}
}

/*
 * The kernel does not tell what is left of a budget; its caps say how much boosted
 * time there may be, and the counter how much there was.
 */
static double budget_left(const struct entity *entity)
{
	const struct pvsched_binding_info *binding;
	double allowed;

	if (!entity->vcpu)
		return -1;
	binding = entity->vcpu->binding;
	if (!binding[PVSCHED_CAP_PERIOD].value ||
	    binding[PVSCHED_CAP_PERIOD].value == PVSCHED_UNLIMITED ||
	    binding[PVSCHED_CAP_RUNTIME].value >=
		    binding[PVSCHED_CAP_PERIOD].value)
		return -1;
	allowed = (double)binding[PVSCHED_CAP_RUNTIME].value /
		  (double)binding[PVSCHED_CAP_PERIOD].value;
	if (entity->now.boosted >= allowed)
		return 0;
	return 1 - entity->now.boosted / allowed;
}

static void figures_get(struct figures *to,
			const struct pvsched_stats_info *growth, uint64_t ns)
{
	uint64_t boosts = pvsched_stats_boosts(growth);
	unsigned int i;

	to->known = true;
	to->boosted = share_of(growth->boosted_ns, ns);
	for (i = 0; i < PVSCHED_CAUSE_COUNT; i++)
		to->by_cause[i] = rate_of(growth->boosts[i], ns);
	to->boosts = rate_of(boosts, ns);
	to->would = rate_of(growth->would_boost, ns);
	to->doorbells = rate_of(growth->doorbells, ns);
	to->throttles = rate_of(growth->throttles, ns);
	to->vain = boosts ? (double)growth->spurious / (double)boosts : -1;
	if (to->vain > 1)
		to->vain = 1;
	to->ready = share_of(growth->waited_ns, ns);
	to->urgent = share_of(growth->waited_urgent_ns, ns);
}

/* A vCPU's figures were read when it says, if it says so. */
static uint64_t ns_between(const struct entity *now,
			   const struct entity *before, uint64_t interval_ns)
{
	uint64_t from = before->vcpu ? before->vcpu->time_ns : 0;
	uint64_t to = now->vcpu ? now->vcpu->time_ns : 0;

	return from && to > from ? to - from : interval_ns;
}

static void causes_forget(struct figures *figures)
{
	unsigned int i;

	for (i = 0; i < PVSCHED_CAUSE_COUNT; i++)
		figures->by_cause[i] = -1;
}

static void growth_take(struct entity *entity, const struct entity *before,
			const struct pvsched_stats_info *growth,
			const struct model *model, uint64_t from)
{
	double of = entity->vcpu || !entity->vm->vcpus ? 1 : entity->vm->vcpus;

	entity->past = before->past;
	figures_get(&entity->now, growth,
		    ns_between(entity, before, model->interval_ns));
	if (model->now.counters_only)
		causes_forget(&entity->now);
	ended_note(&entity->past, growth);
	waits_quantiles(entity, model->now.time_ns);
	entity->now.budget = budget_left(entity);
	/* Of a VM: of the time of all its vCPUs. */
	ring_put(&entity->past.boosted, from, model->second,
		 entity->now.boosted / of);
	ring_put(&entity->past.urgent, from, model->second,
		 entity->now.urgent / of);
}

/* A second that passed without anybody knowing. */
static void rings_skip(struct past *past, uint64_t from, uint64_t to)
{
	if (from == to)
		return;
	past->boosted.percent[to % RING_SECONDS] = RING_NONE;
	past->urgent.percent[to % RING_SECONDS] = RING_NONE;
}

static void entity_update(struct entity *entity, const struct entity *before,
			  const struct model *model, uint64_t from)
{
	struct pvsched_stats_info growth = *stats_of(entity);

	if (before && model->interval_ns &&
	    stats_subtract(&growth, stats_of(before))) {
		growth_take(entity, before, &growth, model, from);
		return;
	}
	past_begin(&entity->past, entity, model->now.time_ns);
	entity->now.vain = entity->now.budget = -1;
	rings_skip(&entity->past, from, model->second);
}

/* Each VM, followed by its vCPUs; both lists are in order. */
static struct entity *entities_new(const struct snapshot *snapshot,
				   size_t *count)
{
	struct entity *entities;
	size_t i, at = 0;

	*count = 0;
	entities = calloc(snapshot->vms.count + snapshot->vcpus.count + 1,
			  sizeof(*entities));
	if (!entities)
		return NULL;
	for (i = 0; i < snapshot->vms.count; i++) {
		const struct pvsched_vm_info *vm = &snapshot->vms.vm[i];

		/* What a VM that came or went meanwhile has is left out. */
		while (at < snapshot->vcpus.count &&
		       snapshot->vcpus.vcpu[at].vm_id < vm->id)
			at++;
		entities[(*count)++].vm = vm;
		while (at < snapshot->vcpus.count &&
		       snapshot->vcpus.vcpu[at].vm_id == vm->id) {
			entities[*count].vm = vm;
			entities[(*count)++].vcpu = &snapshot->vcpus.vcpu[at++];
		}
	}
	return entities;
}

/* States, and of VMs what matters most. */
static void states_set(struct model *model)
{
	struct entity *vm = NULL;
	size_t i;

	for (i = 0; i < model->count; i++) {
		struct entity *entity = &model->entities[i];

		if (!entity->vcpu) {
			vm = entity;
			vm->state = model->now.counters_only ? STATE_UNKNOWN :
							       STATE_PENDING;
			continue;
		}
		entity->state = model->now.counters_only ?
					STATE_UNKNOWN :
					vcpu_state(entity->vcpu);
		model->totals.vcpus[entity->state]++;
		if (entity->state > vm->state)
			vm->in_state = 0;
		if (entity->state >= vm->state) {
			vm->state = entity->state;
			vm->in_state++;
		}
	}
}

static void totals_add(struct model *model, const struct entity *entity)
{
	const struct pvsched_vcpu_info *vcpu = entity->vcpu;

	model->totals.boosts += entity->now.boosts;
	model->totals.throttles += entity->now.throttles;
	model->totals.urgent += entity->now.urgent;
	model->totals.doorbells += entity->now.doorbells;
	if (vcpu->bound && vcpu->cpu < model->cpus)
		model->taken[vcpu->cpu] += entity->now.boosted;
}

static uint32_t cpus_count(const struct snapshot *snapshot)
{
	uint32_t cpus = snapshot->cpus;
	size_t i;

	for (i = 0; i < snapshot->vcpus.count; i++)
		if (snapshot->vcpus.vcpu[i].bound &&
		    snapshot->vcpus.vcpu[i].cpu >= cpus)
			cpus = snapshot->vcpus.vcpu[i].cpu + 1;
	return cpus < CPUS_MAX ? cpus : CPUS_MAX;
}

/* The entity of before that is the same; at goes on through both in order. */
static const struct entity *match(const struct model *before, size_t *at,
				  const struct entity *entity)
{
	while (*at < before->count) {
		int order = entity_compare(&before->entities[*at],
					   entity->vm->id, entity->vcpu,
					   entity->vcpu ? entity->vcpu->id : 0);

		if (!order)
			return &before->entities[*at];
		if (order > 0)
			return NULL;
		++*at;
	}
	return NULL;
}

int model_update(struct model *model, struct snapshot *snapshot)
{
	struct model new = { .now = *snapshot };
	size_t i, at = 0;

	snapshot_sort(&new.now);
	new.cpus = cpus_count(&new.now);
	new.taken = calloc(new.cpus + 1, sizeof(*new.taken));
	new.entities = entities_new(&new.now, &new.count);
	if (!new.taken || !new.entities) {
		free(new.taken);
		free(new.entities);
		snapshot_free(snapshot);
		return -1;
	}
	new.second = new.now.time_ns / NS_PER_S;
	if (model->now.time_ns && new.now.time_ns > model->now.time_ns)
		new.interval_ns = new.now.time_ns - model->now.time_ns;
	states_set(&new);
	for (i = 0; i < new.count; i++) {
		struct entity *entity = &new.entities[i];

		entity_update(entity, match(model, &at, entity), &new,
			      model->second);
		if (entity->vcpu)
			totals_add(&new, entity);
	}
	memset(snapshot, 0, sizeof(*snapshot));
	model_reset(model);
	*model = new;
	return 0;
}

void model_reset(struct model *model)
{
	snapshot_free(&model->now);
	free(model->entities);
	free(model->taken);
	memset(model, 0, sizeof(*model));
}
