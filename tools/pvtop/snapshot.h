/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What there was at one moment: all that a screen of pvtop is made of, apart from
 * what happened before.
 */
#ifndef PVTOP_SNAPSHOT_H
#define PVTOP_SNAPSHOT_H

#include <pvsched/client.h>

/**
 * struct snapshot - the host at one moment
 * @time_ns: when, CLOCK_MONOTONIC
 * @real_ns: when, CLOCK_REALTIME
 * @missing: the kernel has no pvsched; of the rest only the times, @cpus and the
 *	pressure count
 * @host: as the kernel tells
 * @vms: likewise, ordered by id
 * @vcpus: likewise, ordered by VM and id
 * @cpus: of the host
 * @has_pressure: @pressure is known
 * @pressure: share of the last ten seconds in which something waited for a CPU, in
 *	1/100 percent
 * @listening: events are heard, so @lost counts
 * @lost: events that were lost so far
 * @counters_only: of VMs and vCPUs, names and counters are known, but no histograms
 *	and causes; of @host nothing
 */
struct snapshot {
	uint64_t time_ns;
	uint64_t real_ns;
	bool missing;
	struct pvsched_host_info host;
	struct pvsched_vms vms;
	struct pvsched_vcpus vcpus;
	uint32_t cpus;
	bool has_pressure;
	uint32_t pressure;
	bool listening;
	uint64_t lost;
	bool counters_only;
};

/* For cleanup attributes, too. */
void snapshot_free(struct snapshot *snapshot);

/* Put VMs and vCPUs in order. */
void snapshot_sort(struct snapshot *snapshot);

#endif /* PVTOP_SNAPSHOT_H */
