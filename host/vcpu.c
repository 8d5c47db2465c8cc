// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU: when its thread is boosted, and when no longer.
 *
 * The thread is looked at when something happens to it: it is switched out, an
 * interrupt comes for it, it rings, a cap's timer runs out, a cap changes. All
 * of these only compare what is granted with what should be; if the two
 * differ, the vCPU is posted to a worker (or, for the doorbell, to the thread
 * itself), which changes the scheduling in process context.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/task_work.h>

#include <pvsched/word.h>

#include "bind.h"
#include "compat.h"
#include "core.h"
#include "policy.h"
#include "sched.h"
#include "vcpu.h"
#include "worker.h"

static bool pvsched_payback = PVSCHED_SLEEP_LOSES_SHARE;
module_param_named(payback, pvsched_payback, bool, 0644);
MODULE_PARM_DESC(
	payback,
	"boosted time is repaid by rests; for threads that are found from now on (default: on kernels since 6.6)");

/* How often a raise looks again at a guest that keeps changing its mind. */
#define SETTLE_TRIES 4

/* Any context, also under a run queue's lock. */
static u64 now_ns(void)
{
	return ktime_get_mono_fast_ns();
}

/* vcpu->lock is held and the vCPU is attached. */
static u64 guest_word(const struct pvsched_vcpu *vcpu)
{
	return le64_to_cpu(READ_ONCE(vcpu->shared->guest_word));
}

/* Likewise. The host word follows from the state; it is written if it changed. */
static void host_word_publish(struct pvsched_vcpu *vcpu)
{
	u64 flags = 0;
	u64 word;

	if (vcpu->granted)
		flags |= PVSCHED_HOST_BOOSTED;
	if (vcpu->state == PVSCHED_VCPU_STATE_PREEMPTED)
		flags |= PVSCHED_HOST_PREEMPTED;
	if (vcpu->throttled)
		flags |= PVSCHED_HOST_THROTTLED;
	word = pvsched_host_pack(vcpu->granted, flags, vcpu->ticket);
	if (word == vcpu->host_word)
		return;
	vcpu->host_word = word;
	WRITE_ONCE(vcpu->shared->host_word, cpu_to_le64(word));
}

/* A class in which a thread has a fair share. */
static bool fair_policy(int policy)
{
	return policy == SCHED_NORMAL || policy == SCHED_BATCH;
}

/* Attached, bound, and nobody else took the thread over? */
static bool in_charge(const struct pvsched_vcpu *vcpu)
{
	return vcpu->shared && vcpu->state != PVSCHED_VCPU_STATE_PENDING &&
	       !vcpu->owner_changed;
}

static u8 policy_level(const struct pvsched_vcpu *vcpu, u64 guest)
{
	const struct pvsched_view view = {
		.urgency = pvsched_guest_urgency(guest),
		.sleeper = pvsched_guest_sleeper(guest),
		.stale = pvsched_word_stale(guest, vcpu->host_word),
	};

	return vcpu->vm->policy->level(&view);
}

/* A level, bounded by the rtprio cap; 0 if nothing is left of it. */
static u8 cap_level(const struct pvsched_vcpu *vcpu, u8 level)
{
	u64 rtprio = vcpu->limits.value[PVSCHED_CAP_RTPRIO];

	if (level < PVSCHED_LEVEL_RT_MIN || !vcpu->boostable)
		return 0;
	rtprio = min_t(u64, rtprio, level - PVSCHED_LEVEL_RT(0));
	/* A thread that is as urgent by itself needs no boost. */
	if (rtprio <= vcpu->baseline.rtprio)
		return 0;
	return PVSCHED_LEVEL_RT(rtprio);
}

/* An observing policy: count what would have been boosts. */
static void observe(struct pvsched_vcpu *vcpu, u8 level)
{
	if (level && !vcpu->observed)
		vcpu->stats.would_boost++;
	vcpu->observed = level;
}

/*
 * The level to boost to, after policy, caps and budget. A vCPU that runs is
 * left alone until the host wants to take its CPU: raising is lazy.
 */
