// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A recording as a source.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "source.h"

/**
 * struct replay - a recording that is looked at
 * @source: what pvtop sees of it
 * @reader: the file
 * @next: the block at which the search for the next snapshot begins
 * @events_from: the block at which events begin that were not handed over
 * @samples: in the file
 * @shown: number of the one that was taken last, from 1
 */
struct replay {
	struct source source;
	struct record_reader reader;
	size_t next;
	size_t events_from;
	size_t samples;
	size_t shown;
};

static struct replay *replay_of(const struct source *source)
{
	return (struct replay *)source;
}

static bool is_sample(const struct record_block *block)
{
	return block->type == RECORD_KEY || block->type == RECORD_DELTA;
}

/* The next snapshot's block, or the number of blocks. */
static size_t next_sample(const struct replay *replay)
{
	size_t at = replay->next;

	while (at < replay->reader.count &&
	       !is_sample(&replay->reader.block[at]))
		at++;
	return at;
}

static int replay_sample(struct source *source, struct snapshot *snapshot,
			 struct pvsched_error *error)
{
	struct replay *replay = replay_of(source);
	size_t at = next_sample(replay);

	if (at == replay->reader.count)
		return 1;
	replay->next = at + 1;
	replay->shown++;
	if (record_read_snapshot(&replay->reader, at, snapshot))
		return source_error(error, -EBADMSG,
				    "sample %zu of the recording is damaged",
				    replay->shown);
	return 0;
}

static int replay_caps_get(struct source *source,
			   const struct pvsched_target *target,
			   struct pvsched_caps_info *caps,
			   struct pvsched_error *error)
{
	struct replay *replay = replay_of(source);

	/* What is recorded just behind a sample belongs to it. */
	if (!record_find_caps(&replay->reader, next_sample(replay), target,
			      caps))
		return 0;
	return source_error(error, -ENODATA,
			    "these caps are not in the recording");
}

static int read_only(struct pvsched_error *error)
{
	return source_error(error, -EROFS,
			    "this is a recording: nothing can be changed");
}

static int replay_caps_set(struct source *source,
			   const struct pvsched_target *target,
			   const struct pvsched_cap_wish *wishes, size_t count,
			   struct pvsched_error *error)
{
	(void)source;
	(void)target;
	(void)wishes;
	(void)count;
	return read_only(error);
}

static int replay_enable(struct source *source, bool enabled,
			 struct pvsched_host_info *host,
			 struct pvsched_error *error)
{
	(void)source;
	(void)enabled;
	(void)host;
	return read_only(error);
}

static int replay_watch(struct source *source,
			const struct pvsched_target *vcpu,
			struct pvsched_error *error)
{
	(void)source;
	(void)vcpu;
	(void)error;
	return 0;
}

static size_t replay_fds(const struct source *source,
			 struct pollfd fds[SOURCE_FDS])
{
	(void)source;
	(void)fds;
	return 0;
}

static int replay_events(struct source *source, pvsched_event_fn fn, void *arg,
			 struct pvsched_error *error)
{
	struct replay *replay = replay_of(source);
	struct pvsched_event event;
	size_t at;

	(void)error;
	for (at = replay->events_from; at < replay->next; at++)
		if (!record_read_event(&replay->reader, at, &event))
			fn(&event, arg);
	replay->events_from = replay->next;
	return 0;
}

static void replay_seek(struct source *source, uint64_t time_ns)
{
	struct replay *replay = replay_of(source);
	size_t at;

	replay->next = replay->shown = 0;
	for (at = 0; at < replay->reader.count; at++) {
		const struct record_block *block = &replay->reader.block[at];

		if (!is_sample(block))
			continue;
		if (block->key >= time_ns)
			break;
		replay->next = at + 1;
		replay->shown++;
	}
	replay->events_from = replay->next;
}

static uint64_t replay_next_ns(const struct source *source)
{
	const struct replay *replay = replay_of(source);
	size_t at = next_sample(replay);

	return at < replay->reader.count ? replay->reader.block[at].key : 0;
}

static void replay_progress(const struct source *source, char *text,
			    size_t size)
{
	const struct replay *replay = replay_of(source);

	snprintf(text, size, "%zu/%zu", replay->shown, replay->samples);
}

static void replay_close(struct source *source)
{
	record_reader_close(&replay_of(source)->reader);
	free(source);
}

static int reader_open(struct replay *replay, const char *path,
		       struct pvsched_error *error)
{
	FILE *file = fopen(path, "re");
	struct pvsched_error why;
	size_t i;

	if (!file)
		return source_error(error, -errno, "%s: %s", path,
				    strerror(errno));
	if (record_reader_open(&replay->reader, file, &why))
		return source_error(error, why.code, "%s: %.400s", path,
				    why.text);
	for (i = 0; i < replay->reader.count; i++)
		replay->samples += is_sample(&replay->reader.block[i]);
	if (replay->samples)
		return 0;
	record_reader_close(&replay->reader);
	return source_error(error, -ENODATA, "%s: has no sample", path);
}

struct source *replay_open(const char *path, struct pvsched_error *error)
{
	static const struct source_ops ops = {
		.sample = replay_sample,
		.caps_get = replay_caps_get,
		.caps_set = replay_caps_set,
		.enable = replay_enable,
		.watch = replay_watch,
		.fds = replay_fds,
		.events = replay_events,
		.seek = replay_seek,
		.next_ns = replay_next_ns,
		.progress = replay_progress,
		.close = replay_close,
	};
	struct replay *replay = calloc(1, sizeof(*replay));

	if (!replay) {
		source_error(error, -ENOMEM, "out of memory");
		return NULL;
	}
	replay->source.ops = &ops;
	if (reader_open(replay, path, error)) {
		free(replay);
		return NULL;
	}
	return &replay->source;
}
