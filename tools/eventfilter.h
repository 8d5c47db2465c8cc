/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which events are shown, and when they were.
 */
#ifndef PVSCHED_TOOLS_EVENTFILTER_H
#define PVSCHED_TOOLS_EVENTFILTER_H

#include <pvsched/client.h>

#define EVENT_FILTER_MAX 16

/**
 * struct event_filter - what an event has to be
 * @groups: bits by enum pvsched_group; 0: any
 * @kinds: bits by enum pvsched_event_kind; 0: any
 * @vm: of a VM that one of these patterns matches
 * @vms: how many patterns; 0: of any, or of the host
 * @vcpu: of a vCPU with one of these ids
 * @vcpus: how many; 0: of any, or of no vCPU
 */
struct event_filter {
	unsigned int groups;
	uint64_t kinds;
	const char *vm[EVENT_FILTER_MAX];
	size_t vms;
	uint32_t vcpu[EVENT_FILTER_MAX];
	size_t vcpus;
};

/* Each adds one more that is let through, and returns whether it could. */
bool event_filter_group(struct event_filter *filter, const char *name);
bool event_filter_kind(struct event_filter *filter, const char *name);
bool event_filter_vm(struct event_filter *filter, const char *pattern);
bool event_filter_vcpu(struct event_filter *filter, const char *id);

/* The groups that have to be listened to. */
unsigned int event_filter_groups(const struct event_filter *filter);

/* A gap passes always: what was lost might have passed. */
bool event_filter_passes(const struct event_filter *filter,
			 const struct pvsched_event *event);

enum event_time {
	EVENT_TIME_RELATIVE,
	EVENT_TIME_ABSOLUTE,
	EVENT_TIME_MONOTONIC,
};

bool event_time_parse(const char *name, enum event_time *form);

/**
 * struct event_clock - how the time of an event is told
 * @start_ns: what relative times are relative to, CLOCK_MONOTONIC
 * @real_ns: CLOCK_REALTIME less CLOCK_MONOTONIC
 * @form: for people; programs are told all
 */
struct event_clock {
	uint64_t start_ns;
	int64_t real_ns;
	enum event_time form;
};

#define EVENT_TIME_LEN 48
/* The wall clock's, in UTC as RFC 3339 has it. */
const char *event_time_utc(const struct event_clock *clock, uint64_t time_ns,
			   char *text);
/* As clock->form says; the wall clock's in local time. */
const char *event_time_text(const struct event_clock *clock, uint64_t time_ns,
			    char *text);

#endif /* PVSCHED_TOOLS_EVENTFILTER_H */