static u8 wanted_level(struct pvsched_vcpu *vcpu, u64 now)
{
	u8 level;

	if (!in_charge(vcpu))
		return 0;
	if (vcpu->state == PVSCHED_VCPU_STATE_RUNNING && !vcpu->granted)
		return 0;
	level = cap_level(vcpu, policy_level(vcpu, guest_word(vcpu)));
	if (!pvsched_budget_left(&vcpu->budget, &vcpu->limits, now))
		level = 0;
	if (vcpu->vm->policy->observe) {
		observe(vcpu, level);
		return 0;
	}
	return level;
}

/* Is the time of the thread of interest? If not, nobody looks at the clock. */
static bool timed(const struct pvsched_vcpu *vcpu)
{
	return vcpu->granted || vcpu->debt > 0;
}

/*
 * Account the time since the last look, which the thread spent in the state
 * that it still is in. vcpu->lock is held.
 */
static void charge(struct pvsched_vcpu *vcpu, u64 now)
{
	u64 time;

	if (!vcpu->since)
		return;
	/* This clock may step back a little. */
	time = now > vcpu->since ? now - vcpu->since : 0;
	vcpu->since = now;
	if (vcpu->state == PVSCHED_VCPU_STATE_BLOCKED) {
		vcpu->stats.slept_ns += time;
	} else if (vcpu->state == PVSCHED_VCPU_STATE_RUNNING && vcpu->granted) {
		vcpu->stats.boosted_ns += time;
		pvsched_budget_charge(&vcpu->budget, &vcpu->limits, now, time);
		if (vcpu->payback)
			vcpu->debt = pvsched_debt_boosted(vcpu->debt, time,
							  vcpu->share);
	}
}

/*
 * Look at what the thread got of the time that has passed, once it is long
 * enough. A window in which it did not sleep tells its share, any other what it
 * has given up. vcpu->lock is held.
 */
static void window_close(struct pvsched_vcpu *vcpu)
{
	struct pvsched_times now = {
		.boosted = vcpu->stats.boosted_ns,
		.slept = vcpu->stats.slept_ns,
	};
	struct pvsched_window window;

	pvsched_sched_times(vcpu->task, &now.ran, &now.waited);
	window.ran = now.ran - vcpu->times.ran;
	window.ran -= min(window.ran, now.boosted - vcpu->times.boosted);
	window.waited = now.waited - vcpu->times.waited;
	window.slept = now.slept - vcpu->times.slept;
	if (window.ran + window.waited + window.slept < PVSCHED_WINDOW)
		return;
	vcpu->times = now;
	vcpu->windows++;
	if (window.slept)
		vcpu->debt =
			pvsched_debt_repaid(vcpu->debt, vcpu->share, &window);
	else
		vcpu->share = pvsched_share_update(vcpu->share, &window);
}

/* A boost is limited while it runs; a throttling ends by itself. */
static void timer_arm(struct pvsched_vcpu *vcpu, u64 now)
{
	u64 in;

	if (vcpu->granted) {
		if (vcpu->state != PVSCHED_VCPU_STATE_RUNNING)
			return;
		in = pvsched_budget_left(&vcpu->budget, &vcpu->limits, now);
	} else if (vcpu->throttled) {
		in = pvsched_budget_recovers(&vcpu->budget, &vcpu->limits, now);
		if (in != PVSCHED_NEVER)
			in -= now;
	} else {
		return;
	}
	if (in != PVSCHED_NEVER)
		hrtimer_start(&vcpu->timer, ns_to_ktime(in),
			      HRTIMER_MODE_REL_PINNED_HARD);
}

/* Hard irq context, no locks held. */
static enum hrtimer_restart timer_fire(struct hrtimer *timer)
{
	struct pvsched_vcpu *vcpu =
		container_of(timer, struct pvsched_vcpu, timer);

	pvsched_worker_post(vcpu, PVSCHED_EV_TIMER);
	return HRTIMER_NORESTART;
}

/* The thread leaves its CPU, and the time up to now is accounted. */
static void state_leave(struct pvsched_vcpu *vcpu)
{
	u64 guest = guest_word(vcpu);

	if (pvsched_task_wants_cpu(current)) {
		vcpu->state = PVSCHED_VCPU_STATE_PREEMPTED;
	} else {
		vcpu->state = PVSCHED_VCPU_STATE_BLOCKED;
		/* A halted guest is woken by an interrupt: boost it for that. */
		if (!pvsched_guest_urgency(guest) &&
		    pvsched_guest_sleeper(guest))
			vcpu->ticket++;
	}
	host_word_publish(vcpu);
}

