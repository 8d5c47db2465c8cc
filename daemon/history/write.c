// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "format.h"
#include "write.h"

#define NS_PER_S  1000000000ULL
#define SECONDS	  3600
#define MINUTES	  1440
#define MINUTE_NS (60 * NS_PER_S)

/* How often what was written is let go of, or all of it would be counted as ours. */
#define FORGET_SLOTS 64

struct history {
	int fd;
	char *map;
	size_t size;
	const struct history_file_head *head;
	struct history_file_name *name;
	uint64_t *used; /* by name: number of the last slot that has it */
	uint64_t next[HISTORY_RINGS];
	struct history_time minute; /* of the last slot of minutes */
	/* the slot under way */
	struct history_file_slot *slot;
	struct history_time time;
	uint32_t records;
	uint32_t dropped;
};

static int fail(char *why, int err, const char *path, const char *reason)
{
	snprintf(why, HISTORY_WHY_LEN, "history %.80s: %s", path, reason);
	return err;
}

static struct history_file_head head_make(uint32_t entries)
{
	struct history_file_head head = {
		.magic = HISTORY_MAGIC,
		.version = HISTORY_VERSION,
		.entries = entries,
		.slots = { SECONDS, MINUTES },
	};

	head.check = history_head_check(&head);
	return head;
}

/* Is the file such as would be made? */
static bool file_fits(int fd, const struct history_file_head *head)
{
	struct history_file_head found = { 0 };
	struct stat st;

	return pread(fd, &found, sizeof(found), 0) == sizeof(found) &&
	       !memcmp(&found, head, sizeof(found)) && !fstat(fd, &st) &&
	       (size_t)st.st_size == history_ring_at(head, HISTORY_RINGS);
}

/* Has it something that is no history, of whatever version or size? */
static bool file_foreign(int fd)
{
	char magic[sizeof(HISTORY_MAGIC) - 1];
	ssize_t got = pread(fd, magic, sizeof(magic), 0);

	return got && (got != sizeof(magic) ||
		       memcmp(magic, HISTORY_MAGIC, sizeof(magic)) != 0);
}

static int full_tell(char *why, const char *path, int fd, size_t size, int err)
{
	struct statvfs fs;
	char reason[160];

	if (err != ENOSPC || fstatvfs(fd, &fs))
		return fail(why, -err, path, strerror(err));
	snprintf(
		reason, sizeof(reason),
		"it needs %zu MiB, and the file system has %llu MiB: make room, or keep fewer history-entries",
		(size >> 20) + 1,
		(unsigned long long)fs.f_bavail * fs.f_frsize >> 20);
	return fail(why, -err, path, reason);
}

static int file_fill(int fd, const char *path,
		     const struct history_file_head *head, char *why)
{
	size_t size = history_ring_at(head, HISTORY_RINGS);
	int err = posix_fallocate(fd, 0, size);

	if (err)
		return full_tell(why, path, fd, size, err);
	if (pwrite(fd, head, sizeof(*head), 0) != sizeof(*head) || fsync(fd))
		return fail(why, -errno, path, strerror(errno));
	return 0;
}

/* Aside, and then in place of what was there: never half of one. */
static int file_make(const char *path, const struct history_file_head *head,
		     char *why)
{
	char new[4096];
	int fd, err;

	snprintf(new, sizeof(new), "%s.new", path);
	fd = open(new, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd < 0)
		return fail(why, -errno, new, strerror(errno));
	err = file_fill(fd, path, head, why);
	if (!err && rename(new, path))
		err = fail(why, -errno, path, strerror(errno));
	if (!err)
		return fd;
	unlink(new);
	close(fd);
	return err;
}

/* Returns a descriptor, or an error. */
static int file_open(const char *path, const struct history_file_head *head,
		     char *why)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0 && errno != ENOENT)
		return fail(why, -errno, path, strerror(errno));
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		return fail(why, -EBUSY, path, "another process keeps it");
	}
	if (fd >= 0 && file_fits(fd, head))
		return fd;
	if (fd >= 0 && file_foreign(fd)) {
		close(fd);
		return fail(
			why, -EEXIST, path,
			"there is something else: remove it, if that is right");
	}
	if (fd >= 0)
		close(fd);
	fd = file_make(path, head, why);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		return fail(why, -EBUSY, path, "another process keeps it");
	}
	return fd;
}

static struct history_file_slot *
slot_at(struct history *h, enum history_ring ring, uint64_t number)
{
	return (void *)(h->map + history_ring_at(h->head, ring) +
			number % h->head->slots[ring] *
				history_slot_size(h->head->entries));
}

