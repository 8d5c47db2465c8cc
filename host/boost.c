// SPDX-License-Identifier: GPL-2.0-only
/*
 * Boosts: a look at a vCPU, and what follows from it. Process context.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/sched/signal.h>

#include "account.h"
#include "bind.h"
#include "boost.h"
#include "core.h"
#include "gate.h"
#include "late.h"
#include "policy.h"
#include "sched.h"
#include "slots.h"
#include "state.h"
#include "watch.h"

/* How often a raise looks again at a guest that keeps changing its mind. */
#define SETTLE_TRIES 4

/* What became of one look at a vCPU. reason: when it came up, if a boost ends. */
struct outcome {
	u64 now;
	u64 reason;
	u8 before;
	u8 granted;
	enum pvsched_cause cause;
	bool spent;	    /* a budget */
	bool section_spent; /* likewise, for sections */
	bool throttled;
	bool released;
	bool taken; /* without the guest's help */
};

static enum pvsched_cause boost_cause(const struct pvsched_vcpu *vcpu,
				      unsigned int events)
{
	if (vcpu->section)
		return PVSCHED_CAUSE_SECTION;
	if (events & PVSCHED_EV_INTERRUPT)
		return PVSCHED_CAUSE_INTERRUPT;
	if (vcpu->state == PVSCHED_VCPU_STATE_BLOCKED)
		return PVSCHED_CAUSE_HALT;
	return PVSCHED_CAUSE_PREEMPTED;
}

static enum pvsched_cause deboost_cause(const struct pvsched_vcpu *vcpu,
					unsigned int events,
					const struct outcome *out)
{
	if (!vcpu->attached)
		return PVSCHED_CAUSE_DETACH;
	if (vcpu->owner_changed)
		return PVSCHED_CAUSE_OWNER;
	if (!pvsched_gate_is_open())
		return PVSCHED_CAUSE_DISABLED;
	if (events & PVSCHED_EV_CAPS)
		return PVSCHED_CAUSE_CAP;
	if (out->spent)
		return pvsched_budget_slice_spent(&vcpu->budget,
						  &vcpu->limits) ?
			       PVSCHED_CAUSE_SLICE :
			       PVSCHED_CAUSE_BUDGET;
	if (events & PVSCHED_EV_POLICY)
		return PVSCHED_CAUSE_POLICY;
	if (out->section_spent)
		return PVSCHED_CAUSE_SECTION;
	/* Not for a cap, so for the policy's own time limit. */
	if ((events & PVSCHED_EV_TIMER) && vcpu->policy->ops->limit)
		return PVSCHED_CAUSE_POLICY;
	if (events & PVSCHED_EV_DOORBELL)
		return PVSCHED_CAUSE_DOORBELL;
	if (vcpu->state == PVSCHED_VCPU_STATE_BLOCKED)
		return PVSCHED_CAUSE_BLOCK;
	return PVSCHED_CAUSE_LEVEL;
}

/*
 * Tell the guest what is granted, then look again: it may have changed its
 * urgency before it could see that it has to ring or to call. A guest that keeps
 * changing its mind gets nothing: it may not have seen the last word either.
 */
static u8 grant(struct pvsched_vcpu *vcpu, u8 level, u64 now)
{
	unsigned int tries;
	u8 again;

	for (tries = 0; tries < SETTLE_TRIES; tries++) {
		if (!pvsched_slot_ask(vcpu, level))
			level = 0;
		pvsched_state_grant(vcpu, level, now);
		pvsched_state_publish(vcpu);
		/* Pairs with the guest's, see linux/pvsched.h. */
		smp_mb();
		again = pvsched_state_wanted(vcpu, now);
		if (again == level)
			return level;
		level = again;
	}
	pvsched_slot_ask(vcpu, false);
	pvsched_state_grant(vcpu, 0, now);
	pvsched_state_publish(vcpu);
	return 0;
}

/*
 * Did the host see that a section is over, rather than being told? As with a
 * doorbell, the guest may make the host do that only so often.
 */
