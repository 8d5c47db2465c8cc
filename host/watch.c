// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens to a vCPU's thread: it is switched out and in, an interrupt comes
 * for it, it rings, a timer runs out, it rests.
 *
 * All of these only compare what is granted with what should be. If the two
 * differ, the vCPU is posted to a worker or, if it was the thread that rang,
 * to the thread itself, and boost.c does the rest in process context.
 */
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/task_work.h>

#include <pvsched/word.h>

#include "account.h"
#include "boost.h"
#include "compat.h"
#include "core.h"
#include "late.h"
#include "place.h"
#include "policy.h"
#include "sched.h"
#include "state.h"
#include "vcpu.h"
#include "watch.h"
#include "worker.h"

/*
 * What the timer of a vCPU is for now that it has run out; events to post, or 0 with
 * the time until the next look, or 0: nothing. vcpu->lock is held.
 */
static unsigned int timer_events(struct pvsched_vcpu *vcpu, u64 *again)
{
	u64 now = pvsched_state_now();

	*again = 0;
	/* Armed anew, or too late to be cancelled, while the lock was waited for. */
	if (hrtimer_is_queued(&vcpu->timer) ||
	    (vcpu->granted && vcpu->state != PVSCHED_VCPU_STATE_RUNNING))
		return 0;
	if (!vcpu->granted)
		return pvsched_state_look(vcpu, now, again);
	*again = pvsched_state_section_goes_on(vcpu, now);
	if (*again)
		return 0;
	pvsched_account_ending(vcpu, now);
	return PVSCHED_EV_TIMER;
}

/* Hard irq context, no locks held. */
static enum hrtimer_restart timer_fire(struct hrtimer *timer)
{
	struct pvsched_vcpu *vcpu =
		container_of(timer, struct pvsched_vcpu, timer);
	unsigned int events;
	u64 again;

	raw_spin_lock(&vcpu->lock);
	events = timer_events(vcpu, &again);
	if (again)
		hrtimer_forward_now(timer, ns_to_ktime(again));
	raw_spin_unlock(&vcpu->lock);
	if (events)
		pvsched_worker_post(vcpu, events);
	return again ? HRTIMER_RESTART : HRTIMER_NORESTART;
}

/* The thread leaves its CPU, and the time up to now is accounted. */
static void state_leave(struct pvsched_vcpu *vcpu, u64 guest)
{
	bool preempted = pvsched_task_wants_cpu(current);

	/* One that rests has work, which the guest does not know to wait. */
	vcpu->away = preempted || vcpu->resting;
	pvsched_state_publish_preempted(vcpu);
	if (preempted) {
		vcpu->state = PVSCHED_VCPU_STATE_PREEMPTED;
		return;
	}
	vcpu->state = PVSCHED_VCPU_STATE_BLOCKED;
	vcpu->interrupted = false;
	/* A halted guest is woken by an interrupt: boost it for that. */
	if (!pvsched_guest_urgency(guest) && pvsched_guest_sleeper(guest)) {
		vcpu->ticket++;
		pvsched_state_publish(vcpu);
	}
}

/* What a worker has to be told when the thread leaves its CPU. */
static unsigned int leave_events(struct pvsched_vcpu *vcpu, u64 guest, u64 now)
{
	u8 level = pvsched_state_policy_level(vcpu, guest);
	unsigned int events = 0;

	/* The time matters only if there is, or may be, a boost. */
	if (vcpu->granted || level) {
		now = now ?: pvsched_state_now();
		if (vcpu->state == PVSCHED_VCPU_STATE_PREEMPTED &&
		    pvsched_state_urgent(vcpu, guest, level))
			pvsched_account_preempted(vcpu, now);
		if (pvsched_state_bounded(vcpu, guest, level, now) !=
		    vcpu->granted) {
			events = vcpu->state == PVSCHED_VCPU_STATE_BLOCKED ?
					 PVSCHED_EV_HALT :
					 PVSCHED_EV_PREEMPTED;
			pvsched_account_ending(vcpu, now);
		}
	}
	/* While the lock is held, it is a change of ours that is being made. */
	if (!rt_mutex_base_is_locked(&vcpu->apply_lock.rtmutex) &&
	    (pvsched_sched_changed(current, &vcpu->applied) ||
	     pvsched_sched_executed(current, vcpu->exec_id) ||
	     pvsched_sched_reniced(current, &vcpu->applied)))
		events |= PVSCHED_EV_OWNER;
	return events;
}

