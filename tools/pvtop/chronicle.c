// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The history of pvschedd as a source.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "format.h"
#include "history.h"

#include "../past.h"
#include "source.h"

/* Where a sample is, and when it was. */
struct moment {
	enum history_ring ring;
	uint64_t number;
	uint64_t real_ns;
	uint64_t time_ns;
};

/**
 * struct chronicle - a history that is looked at
 * @source: what pvtop sees of it
 * @reader: the file
 * @moment: samples, in their order; each has a later time than the one before, also
 *	where the clock was set
 * @count: of @moment
 * @next: the one that is taken next
 */
struct chronicle {
	struct source source;
	struct history_reader *reader;
	struct moment *moment;
	size_t count;
	size_t next;
};

static struct chronicle *chronicle_of(const struct source *source)
{
	return (struct chronicle *)source;
}

/* What becomes a snapshot. */
struct taking {
	struct snapshot *to;
	size_t vm_room, vcpu_room;
	bool there;
	bool failed;
};

/* Room for one more. Returns the array, or NULL: the old one is there then. */
static void *room_make(void *array, size_t count, size_t *room, size_t size)
{
	void *more;

	if (count < *room)
		return array;
	more = reallocarray(array, *room ? 2 * *room : 64, size);
	if (more)
		*room = *room ? 2 * *room : 64;
	return more;
}

static bool vm_take(struct taking *taking, const struct history_record *record)
{
	struct pvsched_vms *vms = &taking->to->vms;
	struct pvsched_vm_info *vm =
		room_make(vms->vm, vms->count, &taking->vm_room, sizeof(*vm));

	if (!vm)
		return false;
	vms->vm = vm;
	vm += vms->count++;
	memset(vm, 0, sizeof(*vm));
	snprintf(vm->name, sizeof(vm->name), "%.*s", (int)sizeof(vm->name) - 1,
		 record->vm);
	vm->id = record->vm_id;
	vm->uid = record->uid;
	past_stats(record, &vm->stats);
	return true;
}

static bool vcpu_take(struct taking *taking,
		      const struct history_record *record)
{
	struct pvsched_vcpus *vcpus = &taking->to->vcpus;
	struct pvsched_vcpu_info *vcpu = room_make(
		vcpus->vcpu, vcpus->count, &taking->vcpu_room, sizeof(*vcpu));

	if (!vcpu)
		return false;
	vcpus->vcpu = vcpu;
	vcpu += vcpus->count++;
	memset(vcpu, 0, sizeof(*vcpu));
	snprintf(vcpu->vm, sizeof(vcpu->vm), "%.*s", (int)sizeof(vcpu->vm) - 1,
		 record->vm);
	vcpu->vm_id = record->vm_id;
	vcpu->id = record->vcpu;
	/* What it asks for is not known. */
	vcpu->flags = PVSCHED_VCPU_FLAG_WORDLESS;
	past_stats(record, &vcpu->stats);
	return true;
}

static bool on_record(const struct history_slot *slot,
		      const struct history_record *record, void *arg)
{
	struct taking *taking = arg;

	(void)slot;
	taking->there = true;
	if (!record)
		return true;
	if (record->has_vcpu ? vcpu_take(taking, record) :
			       vm_take(taking, record))
		return true;
	taking->failed = true;
	return false;
}

static void vcpus_count(struct snapshot *snapshot)
{
	size_t i, at = 0;

	for (i = 0; i < snapshot->vcpus.count; i++) {
		while (at < snapshot->vms.count &&
		       snapshot->vms.vm[at].id < snapshot->vcpus.vcpu[i].vm_id)
			at++;
		if (at < snapshot->vms.count &&
		    snapshot->vms.vm[at].id == snapshot->vcpus.vcpu[i].vm_id)
			snapshot->vms.vm[at].vcpus++;
	}
}

static int chronicle_sample(struct source *source, struct snapshot *snapshot,
			    struct pvsched_error *error)
{
	struct chronicle *c = chronicle_of(source);
	const struct moment *moment = &c->moment[c->next];
	struct taking taking = { .to = snapshot };
	struct history_query query;
	uint64_t damaged;
	int err;

	if (c->next == c->count)
		return 1;
	c->next++;
	*snapshot = (struct snapshot){
		.time_ns = moment->time_ns,
		.real_ns = moment->real_ns,
		.host = { .enabled = true },
		.counters_only = true,
	};
	query = (struct history_query){ .ring = moment->ring,
					.number = moment->number };
	err = history_read(c->reader, &query, on_record, &taking, &damaged);
	if (!err && taking.failed)
		err = -ENOMEM;
	/* Who writes it may have been faster. */
	if (!err && !taking.there)
		err = -ESTALE;
	if (err) {
		snapshot_free(snapshot);
		return source_error(error, err, "sample %zu of the history: %s",
				    c->next,
				    err == -ESTALE ? "it has been overwritten" :
						     strerror(-err));
	}
	snapshot_sort(snapshot);
	vcpus_count(snapshot);
	return 0;
}

static int read_only(struct pvsched_error *error)
{
	return source_error(error, -EROFS,
			    "this is a history: nothing can be changed");
}

static int chronicle_caps_get(struct source *source,
			      const struct pvsched_target *target,
			      struct pvsched_caps_info *caps,
			      struct pvsched_error *error)
{
	(void)source;
	(void)target;
	(void)caps;
	return source_error(error, -ENODATA, "a history has no caps");
}

static int chronicle_caps_set(struct source *source,
			      const struct pvsched_target *target,
			      const struct pvsched_cap_wish *wishes,
			      size_t count, struct pvsched_error *error)
{
	(void)source;
	(void)target;
	(void)wishes;
	(void)count;
	return read_only(error);
}