static bool section_seen(struct pvsched_vcpu *vcpu, unsigned int events,
			 const struct outcome *out)
{
	const struct pvsched_limits *l = &vcpu->limits;

	if (!(events & PVSCHED_EV_TIMER) || !pvsched_state_section_seen(vcpu))
		return false;
	if (!pvsched_kicks_take(&vcpu->kicks, l->value[PVSCHED_CAP_KICKS],
				out->now))
		pvsched_section_charge(&vcpu->budget,
				       l->value[PVSCHED_CAP_SECTION] *
					       NSEC_PER_USEC);
	return true;
}

static void end_boost(struct pvsched_vcpu *vcpu, struct outcome *out,
		      unsigned int events)
{
	out->cause = deboost_cause(vcpu, events, out);
	out->reason = pvsched_account_deboost(vcpu, out->cause, out->now);
	out->taken = section_seen(vcpu, events, out) || out->spent ||
		     out->section_spent || out->cause == PVSCHED_CAUSE_POLICY;
	pvsched_state_boost_end(vcpu, out->now);
	vcpu->stats.throttles += out->spent || out->section_spent;
	/* A section that took too long says nothing about other boosts. */
	vcpu->throttled = out->spent;
	out->throttled = out->spent;
}

/* vcpu->lock is held: decide, and tell the guest. */
static void decide(struct pvsched_vcpu *vcpu, unsigned int events,
		   struct outcome *out)
{
	out->now = pvsched_state_now();
	out->before = vcpu->granted;
	pvsched_state_charge(vcpu, out->now);
	pvsched_slot_forget(vcpu);
	if (vcpu->throttled &&
	    pvsched_budget_left(&vcpu->budget, &vcpu->limits, out->now)) {
		vcpu->throttled = false;
		out->released = true;
	}
	out->spent =
		out->before && vcpu->attached &&
		!pvsched_budget_left(&vcpu->budget, &vcpu->limits, out->now);
	out->section_spent =
		vcpu->section &&
		!pvsched_section_left(&vcpu->budget, &vcpu->limits, out->now);
	if (vcpu->attached)
		out->granted = grant(vcpu, pvsched_state_wanted(vcpu, out->now),
				     out->now);
	else
		vcpu->granted = 0;

	if (!out->before && out->granted) {
		out->cause = boost_cause(vcpu, events);
		vcpu->cause = out->cause;
		pvsched_account_boost(vcpu, out->cause, out->now);
	} else if (out->before && !out->granted) {
		end_boost(vcpu, out, events);
	} else {
		out->cause = PVSCHED_CAUSE_LEVEL;
		vcpu->marks.ending = 0;
	}
	if (vcpu->payback && vcpu->task)
		pvsched_state_window_close(vcpu);
	vcpu->since = pvsched_state_timed(vcpu) ? out->now : 0;
	if (vcpu->attached) {
		pvsched_state_publish(vcpu);
		pvsched_state_timer_arm(vcpu, out->now);
	}
}

/* Was a boost used to get hold of a real-time priority, or to leave SCHED_IDLE? */
static bool class_usurped(const struct pvsched_vcpu *vcpu)
{
	return pvsched_sched_rt_usurped(vcpu->task, &vcpu->baseline,
					vcpu->peak.rtprio) ||
	       pvsched_state_idle_usurped(vcpu);
}

/* Likewise of a nice value. */
static bool nice_usurped(const struct pvsched_vcpu *vcpu)
{
	int nice = task_nice(vcpu->task);

	return nice != vcpu->applied.nice &&
	       pvsched_state_nice_usurped(vcpu, nice);
}

/**
 * pvsched_boost_drop() - a boost is over without a look at the vCPU
 * @vcpu: its apply_lock held
 * @cause: why
 *
 * Process context. Counted and told; the thread's scheduling is the caller's.
 */
void pvsched_boost_drop(struct pvsched_vcpu *vcpu, enum pvsched_cause cause)
{
	u64 now = pvsched_state_now();
	bool boosted;

	raw_spin_lock_irq(&vcpu->lock);
	pvsched_state_charge(vcpu, now);
	boosted = vcpu->granted;
	if (boosted) {
		pvsched_account_deboost(vcpu, cause, now);
		pvsched_state_boost_end(vcpu, now);
	}
	raw_spin_unlock_irq(&vcpu->lock);
	if (boosted)
		pvsched_event_boost(vcpu, PVSCHED_EVENT_DEBOOST, cause, 0, now);
}

