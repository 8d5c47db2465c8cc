/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Payback: a boost moves CPU time, it does not add any.
 *
 * Time that a thread runs in a real-time class is not charged to its fair
 * share. What exceeds that share is a debt, and repaid by rests: a thread that
 * sleeps leaves to others what would have been its turn.
 *
 * How large the share is cannot be known from weights, since the thread
 * competes through groups whose weights are not its own. So it is measured, in
 * windows without sleep: what the thread got of the time in which it wanted to
 * run. (A window right after rests does not tell: a thread that slept while it was
 * its turn makes up for it.) In windows with sleep it tells what the thread would
 * have got, and the difference to what it did get is repaid. (Not simply the share
 * of the time slept: much of a rest falls into time in which it was others' turn
 * anyway.)
 *
 * Pure arithmetic, without kernel dependencies: the unit tests compile the same
 * file as the module. Times are nanoseconds, shares 1/1024. A debt below 0 is a
 * credit.
 */
#ifndef PVSCHED_PAYBACK_H
#define PVSCHED_PAYBACK_H

#ifndef __KERNEL__
#include <stdbool.h>
#endif
#include <linux/types.h>

/* More is forgotten: nobody is slowed down for long for what is long past. */
#define PVSCHED_DEBT_MAX 100000000LL

/* Less is not worth a rest. */
#define PVSCHED_DEBT_MIN 1000000LL

/* Who has given up more than he owed has that much to his credit at most. */
#define PVSCHED_CREDIT_MAX 40000000LL

/* Some turns of others, but not so long that it would be felt. */
#define PVSCHED_REST 10000000ULL

/* Long enough to see some turns of everybody. */
#define PVSCHED_WINDOW	  40000000ULL

#define PVSCHED_SHARE_ALL 1024U

/* With more than this nobody else wanted the CPU: nothing to pay back. */
#define PVSCHED_SHARE_ALONE 960U

/**
 * struct pvsched_window - ordinary time of a thread
 * @ran: what it got
 * @waited: time that it wanted to run and did not
 * @slept: time that it did not want to
 */
struct pvsched_window {
	__u64 ran;
	__u64 waited;
	__u64 slept;
};

bool pvsched_window_rested(const struct pvsched_window *window);
bool pvsched_window_settled(unsigned int windows);
__u32 pvsched_share_update(__u32 share, const struct pvsched_window *window);
__s64 pvsched_debt_boosted(__s64 debt, __u64 ran, __u32 share);
__s64 pvsched_debt_repaid(__s64 debt, __u32 share,
			  const struct pvsched_window *window);
__u64 pvsched_debt_rest(__s64 debt, __u32 share, unsigned int windows);

#endif /* PVSCHED_PAYBACK_H */
