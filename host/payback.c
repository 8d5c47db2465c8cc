// SPDX-License-Identifier: GPL-2.0-only
/*
 * Payback: what is owed, and when to rest for it.
 */
#include "payback.h"

/* Longer than this is as good as forever, and does not overflow. */
#define TIME_MAX (~0ULL >> 24)

/* Smaller, and hardly anything would ever be repaid. */
#define SHARE_MIN 16U

/*
 * Windows come in cycles: one without rests, in which what was given up in the
 * last rests is still made up for; three without rests, which tell the share; the
 * others with rests. In the first four a thread that owes much takes more than it
 * should, so they are few.
 */
#define CYCLE_SETTLED 1U
#define CYCLE_RESTS   4U
#define CYCLE	      40U

static __u64 bounded(__u64 time)
{
	return time < TIME_MAX ? time : TIME_MAX;
}

/*
 * Was there so much sleep in it that it does not tell the share? The end of a
 * rest that began in the window before is not.
 */
bool pvsched_window_rested(const struct pvsched_window *window)
{
	return bounded(window->slept) >
	       (bounded(window->ran) + bounded(window->waited)) / 16;
}

/* Does a window without rests tell the share? @windows: how many were before. */
bool pvsched_window_settled(unsigned int windows)
{
	return windows % CYCLE >= CYCLE_SETTLED &&
	       windows % CYCLE < CYCLE_RESTS;
}

/**
 * pvsched_share_update() - the share of a thread that competes
 * @share: what it was held to be
 * @window: one in which it did not rest, and did not make up for rests
 *
 * Return: the new share, in which the past counts as three times as much.
 */
__u32 pvsched_share_update(__u32 share, const struct pvsched_window *window)
{
	__u64 ran = bounded(window->ran);
	__u64 total = ran + bounded(window->waited);

	if (!total)
		return share;
	share = (3 * share + ran * PVSCHED_SHARE_ALL / total) / 4;
	return share < SHARE_MIN ? SHARE_MIN : share;
}

/*
 * The debt after the thread ran boosted, or others worked to boost it: its share of
 * that time was its own.
 */
__s64 pvsched_debt_boosted(__s64 debt, __u64 ran, __u32 share)
{
	debt += (__s64)(bounded(ran) * (PVSCHED_SHARE_ALL - share) /
			PVSCHED_SHARE_ALL);
	return debt < PVSCHED_DEBT_MAX ? debt : PVSCHED_DEBT_MAX;
}

/* The debt after a window with sleep: what it would have got, and did not. */
__s64 pvsched_debt_repaid(__s64 debt, __u32 share,
			  const struct pvsched_window *window)
{
	__u64 ran = bounded(window->ran);
	__u64 due = (ran + bounded(window->waited) + bounded(window->slept)) *
		    share / PVSCHED_SHARE_ALL;

	if (due <= ran)
		return debt;
	debt -= (__s64)(due - ran);
	return debt > -PVSCHED_CREDIT_MAX ? debt : -PVSCHED_CREDIT_MAX;
}

/*
 * How long the thread should rest now; 0: not at all. @windows: how many were
 * before.
 */
__u64 pvsched_debt_rest(__s64 debt, __u32 share, unsigned int windows)
{
	if (share >= PVSCHED_SHARE_ALONE || debt < PVSCHED_DEBT_MIN)
		return 0;
	return windows % CYCLE >= CYCLE_RESTS ? PVSCHED_REST : 0;
}
