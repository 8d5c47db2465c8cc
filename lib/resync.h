/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What there was when a listener last asked, and when it has to ask again.
 */
#ifndef PVSCHED_LIB_RESYNC_H
#define PVSCHED_LIB_RESYNC_H

#include <pvsched/client.h>

/* May what an overrun of the socket lost still show, as a gap? */
enum overrun {
	OVERRUN_NONE,
	OVERRUN_NEW,	/* it happened, and nothing was asked since */
	OVERRUN_COVERED /* it is older than what was asked */
};

/**
 * struct resync - what a listener knows by asking
 * @client: for asking; NULL: it never asks
 * @due: something was lost, so it has to ask
 * @begun: it has an answer, or had one
 * @asked_ns: when it asked last, CLOCK_MONOTONIC
 * @began_ns: when it began to ask for @vcpus, likewise
 * @overrun: by group
 * @vms: answer
 * @vcpus: answer, ordered by VM and id
 * @newest_ns: the latest time that an event can have which the answer has
 */
struct resync {
	struct pvsched_client *client;
	bool due;
	bool begun;
	uint64_t asked_ns;
	uint64_t began_ns;
	enum overrun overrun[PVSCHED_GROUP_COUNT];
	struct pvsched_vms vms;
	struct pvsched_vcpus vcpus;
	uint64_t newest_ns;
};

/* Takes client over. */
void resync_init(struct resync *resync, struct pvsched_client *client);
/* Of one that is all 0, too. */
void resync_exit(struct resync *resync);

/* The socket overran. */
void resync_overrun(struct resync *resync);
/* An event or a gap arrived with this number of events dropped before it. */
void resync_note(struct resync *resync, const struct pvsched_event *event,
		 uint64_t dropped);

/* There is no module any more: nothing is known, and nobody can be asked. */
void resync_forget(struct resync *resync);
/* There is one again, with that number: ask. */
void resync_anew(struct resync *resync, int family);

/* Is there to be an answer before anything else is told? */
bool resync_awaited(const struct resync *resync);

/* Is the event in the figures of its vCPU, or older than that this one has gone? */
bool resync_has(const struct resync *resync, const struct pvsched_event *event);

/* When it is to ask, CLOCK_MONOTONIC; 0: not as long as nothing gets lost. */
uint64_t resync_due_ns(const struct resync *resync);

/*
 * Ask, if it is time. Returns 1 if it did, 0 if not, for now, or a negative errno
 * value; then it remains due.
 */
int resync_ask(struct resync *resync, struct pvsched_error *error);

#endif /* PVSCHED_LIB_RESYNC_H */
