/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of a vCPU: what its guest says, what it should have, and how its
 * time is accounted.
 */
#ifndef PVSCHED_STATE_H
#define PVSCHED_STATE_H

#include <linux/types.h>

#include <pvsched/word.h>

#include "core.h"

u64 pvsched_state_now(void);
bool pvsched_state_nice_usurped(const struct pvsched_vcpu *vcpu, int nice);
bool pvsched_state_idle_usurped(const struct pvsched_vcpu *vcpu);
int pvsched_state_nice(const struct pvsched_vcpu *vcpu);
u8 pvsched_state_policy_level(const struct pvsched_vcpu *vcpu, u64 guest);
bool pvsched_state_urgent(const struct pvsched_vcpu *vcpu, u64 guest, u8 level);
u8 pvsched_state_bounded(struct pvsched_vcpu *vcpu, u64 guest, u8 level,
			 u64 now);
u8 pvsched_state_wanted(struct pvsched_vcpu *vcpu, u64 now);
void pvsched_state_grant(struct pvsched_vcpu *vcpu, u8 level, u64 now);
void pvsched_state_boost_end(struct pvsched_vcpu *vcpu, u64 now);
void pvsched_state_interrupted(struct pvsched_vcpu *vcpu);
void pvsched_state_payback_start(struct pvsched_vcpu *vcpu);
void pvsched_state_charge(struct pvsched_vcpu *vcpu, u64 now);
void pvsched_state_window_close(struct pvsched_vcpu *vcpu);
u64 pvsched_state_section_goes_on(struct pvsched_vcpu *vcpu, u64 now);
unsigned int pvsched_state_look(struct pvsched_vcpu *vcpu, u64 now, u64 *again);
bool pvsched_state_beyond_rlimits(const struct pvsched_vcpu *vcpu);
void pvsched_state_usurped(struct pvsched_vcpu *vcpu, u64 now);
void pvsched_state_timer_arm(struct pvsched_vcpu *vcpu, u64 now);

/* What follow are short, and on the path of every switch. */

/*
 * Does the count of the guest tell anything? One that runs may be in a section
 * whenever one looks, as one is that rings; it matters only if it is preempted there.
 */
static inline bool pvsched_state_counts(const struct pvsched_vcpu *vcpu)
{
	return vcpu->count &&
	       (vcpu->section || vcpu->state != PVSCHED_VCPU_STATE_RUNNING);
}

/* Is it boosted for a section that may end without being told? */
static inline bool pvsched_state_section_seen(const struct pvsched_vcpu *vcpu)
{
	return vcpu->section && vcpu->count;
}

/*
 * Without a word nothing is known: an ordinary task runs, as far as one knows. A
 * guest that idles counts, too, but nobody waits for the end of that.
 */
static inline u64 pvsched_state_guest_word(const struct pvsched_vcpu *vcpu)
{
	u64 guest;

	if (!vcpu->shared)
		return pvsched_guest_pack(PVSCHED_LEVEL_NORMAL, 0, 0, 0);
	guest = le64_to_cpu(READ_ONCE(vcpu->shared->guest_word));
	if (pvsched_state_counts(vcpu) && pvsched_guest_current(guest) &&
	    le32_to_cpu(READ_ONCE(*vcpu->count)) & vcpu->count_mask)
		guest |= PVSCHED_GUEST_ATOMIC;
	return guest;
}

/* The host word follows from the state; it is written if it changed. */
static inline void pvsched_state_publish(struct pvsched_vcpu *vcpu)
{
	u64 flags = 0;
	u64 word;

	if (!vcpu->shared)
		return;
	if (vcpu->granted)
		flags |= PVSCHED_HOST_BOOSTED;
	if (vcpu->away)
		flags |= PVSCHED_HOST_PREEMPTED;
	if (vcpu->throttled)
		flags |= PVSCHED_HOST_THROTTLED;
	word = pvsched_host_pack(vcpu->granted, flags, vcpu->ticket);
	if (word == vcpu->host_word)
		return;
	vcpu->host_word = word;
	WRITE_ONCE(vcpu->shared->host_word, cpu_to_le64(word));
}

/* Likewise, if nothing has changed but whether the thread is preempted. */
static inline void pvsched_state_publish_preempted(struct pvsched_vcpu *vcpu)
{
	if (vcpu->away == !!(vcpu->host_word & PVSCHED_HOST_PREEMPTED) ||
	    !vcpu->shared)
		return;
	vcpu->host_word ^= PVSCHED_HOST_PREEMPTED;
	WRITE_ONCE(vcpu->shared->host_word, cpu_to_le64(vcpu->host_word));
}

/* Attached, bound, and nobody else took the thread over? */
static inline bool pvsched_state_in_charge(const struct pvsched_vcpu *vcpu)
{
	return vcpu->attached && vcpu->state != PVSCHED_VCPU_STATE_PENDING &&
	       !vcpu->owner_changed;
}

bool pvsched_state_kick_take(struct pvsched_vcpu *vcpu);

/* Is the time of the thread of interest? If not, nobody looks at the clock. */
static inline bool pvsched_state_timed(const struct pvsched_vcpu *vcpu)
{
	return vcpu->granted || vcpu->debt > 0;
}

#endif /* PVSCHED_STATE_H */
