// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What statistics have grown by, and how fast.
 */
#include <stdlib.h>
#include <string.h>

#include "rates.h"

void sample_free(struct sample *sample)
{
	pvsched_vms_free(&sample->vms);
	pvsched_vcpus_free(&sample->vcpus);
}

static void *copy(const void *from, size_t count, size_t size)
{
	void *to = calloc(count ?: 1, size);

	if (to && count)
		memcpy(to, from, count * size);
	return to;
}

int sample_copy(struct sample *to, const struct sample *from)
{
	*to = *from;
	to->vms.vm = copy(from->vms.vm, from->vms.count, sizeof(*to->vms.vm));
	to->vcpus.vcpu = copy(from->vcpus.vcpu, from->vcpus.count,
			      sizeof(*to->vcpus.vcpu));
	return to->vms.vm && to->vcpus.vcpu ? 0 : -1;
}

/* Where a counter has gone back, it is another vCPU's of the same number. */
static bool begun_anew(const struct pvsched_stats_info *now,
		       const struct pvsched_stats_info *before)
{
	return pvsched_stats_boosts(now) < pvsched_stats_boosts(before) ||
	       now->doorbells < before->doorbells ||
	       now->doorbells_ignored < before->doorbells_ignored ||
	       now->preempted_urgent < before->preempted_urgent ||
	       now->boosted_ns < before->boosted_ns ||
	       now->waited_ns < before->waited_ns ||
	       now->waited_urgent_ns < before->waited_urgent_ns;
}

/* Those that are read one after the other need not agree: never below 0. */
static void subtract(uint64_t *now, uint64_t before)
{
	*now = *now > before ? *now - before : 0;
}

static void hist_subtract(struct pvsched_hist_info *now,
			  const struct pvsched_hist_info *before)
{
	unsigned int i;

	subtract(&now->sum_ns, before->sum_ns);
	for (i = 0; i < PVSCHED_HIST_BUCKETS; i++)
		subtract(&now->bucket[i], before->bucket[i]);
}

bool stats_subtract(struct pvsched_stats_info *now,
		    const struct pvsched_stats_info *before)
{
	unsigned int i;

	if (begun_anew(now, before))
		return false;
	for (i = 0; i < PVSCHED_CAUSE_ROOM; i++) {
		subtract(&now->boosts[i], before->boosts[i]);
		subtract(&now->deboosts[i], before->deboosts[i]);
	}
	subtract(&now->doorbells, before->doorbells);
	subtract(&now->doorbells_ignored, before->doorbells_ignored);
	subtract(&now->spurious, before->spurious);
	subtract(&now->throttles, before->throttles);
	subtract(&now->would_boost, before->would_boost);
	subtract(&now->preempted_urgent, before->preempted_urgent);
	subtract(&now->boosted_ns, before->boosted_ns);
	subtract(&now->waited_ns, before->waited_ns);
	subtract(&now->waited_urgent_ns, before->waited_urgent_ns);
	for (i = 0; i < PVSCHED_HIST_ROOM; i++)
		hist_subtract(&now->hist[i], &before->hist[i]);
	return true;
}

static const struct pvsched_vm_info *vm_find(const struct pvsched_vms *vms,
					     uint32_t id)
{
	size_t i;

	for (i = 0; i < vms->count; i++)
		if (vms->vm[i].id == id)
			return &vms->vm[i];
	return NULL;
}

/* Both dumps are in the same order, so the search goes on where it was. */
static const struct pvsched_vcpu_info *
vcpu_find(const struct pvsched_vcpus *vcpus, const struct pvsched_vcpu_info *as,
	  size_t *at)
{
	size_t i;

	for (i = 0; i < vcpus->count; i++) {
		size_t here = (*at + i) % vcpus->count;

		if (vcpus->vcpu[here].vm_id != as->vm_id ||
		    vcpus->vcpu[here].id != as->id)
			continue;
		*at = here + 1;
		return &vcpus->vcpu[here];
	}
	return NULL;
}

void sample_subtract(struct sample *now, const struct sample *before)
{
	const struct pvsched_vcpu_info *vcpu;
	const struct pvsched_vm_info *vm;
	size_t i, at = 0;

	for (i = 0; i < now->vms.count; i++) {
		vm = vm_find(&before->vms, now->vms.vm[i].id);
		if (vm)
			stats_subtract(&now->vms.vm[i].stats, &vm->stats);
	}
	for (i = 0; i < now->vcpus.count; i++) {
		vcpu = vcpu_find(&before->vcpus, &now->vcpus.vcpu[i], &at);
		if (vcpu)
			stats_subtract(&now->vcpus.vcpu[i].stats, &vcpu->stats);
	}
}

double rate_of(uint64_t growth, uint64_t interval_ns)
{
	return interval_ns ? growth * 1e9 / interval_ns : 0;
}

double share_of(uint64_t growth_ns, uint64_t interval_ns)
{
	return interval_ns ? (double)growth_ns / interval_ns : 0;
}

uint64_t rates_next(uint64_t last_ns, uint64_t now_ns, uint64_t interval_ns)
{
	uint64_t missed =
		now_ns > last_ns ? (now_ns - last_ns) / interval_ns : 0;

	return last_ns + (missed + 1) * interval_ns;
}
