// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What pvschedd's history says that VMs have counted in the last time.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "history.h"
#include "past.h"
#include "targets.h"

/* How far back a history knows each second. */
#define HOUR_S 3600

/* A VM or a vCPU, what it had counted last, and by how much that grew. */
struct entry {
	struct history_record last;
	struct pvsched_stats_info growth;
};

/**
 * struct past - what is made of a history
 * @pattern: of VMs
 * @entry: in the order in which they appear
 * @count: of @entry
 * @room: for so many
 * @at: where the next one is looked for first: samples have the same order
 * @boot: the run of the host that records are of
 * @slots: there were so many
 * @base: number of the slot with which it begins; what appears later began later
 * @span: what of it
 * @failed: out of memory
 */
struct past {
	const char *pattern;
	struct entry *entry;
	size_t count, room, at;
	uint64_t boot;
	uint64_t slots;
	uint64_t base;
	struct past_span *span;
	bool failed;
};

void past_stats(const struct history_record *record,
		struct pvsched_stats_info *stats)
{
	*stats = (struct pvsched_stats_info){
		.doorbells = record->doorbells,
		.spurious = record->spurious,
		.throttles = record->throttles,
		.would_boost = record->would_boost,
		.preempted_urgent = record->preempted_urgent,
		.boosted_ns = record->boosted_ns,
		.waited_ns = record->waited_ns,
		.waited_urgent_ns = record->waited_urgent_ns,
	};
	stats->boosts[PAST_CAUSE] = record->boosts;
}

/* A module that is loaded anew gives the same numbers to others. */
static bool same(const struct history_record *a, const struct history_record *b)
{
	return a->vm_id == b->vm_id && a->has_vcpu == b->has_vcpu &&
	       a->vcpu == b->vcpu && !strcmp(a->vm, b->vm);
}

static struct entry *entry_find(struct past *p,
				const struct history_record *record)
{
	size_t i;

	for (i = 0; i < p->count; i++) {
		size_t here = (p->at + i) % p->count;

		if (!same(&p->entry[here].last, record))
			continue;
		p->at = here + 1;
		return &p->entry[here];
	}
	return NULL;
}

static struct entry *entry_add(struct past *p)
{
	size_t room = p->room ? 2 * p->room : 64;
	struct entry *all = p->entry;

	if (p->count == p->room) {
		all = reallocarray(all, room, sizeof(*all));
		if (!all) {
			p->failed = true;
			return NULL;
		}
		p->entry = all;
		p->room = room;
	}
	return &all[p->count++];
}

/* Times never go back, unless it is another vCPU of the same number. */
static bool begun_anew(const struct history_record *now,
		       const struct history_record *last)
{
	return now->boosted_ns < last->boosted_ns ||
	       now->waited_ns < last->waited_ns ||
	       now->waited_urgent_ns < last->waited_urgent_ns;
}

static void grow(struct entry *entry, const struct history_record *now)
{
	static const struct history_record nothing;
	const struct history_record *last = &entry->last;
	struct pvsched_stats_info *to = &entry->growth;

	if (begun_anew(now, last))
		last = &nothing;
	/* Differences modulo 2^32 are right. */
	to->boosts[PAST_CAUSE] += (uint32_t)(now->boosts - last->boosts);
	to->throttles += (uint32_t)(now->throttles - last->throttles);
	to->preempted_urgent +=
		(uint32_t)(now->preempted_urgent - last->preempted_urgent);
	to->doorbells += (uint32_t)(now->doorbells - last->doorbells);
	to->spurious += (uint32_t)(now->spurious - last->spurious);
	to->would_boost += (uint32_t)(now->would_boost - last->would_boost);
	to->boosted_ns += now->boosted_ns - last->boosted_ns;
	to->waited_ns += now->waited_ns - last->waited_ns;
	to->waited_urgent_ns += now->waited_urgent_ns - last->waited_urgent_ns;
	entry->last = *now;
}

static void slot_begin(struct past *p, const struct history_slot *slot)
{
	if (!p->slots++) {
		p->span->begin_ns = slot->time_ns;
		p->base = slot->number;
	}
	p->span->end_ns = slot->time_ns;
	p->span->dropped = slot->dropped;
	p->at = 0;
}

