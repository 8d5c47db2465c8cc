/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What pvschedd's history says that VMs have counted in the last time.
 */
#ifndef PVSCHED_TOOLS_PAST_H
#define PVSCHED_TOOLS_PAST_H

#include "rates.h"

#define PAST_WHY_LEN 256

/**
 * struct past_span - what part of the past it is
 * @begin_ns: CLOCK_REALTIME; the first sample of the history that is of this part
 * @end_ns: likewise, the last one
 * @damaged: slots and records that could not be read
 * @dropped: records that there was no room for, in the last sample
 */
struct past_span {
	uint64_t begin_ns;
	uint64_t end_ns;
	uint64_t damaged;
	uint32_t dropped;
};

/* A history has boosts of whatever cause: none that there is. */
#define PAST_CAUSE (PVSCHED_CAUSE_ROOM - 1)

struct history_record;

/* Statistics as they were; those that a history does not have are 0. */
void past_stats(const struct history_record *record,
		struct pvsched_stats_info *stats);

/*
 * Make of a history what its last seconds have added to statistics, by seconds if it
 * has them so far back, else by minutes; at most since the host was started. Of what
 * began within, that is everything. Only VMs that match the pattern; NULL: all.
 *
 * Returns 0, or -1 with the reason in why, of PAST_WHY_LEN. sample is the caller's
 * then.
 */
int past_growth(const char *path, uint64_t seconds, const char *pattern,
		struct sample *sample, struct past_span *span, char *why);

#endif /* PVSCHED_TOOLS_PAST_H */
