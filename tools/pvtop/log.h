/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last events.
 */
#ifndef PVTOP_LOG_H
#define PVTOP_LOG_H

#include <stdio.h>

#include <pvsched/client.h>

#define LOG_EVENTS 512

/* What of an event is shown. */
struct log_event {
	uint64_t time_ns;
	char vm[PVSCHED_NAME_LEN]; /* empty: the host */
	uint32_t vm_id;
	bool has_vcpu;
	uint32_t vcpu;
	char text[64];
};

/**
 * struct log - a ring of the last events
 * @event: by number modulo LOG_EVENTS
 * @count: how many there ever were
 */
struct log {
	struct log_event event[LOG_EVENTS];
	uint64_t count;
};

/* A gap is none. */
void log_add(struct log *log, const struct pvsched_event *event);
void log_clear(struct log *log);

/*
 * The number-th event from the last one, 0, backwards that is about a vCPU, or,
 * without has_vcpu, about a VM or one of its vCPUs; those of the host are about
 * all. NULL: there are no more.
 */
const struct log_event *log_find(const struct log *log, uint32_t vm_id,
				 bool has_vcpu, uint32_t vcpu,
				 unsigned int number);

#endif /* PVTOP_LOG_H */
