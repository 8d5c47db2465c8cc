// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Read with pread(2), so that a file that is cut short meanwhile is an error and no
 * signal. Nothing in it is trusted.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "format.h"
#include "history.h"

#define SLOTS_MAX 100000

/* Where a slot of a ring is, and when. */
struct place {
	uint64_t number;
	uint64_t real_ns;
	uint64_t mono_ns;
	uint64_t boot;
};

struct history_reader {
	int fd;
	struct history_file_head head;
	struct history_file_name *name; /* as of now */
	char *slot;			/* room for one */
};

static int fail(char *why, int err, const char *path, const char *reason)
{
	snprintf(why, HISTORY_WHY_LEN, "%.160s: %s", path, reason);
	return err;
}

/* All of it, or nothing. */
static int take(int fd, void *to, size_t size, size_t at)
{
	char *byte = to;

	while (size) {
		ssize_t got = pread(fd, byte, size, at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : -ENODATA;
		byte += got;
		at += got;
		size -= got;
	}
	return 0;
}

static bool head_good(const struct history_file_head *head)
{
	return !memcmp(head->magic, HISTORY_MAGIC, sizeof(head->magic)) &&
	       head->version == HISTORY_VERSION &&
	       head->check == history_head_check(head) && head->entries &&
	       head->entries <= HISTORY_ENTRIES_MAX && head->slots[0] &&
	       head->slots[0] <= SLOTS_MAX && head->slots[1] &&
	       head->slots[1] <= SLOTS_MAX;
}

static int head_take(struct history_reader *r, const char *path, char *why)
{
	struct stat st;
	int err = fstat(r->fd, &st) ? -errno : 0;

	if (!err && !S_ISREG(st.st_mode))
		return fail(why, -EINVAL, path, "it is no file");
	if (!err)
		err = take(r->fd, &r->head, sizeof(r->head), 0);
	if (err && err != -ENODATA)
		return fail(why, err, path, strerror(-err));
	if (err || !head_good(&r->head))
		return fail(why, -EINVAL, path,
			    "it is no history, or of another version");
	if ((size_t)st.st_size < history_ring_at(&r->head, HISTORY_RINGS))
		return fail(why, -EINVAL, path, "it is cut short");
	r->name = calloc(r->head.entries, sizeof(*r->name));
	r->slot = malloc(history_slot_size(r->head.entries));
	if (!r->name || !r->slot)
		return fail(why, -ENOMEM, path, "out of memory");
	return 0;
}

int history_open(struct history_reader **reader, const char *path, char *why)
{
	struct history_reader *r = calloc(1, sizeof(*r));
	int err;

	*reader = NULL;
	if (!r)
		return fail(why, -ENOMEM, path, "out of memory");
	r->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	err = r->fd < 0 ? fail(why, -errno, path, strerror(errno)) :
			  head_take(r, path, why);
	if (err) {
		history_close(r);
		return err;
	}
	*reader = r;
	return 0;
}

void history_close(struct history_reader *r)
{
	if (!r)
		return;
	if (r->fd >= 0)
		close(r->fd);
	free(r->name);
	free(r->slot);
	free(r);
}

static int slot_head_take(struct history_reader *r, enum history_ring ring,
			  uint32_t index, struct history_file_slot *slot)
{
	return take(r->fd, slot, sizeof(*slot),
		    history_ring_at(&r->head, ring) +
			    index * history_slot_size(r->head.entries));
}

/* Was it ever written, and is it whole? */
static bool slot_good(const struct history_reader *r, enum history_ring ring,
		      uint32_t index, const struct history_file_slot *slot)
{
	return slot->check == history_check(slot, sizeof(*slot)) &&
	       slot->number % r->head.slots[ring] == index &&
	       slot->records <= r->head.entries;
}

static bool slot_empty(const struct history_file_slot *slot)
{
	return !slot->check && !slot->number && !slot->real_ns;
}

static int place_compare(const void *a, const void *b)
{
	const struct place *left = a, *right = b;

	return (left->number > right->number) - (left->number < right->number);
}

/* The slots that are good, the oldest first. Returns how many, or an error. */
static int places_take(struct history_reader *r, enum history_ring ring,
		       struct place *place, uint64_t *damaged)
{
	struct history_file_slot slot;
	int count = 0;
	uint32_t i;

	for (i = 0; i < r->head.slots[ring]; i++) {
		int err = slot_head_take(r, ring, i, &slot);

		if (err)
			return err;
		if (slot_good(r, ring, i, &slot))
			place[count++] =
				(struct place){ slot.number, slot.real_ns,
						slot.mono_ns, slot.boot };
		else if (!slot_empty(&slot))
			(*damaged)++;
	}
	qsort(place, count, sizeof(*place), place_compare);
	return count;
}

/* In this run of the host, the clock may have been set since. */
static uint64_t place_time(const struct place *place, const struct place *last)
{
	if (place->boot == last->boot && place->mono_ns <= last->mono_ns)
		return last->real_ns - (last->mono_ns - place->mono_ns);
	return place->real_ns;
}

/* Names end up in terminals, and whoever made the file is not trusted. */
static bool name_good(const struct history_file_name *name)
{
	size_t i;

	for (i = 0; i < sizeof(name->name) && name->name[i]; i++)
		if (name->name[i] <= ' ' || name->name[i] > '~')
			return false;
	return i && i < sizeof(name->name) &&
	       name->check == history_check(name, sizeof(*name));
}

static bool record_good(const struct history_reader *r,
			const struct history_file_record *record,
			uint64_t number)
{
	const struct history_file_name *name;

	if (record->check != history_check(record, sizeof(*record)) ||
	    record->number != (uint32_t)number ||
	    record->name >= r->head.entries)
		return false;
	name = &r->name[record->name];
	return name_good(name) && name->generation == record->generation;
}

static void record_take(const struct history_reader *r,
			const struct history_file_record *from,
			struct history_record *to)
{
	const struct history_file_name *name = &r->name[from->name];

	*to = (struct history_record){
		.vm_id = name->vm_id,
		.uid = name->uid,
		.boot = name->boot,
		.has_vcpu = from->vcpu != HISTORY_WHOLE,
		.vcpu = from->vcpu != HISTORY_WHOLE ? from->vcpu : 0,
		.boosted_ns = from->boosted_ns,
		.waited_ns = from->waited_ns,
		.waited_urgent_ns = from->waited_urgent_ns,
		.boosts = from->boosts,
		.throttles = from->throttles,
		.preempted_urgent = from->preempted_urgent,
		.doorbells = from->doorbells,
		.spurious = from->spurious,
		.would_boost = from->would_boost,
	};
	snprintf(to->vm, sizeof(to->vm), "%.*s", (int)sizeof(name->name) - 1,
		 name->name);
}

/* Cheaper than its checksum; a name that is damaged is not the one. */
static bool record_wanted(const struct history_reader *r,
			  const struct history_file_record *record,
			  const char *vm)
{
	return !vm || (record->name < r->head.entries &&
		       !strncmp(r->name[record->name].name, vm,
				sizeof(r->name[0].name)));
}

/* Who reads what, while that lasts. */
struct reading {
	const struct history_query *query;
	history_fn fn;
	void *arg;
	uint64_t *damaged;
};

/* Returns whether to go on. */
static bool records_tell(struct history_reader *r,
			 const struct history_slot *slot,
			 const struct reading *reading)
{
	const struct history_file_slot *head = (void *)r->slot;
	const struct history_file_record *from = (void *)(head + 1);
	struct history_record record;
	uint32_t i;

	for (i = 0; i < head->records; i++) {
		if (!record_wanted(r, &from[i], reading->query->vm))
			continue;
		if (!record_good(r, &from[i], head->number)) {
			(*reading->damaged)++;
			continue;
		}
		record_take(r, &from[i], &record);
		if (!reading->fn(slot, &record, reading->arg))
			return false;
	}
	return true;
}

/* Returns 1 to go on, 0 to end, or a negative errno value. */
static int slot_tell(struct history_reader *r, const struct place *place,
		     uint64_t time_ns, const struct reading *reading)
{
	enum history_ring ring = reading->query->ring;
	const struct history_file_slot *head = (void *)r->slot;
	uint32_t index = place->number % r->head.slots[ring];
	struct history_slot slot;
	int err = take(r->fd, r->slot, history_slot_size(r->head.entries),
		       history_ring_at(&r->head, ring) +
			       index * history_slot_size(r->head.entries));

	if (err)
		return err;
	/* Written anew meanwhile: what it had is too old by now. */
	if (!slot_good(r, ring, index, head) || head->number != place->number)
		return 1;
	slot = (struct history_slot){ head->number, time_ns, head->records,
				      head->dropped };
	return reading->fn(&slot, NULL, reading->arg) &&
	       records_tell(r, &slot, reading);
}

static bool place_wanted(const struct place *place, uint64_t time_ns,
			 const struct history_query *query)
{
	return time_ns >= query->since_ns &&
	       (!query->number || place->number == query->number);
}

static int places_tell(struct history_reader *r, const struct place *place,
		       int count, const struct reading *reading)
{
	int i, ret = 1;

	for (i = 0; i < count && ret > 0; i++) {
		uint64_t time_ns = place_time(&place[i], &place[count - 1]);

		if (place_wanted(&place[i], time_ns, reading->query))
			ret = slot_tell(r, &place[i], time_ns, reading);
	}
	return ret < 0 ? ret : 0;
}

int history_read(struct history_reader *r, const struct history_query *query,
		 history_fn fn, void *arg, uint64_t *damaged)
{
	const struct reading reading = { query, fn, arg, damaged };
	struct place *place =
		calloc(r->head.slots[query->ring], sizeof(*place));
	int count, ret;

	*damaged = 0;
	if (!place)
		return -ENOMEM;
	count = places_take(r, query->ring, place, damaged);
	/* After the slots: a name is there before a slot that has it. */
	ret = take(r->fd, r->name, r->head.entries * sizeof(*r->name),
		   history_names_at());
	if (count < 0)
		ret = count;
	if (!ret)
		ret = places_tell(r, place, count, &reading);
	free(place);
	return ret;
}