/*
 * The thread leaves its CPU: run queue's lock held, irqs off, in the thread.
 */
static void vcpu_sched_out(struct preempt_notifier *notifier,
			   struct task_struct *next)
{
	struct pvsched_vcpu *vcpu =
		container_of(notifier, struct pvsched_vcpu, notifier);
	unsigned int events = 0;
	u64 guest, now = 0;

	raw_spin_lock(&vcpu->lock);
	if (READ_ONCE(current->__state) == TASK_DEAD) {
		pvsched_state_charge(vcpu, pvsched_state_now());
		vcpu->state = PVSCHED_VCPU_STATE_PENDING;
		events = PVSCHED_EV_EXITED;
		goto unlock;
	}
	if (!pvsched_state_in_charge(vcpu))
		goto unlock;
	if (pvsched_state_timed(vcpu)) {
		now = pvsched_state_now();
		pvsched_state_charge(vcpu, now);
		if (vcpu->granted)
			hrtimer_try_to_cancel(&vcpu->timer);
	}
	vcpu->since = now;
	guest = pvsched_state_guest_word(vcpu);
	state_leave(vcpu, guest);
	/* Who makes the vCPU urgent sees that it is preempted, or is seen. */
	smp_mb();
	guest = pvsched_state_guest_word(vcpu);
	events = leave_events(vcpu, guest, now);
unlock:
	raw_spin_unlock(&vcpu->lock);
	if (events)
		pvsched_worker_post_locked(vcpu, events);
}

/*
 * Mostly there is nothing new to tell the guest of the CPU that it has: not more
 * often than the clock ticks, unless it is another one, or while it is throttled.
 */
static void place_in(struct pvsched_vcpu *vcpu, unsigned int cpu)
{
	const struct pvsched_place *place = &vcpu->place;

	if (place->cpu != cpu + 1 || time_after(jiffies, place->looked) ||
	    vcpu->throttled || place->throttled_us)
		pvsched_place_tell(vcpu, cpu);
}

/* The thread gets a CPU: preemption off, irqs on, no locks held, in the thread. */
static void vcpu_sched_in(struct preempt_notifier *notifier, int cpu)
{
	struct pvsched_vcpu *vcpu =
		container_of(notifier, struct pvsched_vcpu, notifier);
	u64 now = 0;

	raw_spin_lock_irq(&vcpu->lock);
	if (pvsched_state_in_charge(vcpu)) {
		if (pvsched_state_timed(vcpu)) {
			now = pvsched_state_now();
			pvsched_state_charge(vcpu, now);
		}
		vcpu->since = now;
		if (vcpu->marks.wait)
			pvsched_account_run(vcpu, now ?: pvsched_state_now());
		vcpu->state = PVSCHED_VCPU_STATE_RUNNING;
		vcpu->away = false;
		vcpu->observed = false;
		pvsched_state_publish_preempted(vcpu);
		place_in(vcpu, cpu);
		if (vcpu->granted)
			pvsched_state_timer_arm(vcpu, now);
		else
			vcpu->interrupted = false;
	}
	raw_spin_unlock_irq(&vcpu->lock);
}

static struct preempt_ops notifier_ops = {
	.sched_in = vcpu_sched_in,
	.sched_out = vcpu_sched_out,
};

/**
 * pvsched_watch_bound() - the thread was found: take note of it
 * @vcpu: the vCPU, whose notifier was just registered
 *
 * In the thread: irqs off, possibly its run queue's lock held. The caller posts
 * PVSCHED_EV_BOUND.
 */