/* Back to the baseline, and no boost for now. apply_lock is held. */
static void take_back(struct pvsched_vcpu *vcpu)
{
	pvsched_sched_restore(vcpu->task, &vcpu->baseline, &vcpu->applied);
	pvsched_boost_drop(vcpu, PVSCHED_CAUSE_OWNER);
}

static void usurper_undo(struct pvsched_vcpu *vcpu)
{
	take_back(vcpu);
	raw_spin_lock_irq(&vcpu->lock);
	pvsched_state_usurped(vcpu, pvsched_state_now());
	raw_spin_unlock_irq(&vcpu->lock);
	pr_warn_ratelimited(
		"vCPU %u of %s: somebody tried to keep the priority of a boost\n",
		vcpu->id, vcpu->vm->name);
}

/*
 * Somebody else's nice value is what the thread has from now on without a boost.
 * apply_lock is held.
 */
static void nice_follow(struct pvsched_vcpu *vcpu)
{
	int nice = task_nice(vcpu->task);

	if (nice == vcpu->applied.nice ||
	    pvsched_state_nice_usurped(vcpu, nice))
		return;
	raw_spin_lock_irq(&vcpu->lock);
	WRITE_ONCE(vcpu->baseline.nice, nice);
	WRITE_ONCE(vcpu->applied.nice, nice);
	raw_spin_unlock_irq(&vcpu->lock);
}

/*
 * Somebody else's chrt wins, unless only the boost made it possible. Another
 * program, which may be of another user, knows nothing of the word. True if this
 * is new. apply_lock is held.
 */
static bool owner_check(struct pvsched_vcpu *vcpu)
{
	bool executed = pvsched_sched_executed(vcpu->task, vcpu->exec_id);
	bool changed;

	if (vcpu->owner_changed)
		return false;
	changed = pvsched_sched_changed(vcpu->task, &vcpu->applied);
	if (executed) {
		nice_follow(vcpu);
		take_back(vcpu);
	} else if ((changed && class_usurped(vcpu)) || nice_usurped(vcpu)) {
		usurper_undo(vcpu);
		return false;
	}
	nice_follow(vcpu);
	if (!changed && !executed)
		return false;
	/* Or the better nice value of a boost would stay. */
	set_user_nice(vcpu->task, vcpu->baseline.nice);
	raw_spin_lock_irq(&vcpu->lock);
	vcpu->owner_changed = true;
	raw_spin_unlock_irq(&vcpu->lock);
	pvsched_late_add(vcpu);
	return true;
}

static bool is_nice(u8 level)
{
	return level && level < PVSCHED_LEVEL_RT_MIN;
}

/* What a boost is about to let somebody set. */
static void peak_update(struct pvsched_vcpu *vcpu, const struct outcome *out)
{
	int rtprio = out->granted - PVSCHED_LEVEL_RT(0);
	int nice = PVSCHED_LEVEL_NORMAL - out->granted;

	if (is_nice(out->before) || is_nice(out->granted) ||
	    vcpu->baseline.policy == SCHED_IDLE)
		WRITE_ONCE(vcpu->reniced_at, out->now);
	if (is_nice(out->granted))
		WRITE_ONCE(vcpu->peak.nice, min(vcpu->peak.nice, nice));
	else if (out->granted)
		WRITE_ONCE(vcpu->peak.rtprio, max(vcpu->peak.rtprio, rtprio));
}

/* apply_lock is held. */
static void apply(struct pvsched_vcpu *vcpu, const struct outcome *out)
{
	int err;

	if (out->before == out->granted || vcpu->owner_changed)
		return;
	peak_update(vcpu, out);
	if (out->granted)
		err = pvsched_sched_boost(vcpu->task, out->granted,
					  &vcpu->baseline, &vcpu->applied);
	else
		err = pvsched_sched_restore(vcpu->task, &vcpu->baseline,
					    &vcpu->applied);
	if (err)
		pr_warn_ratelimited(
			"vCPU %u of %s: scheduling not changed: error %d\n",
			vcpu->id, vcpu->vm->name, err);
	if (!out->granted && !err)
		pvsched_account_restored(vcpu, out->reason);
	if (out->granted && READ_ONCE(vcpu->resting))
		wake_up_process(vcpu->task);
	/* The guest did not ring, so the thread has to be told to rest. */
	if (out->taken && vcpu->payback && vcpu->task != current)
		pvsched_watch_thread_work(vcpu, vcpu->task);
}

