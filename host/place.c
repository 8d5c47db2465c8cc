// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the host tells a guest beside its word: on what kind of CPU the vCPU
 * runs, whom it shares it with, and what is left of it.
 *
 * A guest learns how its own vCPUs are placed relative to each other, and
 * nothing about the machine: ids are hashed with a key of this module and the
 * VM's id.
 */
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/siphash.h>

#include "compat.h"
#include "core.h"
#include "place.h"
#include "sched.h"
#include "state.h"

/* Over how much time the share that others take is measured, ns. */
#define TAKEN_WINDOW (100 * NSEC_PER_MSEC)

enum { CORE, CACHE };

static siphash_key_t id_key;

void pvsched_place_init(void)
{
	get_random_bytes(&id_key, sizeof(id_key));
}

/* Never 0, which means unknown. */
static u32 opaque(const struct pvsched_vcpu *vcpu, u32 kind, u32 id)
{
	return siphash_3u32(vcpu->vm->id, kind, id, &id_key) | 1;
}

/**
 * pvsched_place_bound() - the thread was found: from now on its time counts
 * @vcpu: the vCPU, its lock held
 */
void pvsched_place_bound(struct pvsched_vcpu *vcpu)
{
	pvsched_sched_times(vcpu->task, &vcpu->place.ran, &vcpu->place.waited);
}

static void tell_cpu(struct pvsched_vcpu *vcpu, unsigned int cpu)
{
	struct pvsched_page *page = vcpu->shared;

	WRITE_ONCE(page->cpu_capacity, cpu_to_le32(pvsched_cpu_capacity(cpu)));
	WRITE_ONCE(page->core_id,
		   cpu_to_le32(opaque(vcpu, CORE, pvsched_cpu_core(cpu))));
	WRITE_ONCE(page->cache_id,
		   cpu_to_le32(opaque(vcpu, CACHE, pvsched_cpu_cache(cpu))));
}

/* Once in a window of the time that the thread ran or wanted to. */
static void tell_taken(struct pvsched_vcpu *vcpu)
{
	struct pvsched_place *place = &vcpu->place;
	u64 ran, waited, window, taken;

	pvsched_sched_times(current, &ran, &waited);
	window = ran - place->ran + waited - place->waited;
	if (window < TAKEN_WINDOW)
		return;
	/* Of another thread, if the VMM has replaced it: the next one counts. */
	if (ran >= place->ran && waited >= place->waited) {
		taken = div64_u64((waited - place->waited) * PVSCHED_TAKEN_ALL,
				  window);
		WRITE_ONCE(vcpu->shared->taken, cpu_to_le32(taken));
	}
	place->ran = ran;
	place->waited = waited;
}

static void tell_throttled(struct pvsched_vcpu *vcpu)
{
	struct pvsched_place *place = &vcpu->place;
	u64 now, at, us = 0;

	if (vcpu->throttled) {
		now = pvsched_state_now();
		at = pvsched_budget_recovers(&vcpu->budget, &vcpu->limits, now);
		us = at > now ? div64_u64(at - now, NSEC_PER_USEC) + 1 : 1;
	}
	place->throttled_us = min_t(u64, us, U32_MAX);
	WRITE_ONCE(vcpu->shared->throttled_us,
		   cpu_to_le32(place->throttled_us));
}

/**
 * pvsched_place_tell() - a vCPU's thread got a CPU: tell the guest what changed
 * @vcpu: the vCPU, its lock held
 * @cpu: the CPU
 *
 * In the thread, irqs off.
 */
void pvsched_place_tell(struct pvsched_vcpu *vcpu, unsigned int cpu)
{
	vcpu->place.looked = jiffies;
	if (!vcpu->shared)
		return;
	if (vcpu->place.cpu != cpu + 1) {
		vcpu->place.cpu = cpu + 1;
		tell_cpu(vcpu, cpu);
	}
	tell_taken(vcpu);
	if (vcpu->throttled || vcpu->place.throttled_us)
		tell_throttled(vcpu);
}
