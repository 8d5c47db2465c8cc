/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of host and VMs as metrics, in the text that Prometheus reads: either
 * OpenMetrics 1.0 or the older format.
 */
#ifndef PVSCHEDD_METRICS_H
#define PVSCHEDD_METRICS_H

#include <stdio.h>

#include "world.h"

/* VMs that have metrics of their own: each has some 80 series. */
#define METRICS_VMS 256

/**
 * struct metrics - what to tell
 * @world: the VMs, as of the last sample
 * @vcpus: so many vCPUs have metrics of their own, five series each
 * @tunings: how often runtime was changed
 * @losses: how often events of the kernel were lost
 * @dropped: messages that were not published
 * @now_ns: CLOCK_MONOTONIC
 */
struct metrics {
	const struct world *world;
	unsigned int vcpus;
	uint64_t tunings;
	uint64_t losses;
	uint64_t dropped;
	uint64_t now_ns;
};

void metrics_print(const struct metrics *metrics, bool openmetrics, FILE *to);

#endif
