/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the figures come from: the kernel, a recording, or a test.
 */
#ifndef PVTOP_SOURCE_H
#define PVTOP_SOURCE_H

#include <poll.h>

#include "snapshot.h"

/* Descriptors that a source may have. */
#define SOURCE_FDS 2

struct source;

/**
 * struct source_ops - what a source can do
 * @sample: take a snapshot, which is the caller's then. Returns 0, a negative errno
 *	value, or 1: there is no other, the recording is over
 * @caps_get: as pvsched_caps_get()
 * @caps_set: as pvsched_caps_set(), without telling what they were
 * @enable: as pvsched_host_enable()
 * @watch: hear of the boosts of this vCPU, too; NULL: no longer. Returns 0 or a
 *	negative errno value
 * @fds: descriptors that are readable when there are events; returns how many
 * @events: hand over what has arrived
 * @seek: go on with the first sample that was taken at this time or later; NULL:
 *	only the present is known, and neither @next_ns nor @progress is there
 * @next_ns: when the next sample was taken; 0: there is none
 * @progress: how far a recording is, in text
 * @close: free the source
 *
 * A recording refuses to set anything with -EROFS.
 */
struct source_ops {
	int (*sample)(struct source *source, struct snapshot *snapshot,
		      struct pvsched_error *error);
	int (*caps_get)(struct source *source,
			const struct pvsched_target *target,
			struct pvsched_caps_info *caps,
			struct pvsched_error *error);
	int (*caps_set)(struct source *source,
			const struct pvsched_target *target,
			const struct pvsched_cap_wish *wishes, size_t count,
			struct pvsched_error *error);
	int (*enable)(struct source *source, bool enabled,
		      struct pvsched_host_info *host,
		      struct pvsched_error *error);
	int (*watch)(struct source *source, const struct pvsched_target *vcpu,
		     struct pvsched_error *error);
	size_t (*fds)(const struct source *source,
		      struct pollfd fds[SOURCE_FDS]);
	int (*events)(struct source *source, pvsched_event_fn fn, void *arg,
		      struct pvsched_error *error);
	void (*seek)(struct source *source, uint64_t time_ns);
	uint64_t (*next_ns)(const struct source *source);
	void (*progress)(const struct source *source, char *text, size_t size);
	void (*close)(struct source *source);
};

/* The first member of each source. */
struct source {
	const struct source_ops *ops;
};

/* For cleanup attributes. */
static inline void source_close(struct source **source)
{
	if (*source)
		(*source)->ops->close(*source);
}

/* How to connect to the kernel, as libpvsched's functions do; for tests. */
struct live_open {
	int (*client)(void *arg, struct pvsched_client **client,
		      struct pvsched_error *error);
	int (*monitor)(void *arg, struct pvsched_monitor **monitor,
		       unsigned int groups, struct pvsched_error *error);
	void *arg;
};

/*
 * The kernel. It need not have pvsched yet, nor for ever. open: NULL: libpvsched's
 * functions. Returns NULL without memory.
 */
struct source *live_new(const struct live_open *open);

/* A recording. Returns NULL with the reason in error. */
struct source *replay_open(const char *path, struct pvsched_error *error);

/* Is that a history of pvschedd, and no recording? */
bool history_is(const char *path);
/*
 * A history: its minutes, and from where it has them its seconds. Only counters are
 * in it. Returns NULL with the reason in error.
 */
struct source *chronicle_open(const char *path, struct pvsched_error *error);

/*
 * What another source tells, which it takes over, and writes to a file. Returns NULL
 * with the reason in error; the other one is closed then.
 */
struct source *recorder_open(struct source *inner, const char *path,
			     struct pvsched_error *error);

/* Fill in an error. Returns code, which is negative. */
__attribute__((format(printf, 3, 4))) int
source_error(struct pvsched_error *error, int code, const char *fmt, ...);

#endif /* PVTOP_SOURCE_H */
