/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file that has the history: of a size that never changes, in the byte order of
 * the machine.
 *
 *	header			one page
 *	names			one for each VM that records tell of
 *	seconds			a ring of slots, one a second, for an hour
 *	minutes			a ring of slots, one a minute, for a day
 *
 * A slot has a head and room for so many records. Slot n of a ring is number n
 * modulo its slots. Whatever was written in part, by a power cut or by one who reads
 * at the same time, shows by its checksum, which includes the number of the slot.
 *
 * Records have counters as the kernel has them, not what they have grown by: one
 * that is lost takes nothing with it.
 */
#ifndef PVSCHED_HISTORY_FORMAT_H
#define PVSCHED_HISTORY_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#define HISTORY_MAGIC	    "pvschist"
#define HISTORY_VERSION	    1
#define HISTORY_PAGE	    4096
#define HISTORY_ENTRIES_MAX 16384
#define HISTORY_WHOLE	    UINT16_MAX /* record of a VM, not of a vCPU */

struct history_file_head {
	char magic[8];
	uint32_t version;
	uint32_t entries; /* room of a slot, and names that there are */
	uint32_t slots[2];
	uint32_t check;
};

struct history_file_name {
	uint32_t check;
	uint32_t generation; /* counts the VMs that have had this place */
	uint32_t vm_id;
	uint32_t uid;
	uint64_t boot;
	char name[64];
	char reserved[40];
};

struct history_file_slot {
	uint32_t check;
	uint32_t records;
	uint64_t number;
	uint64_t real_ns; /* CLOCK_REALTIME */
	uint64_t mono_ns; /* CLOCK_BOOTTIME */
	uint64_t boot;
	uint32_t dropped; /* records that there was no room for */
	uint32_t reserved[5];
};

struct history_file_record {
	uint32_t check;
	uint32_t number; /* of the slot */
	uint16_t name;
	uint16_t vcpu;
	uint32_t generation; /* of the name */
	uint64_t boosted_ns;
	uint64_t waited_ns;
	uint64_t waited_urgent_ns;
	/* These begin anew at 2^32. */
	uint32_t boosts;
	uint32_t throttles;
	uint32_t preempted_urgent;
	uint32_t doorbells;
	uint32_t spurious;
	uint32_t would_boost;
};

_Static_assert(sizeof(struct history_file_name) == 128, "format");
_Static_assert(sizeof(struct history_file_slot) == 64, "format");
_Static_assert(sizeof(struct history_file_record) == 64, "format");

static inline size_t history_names_at(void)
{
	return HISTORY_PAGE;
}

/* Rounded up to pages. */
static inline size_t history_names_size(uint32_t entries)
{
	size_t size = entries * sizeof(struct history_file_name);

	return (size + HISTORY_PAGE - 1) / HISTORY_PAGE * HISTORY_PAGE;
}

static inline size_t history_slot_size(uint32_t entries)
{
	return sizeof(struct history_file_slot) +
	       entries * sizeof(struct history_file_record);
}

/* ring: 0 has seconds, 1 minutes; 2 is the end of the file. */
static inline size_t history_ring_at(const struct history_file_head *head,
				     unsigned int ring)
{
	size_t at = history_names_at() + history_names_size(head->entries);
	unsigned int i;

	for (i = 0; i < ring; i++)
		at += head->slots[i] * history_slot_size(head->entries);
	return at;
}

/* CRC-32 of what follows a member "check" at the beginning. */
uint32_t history_check(const void *item, size_t size);

/* Likewise of the head, where it is at the end. */
uint32_t history_head_check(const struct history_file_head *head);

#endif
