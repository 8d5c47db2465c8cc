// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state of a vCPU: what its guest says, what it should have, and how its
 * time is accounted.
 *
 * vcpu->lock is held for everything here, and possibly a run queue's lock.
 */
#include <linux/ktime.h>
#include <linux/sched/signal.h>

#include <pvsched/word.h>

#include "canary.h"
#include "core.h"
#include "gate.h"
#include "policy.h"
#include "sched.h"
#include "slots.h"
#include "state.h"

/* Any context, also under a run queue's lock. */
u64 pvsched_state_now(void)
{
	return ktime_get_mono_fast_ns();
}

/*
 * A call that was allowed during a boost takes effect a little later. An
 * administrator may set the same value at any other time.
 */
#define RENICE_LATE (10 * NSEC_PER_SEC)

static bool boosted_lately(const struct pvsched_vcpu *vcpu)
{
	u64 at = READ_ONCE(vcpu->reniced_at);

	return at && pvsched_state_now() - at < RENICE_LATE;
}

/* Is there a boost to a nice value, or was there just now? */
static bool nice_boosted(const struct pvsched_vcpu *vcpu)
{
	return READ_ONCE(vcpu->applied.nice) < READ_ONCE(vcpu->baseline.nice) ||
	       boosted_lately(vcpu);
}

/* Was it only a boost that made it possible to set this nice value? No lock is needed. */
bool pvsched_state_nice_usurped(const struct pvsched_vcpu *vcpu, int nice)
{
	return pvsched_sched_nice_usurped(vcpu->task, nice,
					  READ_ONCE(vcpu->baseline.nice),
					  READ_ONCE(vcpu->peak.nice)) &&
	       nice_boosted(vcpu);
}

/* Likewise that the thread, which is bound, has left SCHED_IDLE. */
bool pvsched_state_idle_usurped(const struct pvsched_vcpu *vcpu)
{
	return pvsched_sched_idle_left(vcpu->task, &vcpu->baseline,
				       READ_ONCE(vcpu->peak.rtprio)) &&
	       (READ_ONCE(vcpu->applied.policy) != SCHED_IDLE ||
		boosted_lately(vcpu));
}

/* Of the thread, which is bound, without a boost. No lock is needed. */
int pvsched_state_nice(const struct pvsched_vcpu *vcpu)
{
	int nice = task_nice(vcpu->task);

	if (nice != READ_ONCE(vcpu->applied.nice) &&
	    !pvsched_state_nice_usurped(vcpu, nice))
		return nice;
	return READ_ONCE(vcpu->baseline.nice);
}

static u8 policy_level(const struct pvsched_vcpu *vcpu, u64 guest, bool section)
{
	const struct pvsched_view view = {
		.urgency = pvsched_guest_urgency(guest),
		.sleeper = pvsched_guest_sleeper(guest),
		.stale = pvsched_word_stale(guest, vcpu->host_word),
		.interrupted = vcpu->interrupted,
		.section = section,
	};

	return pvsched_policy_level(vcpu->policy, &view);
}

/* A vCPU that sleeps is in no section, whatever its guest says. */
static bool in_section(const struct pvsched_vcpu *vcpu, u64 guest)
{
	return pvsched_guest_section(guest) &&
	       vcpu->state != PVSCHED_VCPU_STATE_BLOCKED;
}

/* What the policy asks for, also for a section; 0: nothing. */
u8 pvsched_state_policy_level(const struct pvsched_vcpu *vcpu, u64 guest)
{
	return policy_level(vcpu, guest, in_section(vcpu, guest));
}

/* Does the policy ask for that level also without a section? */
bool pvsched_state_urgent(const struct pvsched_vcpu *vcpu, u64 guest, u8 level)
{
	return level &&
	       (!in_section(vcpu, guest) || policy_level(vcpu, guest, false));
}