/* Statistics begin with the host. */
static void boot_begin(struct past *p, const struct history_slot *slot,
		       uint64_t boot)
{
	if (p->boot && p->boot != boot) {
		p->count = 0;
		p->base = 0;
		p->span->begin_ns = slot->time_ns;
	}
	p->boot = boot;
}

static bool on_record(const struct history_slot *slot,
		      const struct history_record *record, void *arg)
{
	struct past *p = arg;
	struct entry *entry;

	if (!record) {
		slot_begin(p, slot);
		return true;
	}
	boot_begin(p, slot, record->boot);
	if (p->pattern && !pattern_matches(p->pattern, record->vm))
		return true;
	entry = entry_find(p, record);
	if (entry) {
		grow(entry, record);
		return true;
	}
	entry = entry_add(p);
	if (!entry)
		return false;
	*entry = (struct entry){ .last = *record };
	if (slot->number != p->base)
		past_stats(record, &entry->growth);
	return true;
}

/* Returns 0, or -1 without memory. */
static int sample_make(const struct past *p, struct sample *sample)
{
	size_t i;

	*sample = (struct sample){ 0 };
	sample->vms.vm = calloc(p->count + 1, sizeof(*sample->vms.vm));
	sample->vcpus.vcpu = calloc(p->count + 1, sizeof(*sample->vcpus.vcpu));
	if (!sample->vms.vm || !sample->vcpus.vcpu) {
		sample_free(sample);
		return -1;
	}
	for (i = 0; i < p->count; i++) {
		const struct entry *entry = &p->entry[i];

		if (entry->last.has_vcpu) {
			struct pvsched_vcpu_info *vcpu =
				&sample->vcpus.vcpu[sample->vcpus.count++];

			snprintf(vcpu->vm, sizeof(vcpu->vm), "%.*s",
				 (int)sizeof(vcpu->vm) - 1, entry->last.vm);
			vcpu->vm_id = entry->last.vm_id;
			vcpu->id = entry->last.vcpu;
			vcpu->stats = entry->growth;
		} else {
			struct pvsched_vm_info *vm =
				&sample->vms.vm[sample->vms.count++];

			snprintf(vm->name, sizeof(vm->name), "%.*s",
				 (int)sizeof(vm->name) - 1, entry->last.vm);
			vm->id = entry->last.vm_id;
			vm->stats = entry->growth;
		}
	}
	return 0;
}

/* Returns 0, or -1 with the reason in why. */
static int history_take(struct past *p, const char *path, uint64_t seconds,
			char *why)
{
	struct history_query query = {
		.ring = seconds > HOUR_S ? HISTORY_MINUTES : HISTORY_SECONDS,
	};
	struct history_reader *reader;
	struct timespec now;
	int err;

	clock_gettime(CLOCK_REALTIME, &now);
	if ((uint64_t)now.tv_sec > seconds)
		query.since_ns =
			(now.tv_sec - seconds) * 1000000000 + now.tv_nsec;
	if (history_open(&reader, path, why))
		return -1;
	err = history_read(reader, &query, on_record, p, &p->span->damaged);
	history_close(reader);
	if (p->failed)
		err = -ENOMEM;
	if (err)
		snprintf(why, PAST_WHY_LEN, "%.160s: %s", path, strerror(-err));
	else if (!p->slots)
		snprintf(why, PAST_WHY_LEN,
			 "%.160s: it has nothing of the last %" PRIu64 " s",
			 path, seconds);
	return err || !p->slots ? -1 : 0;
}

int past_growth(const char *path, uint64_t seconds, const char *pattern,
		struct sample *sample, struct past_span *span, char *why)
{
	struct past p = { .pattern = pattern, .span = span };
	int err;

	*span = (struct past_span){ 0 };
	*sample = (struct sample){ 0 };
	err = history_take(&p, path, seconds, why);
	if (!err && sample_make(&p, sample)) {
		snprintf(why, PAST_WHY_LEN, "out of memory");
		err = -1;
	}
	free(p.entry);
	return err;
}
