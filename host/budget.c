// SPDX-License-Identifier: GPL-2.0-only
/*
 * Budgets: how much longer a vCPU may run boosted, when it may again, and how
 * often it may ring.
 */
#include "budget.h"

#define USEC   1000ULL
#define SECOND 1000000000ULL

static __u64 limit_ns(const struct pvsched_limits *l, enum pvsched_cap_id id)
{
	/* Limits are at most PVSCHED_TIME_MAX: no overflow. */
	return l->value[id] * USEC;
}

static bool period_over(const struct pvsched_budget *b,
			const struct pvsched_limits *l, __u64 now)
{
	return now - b->period_start >= limit_ns(l, PVSCHED_CAP_PERIOD);
}

/* A runtime of the whole period is no bound. */
static bool runtime_bounds(const struct pvsched_limits *l)
{
	return l->value[PVSCHED_CAP_RUNTIME] < l->value[PVSCHED_CAP_PERIOD];
}

static __u64 runtime_left(const struct pvsched_budget *b,
			  const struct pvsched_limits *l, __u64 now)
{
	__u64 runtime = limit_ns(l, PVSCHED_CAP_RUNTIME);

	if (!runtime)
		return 0;
	if (!runtime_bounds(l))
		return PVSCHED_NEVER;
	if (period_over(b, l, now))
		return runtime;
	return b->used < runtime ? runtime - b->used : 0;
}

static __u64 slice_left(const struct pvsched_budget *b,
			const struct pvsched_limits *l, __u64 now)
{
	__u64 slice = limit_ns(l, PVSCHED_CAP_SLICE);

	if (now < b->pause_until)
		return 0;
	return b->slice_used < slice ? slice - b->slice_used : 0;
}

static __u64 pause_ns(__u64 slice)
{
	return slice > PVSCHED_PAUSE_MIN ? slice : PVSCHED_PAUSE_MIN;
}

/**
 * pvsched_budget_charge_work() - account time that the host spent on boosts
 * @b: budget
 * @l: what binds
 * @now: end of that time
 * @ran: its length
 *
 * It counts as runtime, but as no part of a boost.
 */
void pvsched_budget_charge_work(struct pvsched_budget *b,
				const struct pvsched_limits *l, __u64 now,
				__u64 ran)
{
	if (period_over(b, l, now)) {
		b->period_start = now - ran;
		b->used = 0;
	}
	b->used += ran;
}

/**
 * pvsched_budget_charge() - account time that was run boosted
 * @b: budget
 * @l: what binds
 * @now: end of that time
 * @ran: its length
 */
void pvsched_budget_charge(struct pvsched_budget *b,
			   const struct pvsched_limits *l, __u64 now, __u64 ran)
{
	pvsched_budget_charge_work(b, l, now, ran);
	b->slice_used += ran;
}

/* Has the current boost lasted as long as one may? */
bool pvsched_budget_slice_spent(const struct pvsched_budget *b,
				const struct pvsched_limits *l)
{
	return b->slice_used >= limit_ns(l, PVSCHED_CAP_SLICE);
}

/**
 * pvsched_budget_boost_end() - a boost ends, for whatever reason
 * @b: budget
 * @l: what binds
 * @now: when
 *
 * One that has used up its slice is followed by a pause.
 */
void pvsched_budget_boost_end(struct pvsched_budget *b,
			      const struct pvsched_limits *l, __u64 now)
{
	if (pvsched_budget_slice_spent(b, l))
		b->pause_until = now + pause_ns(limit_ns(l, PVSCHED_CAP_SLICE));
	b->slice_used = 0;
}

/**
 * pvsched_budget_left() - how long a boost may go on, or a new one be
 * @b: budget
 * @l: what binds
 * @now: the time
 *
 * Return: nanoseconds; 0: no boost.
 */
__u64 pvsched_budget_left(const struct pvsched_budget *b,
			  const struct pvsched_limits *l, __u64 now)
{
	__u64 runtime = runtime_left(b, l, now);
	__u64 slice = slice_left(b, l, now);

	return runtime < slice ? runtime : slice;
}

/**
 * pvsched_budget_recovers() - when may there be a boost again?
 * @b: budget, between boosts
 * @l: what binds
 * @now: the time
 *
 * Return: the earliest time, @now if there may be one at once, PVSCHED_NEVER if
 * the caps allow none at all.
 */
__u64 pvsched_budget_recovers(const struct pvsched_budget *b,
			      const struct pvsched_limits *l, __u64 now)
{
	__u64 at = now;

	if (!l->value[PVSCHED_CAP_RUNTIME] || !l->value[PVSCHED_CAP_SLICE])
		return PVSCHED_NEVER;
	if (!runtime_left(b, l, now))
		at = b->period_start + limit_ns(l, PVSCHED_CAP_PERIOD);
	if (b->pause_until > at)
		at = b->pause_until;
	return at;
}

/* Account time that was run boosted, for a section only. */
void pvsched_section_charge(struct pvsched_budget *b, __u64 ran)
{
	b->section_used += ran;
}

/**
 * pvsched_section_left() - how long a boost for a section may go on, or be
 * @b: budget
 * @l: what binds
 * @now: the time
 *
 * pvsched_budget_left() binds as well. Return: nanoseconds; 0: none.
 */
__u64 pvsched_section_left(const struct pvsched_budget *b,
			   const struct pvsched_limits *l, __u64 now)
{
	__u64 section = limit_ns(l, PVSCHED_CAP_SECTION);

	if (now < b->section_pause_until)
		return 0;
	return b->section_used < section ? section - b->section_used : 0;
}

/**
 * pvsched_section_end() - a boost for a section ends, or goes on for another
 *	reason
 * @b: budget
 * @l: what binds
 * @now: when
 */
void pvsched_section_end(struct pvsched_budget *b,
			 const struct pvsched_limits *l, __u64 now)
{
	__u64 section = limit_ns(l, PVSCHED_CAP_SECTION);

	if (b->section_used >= section)
		b->section_pause_until = now + pause_ns(section);
	b->section_used = 0;
}

/**
 * pvsched_kicks_take() - a doorbell is rung
 * @kicks: those before it
 * @limit: how many a second may have an effect
 * @now: when; the clock may have stepped back a little
 *
 * Return: may it have one?
 */
bool pvsched_kicks_take(struct pvsched_kicks *kicks, __u64 limit, __u64 now)
{
	if (now > kicks->since && now - kicks->since >= SECOND) {
		kicks->since = now;
		kicks->count = 0;
	}
	if (kicks->count >= limit)
		return false;
	kicks->count++;
	return true;
}
