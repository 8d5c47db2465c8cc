// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "tune.h"

/* From the floor to the hard cap in so many steps. */
#define STEPS 16

/* The host has slack below half of the pressure that is too much. */
#define SLACK 2

/* A minute the first time, more than an hour in the end. */
#define PATIENCE_FIRST 6
#define PATIENCE_MAX   400

static uint64_t at_least(uint64_t value, uint64_t floor)
{
	return value > floor ? value : floor;
}

static uint64_t at_most(uint64_t value, uint64_t ceiling)
{
	return value < ceiling ? value : ceiling;
}

static uint64_t step_of(const struct tune_bounds *bounds)
{
	return at_least((bounds->hard_us - bounds->floor_us) / STEPS, 1);
}

static void down(struct tune *t, const struct tune_bounds *bounds,
		 uint64_t runtime_us)
{
	/* What it had was too much, so was a step less, perhaps. */
	t->ceiling_us =
		at_least(t->runtime_us - t->runtime_us / 8, bounds->floor_us);
	t->patience = at_most(at_least(2 * t->patience, PATIENCE_FIRST),
			      PATIENCE_MAX);
	t->rounds = t->patience;
	t->runtime_us = at_least(runtime_us, bounds->floor_us);
}

static void up(struct tune *t, const struct tune_bounds *bounds)
{
	uint64_t most = bounds->hard_us;

	if (t->rounds)
		most = at_most(most, t->ceiling_us);
	t->runtime_us = at_least(
		t->runtime_us, at_most(t->runtime_us + step_of(bounds), most));
}

static enum tune_reason decide(struct tune *t, const struct tune_bounds *bounds,
			       const struct tune_seen *seen)
{
	if (seen->trips) {
		down(t, bounds, t->runtime_us / 2);
		return TUNE_CANARY;
	}
	if (seen->pressure > bounds->pressure) {
		down(t, bounds, t->runtime_us - t->runtime_us / 4);
		return TUNE_PRESSURE;
	}
	if (!seen->throttles || !seen->waited_urgent_ns ||
	    seen->pressure > bounds->pressure / SLACK)
		return TUNE_KEEP;
	up(t, bounds);
	return TUNE_NEED;
}

enum tune_reason tune_round(struct tune *t, const struct tune_bounds *bounds,
			    const struct tune_seen *seen)
{
	uint64_t before = t->runtime_us;
	enum tune_reason reason;

	/* The rule may have changed. */
	t->runtime_us =
		at_most(at_least(before, bounds->floor_us), bounds->hard_us);
	if (t->rounds)
		t->rounds--;
	reason = decide(t, bounds, seen);
	return t->runtime_us == before ? TUNE_KEEP : reason;
}

const char *tune_reason_text(enum tune_reason reason)
{
	switch (reason) {
	case TUNE_KEEP:
		return "within its bounds";
	case TUNE_NEED:
		return "throttled while urgent, and the host has slack";
	case TUNE_PRESSURE:
		return "the host is under pressure";
	case TUNE_CANARY:
		return "boosts kept the host's own work waiting";
	}
	return "unknown";
}

unsigned int tune_pressure(const char *text)
{
	unsigned int percent;

	if (sscanf(text, "some avg10=%3u", &percent) != 1 || percent > 100)
		return 0;
	return percent;
}
