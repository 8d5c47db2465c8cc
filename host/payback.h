/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Payback: a boost moves CPU time, it does not add any.
 *
 * Time that a thread runs in a real-time class is not charged to its fair
 * share. So it is kept as a debt, and repaid by running the thread's ordinary
 * time at a lower weight. That takes no knowledge of who competes: a thread of
 * weight w that runs for t at weight v is charged t * w / v by the fair class,
 * which is t * (w / v - 1) more than what it used.
 *
 * Pure arithmetic, without kernel dependencies: the unit tests compile the same
 * file as the module. Times are nanoseconds.
 */
#ifndef PVSCHED_PAYBACK_H
#define PVSCHED_PAYBACK_H

#include <linux/types.h>

/* More is forgotten: nobody is slowed down for long for what is long past. */
#define PVSCHED_DEBT_MAX	200000000ULL

/* Less is not worth a change of weight. */
#define PVSCHED_DEBT_MIN	500000ULL

#define PVSCHED_NICE_LEAST	19

__u64 pvsched_debt_boosted(__u64 debt, __u64 ran);
__u64 pvsched_debt_ran(__u64 debt, __u64 ran, int steps);
__u64 pvsched_debt_slept(__u64 debt, __u64 slept);
int pvsched_debt_nice(__u64 debt, int nice);

#endif /* PVSCHED_PAYBACK_H */
