// SPDX-License-Identifier: GPL-2.0-only
/*
 * What goes into the statistics of a vCPU, and when.
 *
 * Nobody looks at a clock for the sake of statistics unless the guest is
 * urgent or boosted. Unless it says otherwise, a function here is called with
 * vcpu->lock held, possibly under a run queue's lock.
 */
#include <pvsched/word.h>

#include "account.h"
#include "core.h"
#include "sched.h"
#include "state.h"

/* The thread was found. */
void pvsched_account_bound(struct pvsched_vcpu *vcpu)
{
	u64 ran;

	vcpu->marks = (struct pvsched_marks){};
	pvsched_sched_times(vcpu->task, &ran, &vcpu->waited_before);
	vcpu->counted = true;
}

/* Time that the thread has waited since it was found. apply_lock is held. */
static u64 thread_waited(const struct pvsched_vcpu *vcpu)
{
	u64 ran, waited;

	if (!vcpu->counted)
		return 0;
	pvsched_sched_times(vcpu->task, &ran, &waited);
	return waited - vcpu->waited_before;
}

/* The thread is gone, and not forgotten. apply_lock is held. */
void pvsched_account_exited(struct pvsched_vcpu *vcpu)
{
	vcpu->stats.waited += thread_waited(vcpu);
	vcpu->counted = false;
}

static void wait_begin(struct pvsched_vcpu *vcpu, u64 now)
{
	if (vcpu->marks.wait)
		return;
	vcpu->marks.wait = now;
	vcpu->marks.charged = now;
}

/* Time of a wait up to now, so that one that does not end is seen. */
static void wait_charge(struct pvsched_vcpu *vcpu, u64 now)
{
	if (!vcpu->marks.wait || now <= vcpu->marks.charged)
		return;
	vcpu->stats.waited_urgent += now - vcpu->marks.charged;
	vcpu->marks.charged = now;
}

/* The host takes the CPU while the guest is urgent. */
void pvsched_account_preempted(struct pvsched_vcpu *vcpu, u64 now)
{
	vcpu->stats.preempted_urgent++;
	wait_begin(vcpu, now);
}

/* An interrupt makes a vCPU urgent that does not run. */
void pvsched_account_event(struct pvsched_vcpu *vcpu, u64 now)
{
	wait_begin(vcpu, now);
	if (!vcpu->marks.event)
		vcpu->marks.event = now;
}

/* A vCPU that waited while it was urgent gets a CPU. */
void pvsched_account_run(struct pvsched_vcpu *vcpu, u64 now)
{
	wait_charge(vcpu, now);
	pvsched_hist_add(&vcpu->stats.wait_urgent, vcpu->marks.wait, now);
	vcpu->marks.wait = 0;
	if (!vcpu->marks.event)
		return;
	pvsched_hist_add(&vcpu->stats.event_latency, vcpu->marks.event, now);
	vcpu->marks.event = 0;
}

/* A boost begins. The vCPU has its page. */
void pvsched_account_boost(struct pvsched_vcpu *vcpu, enum pvsched_cause cause,
			   u64 now)
{
	u64 guest = pvsched_state_guest_word(vcpu);

	vcpu->stats.boosts[cause]++;
	vcpu->marks.boost = now;
	vcpu->marks.ending = 0;
	vcpu->raises = pvsched_guest_raises(guest);
	vcpu->hoped = cause != PVSCHED_CAUSE_SECTION &&
		      pvsched_guest_urgency(guest) < PVSCHED_LEVEL_RT_MIN;
}

/* Something happened for which a boost may have to end. */
void pvsched_account_ending(struct pvsched_vcpu *vcpu, u64 now)
{
	if (vcpu->granted && !vcpu->marks.ending)
		vcpu->marks.ending = now;
}

/*
 * Was a boost that an interrupt brought in vain? The guest has answered for all
 * of its interrupts, and was never urgent.
 */
static bool boost_spurious(const struct pvsched_vcpu *vcpu)
{
	u64 guest;

	if (!vcpu->hoped || !vcpu->shared)
		return false;
	guest = pvsched_state_guest_word(vcpu);
	return !pvsched_word_stale(guest, vcpu->host_word) &&
	       pvsched_guest_raises(guest) == vcpu->raises;
}

/**
 * pvsched_account_deboost() - it is decided that a boost ends
 * @vcpu: the vCPU, its lock held
 * @cause: why
 * @now: time
 *
 * Return: when the reason for it came up; for pvsched_account_restored().
 */
u64 pvsched_account_deboost(struct pvsched_vcpu *vcpu, enum pvsched_cause cause,
			    u64 now)
{
	u64 from = vcpu->marks.ending ?: now;

	vcpu->stats.deboosts[cause]++;
	vcpu->stats.spurious += boost_spurious(vcpu);
	pvsched_hist_add(&vcpu->stats.boost_length, vcpu->marks.boost, now);
	vcpu->marks.ending = 0;
	return from;
}

/* The thread has its baseline again. Process context, no spinlock held. */
void pvsched_account_restored(struct pvsched_vcpu *vcpu, u64 from)
{
	u64 now = pvsched_state_now();

	raw_spin_lock_irq(&vcpu->lock);
	pvsched_hist_add(&vcpu->stats.deboost_latency, from, now);
	raw_spin_unlock_irq(&vcpu->lock);
}

/**
 * pvsched_account_sum() - add the statistics of a vCPU, as they are now
 * @vcpu: apply_lock and lock are held
 * @sum: to what
 */
void pvsched_account_sum(struct pvsched_vcpu *vcpu, struct pvsched_stats *sum)
{
	if (pvsched_state_in_charge(vcpu))
		wait_charge(vcpu, pvsched_state_now());
	pvsched_stats_add(sum, &vcpu->stats);
	sum->waited += thread_waited(vcpu);
}