static int chronicle_enable(struct source *source, bool enabled,
			    struct pvsched_host_info *host,
			    struct pvsched_error *error)
{
	(void)source;
	(void)enabled;
	(void)host;
	return read_only(error);
}

static int chronicle_watch(struct source *source,
			   const struct pvsched_target *vcpu,
			   struct pvsched_error *error)
{
	(void)source;
	(void)vcpu;
	(void)error;
	return 0;
}

static size_t chronicle_fds(const struct source *source,
			    struct pollfd fds[SOURCE_FDS])
{
	(void)source;
	(void)fds;
	return 0;
}

static int chronicle_events(struct source *source, pvsched_event_fn fn,
			    void *arg, struct pvsched_error *error)
{
	(void)source;
	(void)fn;
	(void)arg;
	(void)error;
	return 0;
}

static void chronicle_seek(struct source *source, uint64_t time_ns)
{
	struct chronicle *c = chronicle_of(source);

	for (c->next = 0; c->next < c->count; c->next++)
		if (c->moment[c->next].time_ns >= time_ns)
			break;
}

static uint64_t chronicle_next_ns(const struct source *source)
{
	const struct chronicle *c = chronicle_of(source);

	return c->next < c->count ? c->moment[c->next].time_ns : 0;
}

static void chronicle_progress(const struct source *source, char *text,
			       size_t size)
{
	const struct chronicle *c = chronicle_of(source);

	snprintf(text, size, "%zu/%zu", c->next, c->count);
}

static void chronicle_close(struct source *source)
{
	struct chronicle *c = chronicle_of(source);

	history_close(c->reader);
	free(c->moment);
	free(c);
}

/* Moments of a ring, while it is gone through. */
struct listing {
	struct moment *moment;
	size_t count, room;
	enum history_ring ring;
	bool failed;
};

static bool on_slot(const struct history_slot *slot,
		    const struct history_record *record, void *arg)
{
	struct listing *list = arg;
	struct moment *moment = room_make(list->moment, list->count,
					  &list->room, sizeof(*moment));

	(void)record;
	if (!moment) {
		list->failed = true;
		return false;
	}
	list->moment = moment;
	moment[list->count++] = (struct moment){
		.ring = list->ring,
		.number = slot->number,
		.real_ns = slot->time_ns,
	};
	return true;
}

static int ring_list(struct chronicle *c, struct listing *list,
		     enum history_ring ring)
{
	/* No VM has that name, so there are no records. */
	const struct history_query query = { .ring = ring, .vm = "" };
	uint64_t damaged;
	int err;

	list->ring = ring;
	err = history_read(c->reader, &query, on_slot, list, &damaged);
	return list->failed ? -ENOMEM : err;
}

/* Minutes for as long as there are no seconds, and times that only go forward. */
static void moments_join(struct chronicle *c, const struct listing *list,
			 size_t minutes)
{
	uint64_t seconds_ns = minutes < list->count ?
				      list->moment[minutes].real_ns :
				      UINT64_MAX;
	uint64_t last_ns = 0;
	size_t i;

	c->moment = list->moment;
	for (i = 0; i < list->count; i++) {
		struct moment moment = list->moment[i];

		if (i < minutes && moment.real_ns >= seconds_ns)
			continue;
		moment.time_ns =
			moment.real_ns > last_ns ? moment.real_ns : last_ns + 1;
		last_ns = moment.time_ns;
		c->moment[c->count++] = moment;
	}
}

static int moments_take(struct chronicle *c)
{
	struct listing list = { 0 };
	int err = ring_list(c, &list, HISTORY_MINUTES);
	size_t minutes = list.count;

	if (!err)
		err = ring_list(c, &list, HISTORY_SECONDS);
	if (err) {
		free(list.moment);
		return err;
	}
	moments_join(c, &list, minutes);
	return c->count ? 0 : -ENODATA;
}

/* What is no ordinary file is none, and must not be read here: it is read once. */
bool history_is(const char *path)
{
	char magic[sizeof(HISTORY_MAGIC) - 1];
	struct stat status;
	FILE *file = !stat(path, &status) && S_ISREG(status.st_mode) ?
			     fopen(path, "re") :
			     NULL;
	bool is = file && fread(magic, sizeof(magic), 1, file) == 1 &&
		  !memcmp(magic, HISTORY_MAGIC, sizeof(magic));

	if (file)
		fclose(file);
	return is;
}

struct source *chronicle_open(const char *path, struct pvsched_error *error)
{
	static const struct source_ops ops = {
		.sample = chronicle_sample,
		.caps_get = chronicle_caps_get,
		.caps_set = chronicle_caps_set,
		.enable = chronicle_enable,
		.watch = chronicle_watch,
		.fds = chronicle_fds,
		.events = chronicle_events,
		.seek = chronicle_seek,
		.next_ns = chronicle_next_ns,
		.progress = chronicle_progress,
		.close = chronicle_close,
	};
	struct chronicle *c = calloc(1, sizeof(*c));
	char why[HISTORY_WHY_LEN];
	int err;

	if (!c) {
		source_error(error, -ENOMEM, "out of memory");
		return NULL;
	}
	c->source.ops = &ops;
	err = history_open(&c->reader, path, why);
	if (err) {
		source_error(error, err, "%s", why);
	} else {
		err = moments_take(c);
		if (err)
			source_error(error, err, "%s: %s", path,
				     err == -ENODATA ? "has no sample" :
						       strerror(-err));
	}
	if (!err)
		return &c->source;
	chronicle_close(&c->source);
	return NULL;
}
