/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recordings: snapshots, events and caps in a file, to be looked at later.
 *
 * A file is a head of 8 bytes, "PVSREC", 0 and the version, and then blocks: a
 * byte that tells the type, 4 bytes with the length of the rest, 8 bytes of a key, and
 * fields. Multi-byte numbers of blocks are little-endian, those of fields are
 * LEB128. A type that is not known is skipped, and so is a field.
 *
 *	type	key			fields
 *	K	time_ns			a snapshot
 *	D	time_ns			what of it differs from the one before
 *	E	time_ns			an event
 *	C	hash of the target	caps of a target, as they were then
 *
 * Fields are pairs of 2 * number and what is to be added to the value (zigzag),
 * or 2 * number + 1, a length and bytes; they end with 0. Numbers are in record.c
 * and never get another meaning. A snapshot is its own fields; the count of VMs;
 * for each its id and fields; the count of vCPUs; for each the VM's id, its id, and
 * fields.
 *
 * A file may come from anywhere: nothing in it is believed.
 */
#ifndef PVTOP_RECORD_H
#define PVTOP_RECORD_H

#include <stdio.h>

#include "snapshot.h"

#define RECORD_VERSION 1

enum record_type {
	RECORD_KEY = 'K',
	RECORD_DELTA = 'D',
	RECORD_EVENT = 'E',
	RECORD_CAPS = 'C',
};

struct record_writer;

/* Takes the file over. Returns NULL without memory, or if writing fails. */
struct record_writer *record_writer_new(FILE *file);
/* Returns 0, or -1 if something was not written. */
int record_writer_close(struct record_writer *writer);

/* Each returns 0, or -1 with errno. Caps have to be told before the next key. */
int record_snapshot(struct record_writer *writer,
		    const struct snapshot *snapshot);
int record_event(struct record_writer *writer,
		 const struct pvsched_event *event);
int record_caps(struct record_writer *writer,
		const struct pvsched_target *target,
		const struct pvsched_caps_info *caps);
/* The next snapshot will be written whole. */
bool record_key_due(const struct record_writer *writer);

/* A block of a file. */
struct record_block {
	enum record_type type;
	uint64_t key;
	long offset; /* of its fields */
	uint32_t size;
};

/**
 * struct record_reader - a file that is read
 * @file: owned
 * @block: all blocks, as far as the file is sound
 * @count: of @block
 * @last: the last snapshot that was read, which the next one may refer to
 * @at: the block that it is from
 * @buffer: room for a block
 * @room: of @buffer
 */
struct record_reader {
	FILE *file;
	struct record_block *block;
	size_t count;
	struct snapshot last;
	size_t at;
	uint8_t *buffer;
	size_t room;
};

/* Takes the file over. Returns 0, or -1 with the reason in error. */
int record_reader_open(struct record_reader *reader, FILE *file,
		       struct pvsched_error *error);
/* For cleanup attributes, too. */
void record_reader_close(struct record_reader *reader);

/*
 * The snapshot of a block, which is the caller's then. One that refers to others
 * has them read, too. Returns 0, or -1 if the block makes no sense.
 */
int record_read_snapshot(struct record_reader *reader, size_t block,
			 struct snapshot *snapshot);
int record_read_event(struct record_reader *reader, size_t block,
		      struct pvsched_event *event);
/* The last caps of a target that were told before a block. */
int record_find_caps(struct record_reader *reader, size_t before,
		     const struct pvsched_target *target,
		     struct pvsched_caps_info *caps);

#endif /* PVTOP_RECORD_H */