static void report(const struct pvsched_vcpu *vcpu, const struct outcome *out)
{
	enum pvsched_event_kind kind;

	if (out->throttled)
		pvsched_notify_vcpu(vcpu, PVSCHED_EVENT_THROTTLE);
	if (out->released)
		pvsched_notify_vcpu(vcpu, PVSCHED_EVENT_RELEASE);
	if (out->before == out->granted)
		return;
	kind = !out->before  ? PVSCHED_EVENT_BOOST :
	       !out->granted ? PVSCHED_EVENT_DEBOOST :
			       PVSCHED_EVENT_LEVEL;
	pvsched_event_boost(vcpu, kind, out->cause, out->granted, out->now);
}

/*
 * What a worker did for the vCPU took CPU time from others too, as if the vCPU
 * had run boosted meanwhile: whatever came of it, as it may be the guest that makes
 * it look. apply_lock is held.
 */
static void charge_work(struct pvsched_vcpu *vcpu, const struct outcome *out)
{
	u64 now = pvsched_state_now();
	u64 time = now > out->now ? now - out->now : 0;

	if (vcpu->task == current)
		return;
	raw_spin_lock_irq(&vcpu->lock);
	pvsched_budget_charge_work(&vcpu->budget, &vcpu->limits, now, time);
	if (vcpu->payback && out->before != out->granted &&
	    max(out->before, out->granted) >= PVSCHED_LEVEL_RT_MIN)
		vcpu->debt =
			pvsched_debt_boosted(vcpu->debt, time, vcpu->share);
	raw_spin_unlock_irq(&vcpu->lock);
}

/* apply_lock is held. */
static void evaluate(struct pvsched_vcpu *vcpu, unsigned int events)
{
	struct outcome out = {};
	bool owner_changed;

	owner_changed = owner_check(vcpu);
	raw_spin_lock_irq(&vcpu->lock);
	decide(vcpu, events, &out);
	raw_spin_unlock_irq(&vcpu->lock);
	if (out.granted)
		pvsched_gate_enter(vcpu);
	apply(vcpu, &out);
	if (!out.granted)
		pvsched_gate_leave(vcpu);
	if (owner_changed)
		pvsched_notify_vcpu(vcpu, PVSCHED_EVENT_OWNER);
	report(vcpu, &out);
	charge_work(vcpu, &out);
	pvsched_slots_pass(vcpu->vm);
}

/* Bring the thread in line with what is wanted. apply_lock is held. */
void pvsched_boost_evaluate(struct pvsched_vcpu *vcpu, unsigned int events)
{
	evaluate(vcpu, events);
	/* Who closed the gate meanwhile did not see this boost. */
	while (vcpu->granted && !pvsched_gate_is_open())
		evaluate(vcpu, 0);
}

/**
 * pvsched_boost_handle() - look at a vCPU and act
 * @vcpu: referenced
 * @events: PVSCHED_EV_*: why
 *
 * Process context: a worker, or the thread itself for a doorbell.
 */
void pvsched_boost_handle(struct pvsched_vcpu *vcpu, unsigned int events)
{
	if (events & (PVSCHED_EV_EXITED | PVSCHED_EV_UNBOUND))
		pvsched_bind_gone(vcpu, events & PVSCHED_EV_EXITED);
	if (events & PVSCHED_EV_BOUND)
		pvsched_late_settle();
	rt_mutex_lock(&vcpu->apply_lock);
	if (vcpu->task && vcpu->attached &&
	    READ_ONCE(vcpu->state) != PVSCHED_VCPU_STATE_PENDING) {
		if (events & PVSCHED_EV_BOUND)
			pvsched_bind_done(vcpu);
		pvsched_boost_evaluate(vcpu, events);
	}
	rt_mutex_unlock(&vcpu->apply_lock);
}