/* What is left of it if there is no time left for sections. */
static u8 section_bounded(struct pvsched_vcpu *vcpu, u64 guest, u8 level,
			  u64 now)
{
	u8 other;

	vcpu->asks_section = false;
	if (!in_section(vcpu, guest))
		return level;
	other = policy_level(vcpu, guest, false);
	if (other >= level ||
	    !pvsched_section_left(&vcpu->budget, &vcpu->limits, now))
		return other;
	vcpu->asks_section = true;
	return level;
}

/* Likewise after caps rtprio and nice. */
static u8 cap_level(const struct pvsched_vcpu *vcpu, u8 level)
{
	u64 rtprio = vcpu->limits.value[PVSCHED_CAP_RTPRIO];
	u64 nice = vcpu->limits.value[PVSCHED_CAP_NICE];

	if (!level || !vcpu->boostable)
		return 0;
	if (pvsched_sched_rttime_short(vcpu->task, &vcpu->baseline,
				       vcpu->limits.value[PVSCHED_CAP_SLICE]))
		rtprio = 0;
	if (vcpu->within_rlimits) {
		rtprio = min_t(u64, rtprio,
			       task_rlimit(vcpu->task, RLIMIT_RTPRIO));
		nice = min_t(u64, nice, task_rlimit(vcpu->task, RLIMIT_NICE));
	}
	return pvsched_boost_level(rtprio, nice, level,
				   pvsched_sched_level(&vcpu->baseline));
}

/* An observing policy: count what would have been boosts. */
static void observe(struct pvsched_vcpu *vcpu, u8 level)
{
	if (level && !vcpu->observed)
		vcpu->stats.would_boost++;
	vcpu->observed = level;
}

/*
 * What is left of a level that the policy asked for, after caps and budget. The
 * vCPU is in charge.
 */
u8 pvsched_state_bounded(struct pvsched_vcpu *vcpu, u64 guest, u8 level,
			 u64 now)
{
	level = cap_level(vcpu, section_bounded(vcpu, guest, level, now));
	if (!pvsched_gate_is_open() || pvsched_slot_awaited(vcpu) ||
	    !vcpu->limits.value[PVSCHED_CAP_VCPUS] ||
	    !pvsched_budget_left(&vcpu->budget, &vcpu->limits, now))
		level = 0;
	if (vcpu->policy->ops->observe) {
		observe(vcpu, level);
		return 0;
	}
	return level;
}

/* An interrupt has come for a vCPU that does not run. */
void pvsched_state_interrupted(struct pvsched_vcpu *vcpu)
{
	vcpu->interrupted = pvsched_policy_limit(vcpu->policy) > 0;
	vcpu->served = 0;
}

/* Time was run boosted: does the last interrupt still count? */
static void serve(struct pvsched_vcpu *vcpu, u64 time)
{
	if (!vcpu->interrupted)
		return;
	vcpu->served += time;
	if (vcpu->served >= pvsched_policy_limit(vcpu->policy))
		vcpu->interrupted = false;
}

/*
 * The level to boost to, after policy, caps and budget. A vCPU that runs is
 * left alone until the host wants to take its CPU: raising is lazy.
 */
u8 pvsched_state_wanted(struct pvsched_vcpu *vcpu, u64 now)
{
	u64 guest;

	if (!pvsched_state_in_charge(vcpu))
		return 0;
	if (vcpu->state == PVSCHED_VCPU_STATE_RUNNING && !vcpu->granted)
		return 0;
	guest = pvsched_state_guest_word(vcpu);
	return pvsched_state_bounded(
		vcpu, guest, pvsched_state_policy_level(vcpu, guest), now);
}

/* The vCPU has this level now, for that reason. vcpu->lock is held. */
void pvsched_state_grant(struct pvsched_vcpu *vcpu, u8 level, u64 now)
{
	bool section = level && vcpu->asks_section;

	if (vcpu->section && !section)
		pvsched_section_end(&vcpu->budget, &vcpu->limits, now);
	vcpu->section = section;
	vcpu->granted = level;
}

