/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VMs that there are, as of the last answer of the kernel.
 */
#ifndef PVSCHEDD_WORLD_H
#define PVSCHEDD_WORLD_H

#include <pvsched/client.h>

#include "identity.h"
#include "tune.h"

/**
 * struct ruling - what was set of a VM
 * @rule: name of the rule that did; empty: none
 * @hash: of what it says
 * @by_hand: what somebody else has set since, bits by cap and RULED_POLICY or
 *	RULED_PAYBACK
 * @set_ns: when it was set, CLOCK_MONOTONIC
 */
struct ruling {
	char rule[64];
	uint32_t hash;
	uint32_t by_hand;
	uint64_t set_ns;
};

#define RULED_POLICY  (1U << 31)
#define RULED_PAYBACK (1U << 30)

/* What had been counted when a VM's last summary was published. */
struct summary {
	uint64_t boosts;
	uint64_t throttles;
	uint64_t boosted_ns;
	uint64_t waited_ns;
	uint64_t waited_urgent_ns;
};

/**
 * struct vm - a VM that there is
 * @info: what the kernel tells
 * @who: what else is known
 * @ruling: what was set of it
 * @tune: how much runtime it has, if that is tuned; 0: not known
 * @tuned: rounds of that, and what was counted in the last
 * @summary: what was published of it
 * @seen: in the answer under way
 */
struct vm {
	struct pvsched_vm_info info;
	struct identity who;
	struct ruling ruling;
	struct tune tune;
	struct {
		uint64_t rounds;
		uint64_t throttles;
		uint64_t waited_urgent_ns;
	} tuned;
	struct summary summary;
	bool seen;
};

/**
 * struct world - all of them
 * @vm: in no order; each stays where it is while it is there
 * @count: of these
 * @vcpus: of all of them, ordered by VM and id
 * @host: the host as a whole
 * @sampled_ns: when all of that was so, CLOCK_MONOTONIC; 0: never
 * @appeared: called for a VM that was not there before
 * @gone: called for one that is there no longer, before it is freed
 * @arg: for these
 */
struct world {
	struct vm **vm;
	size_t count;
	struct pvsched_vcpus vcpus;
	struct pvsched_host_info host;
	uint64_t sampled_ns;
	void (*appeared)(struct vm *vm, void *arg);
	void (*gone)(struct vm *vm, void *arg);
	void *arg;
};

/* Ask the kernel for everything. Return: 0 or a negative errno value, and why. */
int world_sample(struct world *world, struct pvsched_client *client,
		 struct pvsched_error *error);

/* Take what the monitor was told with its last event "resync". */
int world_resync(struct world *world, struct pvsched_client *client,
		 const struct pvsched_monitor *monitor,
		 struct pvsched_error *error);

/* Ask for one VM, of which an event told. */
int world_sample_vm(struct world *world, struct pvsched_client *client,
		    const char *name, struct pvsched_error *error);

void world_remove(struct world *world, uint32_t id);

/* NULL if there is none. */
struct vm *world_find(const struct world *world, uint32_t id);
struct vm *world_named(const struct world *world, const char *name);

/* Frees all, without gone() being called. */
void world_exit(struct world *world);

#endif