/* What a worker has to be told when the thread leaves its CPU. */
static unsigned int leave_events(struct pvsched_vcpu *vcpu, u64 now)
{
	unsigned int events = 0;

	/* The time matters only if there is, or may be, a boost. */
	if (vcpu->granted ||
	    policy_level(vcpu, guest_word(vcpu)) >= PVSCHED_LEVEL_RT_MIN) {
		if (wanted_level(vcpu, now ?: now_ns()) != vcpu->granted)
			events = vcpu->state == PVSCHED_VCPU_STATE_BLOCKED ?
					 PVSCHED_EV_HALT :
					 PVSCHED_EV_PREEMPTED;
	}
	/* While the lock is held, it is a change of ours that is being made. */
	if (!rt_mutex_base_is_locked(&vcpu->apply_lock.rtmutex) &&
	    pvsched_sched_changed(current, &vcpu->applied))
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
	u64 now = 0;

	raw_spin_lock(&vcpu->lock);
	if (READ_ONCE(current->__state) == TASK_DEAD) {
		charge(vcpu, now_ns());
		vcpu->state = PVSCHED_VCPU_STATE_PENDING;
		events = PVSCHED_EV_EXITED;
		goto unlock;
	}
	if (!in_charge(vcpu))
		goto unlock;
	if (timed(vcpu)) {
		now = now_ns();
		charge(vcpu, now);
		if (vcpu->granted)
			hrtimer_try_to_cancel(&vcpu->timer);
	}
	vcpu->since = now;
	state_leave(vcpu);
	events = leave_events(vcpu, now);
unlock:
	raw_spin_unlock(&vcpu->lock);
	if (events)
		pvsched_worker_post_locked(vcpu, events);
}

/* The thread gets a CPU: preemption off, no locks held, in the thread. */
static void vcpu_sched_in(struct preempt_notifier *notifier, int cpu)
{
	struct pvsched_vcpu *vcpu =
		container_of(notifier, struct pvsched_vcpu, notifier);
	unsigned long flags;
	u64 now = 0;

	raw_spin_lock_irqsave(&vcpu->lock, flags);
	if (in_charge(vcpu)) {
		if (timed(vcpu)) {
			now = now_ns();
			charge(vcpu, now);
		}
		vcpu->since = now;
		vcpu->state = PVSCHED_VCPU_STATE_RUNNING;
		vcpu->observed = false;
		host_word_publish(vcpu);
		if (vcpu->granted)
			timer_arm(vcpu, now);
	}
	raw_spin_unlock_irqrestore(&vcpu->lock, flags);
}

static struct preempt_ops notifier_ops = {
	.sched_in = vcpu_sched_in,
	.sched_out = vcpu_sched_out,
};

/**
 * pvsched_vcpu_bound() - the thread was found: take note of it
 * @vcpu: the vCPU, whose notifier was just registered
 *
 * In the thread, on its way into the guest: preemption and irqs off, no locks.
 */
void pvsched_vcpu_bound(struct pvsched_vcpu *vcpu)
{
	raw_spin_lock(&vcpu->lock);
	pvsched_sched_read(current, &vcpu->baseline);
	vcpu->applied = vcpu->baseline;
	vcpu->owner_changed = false;
	vcpu->boostable = fair_policy(vcpu->baseline.policy) ||
			  vcpu->baseline.policy == SCHED_IDLE ||
			  vcpu->baseline.policy == SCHED_FIFO ||
			  vcpu->baseline.policy == SCHED_RR;
	vcpu->payback = pvsched_payback && fair_policy(vcpu->baseline.policy);
	vcpu->debt = 0;
	vcpu->since = 0;
	vcpu->share = PVSCHED_SHARE_ALL / 2;
	vcpu->times.boosted = vcpu->stats.boosted_ns;
	vcpu->times.slept = vcpu->stats.slept_ns;
	pvsched_sched_times(current, &vcpu->times.ran, &vcpu->times.waited);
	vcpu->state = PVSCHED_VCPU_STATE_RUNNING;
	raw_spin_unlock(&vcpu->lock);
	pvsched_worker_post(vcpu, PVSCHED_EV_BOUND);
}

