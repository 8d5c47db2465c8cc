// SPDX-License-Identifier: GPL-2.0-only
/*
 * Statistics: histograms and sums.
 */
#include "stats.h"

#define LAST (PVSCHED_HIST_BUCKETS - 1)

/* The bucket that counts what took so long, ns. */
unsigned int pvsched_hist_bucket(__u64 time)
{
	unsigned int bucket;

	time >>= PVSCHED_HIST_SHIFT;
	if (!time)
		return 0;
	bucket = 64 - __builtin_clzll(time);
	return bucket < LAST ? bucket : LAST;
}

/* How many buckets there are up to the last one that is not empty. */
unsigned int pvsched_hist_used(const struct pvsched_hist *hist)
{
	unsigned int used = PVSCHED_HIST_BUCKETS;

	while (used && !hist->count[used - 1])
		used--;
	return used;
}

/* Count a time. If the clock has stepped back meanwhile, it is 0. */
void pvsched_hist_add(struct pvsched_hist *hist, __u64 from, __u64 to)
{
	__u64 time = to > from ? to - from : 0;

	hist->sum += time;
	hist->count[pvsched_hist_bucket(time)]++;
}

void pvsched_stats_add(struct pvsched_stats *sum,
		       const struct pvsched_stats *stats)
{
	const __u64 *from = (const __u64 *)stats;
	__u64 *to = (__u64 *)sum;
	unsigned int i;

	for (i = 0; i < sizeof(*sum) / sizeof(*to); i++)
		to[i] += from[i];
}
