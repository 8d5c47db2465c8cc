/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The history that pvschedd keeps, to read, also while it goes on.
 */
#ifndef PVSCHED_HISTORY_H
#define PVSCHED_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HISTORY_PATH	"/var/lib/pvschedd/history"
#define HISTORY_WHY_LEN 256

enum history_ring {
	HISTORY_SECONDS, /* of an hour */
	HISTORY_MINUTES, /* of a day */
	HISTORY_RINGS,
};

/**
 * struct history_slot - a moment
 * @number: one more each time
 * @time_ns: when, as the clock is now, CLOCK_REALTIME: if it was set meanwhile, it
 *	was something else then
 * @records: how many follow, unless they are damaged
 * @dropped: how many there was no room for
 */
struct history_slot {
	uint64_t number;
	uint64_t time_ns;
	uint32_t records;
	uint32_t dropped;
};

/**
 * struct history_record - what a VM or a vCPU had counted by then
 * @vm: name of the VM
 * @vm_id: number of the VM; with @boot, there is no other like it until the module is
 *	loaded anew
 * @uid: whom it belongs to
 * @boot: in which run of the host
 * @has_vcpu: it is about one vCPU
 * @vcpu: its id
 * @boosted_ns: as in struct pvsched_stats_info, from here on
 * @waited_ns: likewise
 * @waited_urgent_ns: likewise
 * @boosts: from here on modulo 2^32, so a difference is right by itself
 * @throttles: likewise
 * @preempted_urgent: likewise
 * @doorbells: likewise
 * @spurious: likewise
 * @would_boost: likewise
 */
struct history_record {
	char vm[64];
	uint32_t vm_id;
	uint32_t uid;
	uint64_t boot;
	bool has_vcpu;
	uint32_t vcpu;
	uint64_t boosted_ns;
	uint64_t waited_ns;
	uint64_t waited_urgent_ns;
	uint32_t boosts;
	uint32_t throttles;
	uint32_t preempted_urgent;
	uint32_t doorbells;
	uint32_t spurious;
	uint32_t would_boost;
};

struct history_reader;

/*
 * Returns 0 or a negative errno value, and why, in HISTORY_WHY_LEN: -EINVAL if the
 * file is no history.
 */
int history_open(struct history_reader **reader, const char *path, char *why);
void history_close(struct history_reader *reader);

/*
 * Called for each slot, with no record, and then for each record of it, the oldest
 * slot first. Return: true to go on.
 */
typedef bool (*history_fn)(const struct history_slot *slot,
			   const struct history_record *record, void *arg);

/**
 * struct history_query - what to read
 * @ring: which
 * @since_ns: begin there, CLOCK_REALTIME; 0: at the beginning
 * @vm: records of VMs of this name only; NULL: all
 * @number: this slot only; 0: all
 */
struct history_query {
	enum history_ring ring;
	uint64_t since_ns;
	const char *vm;
	uint64_t number;
};

/**
 * history_read() - go through a ring
 * @reader: of history_open()
 * @query: what to read
 * @fn: called for what there is
 * @arg: for @fn
 * @damaged: set to how many slots and records were left out, as they are not what
 *	was written
 *
 * Return: 0 or a negative errno value.
 */
int history_read(struct history_reader *reader,
		 const struct history_query *query, history_fn fn, void *arg,
		 uint64_t *damaged);

#endif