/**
 * pvsched_vcpu_kick() - an interrupt is on its way to the guest
 * @vcpu: the vCPU, protected by RCU
 *
 * Any context in which KVM kicks a vCPU; no run queue's lock held.
 */
void pvsched_vcpu_kick(struct pvsched_vcpu *vcpu)
{
	unsigned int events = 0;
	unsigned long flags;

	raw_spin_lock_irqsave(&vcpu->lock, flags);
	if (in_charge(vcpu) && pvsched_guest_sleeper(guest_word(vcpu))) {
		/*
		 * Also for one that runs: it may be preempted before it takes
		 * the interrupt.
		 */
		vcpu->ticket++;
		host_word_publish(vcpu);
	}
	if (in_charge(vcpu) && vcpu->state != PVSCHED_VCPU_STATE_RUNNING &&
	    wanted_level(vcpu, now_ns()) != vcpu->granted)
		events = PVSCHED_EV_INTERRUPT;
	raw_spin_unlock_irqrestore(&vcpu->lock, flags);
	if (events)
		pvsched_worker_post(vcpu, events);
}

/*
 * May the thread rest now, and for how long? Not if it is boosted or about to
 * be, and not if the guest is about to halt anyway.
 */
static u64 rest_start(struct pvsched_vcpu *vcpu)
{
	u64 guest, time = 0;

	raw_spin_lock_irq(&vcpu->lock);
	if (in_charge(vcpu) && !vcpu->granted) {
		guest = guest_word(vcpu);
		if (pvsched_guest_urgency(guest) &&
		    policy_level(vcpu, guest) < PVSCHED_LEVEL_RT_MIN &&
		    (!pvsched_guest_sleeper(guest) || pvsched_kicks_are_seen()))
			time = pvsched_debt_rest(vcpu->debt, vcpu->share,
						 vcpu->windows);
	}
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
	pvsched_vcpu_handle(vcpu, atomic_xchg(&vcpu->events, 0));
	rest(vcpu);
	pvsched_vcpu_put(vcpu);
}

/* False if the thread is exiting. Any context, no run queue's lock held. */
static bool thread_work_add(struct pvsched_vcpu *vcpu, struct task_struct *task)
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
 * pvsched_vcpu_ring() - the guest rang the doorbell
 * @vcpu: the vCPU, protected by RCU
 *
 * Under the eventfd's lock, irqs off. If it is the vCPU's own thread that rang,
 * the boost is ended there before the guest goes on: no other thread has to
 * run for it.
 */
void pvsched_vcpu_ring(struct pvsched_vcpu *vcpu)
{
	bool boosted;

	raw_spin_lock(&vcpu->lock);
	vcpu->stats.doorbells++;
	boosted = vcpu->granted;
	raw_spin_unlock(&vcpu->lock);
	if (!boosted)
		return;
	if (READ_ONCE(vcpu->task) != current) {
		pvsched_worker_post(vcpu, PVSCHED_EV_DOORBELL);
		return;
	}
	atomic_or(PVSCHED_EV_DOORBELL, &vcpu->events);
	thread_work_add(vcpu, current);
}

static enum pvsched_cause boost_cause(const struct pvsched_vcpu *vcpu,
				      unsigned int events)
{
	if (events & PVSCHED_EV_INTERRUPT)
		return PVSCHED_CAUSE_INTERRUPT;
	if (vcpu->state == PVSCHED_VCPU_STATE_BLOCKED)
		return PVSCHED_CAUSE_HALT;
	return PVSCHED_CAUSE_PREEMPTED;
}

static enum pvsched_cause deboost_cause(const struct pvsched_vcpu *vcpu,
					unsigned int events, bool spent)
{
	if (!vcpu->shared)
		return PVSCHED_CAUSE_DETACH;
	if (vcpu->owner_changed)
		return PVSCHED_CAUSE_OWNER;
	if (events & PVSCHED_EV_CAPS)
		return PVSCHED_CAUSE_CAP;
	if (spent)
		return pvsched_budget_slice_spent(&vcpu->budget,
						  &vcpu->limits) ?
			       PVSCHED_CAUSE_SLICE :
			       PVSCHED_CAUSE_BUDGET;
	if (events & PVSCHED_EV_DOORBELL)
		return PVSCHED_CAUSE_DOORBELL;
	if (vcpu->state == PVSCHED_VCPU_STATE_BLOCKED)
		return PVSCHED_CAUSE_BLOCK;
	return PVSCHED_CAUSE_LEVEL;
}

