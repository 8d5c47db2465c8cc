// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The last events.
 */
#include <inttypes.h>
#include <string.h>

#include "log.h"

static void caps_text(const struct pvsched_event *event, char *text,
		      size_t size)
{
	char soft[PVSCHED_TEXT_LEN], hard[PVSCHED_TEXT_LEN];
	unsigned int i;
	size_t len = strlen(text);

	for (i = 0; i < PVSCHED_CAP_COUNT && len < size; i++) {
		if (!event->cap[i].present)
			continue;
		snprintf(text + len, size - len, " %s=%s:%s",
			 pvsched_cap_name(i),
			 pvsched_cap_text(i, event->cap[i].soft, soft),
			 pvsched_cap_text(i, event->cap[i].hard, hard));
		len = strlen(text);
	}
}

static void event_text(const struct pvsched_event *event, char *text,
		       size_t size)
{
	const char *name = pvsched_event_name(event->kind);
	char level[PVSCHED_TEXT_LEN];

	if (event->group == PVSCHED_GROUP_BOOST && event->level)
		snprintf(text, size, "%s to %s: %s, cpu %" PRIu32, name,
			 pvsched_level_text(event->level, level),
			 pvsched_cause_name(event->cause), event->cpu);
	else if (event->group == PVSCHED_GROUP_BOOST)
		snprintf(text, size, "%s: %s, cpu %" PRIu32, name,
			 pvsched_cause_name(event->cause), event->cpu);
	else if (event->policy[0])
		snprintf(text, size, "%s %s", name, event->policy);
	else if (event->kind == PVSCHED_EVENT_PAYBACK)
		snprintf(text, size, "%s %s", name,
			 event->payback ? "on" : "off");
	else if (event->waited_ns)
		snprintf(text, size, "%s: cpu %" PRIu32 " waited %.3fs", name,
			 event->cpu, (double)event->waited_ns / 1e9);
	else
		snprintf(text, size, "%s", name);
	caps_text(event, text, size);
}

void log_add(struct log *log, const struct pvsched_event *event)
{
	struct log_event *to;

	if (event->resync || event->gap)
		return;
	to = &log->event[log->count++ % LOG_EVENTS];
	memset(to, 0, sizeof(*to));
	to->time_ns = event->time_ns;
	memcpy(to->vm, event->vm, sizeof(to->vm));
	to->vm_id = event->vm_id;
	to->has_vcpu = event->has_vcpu;
	to->vcpu = event->vcpu;
	event_text(event, to->text, sizeof(to->text));
}

void log_clear(struct log *log)
{
	memset(log, 0, sizeof(*log));
}

static bool is_about(const struct log_event *event, uint32_t vm_id,
		     bool has_vcpu, uint32_t vcpu)
{
	if (!event->vm[0])
		return true;
	if (event->vm_id != vm_id)
		return false;
	return !has_vcpu || !event->has_vcpu || event->vcpu == vcpu;
}

const struct log_event *log_find(const struct log *log, uint32_t vm_id,
				 bool has_vcpu, uint32_t vcpu,
				 unsigned int number)
{
	uint64_t i;

	for (i = 1; i <= log->count && i <= LOG_EVENTS; i++) {
		const struct log_event *event =
			&log->event[(log->count - i) % LOG_EVENTS];

		if (is_about(event, vm_id, has_vcpu, vcpu) && !number--)
			return event;
	}
	return NULL;
}
