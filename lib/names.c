// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What the numbers of the kernel interface are called.
 */
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>

#include <pvsched/client.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const char *name_of(const char *const *names, size_t count,
			   unsigned int index)
{
	return index < count && names[index] ? names[index] : "unknown";
}

const char *pvsched_cap_name(unsigned int id)
{
	static const char *const names[] = {
		[PVSCHED_CAP_RTPRIO] = "rtprio",
		[PVSCHED_CAP_RUNTIME] = "runtime",
		[PVSCHED_CAP_PERIOD] = "period",
		[PVSCHED_CAP_SLICE] = "slice",
		[PVSCHED_CAP_NICE] = "nice",
		[PVSCHED_CAP_KICKS] = "kicks",
		[PVSCHED_CAP_VCPUS] = "vcpus",
		[PVSCHED_CAP_SECTION] = "section",
	};

	return name_of(names, ARRAY_SIZE(names), id);
}

/* Is the cap a time, in microseconds? */
bool pvsched_cap_is_time(unsigned int id)
{
	return id == PVSCHED_CAP_RUNTIME || id == PVSCHED_CAP_PERIOD ||
	       id == PVSCHED_CAP_SLICE || id == PVSCHED_CAP_SECTION;
}

/* The nice value that this value of cap nice means; 20: no boost. */
int pvsched_cap_nice(uint64_t value)
{
	return 20 - (int)(value < 40 ? value : 40);
}

const char *pvsched_cap_level_name(unsigned int level)
{
	static const char *const names[] = {
		[PVSCHED_CAP_LEVEL_HOST] = "host",
		[PVSCHED_CAP_LEVEL_VM] = "vm",
		[PVSCHED_CAP_LEVEL_VCPU] = "vcpu",
	};

	return name_of(names, ARRAY_SIZE(names), level);
}

const char *pvsched_cause_name(unsigned int cause)
{
	static const char *const names[] = {
		[PVSCHED_CAUSE_PREEMPTED] = "preempted",
		[PVSCHED_CAUSE_INTERRUPT] = "interrupt",
		[PVSCHED_CAUSE_HALT] = "halt",
		[PVSCHED_CAUSE_DOORBELL] = "doorbell",
		[PVSCHED_CAUSE_BLOCK] = "block",
		[PVSCHED_CAUSE_SLICE] = "slice",
		[PVSCHED_CAUSE_BUDGET] = "budget",
		[PVSCHED_CAUSE_CAP] = "cap",
		[PVSCHED_CAUSE_OWNER] = "owner",
		[PVSCHED_CAUSE_DETACH] = "detach",
		[PVSCHED_CAUSE_LEVEL] = "level",
		[PVSCHED_CAUSE_POLICY] = "policy",
		[PVSCHED_CAUSE_DISABLED] = "disabled",
		[PVSCHED_CAUSE_SECTION] = "section",
	};

	return name_of(names, ARRAY_SIZE(names), cause);
}

const char *pvsched_kind_name(unsigned int kind)
{
	static const char *const names[] = {
		[PVSCHED_VM_KIND_VM] = "vm",
		[PVSCHED_VM_KIND_THREADS] = "threads",
	};

	return name_of(names, ARRAY_SIZE(names), kind);
}

const char *pvsched_state_name(unsigned int state)
{
	static const char *const names[] = {
		[PVSCHED_VCPU_STATE_PENDING] = "pending",
		[PVSCHED_VCPU_STATE_RUNNING] = "running",
		[PVSCHED_VCPU_STATE_PREEMPTED] = "preempted",
		[PVSCHED_VCPU_STATE_BLOCKED] = "blocked",
	};

	return name_of(names, ARRAY_SIZE(names), state);
}

const char *pvsched_event_name(unsigned int kind)
{
	static const char *const names[] = {
		[PVSCHED_EVENT_VM_ADD] = "vm-add",
		[PVSCHED_EVENT_VM_DEL] = "vm-del",
		[PVSCHED_EVENT_VCPU_ADD] = "vcpu-add",
		[PVSCHED_EVENT_VCPU_BOUND] = "vcpu-bound",
		[PVSCHED_EVENT_VCPU_EXIT] = "vcpu-exit",
		[PVSCHED_EVENT_VCPU_DEL] = "vcpu-del",
		[PVSCHED_EVENT_CAPS] = "caps",
		[PVSCHED_EVENT_THROTTLE] = "throttle",
		[PVSCHED_EVENT_RELEASE] = "release",
		[PVSCHED_EVENT_OWNER] = "owner",
		[PVSCHED_EVENT_POLICY] = "policy",
		[PVSCHED_EVENT_PAYBACK] = "payback",
		[PVSCHED_EVENT_BOOST] = "boost",
		[PVSCHED_EVENT_DEBOOST] = "deboost",
		[PVSCHED_EVENT_LEVEL] = "level",
		[PVSCHED_EVENT_DISABLE] = "disable",
		[PVSCHED_EVENT_ENABLE] = "enable",
		[PVSCHED_EVENT_CANARY] = "canary",
		[PVSCHED_EVENT_RECOVER] = "recover",
	};

	return name_of(names, ARRAY_SIZE(names), kind);
}