/*
 * Tell the guest what is granted, then look again: it may have lowered its
 * urgency before it could see that it has to ring.
 */
static u8 grant(struct pvsched_vcpu *vcpu, u8 level, u64 now)
{
	unsigned int tries;
	u8 again;

	for (tries = 0; tries < SETTLE_TRIES; tries++) {
		vcpu->granted = level;
		host_word_publish(vcpu);
		if (!level)
			break;
		/* Pairs with the guest's, see linux/pvsched.h. */
		smp_mb();
		again = wanted_level(vcpu, now);
		if (again == level)
			break;
		level = again;
	}
	return vcpu->granted;
}

/* What became of one look at a vCPU. */
struct outcome {
	u64 now;
	u8 before;
	u8 granted;
	enum pvsched_cause cause;
	bool throttled;
	bool released;
};

static void end_boost(struct pvsched_vcpu *vcpu, struct outcome *out,
		      unsigned int events, bool spent)
{
	out->cause = deboost_cause(vcpu, events, spent);
	vcpu->stats.deboosts[out->cause]++;
	pvsched_budget_boost_end(&vcpu->budget, &vcpu->limits, out->now);
	if (!spent)
		return;
	vcpu->throttled = true;
	vcpu->stats.throttles++;
	out->throttled = true;
}

/* vcpu->lock is held: decide, and tell the guest. */
static void decide(struct pvsched_vcpu *vcpu, unsigned int events,
		   struct outcome *out)
{
	bool spent;

	out->now = now_ns();
	out->before = vcpu->granted;
	charge(vcpu, out->now);
	if (vcpu->throttled &&
	    pvsched_budget_left(&vcpu->budget, &vcpu->limits, out->now)) {
		vcpu->throttled = false;
		out->released = true;
	}
	spent = out->before && vcpu->shared &&
		!pvsched_budget_left(&vcpu->budget, &vcpu->limits, out->now);
	if (vcpu->shared)
		out->granted =
			grant(vcpu, wanted_level(vcpu, out->now), out->now);
	else
		vcpu->granted = 0;

	if (!out->before && out->granted) {
		out->cause = boost_cause(vcpu, events);
		vcpu->cause = out->cause;
		vcpu->stats.boosts[out->cause]++;
	} else if (out->before && !out->granted) {
		end_boost(vcpu, out, events, spent);
	} else {
		out->cause = PVSCHED_CAUSE_LEVEL;
	}
	if (vcpu->payback && vcpu->task)
		window_close(vcpu);
	vcpu->since = timed(vcpu) ? out->now : 0;
	if (vcpu->shared) {
		host_word_publish(vcpu);
		timer_arm(vcpu, out->now);
	}
}

/*
 * Was the boost used to get hold of a real-time priority? A thread of a
 * real-time class may lower its priority without any privilege, and stay in
 * that class when the boost is over. What its RLIMIT_RTPRIO allows it could have
 * set at any time.
 */
static bool usurped(const struct pvsched_vcpu *vcpu)
{
	struct task_struct *task = vcpu->task;
	int rtprio = READ_ONCE(task->rt_priority);

	return vcpu->granted && READ_ONCE(task->policy) == SCHED_FIFO &&
	       rtprio < vcpu->applied.rtprio &&
	       rtprio > max_t(long, vcpu->baseline.rtprio,
			      task_rlimit(task, RLIMIT_RTPRIO));
}

/*
 * Somebody else's chrt wins, unless only the boost made it possible. True if this
 * is new. apply_lock is held.
 */
static bool owner_check(struct pvsched_vcpu *vcpu)
{
	if (vcpu->owner_changed ||
	    !pvsched_sched_changed(vcpu->task, &vcpu->applied))
		return false;
	if (usurped(vcpu))
		pvsched_sched_restore(vcpu->task, &vcpu->baseline,
				      &vcpu->applied);
	raw_spin_lock_irq(&vcpu->lock);
	vcpu->owner_changed = true;
	raw_spin_unlock_irq(&vcpu->lock);
	return true;
}