/* Slots of minutes have names that are older than any second, if not the same. */
static void names_note(struct history *h, enum history_ring ring,
		       const struct history_file_slot *slot)
{
	const struct history_file_record *record = (void *)(slot + 1);
	uint64_t number = ring == HISTORY_SECONDS ? slot->number : 1;
	uint32_t i;

	for (i = 0; i < slot->records; i++)
		if (record[i].check ==
			    history_check(&record[i], sizeof(record[i])) &&
		    record[i].name < h->head->entries &&
		    h->used[record[i].name] < number)
			h->used[record[i].name] = number;
}

/* A name that was written in part is as good as free. */
static void names_check(struct history *h)
{
	uint32_t i;

	for (i = 0; i < h->head->entries; i++)
		if (h->name[i].check !=
		    history_check(&h->name[i], sizeof(h->name[i])))
			h->used[i] = 0;
}

/* Go on behind the last slot that is whole. */
static void ring_resume(struct history *h, enum history_ring ring)
{
	uint32_t i;

	for (i = 0; i < h->head->slots[ring]; i++) {
		const struct history_file_slot *slot = slot_at(h, ring, i);

		if (slot->check != history_check(slot, sizeof(*slot)) ||
		    slot->number % h->head->slots[ring] != i ||
		    slot->records > h->head->entries)
			continue;
		names_note(h, ring, slot);
		if (slot->number < h->next[ring])
			continue;
		h->next[ring] = slot->number + 1;
		if (ring == HISTORY_MINUTES)
			h->minute = (struct history_time){ slot->real_ns,
							   slot->mono_ns,
							   slot->boot };
	}
}

int history_start(struct history **history, const char *path, uint32_t entries,
		  char *why)
{
	struct history_file_head head = head_make(entries);
	struct history *h = calloc(1, sizeof(*h));

	*history = NULL;
	if (!h)
		return fail(why, -ENOMEM, path, "out of memory");
	*h = (struct history){ .map = MAP_FAILED };
	h->used = calloc(entries, sizeof(*h->used));
	h->size = history_ring_at(&head, HISTORY_RINGS);
	h->fd = h->used ? file_open(path, &head, why) :
			  fail(why, -ENOMEM, path, "out of memory");
	if (h->fd >= 0)
		h->map = mmap(NULL, h->size, PROT_READ | PROT_WRITE, MAP_SHARED,
			      h->fd, 0);
	if (h->map == MAP_FAILED) {
		int err = h->fd < 0 ? h->fd :
				      fail(why, -errno, path, strerror(errno));

		history_stop(h);
		return err;
	}
	h->head = (void *)h->map;
	h->name = (void *)(h->map + history_names_at());
	/* Number 0 is for slots that were never written. */
	h->next[HISTORY_SECONDS] = h->next[HISTORY_MINUTES] = 1;
	ring_resume(h, HISTORY_SECONDS);
	ring_resume(h, HISTORY_MINUTES);
	names_check(h);
	madvise(h->map, h->size, MADV_DONTNEED);
	*history = h;
	return 0;
}

void history_stop(struct history *h)
{
	if (!h)
		return;
	if (h->map != MAP_FAILED)
		munmap(h->map, h->size);
	if (h->fd >= 0)
		close(h->fd);
	free(h->used);
	free(h);
}

bool history_whole(const struct history *h)
{
	struct stat st;

	return !fstat(h->fd, &st) && (size_t)st.st_size >= h->size;
}

void history_begin(struct history *h, const struct history_time *time)
{
	h->slot = slot_at(h, HISTORY_SECONDS, h->next[HISTORY_SECONDS]);
	h->time = *time;
	h->records = 0;
	h->dropped = 0;
}

/* A module that is loaded anew gives the same numbers to others. */
static bool name_is(const struct history *h, uint32_t i, uint32_t vm_id,
		    const char *vm)
{
	const struct history_file_name *name = &h->name[i];

	return h->used[i] && name->vm_id == vm_id &&
	       name->boot == h->time.boot &&
	       !strncmp(name->name, vm, sizeof(name->name) - 1);
}

/* A VM that is added takes the place of the one that was heard of longest ago. */
static uint32_t name_make(struct history *h, const struct pvsched_vm_info *vm)
{
	struct history_file_name name = {
		.vm_id = vm->id,
		.uid = vm->uid,
		.boot = h->time.boot,
	};
	uint32_t i, oldest = 0;

	for (i = 0; i < h->head->entries; i++)
		if (h->used[i] < h->used[oldest])
			oldest = i;
	name.generation = h->name[oldest].generation + 1;
	memcpy(name.name, vm->name, sizeof(name.name) - 1);
	name.check = history_check(&name, sizeof(name));
	h->name[oldest] = name;
	return oldest;
}

