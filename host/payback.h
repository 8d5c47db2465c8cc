/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Payback: a boost moves CPU time, it does not add any.
 *
 * Time that a thread runs in a real-time class is not charged to its fair
 * share. What exceeds that share is a debt, and repaid by resting: as long as it
 * does not ask for a CPU, others get what would have been its share. How large
 * that is cannot be known from weights, since the thread competes through
 * groups whose weights are not its own; so it is measured, as what the thread
 * got of the time in which it wanted to run.
 *
 * Pure arithmetic, without kernel dependencies: the unit tests compile the same
 * file as the module. Times are nanoseconds, shares 1/1024.
 */
#ifndef PVSCHED_PAYBACK_H
#define PVSCHED_PAYBACK_H

#include <linux/types.h>

/* More is forgotten: nobody is slowed down for long for what is long past. */
#define PVSCHED_DEBT_MAX 100000000ULL

/* Shorter is not worth it, longer would be felt. */
#define PVSCHED_REST_MIN  500000ULL
#define PVSCHED_REST_MAX  5000000ULL

#define PVSCHED_SHARE_ALL 1024U

/* With more than this nobody else wanted the CPU: nothing to pay back. */
#define PVSCHED_SHARE_ALONE 960U

__u32 pvsched_share_update(__u32 share, __u64 ran, __u64 waited);
__u64 pvsched_debt_boosted(__u64 debt, __u64 ran, __u32 share);
__u64 pvsched_debt_slept(__u64 debt, __u64 slept, __u32 share);
__u64 pvsched_debt_rest(__u64 debt, __u32 share);

#endif /* PVSCHED_PAYBACK_H */