/* Did any boost so far give more than somebody without privileges may set? Any context. */
bool pvsched_state_beyond_rlimits(const struct pvsched_vcpu *vcpu)
{
	const struct pvsched_sched *baseline = &vcpu->baseline;
	unsigned long rtprio = task_rlimit(vcpu->task, RLIMIT_RTPRIO);
	unsigned long nice = task_rlimit(vcpu->task, RLIMIT_NICE);

	if (vcpu->peak.rtprio > baseline->rtprio && vcpu->peak.rtprio > rtprio)
		return true;
	return (vcpu->peak.nice < baseline->nice ||
		baseline->policy == SCHED_IDLE) &&
	       nice_to_rlimit(vcpu->peak.nice) > nice;
}

/* The thread has what was restored, or is about to. vcpu->lock is held. */
static void seen(struct pvsched_vcpu *vcpu)
{
	u64 waited;

	pvsched_sched_times(vcpu->task, &vcpu->seen_ran, &waited);
}

/**
 * pvsched_state_usurped() - somebody kept a boost that was over
 * @vcpu: its lock held
 * @now: when that was undone
 *
 * What the thread ran since it was last seen as restored is charged, and it is looked
 * at again soon. Not to the canary: nobody may end other VMs' boosts like that.
 */
void pvsched_state_usurped(struct pvsched_vcpu *vcpu, u64 now)
{
	u64 ran = vcpu->seen_ran;
	u64 at = vcpu->restored_at;

	if (vcpu->granted || !at)
		return;
	seen(vcpu);
	vcpu->restored_at = now;
	/* Nobody has looked for long, and it may have run as it should. */
	if (now - at >= RENICE_LATE)
		return;
	ran = vcpu->seen_ran - ran;
	vcpu->stats.boosted += ran;
	vcpu->exempt += ran;
	pvsched_budget_charge(&vcpu->budget, &vcpu->limits, now, ran);
	pvsched_budget_boost_end(&vcpu->budget, &vcpu->limits, now);
	if (vcpu->payback)
		vcpu->debt = pvsched_debt_boosted(vcpu->debt, ran, vcpu->share);
}

/* A boost is over, for whatever reason. vcpu->lock is held. */
void pvsched_state_boost_end(struct pvsched_vcpu *vcpu, u64 now)
{
	pvsched_state_grant(vcpu, 0, now);
	pvsched_slot_ask(vcpu, false);
	pvsched_budget_boost_end(&vcpu->budget, &vcpu->limits, now);
	vcpu->restored_at = pvsched_state_beyond_rlimits(vcpu) ? now : 0;
	seen(vcpu);
}

/*
 * Account the time since the last look, which the thread spent in the state
 * that it still is in. vcpu->lock is held.
 */
void pvsched_state_charge(struct pvsched_vcpu *vcpu, u64 now)
{
	u64 time;

	if (!vcpu->since)
		return;
	/* This clock may step back a little. */
	time = now > vcpu->since ? now - vcpu->since : 0;
	vcpu->since = now;
	if (vcpu->state == PVSCHED_VCPU_STATE_BLOCKED) {
		vcpu->slept += time;
	} else if (vcpu->state == PVSCHED_VCPU_STATE_RUNNING && vcpu->granted) {
		vcpu->stats.boosted += time;
		pvsched_canary_charge(task_cpu(vcpu->task), time);
		pvsched_budget_charge(&vcpu->budget, &vcpu->limits, now, time);
		if (vcpu->section)
			pvsched_section_charge(&vcpu->budget, time);
		serve(vcpu, time);
		/* Other boosted time is charged to the fair share. */
		if (vcpu->granted < PVSCHED_LEVEL_RT_MIN)
			return;
		vcpu->exempt += time;
		if (vcpu->payback)
			vcpu->debt = pvsched_debt_boosted(vcpu->debt, time,
							  vcpu->share);
	}
}

