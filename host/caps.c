// SPDX-License-Identifier: GPL-2.0-only
/*
 * Caps: defaults, setrlimit(2)'s rules, and which level binds.
 */
#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/kernel.h>
#else
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#endif

#include <linux/pvsched.h>

#include "caps.h"

/* What a cap may be set to, and what the host starts with. */
struct cap_range {
	const char *name;
	__u64 min;
	__u64 max;
	struct pvsched_cap initial;
	bool host_only;
};

static const struct cap_range ranges[PVSCHED_CAP_COUNT] = {
	[PVSCHED_CAP_RTPRIO] = {
		.name = "rtprio",
		.max = PVSCHED_RTPRIO_MAX,
		.initial = { 10, 49 },
	},
	[PVSCHED_CAP_RUNTIME] = {
		.name = "runtime",
		.max = PVSCHED_TIME_MAX,
		.initial = { 50000, 90000 },
	},
	[PVSCHED_CAP_PERIOD] = {
		.name = "period",
		.min = PVSCHED_PERIOD_MIN,
		.max = PVSCHED_TIME_MAX,
		.initial = { 100000, PVSCHED_TIME_MAX },
		/* Budgets of all levels must be shares of the same thing. */
		.host_only = true,
	},
	[PVSCHED_CAP_SLICE] = {
		.name = "slice",
		.max = PVSCHED_TIME_MAX,
		.initial = { 10000, 50000 },
	},
	[PVSCHED_CAP_NICE] = {
		.name = "nice",
		.max = PVSCHED_NICE_MAX,
		.initial = { 30, PVSCHED_NICE_MAX },
	},
	[PVSCHED_CAP_KICKS] = {
		.name = "kicks",
		.max = PVSCHED_KICKS_MAX,
		.initial = { 10000, 100000 },
	},
	[PVSCHED_CAP_SECTION] = {
		.name = "section",
		.max = PVSCHED_TIME_MAX,
		.initial = { 500, 5000 },
	},
	[PVSCHED_CAP_VCPUS] = {
		.name = "vcpus",
		.max = PVSCHED_VCPUS_MAX,
		.initial = { PVSCHED_VCPUS_MAX, PVSCHED_VCPUS_MAX },
	},
};

static bool known(enum pvsched_cap_id id)
{
	return (unsigned int)id < PVSCHED_CAP_COUNT;
}

const char *pvsched_cap_name(enum pvsched_cap_id id)
{
	return known(id) ? ranges[id].name : "unknown";
}

const char *pvsched_cap_level_name(enum pvsched_cap_level level)
{
	switch (level) {
	case PVSCHED_CAP_LEVEL_HOST:
		return "host";
	case PVSCHED_CAP_LEVEL_VM:
		return "VM";
	case PVSCHED_CAP_LEVEL_VCPU:
		return "vCPU";
	}
	return "unknown";
}

void pvsched_caps_host_default(struct pvsched_caps *caps)
{
	unsigned int i;

	for (i = 0; i < PVSCHED_CAP_COUNT; i++)
		caps->cap[i] = ranges[i].initial;
}

void pvsched_caps_unlimited(struct pvsched_caps *caps)
{
	unsigned int i;

	for (i = 0; i < PVSCHED_CAP_COUNT; i++) {
		caps->cap[i].soft = PVSCHED_CAP_UNLIMITED;
		caps->cap[i].hard = PVSCHED_CAP_UNLIMITED;
	}
}

static bool has_meaning(const struct cap_range *range, __u64 value)
{
	if (value == PVSCHED_CAP_UNLIMITED)
		return true;
	return value >= range->min && value <= range->max;
}

/**
 * pvsched_caps_check() - may this change be made?
 * @caps: the caps of the level that is to be changed, as they are
 * @change: what is asked for
 * @why: set to a phrase that completes "<cap> of <level>: ..." when refused
 * @bound: set to the number that the phrase refers to
 *
 * Return: 0; -EINVAL for a value that has no meaning; -EPERM for one that only
 * CAP_SYS_RESOURCE may set.
 */
int pvsched_caps_check(const struct pvsched_caps *caps,
		       const struct pvsched_cap_change *change,
		       const char **why, __u64 *bound)
{
	const struct cap_range *range;

	*bound = 0;
	if (!known(change->id)) {
		*why = "no such cap";
		return -EINVAL;
	}
	range = &ranges[change->id];
	if (range->host_only && change->level != PVSCHED_CAP_LEVEL_HOST) {
		*why = "can be set for the host only";
		return -EINVAL;
	}
	if (change->to.soft > change->to.hard) {
		*why = "soft is above hard";
		*bound = change->to.hard;
		return -EINVAL;
	}
	if (!has_meaning(range, change->to.soft) ||
	    !has_meaning(range, change->to.hard)) {
		*bound = change->to.soft < range->min ? range->min : range->max;
		*why = change->to.soft < range->min ?
			       "is below the smallest value" :
			       "is above the largest value";
		return -EINVAL;
	}
	if (change->to.hard > caps->cap[change->id].hard &&
	    !change->privileged) {
		*why = "raising hard needs CAP_SYS_RESOURCE, hard is";
		*bound = caps->cap[change->id].hard;
		return -EPERM;
	}
	if (change->to.soft > change->rlimit && !change->privileged &&
	    change->to.soft != caps->cap[change->id].soft) {
		*why = "is above the process's RLIMIT,";
		*bound = change->rlimit;
		return -EPERM;
	}
	return 0;
}

static __u64 smaller(__u64 a, __u64 b)
{
	return a < b ? a : b;
}

/**
 * pvsched_limits_combine() - what binds a vCPU
 * @out: result: never unlimited, since every cap has a largest value
 * @host: caps of the host
 * @vm: caps of the VM
 * @vcpu: caps of the vCPU
 */
void pvsched_limits_combine(struct pvsched_limits *out,
			    const struct pvsched_caps *host,
			    const struct pvsched_caps *vm,
			    const struct pvsched_caps *vcpu)
{
	unsigned int i;

	for (i = 0; i < PVSCHED_CAP_COUNT; i++) {
		__u64 value = smaller(host->cap[i].soft, vm->cap[i].soft);

		value = smaller(value, vcpu->cap[i].soft);
		out->value[i] = smaller(value, ranges[i].max);
	}
}

/**
 * pvsched_boost_level() - how much of a wish the caps leave
 * @rtprio: what cap rtprio allows
 * @nice: what cap nice allows
 * @wanted: level that a policy asks for, PVSCHED_LEVEL_*
 * @baseline: level of the thread without a boost
 *
 * A real-time boost where rtprio allows any, else a better nice value.
 *
 * Return: level to boost to; 0: no boost, as the thread is as urgent by itself.
 */
__u8 pvsched_boost_level(__u64 rtprio, __u64 nice, __u8 wanted, __u8 baseline)
{
	__u64 level = 0;

	if (wanted >= PVSCHED_LEVEL_RT_MIN && rtprio)
		level = smaller(wanted, PVSCHED_LEVEL_RT(rtprio));
	else if (nice)
		level = smaller(wanted, PVSCHED_LEVEL_NICE(20) + nice);
	/* The idle class is nobody's boost. */
	return level > baseline && level > PVSCHED_LEVEL_BATCH ? level : 0;
}
