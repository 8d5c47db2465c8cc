// SPDX-License-Identifier: GPL-2.0-only
/*
 * Payback: what is owed, and how long a rest repays it.
 */
#include "payback.h"

/* Longer than this is as good as forever, and does not overflow. */
#define TIME_MAX (~0ULL >> 24)

/* A smaller share would make rests longer than they may be anyway. */
#define SHARE_MIN 16U

/**
 * pvsched_share_update() - the share of a thread that competes
 * @share: what it was held to be
 * @ran: ordinary time that it ran since
 * @waited: time that it wanted to run and did not
 *
 * Return: the new share, in which the past counts as three times as much.
 */
__u32 pvsched_share_update(__u32 share, __u64 ran, __u64 waited)
{
	__u32 now;

	if (ran > TIME_MAX || waited > TIME_MAX || !(ran + waited))
		return share;
	now = ran * PVSCHED_SHARE_ALL / (ran + waited);
	share = (3 * share + now) / 4;
	return share < SHARE_MIN ? SHARE_MIN : share;
}

/* The debt after the thread ran boosted: its share of that time was its own. */
__u64 pvsched_debt_boosted(__u64 debt, __u64 ran, __u32 share)
{
	__u64 amount;

	if (ran > TIME_MAX)
		return PVSCHED_DEBT_MAX;
	amount = ran * (PVSCHED_SHARE_ALL - share) / PVSCHED_SHARE_ALL;
	if (amount > PVSCHED_DEBT_MAX - debt)
		return PVSCHED_DEBT_MAX;
	return debt + amount;
}

/* The debt after the thread slept, for whatever reason. */
__u64 pvsched_debt_slept(__u64 debt, __u64 slept, __u32 share)
{
	__u64 amount;

	if (slept > TIME_MAX)
		return 0;
	amount = slept * share / PVSCHED_SHARE_ALL;
	return amount < debt ? debt - amount : 0;
}

/* How long the thread should rest now; 0: not at all. */
__u64 pvsched_debt_rest(__u64 debt, __u32 share)
{
	__u64 rest;

	if (share >= PVSCHED_SHARE_ALONE || !share)
		return 0;
	rest = debt * PVSCHED_SHARE_ALL / share;
	if (rest < PVSCHED_REST_MIN)
		return 0;
	return rest < PVSCHED_REST_MAX ? rest : PVSCHED_REST_MAX;
}
