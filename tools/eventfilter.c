// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which events are shown, and when they were.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "eventfilter.h"
#include "targets.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define BOOST_KINDS                                                    \
	(1ULL << PVSCHED_EVENT_BOOST | 1ULL << PVSCHED_EVENT_DEBOOST | \
	 1ULL << PVSCHED_EVENT_LEVEL)

bool event_filter_group(struct event_filter *filter, const char *name)
{
	unsigned int i;

	for (i = 0; i < PVSCHED_GROUP_COUNT; i++) {
		if (strcmp(name, pvsched_group_name(i)))
			continue;
		filter->groups |= 1U << i;
		return true;
	}
	return false;
}

bool event_filter_kind(struct event_filter *filter, const char *name)
{
	unsigned int i;

	for (i = 0; i <= PVSCHED_EVENT_MAX; i++) {
		if (strcmp(name, pvsched_event_name(i)))
			continue;
		filter->kinds |= 1ULL << i;
		return true;
	}
	return false;
}

bool event_filter_vm(struct event_filter *filter, const char *pattern)
{
	if (!*pattern || filter->vms == EVENT_FILTER_MAX)
		return false;
	filter->vm[filter->vms++] = pattern;
	return true;
}

bool event_filter_vcpu(struct event_filter *filter, const char *id)
{
	unsigned int vcpu;
	int end = 0;

	if (filter->vcpus == EVENT_FILTER_MAX || *id < '0' || *id > '9' ||
	    sscanf(id, "%9u%n", &vcpu, &end) != 1 || id[end] ||
	    vcpu > PVSCHED_VCPU_ID_MAX)
		return false;
	filter->vcpu[filter->vcpus++] = vcpu;
	return true;
}

unsigned int event_filter_groups(const struct event_filter *filter)
{
	unsigned int groups = filter->groups ?: (1U << PVSCHED_GROUP_COUNT) - 1;

	if (filter->kinds && !(filter->kinds & BOOST_KINDS))
		groups &= ~(1U << PVSCHED_GROUP_BOOST);
	if (filter->kinds && !(filter->kinds & ~BOOST_KINDS))
		groups &= ~(1U << PVSCHED_GROUP_CONFIG);
	return groups;
}

static bool vm_passes(const struct event_filter *filter,
		      const struct pvsched_event *event)
{
	size_t i;

	for (i = 0; i < filter->vms; i++)
		if (event->vm[0] && pattern_matches(filter->vm[i], event->vm))
			return true;
	return !filter->vms;
}

static bool vcpu_passes(const struct event_filter *filter,
			const struct pvsched_event *event)
{
	size_t i;

	for (i = 0; i < filter->vcpus; i++)
		if (event->has_vcpu && event->vcpu == filter->vcpu[i])
			return true;
	return !filter->vcpus;
}

bool event_filter_passes(const struct event_filter *filter,
			 const struct pvsched_event *event)
{
	if (event->gap)
		return true;
	if (filter->kinds && (event->kind > PVSCHED_EVENT_MAX ||
			      !(filter->kinds & 1ULL << event->kind)))
		return false;
	return vm_passes(filter, event) && vcpu_passes(filter, event);
}

bool event_time_parse(const char *name, enum event_time *form)
{
	static const char *const names[] = {
		[EVENT_TIME_RELATIVE] = "relative",
		[EVENT_TIME_ABSOLUTE] = "absolute",
		[EVENT_TIME_MONOTONIC] = "monotonic",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(name, names[i]))
			continue;
		*form = i;
		return true;
	}
	return false;
}

static const char *wall_text(const struct event_clock *clock, uint64_t time_ns,
			     bool utc, char *text)
{
	uint64_t ns = time_ns + clock->real_ns;
	time_t seconds = ns / 1000000000;
	char day[32] = "";
	struct tm tm;

	/* Without a meaning for a time that the kernel would not tell. */
	if (!(utc ? gmtime_r(&seconds, &tm) : localtime_r(&seconds, &tm)) ||
	    !strftime(day, sizeof(day), utc ? "%FT%T" : "%F %T", &tm))
		day[0] = '\0';
	snprintf(text, EVENT_TIME_LEN, "%s.%06u%s", day,
		 (unsigned int)(ns % 1000000000 / 1000), utc ? "Z" : "");
	return text;
}

const char *event_time_utc(const struct event_clock *clock, uint64_t time_ns,
			   char *text)
{
	return wall_text(clock, time_ns, true, text);
}

const char *event_time_text(const struct event_clock *clock, uint64_t time_ns,
			    char *text)
{
	switch (clock->form) {
	case EVENT_TIME_ABSOLUTE:
		return wall_text(clock, time_ns, false, text);
	case EVENT_TIME_MONOTONIC:
		snprintf(text, EVENT_TIME_LEN, "%" PRIu64 ".%06u",
			 time_ns / 1000000000,
			 (unsigned int)(time_ns % 1000000000 / 1000));
		return text;
	case EVENT_TIME_RELATIVE:
		break;
	}
	snprintf(text, EVENT_TIME_LEN, "%+.6f",
		 (int64_t)(time_ns - clock->start_ns) / 1e9);
	return text;
}