/* The latest one; UINT32_MAX: there is none. */
static uint32_t name_find(const struct history *h, uint32_t vm_id,
			  const char *vm)
{
	uint32_t i, found = UINT32_MAX;

	for (i = 0; i < h->head->entries; i++)
		if (name_is(h, i, vm_id, vm) &&
		    (found == UINT32_MAX || h->used[i] > h->used[found]))
			found = i;
	return found;
}

static void record_add(struct history *h, uint32_t name, uint16_t vcpu,
		       const struct pvsched_stats_info *stats)
{
	struct history_file_record *to = (void *)(h->slot + 1);
	struct history_file_record record = {
		.number = h->next[HISTORY_SECONDS],
		.name = name,
		.vcpu = vcpu,
		.generation = h->name[name].generation,
		.boosted_ns = stats->boosted_ns,
		.waited_ns = stats->waited_ns,
		.waited_urgent_ns = stats->waited_urgent_ns,
		.boosts = pvsched_stats_boosts(stats),
		.throttles = stats->throttles,
		.preempted_urgent = stats->preempted_urgent,
		.doorbells = stats->doorbells,
		.spurious = stats->spurious,
		.would_boost = stats->would_boost,
	};

	if (h->records == h->head->entries) {
		h->dropped++;
		return;
	}
	record.check = history_check(&record, sizeof(record));
	to[h->records++] = record;
}

void history_add_vm(struct history *h, const struct pvsched_vm_info *vm)
{
	uint32_t name = name_find(h, vm->id, vm->name);

	/* Its name has no room either if all are of this slot. */
	if (h->records == h->head->entries) {
		h->dropped++;
		return;
	}
	if (name == UINT32_MAX || h->name[name].uid != vm->uid)
		name = name_make(h, vm);
	h->used[name] = h->next[HISTORY_SECONDS];
	record_add(h, name, HISTORY_WHOLE, &vm->stats);
}

void history_add_vcpu(struct history *h, const struct pvsched_vcpu_info *vcpu)
{
	uint32_t name = name_find(h, vcpu->vm_id, vcpu->vm);

	if (name == UINT32_MAX)
		h->dropped++;
	else
		record_add(h, name, vcpu->id, &vcpu->stats);
}

static void slot_finish(struct history *h, struct history_file_slot *slot,
			uint64_t number)
{
	struct history_file_slot head = {
		.records = h->records,
		.number = number,
		.real_ns = h->time.real_ns,
		.mono_ns = h->time.mono_ns,
		.boot = h->time.boot,
		.dropped = h->dropped,
	};

	head.check = history_check(&head, sizeof(head));
	/* Who reads meanwhile finds the records that the head tells of. */
	__atomic_thread_fence(__ATOMIC_RELEASE);
	*slot = head;
}

/* Counters, so the sample of this second is that of the minute. */
static void minute_add(struct history *h)
{
	uint64_t number = h->next[HISTORY_MINUTES]++;
	struct history_file_slot *slot = slot_at(h, HISTORY_MINUTES, number);
	struct history_file_record *to = (void *)(slot + 1);
	uint32_t i;

	memcpy(to, h->slot + 1, h->records * sizeof(*to));
	for (i = 0; i < h->records; i++) {
		to[i].number = number;
		to[i].check = history_check(&to[i], sizeof(to[i]));
	}
	slot_finish(h, slot, number);
	h->minute = h->time;
}

uint32_t history_end(struct history *h)
{
	uint64_t number = h->next[HISTORY_SECONDS]++;

	slot_finish(h, h->slot, number);
	if (h->minute.boot != h->time.boot ||
	    h->time.mono_ns - h->minute.mono_ns >= MINUTE_NS)
		minute_add(h);
	if (number % FORGET_SLOTS == 0)
		madvise(h->map, h->size, MADV_DONTNEED);
	return h->dropped;
}

uint64_t history_boot(const char *boot_id)
{
	uint64_t boot = 0;
	unsigned int value;
	int digits = 0;

	for (; *boot_id && digits < 16; boot_id++) {
		if (sscanf((char[]){ *boot_id, '\0' }, "%1x", &value) != 1)
			continue;
		boot = boot << 4 | value;
		digits++;
	}
	return boot;
}
