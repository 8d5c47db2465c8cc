// SPDX-License-Identifier: GPL-2.0-only
/*
 * For how long boosts are held back when the canary has stopped them.
 */
#include "hold.h"

/**
 * pvsched_hold_next() - how long the next hold is
 * @hold: the one before
 * @now: when the next one begins
 */
__u64 pvsched_hold_next(const struct pvsched_hold *hold, __u64 now)
{
	if (!hold->length || now - hold->ended >= PVSCHED_HOLD_MAX)
		return PVSCHED_HOLD_MIN;
	if (hold->length >= PVSCHED_HOLD_MAX / 2)
		return PVSCHED_HOLD_MAX;
	return 2 * hold->length;
}