void pvsched_watch_bound(struct pvsched_vcpu *vcpu)
{
	raw_spin_lock(&vcpu->lock);
	vcpu->exec_id = READ_ONCE(current->self_exec_id);
	pvsched_sched_read(current, &vcpu->baseline);
	pvsched_late_adopt(vcpu);
	vcpu->owner_changed = false;
	vcpu->boostable = pvsched_sched_fair(vcpu->baseline.policy) ||
			  vcpu->baseline.policy == SCHED_IDLE ||
			  vcpu->baseline.policy == SCHED_FIFO ||
			  vcpu->baseline.policy == SCHED_RR;
	vcpu->interrupted = false;
	vcpu->away = false;
	vcpu->restored_at = 0;
	vcpu->since = 0;
	pvsched_state_payback_start(vcpu);
	pvsched_account_bound(vcpu);
	pvsched_place_bound(vcpu);
	vcpu->state = PVSCHED_VCPU_STATE_RUNNING;
	raw_spin_unlock(&vcpu->lock);
}

/*
 * KVM passes two of our hooks for one interrupt. If the guest runs elsewhere, it
 * may take the interrupt in between: a second ticket would then stay open, and
 * with it a boost, until the next interrupt. Two interrupts so close together
 * are taken one right after the other, and the second answers for both.
 */
#define SAME_KICK_NS (50 * NSEC_PER_USEC)

/* vcpu->lock is held. */
static void ticket_issue(struct pvsched_vcpu *vcpu, u64 now)
{
	if (now - vcpu->kicked_at < SAME_KICK_NS)
		return;
	vcpu->kicked_at = now;
	vcpu->ticket++;
	pvsched_state_publish(vcpu);
}

/* An interrupt has come for a vCPU that does not run. vcpu->lock is held. */
static unsigned int kick_events(struct pvsched_vcpu *vcpu, u64 guest, u64 now)
{
	u8 level = pvsched_state_policy_level(vcpu, guest);

	if (!vcpu->granted && !level)
		return 0;
	now = now ?: pvsched_state_now();
	if (pvsched_state_urgent(vcpu, guest, level))
		pvsched_account_event(vcpu, now);
	return pvsched_state_bounded(vcpu, guest, level, now) != vcpu->granted ?
		       PVSCHED_EV_INTERRUPT :
		       0;
}

/*
 * A vCPU that slept is about to wait for a CPU, as one that was preempted does:
 * what is woken there meanwhile need not be told by another interrupt. Return: the
 * guest word after that was said. vcpu->lock is held.
 */
static u64 woken(struct pvsched_vcpu *vcpu, u64 guest)
{
	if (vcpu->away)
		return guest;
	vcpu->away = true;
	pvsched_state_publish_preempted(vcpu);
	/* As in vcpu_sched_out(). */
	smp_mb();
	return pvsched_state_guest_word(vcpu);
}

/**
 * pvsched_watch_kick() - an interrupt is on its way to the guest
 * @vcpu: the vCPU, protected by RCU
 *
 * Any context in which KVM kicks a vCPU; no run queue's lock held.
 */
void pvsched_watch_kick(struct pvsched_vcpu *vcpu)
{
	unsigned int events = 0;
	u64 guest, now = 0;
	unsigned long flags;

	raw_spin_lock_irqsave(&vcpu->lock, flags);
	if (!pvsched_state_in_charge(vcpu))
		goto unlock;
	guest = pvsched_state_guest_word(vcpu);
	/* Also for one that runs: it may be preempted before it takes it. */
	if (pvsched_guest_sleeper(guest)) {
		now = pvsched_state_now();
		ticket_issue(vcpu, now);
	}
	if (vcpu->state != PVSCHED_VCPU_STATE_RUNNING) {
		guest = woken(vcpu, guest);
		pvsched_state_interrupted(vcpu);
		events = kick_events(vcpu, guest, now);
	}
unlock:
	raw_spin_unlock_irqrestore(&vcpu->lock, flags);
	if (events)
		pvsched_worker_post(vcpu, events);
}

/*
 * Would a rest do harm? If something urgent came of it, an interrupt would have to
 * end it; and a guest that is about to halt gives its time away anyway. One that
 * says nothing may have been boosted for something that is not done yet.
 */
