/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VMs and vCPUs over time: what they do now, how fast their counters grow, and
 * what they did in the last minute.
 */
#ifndef PVTOP_MODEL_H
#define PVTOP_MODEL_H

#include "snapshot.h"

/* In the order in which they matter to who looks. */
enum state {
	STATE_UNKNOWN, /* a history does not tell */
	STATE_PENDING, /* the thread is not known yet */
	STATE_IDLE,
	STATE_RUNNING,
	STATE_WAITING,
	STATE_BOOSTED,
	STATE_THROTTLED,
	STATE_OWNER, /* somebody else changed the thread's scheduling */
	STATE_COUNT,
};

const char *state_name(enum state state);

/* How many seconds of the past are kept. */
#define RING_SECONDS 60
#define RING_NONE    255

/**
 * struct ring - a share in each of the last seconds
 * @percent: by second modulo RING_SECONDS; RING_NONE: not known
 */
struct ring {
	uint8_t percent[RING_SECONDS];
};

/**
 * struct figures - how fast counters grew between the last two snapshots
 * @known: there were two, so the rest counts
 * @boosted: share of the time that it ran boosted; of a VM the sum over its vCPUs
 * @boosts: boosts that began, per second
 * @by_cause: likewise, by enum pvsched_cause; less than 0: not known
 * @would: boosts that an observing policy would have begun, per second
 * @doorbells: per second
 * @vain: boosts in vain, of all boosts; less than 0: there were no boosts
 * @throttles: per second
 * @ready: time runnable without a CPU, per time
 * @urgent: the same while the guest was urgent
 * @p50: half of the waits while urgent of the last minute were shorter, in ns; 0:
 *	there were none; UINT64_MAX: longer than any bound
 * @p99: likewise, of 99 %
 * @budget: share of its boosted time per period that it left unused; less than
 *	0: not known
 */
struct figures {
	bool known;
	double boosted;
	double boosts;
	double by_cause[PVSCHED_CAUSE_ROOM];
	double would;
	double doorbells;
	double vain;
	double throttles;
	double ready;
	double urgent;
	uint64_t p50;
	uint64_t p99;
	double budget;
};

/**
 * struct past - what is kept of a VM or vCPU from one snapshot to the next
 * @boosted: share of the time boosted
 * @urgent: share of the time waiting while urgent
 * @waits: the histogram of waits while urgent, as it was half a minute or a
 *	minute ago; two of them, the older first
 * @waits_ns: when the younger one was
 * @ended: why its last boost ended, enum pvsched_cause
 * @has_ended: one has
 */
struct past {
	struct ring boosted;
	struct ring urgent;
	struct pvsched_hist_info waits[2];
	uint64_t waits_ns;
	unsigned int ended;
	bool has_ended;
};

/**
 * struct entity - a VM or a vCPU
 * @vm: it, or whose vCPU it is
 * @vcpu: it; NULL: a VM
 * @state: what it does; of a VM what matters most among its vCPUs
 * @in_state: of a VM: how many of its vCPUs do
 * @now: figures
 * @past: what is kept
 */
struct entity {
	const struct pvsched_vm_info *vm;
	const struct pvsched_vcpu_info *vcpu;
	enum state state;
	unsigned int in_state;
	struct figures now;
	struct past past;
};

/**
 * struct totals - of all vCPUs
 * @vcpus: by state
 * @boosts: per second
 * @throttles: per second
 * @urgent: time waiting while urgent, per time
 * @doorbells: per second
 */
struct totals {
	unsigned int vcpus[STATE_COUNT];
	double boosts;
	double throttles;
	double urgent;
	double doorbells;
};

/**
 * struct model - all of them
 * @now: the last snapshot
 * @entities: each VM, followed by its vCPUs
 * @count: of @entities
 * @interval_ns: between the last two snapshots; 0: there was only one
 * @second: of the rings' last entry, on the clock of snapshots
 * @totals: of all
 * @taken: share of each CPU that boosts took: what ran boosted is assumed to have
 *	done so on the CPU on which it is now
 * @cpus: of @taken
 */
struct model {
	struct snapshot now;
	struct entity *entities;
	size_t count;
	uint64_t interval_ns;
	uint64_t second;
	struct totals totals;
	double *taken;
	uint32_t cpus;
};

/* Takes the snapshot over. Returns 0, or -1 without memory: as it was then. */
int model_update(struct model *model, struct snapshot *snapshot);
/* Forget all, which is also what model_free() does. */
void model_reset(struct model *model);

/* The VM of that number, or its vCPU; NULL if there is none. */
const struct entity *model_find(const struct model *model, uint32_t vm_id,
				bool is_vcpu, uint32_t vcpu);

/*
 * The largest share in seconds of the past: those from back seconds ago, count of
 * them. RING_NONE if none is known.
 */
unsigned int ring_max(const struct model *model, const struct ring *ring,
		      unsigned int back, unsigned int count);

#endif /* PVTOP_MODEL_H */
