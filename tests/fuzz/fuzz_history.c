// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzes who reads the history: the file may be anything.
 *
 * Input: a file; but unless its first byte is 0, what follows that byte is the file
 * behind a head that is right, with four slots of seconds and two of minutes, and
 * each checksum is made to fit, but for those whose lowest bit is not that of the
 * right one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "format.h"
#include "history.h"

#define ENTRIES 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whether to check is the input's choice. */
static void fix(void *item, size_t size)
{
	uint32_t check = history_check(item, size), given;

	memcpy(&given, item, sizeof(given));
	if (!((check ^ given) & 1))
		memcpy(item, &check, sizeof(check));
}

static void slots_fix(char *file, const struct history_file_head *head,
		      unsigned int ring)
{
	char *at = file + history_ring_at(head, ring);
	uint32_t i, record;

	for (i = 0; i < head->slots[ring]; i++) {
		fix(at, sizeof(struct history_file_slot));
		at += sizeof(struct history_file_slot);
		for (record = 0; record < ENTRIES; record++) {
			fix(at, sizeof(struct history_file_record));
			at += sizeof(struct history_file_record);
		}
	}
}

static char *file_make(const uint8_t *data, size_t size, size_t *len)
{
	struct history_file_head head = {
		.magic = HISTORY_MAGIC,
		.version = HISTORY_VERSION,
		.entries = ENTRIES,
		.slots = { 4, 2 },
	};
	size_t names = ENTRIES * sizeof(struct history_file_name);
	size_t part = size < names ? size : names, at;
	char *file;
	int i;

	*len = history_ring_at(&head, 2);
	file = calloc(1, *len);
	if (!file)
		abort();
	head.check = history_head_check(&head);
	memcpy(file, &head, sizeof(head));
	memcpy(file + history_names_at(), data, part);
	at = history_ring_at(&head, 0);
	memcpy(file + at, data + part,
	       size - part < *len - at ? size - part : *len - at);
	for (i = 0; i < ENTRIES; i++)
		fix(file + history_names_at() +
			    i * sizeof(struct history_file_name),
		    sizeof(struct history_file_name));
	slots_fix(file, &head, 0);
	slots_fix(file, &head, 1);
	return file;
}

static bool look(const struct history_slot *slot,
		 const struct history_record *record, void *arg)
{
	uint64_t *last = arg;

	if (!record) {
		if (slot->number < *last)
			abort();
		*last = slot->number;
	} else if (strlen(record->vm) >= sizeof(record->vm) ||
		   (record->has_vcpu && record->vcpu >= HISTORY_WHOLE)) {
		abort();
	}
	return true;
}

static void file_try(const void *file, size_t len)
{
	const struct history_query seconds = { .ring = HISTORY_SECONDS };
	const struct history_query minutes = { HISTORY_MINUTES, 1, "web-1", 0 };
	int fd = memfd_create("history", MFD_CLOEXEC);
	struct history_reader *reader;
	char path[32], why[HISTORY_WHY_LEN];
	uint64_t damaged, last;

	if (fd < 0 || write(fd, file, len) != (ssize_t)len)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!history_open(&reader, path, why)) {
		last = 0;
		history_read(reader, &seconds, look, &last, &damaged);
		last = 0;
		history_read(reader, &minutes, look, &last, &damaged);
		history_close(reader);
	}
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len;
	char *file;

	if (!size || !data[0]) {
		file_try(data, size);
		return 0;
	}
	file = file_make(data + 1, size - 1, &len);
	file_try(file, len);
	free(file);
	return 0;
}