/* apply_lock is held. */
static void apply(struct pvsched_vcpu *vcpu, const struct outcome *out)
{
	int err;

	if (out->before == out->granted || vcpu->owner_changed)
		return;
	if (out->granted)
		err = pvsched_sched_boost(vcpu->task,
					  out->granted - PVSCHED_LEVEL_RT(0),
					  &vcpu->applied);
	else
		err = pvsched_sched_restore(vcpu->task, &vcpu->baseline,
					    &vcpu->applied);
	if (err)
		pr_warn_ratelimited(
			"vCPU %u of %s: scheduling not changed: error %d\n",
			vcpu->id, vcpu->vm->name, err);
	if (out->granted && READ_ONCE(vcpu->resting))
		wake_up_process(vcpu->task);
	/* A boost that was taken away is paid back without the guest's help. */
	if (out->throttled && vcpu->payback && vcpu->task != current)
		thread_work_add(vcpu, vcpu->task);
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

/* Bring the thread in line with what is wanted. apply_lock is held. */
static void evaluate(struct pvsched_vcpu *vcpu, unsigned int events)
{
	struct outcome out = {};
	bool owner_changed;

	owner_changed = owner_check(vcpu);
	raw_spin_lock_irq(&vcpu->lock);
	decide(vcpu, events, &out);
	raw_spin_unlock_irq(&vcpu->lock);
	apply(vcpu, &out);
	if (owner_changed)
		pvsched_notify_vcpu(vcpu, PVSCHED_EVENT_OWNER);
	report(vcpu, &out);
}

/**
 * pvsched_vcpu_handle() - look at a vCPU and act
 * @vcpu: referenced
 * @events: PVSCHED_EV_*: why
 *
 * Process context: a worker, or the thread itself for a doorbell.
 */
void pvsched_vcpu_handle(struct pvsched_vcpu *vcpu, unsigned int events)
{
	if (events & (PVSCHED_EV_EXITED | PVSCHED_EV_UNBOUND))
		pvsched_bind_gone(vcpu, events & PVSCHED_EV_EXITED);
	rt_mutex_lock(&vcpu->apply_lock);
	if (vcpu->task && vcpu->shared &&
	    READ_ONCE(vcpu->state) != PVSCHED_VCPU_STATE_PENDING) {
		if (events & PVSCHED_EV_BOUND)
			pvsched_bind_done(vcpu);
		evaluate(vcpu, events);
	}
	rt_mutex_unlock(&vcpu->apply_lock);
}

/**
 * pvsched_vcpu_exited() - the thread exited, and the notifier with it
 * @vcpu: referenced
 *
 * Process context. Unless the vCPU is being detached, another thread may come.
 */
void pvsched_vcpu_exited(struct pvsched_vcpu *vcpu)
{
	rt_mutex_lock(&vcpu->apply_lock);
	raw_spin_lock_irq(&vcpu->lock);
	if (vcpu->granted) {
		vcpu->stats.deboosts[PVSCHED_CAUSE_DETACH]++;
		pvsched_budget_boost_end(&vcpu->budget, &vcpu->limits,
					 now_ns());
	}
	vcpu->granted = 0;
	vcpu->since = 0;
	if (vcpu->shared)
		host_word_publish(vcpu);
	raw_spin_unlock_irq(&vcpu->lock);
	pvsched_notify_vcpu(vcpu, PVSCHED_EVENT_VCPU_EXIT);
	put_task_struct(vcpu->task);
	vcpu->task = NULL;
	put_pid(vcpu->pid);
	vcpu->pid = NULL;
	if (vcpu->shared)
		pvsched_bind_again(vcpu);
	rt_mutex_unlock(&vcpu->apply_lock);
}

/**
 * pvsched_vcpu_snapshot() - a vCPU at one moment
 * @vcpu: referenced, or in its VM's table under pvsched_vms_lock
 * @info: filled in; the caller puts its pid
 *
 * Process context.
 */
void pvsched_vcpu_snapshot(struct pvsched_vcpu *vcpu,
			   struct pvsched_vcpu_info *info)
{
	memset(info, 0, sizeof(*info));
	rt_mutex_lock(&vcpu->apply_lock);
	raw_spin_lock_irq(&vcpu->lock);
	info->cpu = vcpu->task ? task_cpu(vcpu->task) : -1;
	info->nice = vcpu->task ? task_nice(vcpu->task) : 0;
	info->pid = get_pid(vcpu->pid);
	info->guest_word = vcpu->shared ? guest_word(vcpu) : 0;
	info->state = vcpu->state;
	info->granted = vcpu->granted;
	info->owner_changed = vcpu->owner_changed;
	info->throttled = vcpu->throttled;
	info->debt = max_t(s64, vcpu->debt, 0);
	info->baseline = vcpu->baseline;
	info->limits = vcpu->limits;
	info->stats = vcpu->stats;
	raw_spin_unlock_irq(&vcpu->lock);
	rt_mutex_unlock(&vcpu->apply_lock);
}

struct pvsched_vcpu *pvsched_vcpu_alloc(struct pvsched_vm *vm, u32 id)
{
	struct pvsched_vcpu *vcpu = kzalloc(sizeof(*vcpu), GFP_KERNEL_ACCOUNT);

	if (!vcpu)
		return NULL;
	/* Held for the caller's file by the VFS, so this cannot be the first. */
	__module_get(THIS_MODULE);
	kref_get(&vm->ref);
	vcpu->vm = vm;
	vcpu->id = id;
	vcpu->state = PVSCHED_VCPU_STATE_PENDING;
	kref_init(&vcpu->ref);
	raw_spin_lock_init(&vcpu->lock);
	rt_mutex_init(&vcpu->apply_lock);
	init_task_work(&vcpu->thread_work, thread_work);
	preempt_notifier_init(&vcpu->notifier, &notifier_ops);
	hrtimer_setup(&vcpu->timer, timer_fire, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_HARD);
	pvsched_caps_unlimited(&vcpu->caps);
	return vcpu;
}

/**
 * pvsched_vcpu_stop() - end a vCPU: no boost, no access to the page any more
 * @vcpu: referenced; already taken from its VM's table
 *
 * The mirror of attaching, save for the notifier, which only the thread itself
 * can unregister. Process context.
 */
void pvsched_vcpu_stop(struct pvsched_vcpu *vcpu)
{
	rt_mutex_lock(&vcpu->apply_lock);
	raw_spin_lock_irq(&vcpu->lock);
	if (vcpu->shared) {
		WRITE_ONCE(vcpu->shared->host_word, 0);
		vcpu->shared = NULL;
	}
	raw_spin_unlock_irq(&vcpu->lock);
	if (vcpu->task)
		evaluate(vcpu, 0);
	pvsched_notify_vcpu(vcpu, PVSCHED_EVENT_VCPU_DEL);
	rt_mutex_unlock(&vcpu->apply_lock);
	hrtimer_cancel(&vcpu->timer);
	pvsched_bind_stop(vcpu);
}

static void vcpu_free(struct work_struct *work)
{
	struct pvsched_vcpu *vcpu =
		container_of(to_rcu_work(work), struct pvsched_vcpu, free_work);

	if (vcpu->task)
		put_task_struct(vcpu->task);
	put_pid(vcpu->pid);
	pvsched_vm_put(vcpu->vm);
	kfree(vcpu);
	/* Workqueue items are waited for when the module is removed. */
	module_put(THIS_MODULE);
}

static void vcpu_release(struct kref *ref)
{
	struct pvsched_vcpu *vcpu = container_of(ref, struct pvsched_vcpu, ref);

	INIT_RCU_WORK(&vcpu->free_work, vcpu_free);
	queue_rcu_work(pvsched_wq, &vcpu->free_work);
}

/* Any context. False for one that was found under RCU and is being freed. */
bool pvsched_vcpu_get(struct pvsched_vcpu *vcpu)
{
	return kref_get_unless_zero(&vcpu->ref);
}

/* Any context. */
void pvsched_vcpu_put(struct pvsched_vcpu *vcpu)
{
	kref_put(&vcpu->ref, vcpu_release);
}