static bool may_rest(const struct pvsched_vcpu *vcpu)
{
	u64 guest = pvsched_state_guest_word(vcpu);

	if (pvsched_state_policy_level(vcpu, guest))
		return false;
	if (!vcpu->policy->ops->protocol)
		return false;
	return pvsched_guest_urgency(guest) &&
	       (!pvsched_guest_sleeper(guest) || pvsched_kicks_are_seen());
}

/* For how long should the thread rest now? ns */
static u64 rest_start(struct pvsched_vcpu *vcpu)
{
	u64 time = 0;

	raw_spin_lock_irq(&vcpu->lock);
	if (pvsched_state_in_charge(vcpu) && vcpu->payback && !vcpu->granted &&
	    may_rest(vcpu))
		time = pvsched_debt_rest(vcpu->debt, vcpu->share,
					 vcpu->windows);
	vcpu->resting = time;
	raw_spin_unlock_irq(&vcpu->lock);
	return time;
}

/*
 * Pay back: sleep for a while. An interrupt for something urgent ends that, by a
 * boost, and so do signals and detaching. In the thread.
 */
static void rest(struct pvsched_vcpu *vcpu)
{
	ktime_t time;

	/* Before looking, so that no wake-up is missed. */
	set_current_state(TASK_INTERRUPTIBLE);
	time = ns_to_ktime(rest_start(vcpu));
	if (time)
		schedule_hrtimeout(&time, HRTIMER_MODE_REL);
	__set_current_state(TASK_RUNNING);
	WRITE_ONCE(vcpu->resting, false);
}

/* In the thread, on its way into the guest or to user space. */
static void thread_work(struct callback_head *work)
{
	struct pvsched_vcpu *vcpu =
		container_of(work, struct pvsched_vcpu, thread_work);

	atomic_set(&vcpu->thread_pending, 0);
	/* What is added from here on is seen below, or queued anew. */
	smp_mb__after_atomic();
	pvsched_boost_handle(vcpu, atomic_xchg(&vcpu->events, 0));
	rest(vcpu);
	pvsched_vcpu_put(vcpu);
}

/* False if the thread is exiting. Any context, no run queue's lock held. */
bool pvsched_watch_thread_work(struct pvsched_vcpu *vcpu,
			       struct task_struct *task)
{
	if (atomic_xchg(&vcpu->thread_pending, 1))
		return true;
	if (!pvsched_vcpu_get(vcpu))
		return false;
	if (!task_work_add(task, &vcpu->thread_work, TWA_RESUME))
		return true;
	atomic_set(&vcpu->thread_pending, 0);
	pvsched_vcpu_put(vcpu);
	return false;
}

/**
 * pvsched_watch_ring() - the guest rang the doorbell
 * @vcpu: the vCPU, protected by RCU
 *
 * Under the eventfd's lock, irqs off. If it is the vCPU's own thread that rang,
 * the boost is ended there before the guest goes on: no other thread has to
 * run for it. Beyond cap kicks nothing happens: whatever makes the host look at
 * the vCPU next ends the boost.
 */
void pvsched_watch_ring(struct pvsched_vcpu *vcpu)
{
	bool heard;

	raw_spin_lock(&vcpu->lock);
	vcpu->stats.doorbells++;
	heard = vcpu->granted && pvsched_state_kick_take(vcpu);
	if (heard)
		pvsched_account_ending(vcpu, pvsched_state_now());
	raw_spin_unlock(&vcpu->lock);
	if (!heard)
		return;
	if (READ_ONCE(vcpu->task) != current) {
		pvsched_worker_post(vcpu, PVSCHED_EV_DOORBELL);
		return;
	}
	atomic_or(PVSCHED_EV_DOORBELL, &vcpu->events);
	pvsched_watch_thread_work(vcpu, current);
}

/* The callbacks of a new vCPU. */
void pvsched_watch_init(struct pvsched_vcpu *vcpu)
{
	init_task_work(&vcpu->thread_work, thread_work);
	preempt_notifier_init(&vcpu->notifier, &notifier_ops);
	hrtimer_setup(&vcpu->timer, timer_fire, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_HARD);
}