/* From now on boosted time is a debt, or not. The thread is bound. */
void pvsched_state_payback_start(struct pvsched_vcpu *vcpu)
{
	vcpu->payback = READ_ONCE(vcpu->vm->payback) &&
			pvsched_sched_fair(vcpu->baseline.policy);
	vcpu->debt = 0;
	vcpu->share = PVSCHED_SHARE_ALL / 2;
	vcpu->times.exempt = vcpu->exempt;
	vcpu->times.slept = vcpu->slept;
	pvsched_sched_times(vcpu->task, &vcpu->times.ran, &vcpu->times.waited);
}

/*
 * Look at what the thread got of the time that has passed, once it is long
 * enough. A window in which it slept tells what it has given up, another its
 * share. vcpu->lock is held.
 */
void pvsched_state_window_close(struct pvsched_vcpu *vcpu)
{
	struct pvsched_times now = {
		.exempt = vcpu->exempt,
		.slept = vcpu->slept,
	};
	struct pvsched_window window;

	pvsched_sched_times(vcpu->task, &now.ran, &now.waited);
	window.ran = now.ran - vcpu->times.ran;
	window.ran -= min(window.ran, now.exempt - vcpu->times.exempt);
	window.waited = now.waited - vcpu->times.waited;
	window.slept = now.slept - vcpu->times.slept;
	if (window.ran + window.waited + window.slept < PVSCHED_WINDOW)
		return;
	vcpu->times = now;
	if (pvsched_window_rested(&window))
		vcpu->debt =
			pvsched_debt_repaid(vcpu->debt, vcpu->share, &window);
	else if (pvsched_window_settled(vcpu->windows))
		vcpu->share = pvsched_share_update(vcpu->share, &window);
	vcpu->windows++;
}

/* How long may a boost go on, for its caps and for its policy? ns */
static u64 boost_left(const struct pvsched_vcpu *vcpu, u64 now)
{
	u64 left = pvsched_budget_left(&vcpu->budget, &vcpu->limits, now);
	u64 limit;

	if (vcpu->section)
		left = min(left, pvsched_section_left(&vcpu->budget,
						      &vcpu->limits, now));
	if (!vcpu->interrupted)
		return left;
	limit = pvsched_policy_limit(vcpu->policy);
	return min(left, limit - min(limit, vcpu->served));
}

/*
 * That a section is over nobody tells. Long compared with most sections, so that
 * the timer seldom runs more than once for one.
 */
#define SECTION_RECHECK (100 * NSEC_PER_USEC)
#define SECTION_WORTH	(10 * NSEC_PER_USEC)

/* When does a boost that runs have to be looked at? ns */
static u64 boost_due(const struct pvsched_vcpu *vcpu, u64 now)
{
	u64 in = min(boost_left(vcpu, now), pvsched_canary_step());

	return pvsched_state_section_seen(vcpu) ?
		       min_t(u64, in, SECTION_RECHECK) :
		       in;
}

/**
 * pvsched_state_section_goes_on() - the timer of a boost has run out
 * @vcpu: the vCPU, its lock held
 * @now: the time
 *
 * Return: for how long the boost may go on before it is looked at again, ns, if it
 * is for a section that goes on and there is time left that is worth it; else 0.
 */
u64 pvsched_state_section_goes_on(struct pvsched_vcpu *vcpu, u64 now)
{
	u64 in;

	if (!pvsched_state_section_seen(vcpu) ||
	    vcpu->state != PVSCHED_VCPU_STATE_RUNNING ||
	    !pvsched_guest_section(pvsched_state_guest_word(vcpu)))
		return 0;
	pvsched_state_charge(vcpu, now);
	in = boost_due(vcpu, now);
	return in < SECTION_WORTH ? 0 : in;
}

/*
 * When is a thread looked at that may never leave its CPU, after a boost? Late calls
 * are seldom, and late by more even more so: at 200 boosts a second each is followed by
 * one look.
 */
