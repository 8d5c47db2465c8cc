/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How often the kernel is asked for all figures: every second, or less often where
 * an answer takes so much CPU time that it would be more than 0.8 % of a CPU.
 */
#ifndef PVSCHEDD_PACE_H
#define PVSCHEDD_PACE_H

#include <stdint.h>

/* Whole seconds until the next time, from what the last one took. */
unsigned int pace_seconds(uint64_t cost_ns);

#endif
