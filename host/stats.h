/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is counted of a vCPU: events, times, and how long things took.
 *
 * Pure arithmetic, without kernel dependencies: the unit tests compile the same
 * file as the module. Times are nanoseconds.
 */
#ifndef PVSCHED_STATS_H
#define PVSCHED_STATS_H

#include <linux/types.h>

#include <linux/pvsched_netlink.h>

/**
 * struct pvsched_hist - how often something took how long
 * @sum: of all times
 * @count: by length; bucket 0 has what took less than 2^PVSCHED_HIST_SHIFT ns,
 *	each other bucket twice as long as the one before, the last one all that
 *	took longer
 */
struct pvsched_hist {
	__u64 sum;
	__u64 count[PVSCHED_HIST_BUCKETS];
};

/**
 * struct pvsched_stats - counters of a vCPU, or of all vCPUs of a VM
 * @boosts: by cause, index enum pvsched_cause
 * @deboosts: by cause, likewise
 * @doorbells: rung by this vCPU
 * @doorbells_ignored: those of them that exceeded cap kicks
 * @spurious: boosts for an interrupt of which nothing urgent came
 * @throttles: times a cap ended a boost
 * @would_boost: boosts that an observing policy asked for
 * @preempted_urgent: times the host took the CPU while the guest was urgent
 * @boosted: time run while boosted
 * @waited: time runnable but waiting, as the scheduler counts it
 * @waited_urgent: time waiting while the guest was urgent
 * @wait_urgent: how long such waits were
 * @event_latency: from an interrupt that made the vCPU urgent until it ran
 * @boost_length: of boosts, from the decision to begin to the one to end
 * @deboost_latency: from the reason to end a boost until it was undone
 *
 * Nothing but 64-bit counters, so that they can be added up.
 */
struct pvsched_stats {
	__u64 boosts[PVSCHED_CAUSE_MAX + 1];
	__u64 deboosts[PVSCHED_CAUSE_MAX + 1];
	__u64 doorbells;
	__u64 doorbells_ignored;
	__u64 spurious;
	__u64 throttles;
	__u64 would_boost;
	__u64 preempted_urgent;
	__u64 boosted;
	__u64 waited;
	__u64 waited_urgent;
	struct pvsched_hist wait_urgent;
	struct pvsched_hist event_latency;
	struct pvsched_hist boost_length;
	struct pvsched_hist deboost_latency;
};

unsigned int pvsched_hist_bucket(__u64 time);
unsigned int pvsched_hist_used(const struct pvsched_hist *hist);
void pvsched_hist_add(struct pvsched_hist *hist, __u64 from, __u64 to);
void pvsched_stats_add(struct pvsched_stats *sum,
		       const struct pvsched_stats *stats);

#endif /* PVSCHED_STATS_H */