#define LOOK_FIRST  NSEC_PER_MSEC
#define LOOK_FACTOR 8

/* So early a timer may be, by another clock. */
#define TIMER_EARLY (10 * NSEC_PER_USEC)

/* In that time; ns, or PVSCHED_NEVER. */
static u64 look_due(const struct pvsched_vcpu *vcpu, u64 now)
{
	u64 at = LOOK_FIRST;
	u64 since;

	if (!vcpu->restored_at || !pvsched_state_in_charge(vcpu))
		return PVSCHED_NEVER;
	since = now > vcpu->restored_at ? now - vcpu->restored_at : 0;
	while (at < since + TIMER_EARLY)
		at *= LOOK_FACTOR;
	return at < RENICE_LATE ? at - since : PVSCHED_NEVER;
}

/* Likewise when a throttling ends. */
static u64 recovery_due(const struct pvsched_vcpu *vcpu, u64 now)
{
	u64 at;

	if (!vcpu->throttled || !vcpu->attached)
		return PVSCHED_NEVER;
	at = pvsched_budget_recovers(&vcpu->budget, &vcpu->limits, now);
	return at == PVSCHED_NEVER ? at : at - now;
}

/**
 * pvsched_state_look() - the timer has run out, and there is no boost
 * @vcpu: the vCPU, its lock held
 * @now: the time
 * @again: set to the time until the next look, ns; 0: there is none
 *
 * Hard irq context. Most often the thread has what was restored, and no worker is
 * woken for that. Return: PVSCHED_EV_* to post.
 */
unsigned int pvsched_state_look(struct pvsched_vcpu *vcpu, u64 now, u64 *again)
{
	u64 recovery = recovery_due(vcpu, now);

	*again = 0;
	if (recovery < TIMER_EARLY)
		return PVSCHED_EV_TIMER;
	if (vcpu->restored_at && pvsched_state_in_charge(vcpu)) {
		/* As when it is switched out. */
		if (rt_mutex_base_is_locked(&vcpu->apply_lock.rtmutex)) {
			*again = LOOK_FIRST;
			return 0;
		}
		if (pvsched_sched_changed(vcpu->task, &vcpu->applied) ||
		    pvsched_sched_reniced(vcpu->task, &vcpu->applied))
			return PVSCHED_EV_OWNER;
		seen(vcpu);
	}
	recovery = min(recovery, look_due(vcpu, now));
	if (recovery != PVSCHED_NEVER)
		*again = recovery;
	return 0;
}

/* Between boosts: is the timer running, and soon enough? */
static bool armed_for(struct pvsched_vcpu *vcpu, u64 at)
{
	return hrtimer_is_queued(&vcpu->timer) &&
	       (u64)ktime_to_ns(hrtimer_get_expires(&vcpu->timer)) <= at;
}

/*
 * A boost is limited while it runs; a throttling ends by itself; and after a boost
 * somebody has to look at the thread.
 */
void pvsched_state_timer_arm(struct pvsched_vcpu *vcpu, u64 now)
{
	u64 in;

	if (vcpu->granted) {
		if (vcpu->state != PVSCHED_VCPU_STATE_RUNNING)
			return;
		in = boost_due(vcpu, now);
	} else {
		in = min(look_due(vcpu, now), recovery_due(vcpu, now));
		if (in != PVSCHED_NEVER && armed_for(vcpu, now + in))
			return;
	}
	if (in != PVSCHED_NEVER)
		hrtimer_start(&vcpu->timer, ns_to_ktime(in),
			      HRTIMER_MODE_REL_PINNED_HARD);
}

/* May this doorbell have an effect? vcpu->lock is held. */
bool pvsched_state_kick_take(struct pvsched_vcpu *vcpu)
{
	if (pvsched_kicks_take(&vcpu->kicks,
			       vcpu->limits.value[PVSCHED_CAP_KICKS],
			       pvsched_state_now()))
		return true;
	vcpu->stats.doorbells_ignored++;
	return false;
}
