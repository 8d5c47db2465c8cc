/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Budgets: how much longer a vCPU may run boosted.
 *
 * Two bounds at once. Runtime: at most that much in each period; a period
 * begins with the first boost after the last one has passed. Slice: at most
 * that much in one boost, then a pause as long as the slice.
 *
 * Pure arithmetic, without kernel dependencies: the unit tests compile the same
 * file as the module. Times are nanoseconds, caps microseconds.
 */
#ifndef PVSCHED_BUDGET_H
#define PVSCHED_BUDGET_H

#ifndef __KERNEL__
#include <stdbool.h>
#endif
#include <linux/types.h>

#include "caps.h"

#define PVSCHED_NEVER (~0ULL)

/**
 * struct pvsched_budget - what a vCPU has used up
 * @period_start: when the current period began
 * @used: boosted time in it
 * @slice_used: boosted time in the current boost
 * @pause_until: no boost before
 */
struct pvsched_budget {
	__u64 period_start;
	__u64 used;
	__u64 slice_used;
	__u64 pause_until;
};

void pvsched_budget_charge(struct pvsched_budget *b,
			   const struct pvsched_limits *l, __u64 now,
			   __u64 ran);
void pvsched_budget_boost_end(struct pvsched_budget *b,
			      const struct pvsched_limits *l, __u64 now);
__u64 pvsched_budget_left(const struct pvsched_budget *b,
			  const struct pvsched_limits *l, __u64 now);
bool pvsched_budget_slice_spent(const struct pvsched_budget *b,
				const struct pvsched_limits *l);
__u64 pvsched_budget_recovers(const struct pvsched_budget *b,
			      const struct pvsched_limits *l, __u64 now);

#endif /* PVSCHED_BUDGET_H */
