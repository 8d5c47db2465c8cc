// SPDX-License-Identifier: GPL-2.0-or-later
#include "pace.h"

#define NS_PER_S    1000000000ULL
#define PERMILLE    8
#define SECONDS_MAX 60

unsigned int pace_seconds(uint64_t cost_ns)
{
	const uint64_t per_s = NS_PER_S / 1000 * PERMILLE;
	uint64_t seconds = cost_ns / per_s + !!(cost_ns % per_s);

	if (!seconds)
		return 1;
	return seconds < SECONDS_MAX ? seconds : SECONDS_MAX;
}
