// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink family "pvsched": statistics.
 *
 * Each function returns 0 or -EMSGSIZE.
 */
#include <net/netlink.h>

#include "netlink.h"

static int counts_put(struct sk_buff *skb, int type, const u64 *counts)
{
	struct nlattr *nest;
	unsigned int cause;

	for (cause = 0; cause <= PVSCHED_CAUSE_MAX; cause++) {
		if (!counts[cause])
			continue;
		nest = nla_nest_start(skb, type);
		if (!nest ||
		    nla_put_u32(skb, PVSCHED_A_CAUSE_COUNT_CAUSE, cause) ||
		    nla_put_u64_64bit(skb, PVSCHED_A_CAUSE_COUNT_COUNT,
				      counts[cause], PVSCHED_A_CAUSE_COUNT_PAD))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

static int hist_put(struct sk_buff *skb, int type,
		    const struct pvsched_hist *hist)
{
	unsigned int used = pvsched_hist_used(hist);
	struct nlattr *nest = nla_nest_start(skb, type);

	if (!nest ||
	    nla_put_u64_64bit(skb, PVSCHED_A_HISTOGRAM_SUM_NS, hist->sum,
			      PVSCHED_A_HISTOGRAM_PAD) ||
	    (used && nla_put_64bit(skb, PVSCHED_A_HISTOGRAM_BUCKET,
				   used * sizeof(hist->count[0]), hist->count,
				   PVSCHED_A_HISTOGRAM_PAD)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int hists_put(struct sk_buff *skb, const struct pvsched_stats *stats)
{
	if (hist_put(skb, PVSCHED_A_STATS_WAIT_URGENT, &stats->wait_urgent) ||
	    hist_put(skb, PVSCHED_A_STATS_EVENT_LATENCY,
		     &stats->event_latency) ||
	    hist_put(skb, PVSCHED_A_STATS_BOOST_LENGTH, &stats->boost_length) ||
	    hist_put(skb, PVSCHED_A_STATS_DEBOOST_LATENCY,
		     &stats->deboost_latency))
		return -EMSGSIZE;
	return 0;
}

static int stat_put(struct sk_buff *skb, int type, u64 value)
{
	return nla_put_u64_64bit(skb, type, value, PVSCHED_A_STATS_PAD);
}

static int counters_put(struct sk_buff *skb, const struct pvsched_stats *stats)
{
	if (counts_put(skb, PVSCHED_A_STATS_BOOSTS, stats->boosts) ||
	    counts_put(skb, PVSCHED_A_STATS_DEBOOSTS, stats->deboosts) ||
	    stat_put(skb, PVSCHED_A_STATS_DOORBELLS, stats->doorbells) ||
	    stat_put(skb, PVSCHED_A_STATS_DOORBELLS_IGNORED,
		     stats->doorbells_ignored) ||
	    stat_put(skb, PVSCHED_A_STATS_SPURIOUS, stats->spurious) ||
	    stat_put(skb, PVSCHED_A_STATS_THROTTLES, stats->throttles) ||
	    stat_put(skb, PVSCHED_A_STATS_WOULD_BOOST, stats->would_boost) ||
	    stat_put(skb, PVSCHED_A_STATS_PREEMPTED_URGENT,
		     stats->preempted_urgent) ||
	    stat_put(skb, PVSCHED_A_STATS_BOOSTED_NS, stats->boosted) ||
	    stat_put(skb, PVSCHED_A_STATS_WAITED_NS, stats->waited) ||
	    stat_put(skb, PVSCHED_A_STATS_WAITED_URGENT_NS,
		     stats->waited_urgent))
		return -EMSGSIZE;
	return 0;
}

/**
 * pvsched_nl_stats_put() - add statistics to a message
 * @skb: the message
 * @type: of the attribute
 * @stats: counters
 * @debt: what is owed, ns
 *
 * Return: 0 or -EMSGSIZE.
 */
int pvsched_nl_stats_put(struct sk_buff *skb, int type,
			 const struct pvsched_stats *stats, u64 debt)
{
	struct nlattr *nest = nla_nest_start(skb, type);

	if (!nest || counters_put(skb, stats) ||
	    stat_put(skb, PVSCHED_A_STATS_DEBT_NS, debt) ||
	    hists_put(skb, stats))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}