const char *pvsched_group_name(unsigned int group)
{
	static const char *const names[] = {
		[PVSCHED_GROUP_CONFIG] = PVSCHED_MCGRP_CONFIG,
		[PVSCHED_GROUP_BOOST] = PVSCHED_MCGRP_BOOST,
	};

	return name_of(names, ARRAY_SIZE(names), group);
}

const char *pvsched_hist_name(unsigned int id)
{
	static const char *const names[] = {
		[PVSCHED_HIST_WAIT_URGENT] = "wait_urgent",
		[PVSCHED_HIST_EVENT_LATENCY] = "event_latency",
		[PVSCHED_HIST_BOOST_LENGTH] = "boost_length",
		[PVSCHED_HIST_DEBOOST_LATENCY] = "deboost_latency",
	};

	return name_of(names, ARRAY_SIZE(names), id);
}

/* A level as chrt(1) and nice(1) would say it. */
const char *pvsched_level_text(unsigned int level, char *text)
{
	if (level == PVSCHED_LEVEL_IDLE)
		snprintf(text, PVSCHED_TEXT_LEN, "idle");
	else if (level == PVSCHED_LEVEL_BATCH)
		snprintf(text, PVSCHED_TEXT_LEN, "idle-class");
	else if (level <= PVSCHED_LEVEL_NICE(-20))
		snprintf(text, PVSCHED_TEXT_LEN, "nice %d",
			 PVSCHED_LEVEL_NORMAL - (int)level);
	else if (level >= PVSCHED_LEVEL_RT_MIN && level <= PVSCHED_LEVEL_RT_MAX)
		snprintf(text, PVSCHED_TEXT_LEN, "fifo %u",
			 level - PVSCHED_LEVEL_RT(0));
	else if (level == PVSCHED_LEVEL_DEADLINE)
		snprintf(text, PVSCHED_TEXT_LEN, "deadline");
	else
		snprintf(text, PVSCHED_TEXT_LEN, "level %u", level);
	return text;
}

const char *pvsched_baseline_text(const struct pvsched_vcpu_info *vcpu,
				  char *text)
{
	switch (vcpu->baseline_policy) {
	case SCHED_OTHER:
		snprintf(text, PVSCHED_TEXT_LEN, "nice %d",
			 vcpu->baseline_nice);
		break;
	case SCHED_BATCH:
		snprintf(text, PVSCHED_TEXT_LEN, "batch %d",
			 vcpu->baseline_nice);
		break;
	case SCHED_IDLE:
		snprintf(text, PVSCHED_TEXT_LEN, "idle-class");
		break;
	case SCHED_FIFO:
		snprintf(text, PVSCHED_TEXT_LEN, "fifo %u",
			 vcpu->baseline_rtprio);
		break;
	case SCHED_RR:
		snprintf(text, PVSCHED_TEXT_LEN, "rr %u",
			 vcpu->baseline_rtprio);
		break;
	default:
		snprintf(text, PVSCHED_TEXT_LEN, "policy %u",
			 vcpu->baseline_policy);
	}
	return text;
}

/* A cap's value, as the command line takes it. */
const char *pvsched_cap_text(unsigned int id, uint64_t value, char *text)
{
	if (value == PVSCHED_UNLIMITED)
		snprintf(text, PVSCHED_TEXT_LEN, "unlimited");
	else if (id == PVSCHED_CAP_NICE && value <= 40)
		snprintf(text, PVSCHED_TEXT_LEN, "%d", pvsched_cap_nice(value));
	else if (!pvsched_cap_is_time(id) || !value)
		snprintf(text, PVSCHED_TEXT_LEN, "%" PRIu64, value);
	else if (value % 1000000 == 0)
		snprintf(text, PVSCHED_TEXT_LEN, "%" PRIu64 "s",
			 value / 1000000);
	else if (value % 1000 == 0)
		snprintf(text, PVSCHED_TEXT_LEN, "%" PRIu64 "ms", value / 1000);
	else
		snprintf(text, PVSCHED_TEXT_LEN, "%" PRIu64 "us", value);
	return text;
}

/* A time that was measured. */
const char *pvsched_time_text(uint64_t ns, char *text)
{
	if (ns < 1000000)
		snprintf(text, PVSCHED_TEXT_LEN, "%.1fus", (double)ns / 1e3);
	else if (ns < 1000000000)
		snprintf(text, PVSCHED_TEXT_LEN, "%.1fms", (double)ns / 1e6);
	else
		snprintf(text, PVSCHED_TEXT_LEN, "%.1fs", (double)ns / 1e9);
	return text;
}
