/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tunes the VMs whose rules say so, by tune.h.
 */
#ifndef PVSCHEDD_TUNER_H
#define PVSCHEDD_TUNER_H

#include "rules.h"

/**
 * struct tuner - what it needs
 * @rules: which VMs, and within which bounds
 * @root: directory below which is proc
 * @round_ns: when the last round was, CLOCK_MONOTONIC
 * @trips: of the canary, by then
 * @changed: told of each change, with its reason
 * @arg: for @changed
 */
struct tuner {
	const struct rules *rules;
	int root;
	uint64_t round_ns;
	uint64_t trips;
	void (*changed)(const struct vm *vm, uint64_t before_us,
			const char *reason, void *arg);
	void *arg;
};

/* The world was sampled: a round, if it is time for one. */
void tuner_sample(struct tuner *tuner);

#endif
