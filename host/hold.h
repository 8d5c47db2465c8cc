/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For how long boosts are held back when the canary has stopped them.
 *
 * What starved the host will mostly do so again. So each hold is twice as long
 * as the one before, up to PVSCHED_HOLD_MAX, unless things went well for at
 * least that long in between.
 *
 * Pure arithmetic, without kernel dependencies: the unit tests compile the same
 * file as the module. Times are nanoseconds.
 */
#ifndef PVSCHED_HOLD_H
#define PVSCHED_HOLD_H

#include <linux/types.h>

#define PVSCHED_HOLD_MIN 1000000000ULL
#define PVSCHED_HOLD_MAX 60000000000ULL

/**
 * struct pvsched_hold - the hold before
 * @length: how long it was; 0: there was none
 * @ended: when
 */
struct pvsched_hold {
	__u64 length;
	__u64 ended;
};

__u64 pvsched_hold_next(const struct pvsched_hold *hold, __u64 now);

#endif /* PVSCHED_HOLD_H */
