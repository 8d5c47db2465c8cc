/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Budgets: how much longer a vCPU may run boosted, and how often it may ring.
 *
 * Two bounds of a boost at once. Runtime: at most that much in each period; a period
 * begins with the first boost after the last one has passed. Slice: at most
 * that much in one boost, then a pause as long as the slice, but no shorter than
 * PVSCHED_PAUSE_MIN: a boost and its end are work of the host. Section: likewise
 * of a boost that is made only for a critical section of the guest. Doorbells: so many
 * in each second have an effect; a second begins with the first one after the
 * last second has passed.
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

#define PVSCHED_NEVER	  (~0ULL)

#define PVSCHED_PAUSE_MIN 100000ULL

/**
 * struct pvsched_budget - what a vCPU has used up
 * @period_start: when the current period began
 * @used: boosted time in it, and that of workers
 * @slice_used: boosted time in the current boost
 * @pause_until: no boost before
 * @section_used: boosted time in the current boost for a section
 * @section_pause_until: no boost for a section before
 */
struct pvsched_budget {
	__u64 period_start;
	__u64 used;
	__u64 slice_used;
	__u64 pause_until;
	__u64 section_used;
	__u64 section_pause_until;
};

/**
 * struct pvsched_kicks - doorbells of one source
 * @since: when the current second began
 * @count: those in it that had an effect
 */
struct pvsched_kicks {
	__u64 since;
	__u64 count;
};

void pvsched_budget_charge(struct pvsched_budget *b,
			   const struct pvsched_limits *l, __u64 now,
			   __u64 ran);
void pvsched_budget_charge_work(struct pvsched_budget *b,
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
void pvsched_section_charge(struct pvsched_budget *b, __u64 ran);
__u64 pvsched_section_left(const struct pvsched_budget *b,
			   const struct pvsched_limits *l, __u64 now);
void pvsched_section_end(struct pvsched_budget *b,
			 const struct pvsched_limits *l, __u64 now);
bool pvsched_kicks_take(struct pvsched_kicks *kicks, __u64 limit, __u64 now);

#endif /* PVSCHED_BUDGET_H */
