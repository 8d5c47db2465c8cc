// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What statistics tell.
 */
#include <pvsched/client.h>

/* All boosts, for whatever cause. */
uint64_t pvsched_stats_boosts(const struct pvsched_stats_info *stats)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < PVSCHED_CAUSE_ROOM; i++)
		sum += stats->boosts[i];
	return sum;
}

uint64_t pvsched_hist_bound(unsigned int bucket)
{
	return bucket < PVSCHED_HIST_BUCKETS - 1 ?
		       1ULL << (PVSCHED_HIST_SHIFT + bucket) :
		       UINT64_MAX;
}

uint64_t pvsched_hist_count(const struct pvsched_hist_info *hist)
{
	uint64_t count = 0;
	unsigned int i;

	for (i = 0; i < PVSCHED_HIST_BUCKETS; i++)
		count += hist->bucket[i];
	return count;
}

uint64_t pvsched_hist_average(const struct pvsched_hist_info *hist)
{
	uint64_t count = pvsched_hist_count(hist);

	return count ? hist->sum_ns / count : 0;
}

uint64_t pvsched_hist_quantile(const struct pvsched_hist_info *hist,
			       unsigned int thousandths)
{
	uint64_t count = pvsched_hist_count(hist), seen = 0;
	/* Rounded up, without overflow: how many the bound has to cover. */
	uint64_t wanted = count / 1000 * thousandths +
			  (count % 1000 * thousandths + 999) / 1000;
	unsigned int i;

	if (!count)
		return 0;
	for (i = 0; i < PVSCHED_HIST_BUCKETS - 1; i++) {
		seen += hist->bucket[i];
		if (seen && seen >= wanted)
			break;
	}
	return pvsched_hist_bound(i);
}
