/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much boosted time a VM gets: soft runtime follows what it needs, within the
 * floor and the hard cap of its rule. Arithmetic only.
 *
 * A VM that is throttled while urgent gets a step more, as long as the host has
 * slack. If the host is under pressure, or its canary tripped, it gets a quarter or
 * half less, and no more than a bit below what led to that for some time, which is
 * longer each time: so it settles there, rather than try again and again.
 */
#ifndef PVSCHEDD_TUNE_H
#define PVSCHEDD_TUNE_H

#include <stdbool.h>
#include <stdint.h>

#define TUNE_SECONDS 10 /* of a round */

enum tune_reason {
	TUNE_KEEP,
	TUNE_NEED,     /* up: throttled while urgent, and the host has slack */
	TUNE_PRESSURE, /* down: others wait too much for the host's CPUs */
	TUNE_CANARY,   /* down: boosts kept the host's own work waiting */
};

/* Of the rule, in microseconds of a period; pressure in percent. */
struct tune_bounds {
	uint64_t floor_us;
	uint64_t hard_us;
	unsigned int pressure;
};

/* What was seen in a round. */
struct tune_seen {
	uint64_t throttles;
	uint64_t waited_urgent_ns;
	unsigned int pressure; /* PSI cpu, some, in percent */
	uint64_t trips;	       /* of the canary */
};

/* Of a VM. runtime_us is what it has; the rest begins with 0. */
struct tune {
	uint64_t runtime_us;
	uint64_t ceiling_us;   /* 0: none but the hard cap */
	unsigned int rounds;   /* until the ceiling is no longer */
	unsigned int patience; /* rounds that the next ceiling lasts */
};

enum tune_reason tune_round(struct tune *tune, const struct tune_bounds *bounds,
			    const struct tune_seen *seen);

const char *tune_reason_text(enum tune_reason reason);

/* "some avg10=12.34 ..." of /proc/pressure/cpu, in percent; 0 if it is not that. */
unsigned int tune_pressure(const char *text);

#endif
