// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Caps: the rules of setrlimit(2), and which level binds.
 *
 * The property test compares long random sequences of changes with a model
 * that is written in another way: slow, with one table of all values of every
 * level, and the rules as sentences.
 */
#include <check.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <linux/pvsched.h>

#include "../../host/caps.h"
#include "check_run.h"

#define UNLIMITED PVSCHED_CAP_UNLIMITED

static int change(struct pvsched_caps *caps, enum pvsched_cap_level level,
		  enum pvsched_cap_id id, __u64 soft, __u64 hard,
		  bool privileged)
{
	const struct pvsched_cap_change wanted = {
		.id = id,
		.level = level,
		.to = { soft, hard },
		.privileged = privileged,
		.rlimit = UNLIMITED,
	};
	const char *why = NULL;
	__u64 bound;
	int err = pvsched_caps_check(caps, &wanted, &why, &bound);

	ck_assert_msg(!err || why, "a refusal without a reason");
	if (!err)
		caps->cap[id] = wanted.to;
	return err;
}

START_TEST(host_default_obeys_the_rules)
{
	struct pvsched_caps caps;
	unsigned int id;

	pvsched_caps_host_default(&caps);
	for (id = 0; id < PVSCHED_CAP_COUNT; id++)
		ck_assert_int_eq(change(&caps, PVSCHED_CAP_LEVEL_HOST, id,
					caps.cap[id].soft, caps.cap[id].hard,
					false),
				 0);
}
END_TEST

START_TEST(unlimited_has_no_bounds)
{
	struct pvsched_caps caps;
	unsigned int id;

	pvsched_caps_unlimited(&caps);
	for (id = 0; id < PVSCHED_CAP_COUNT; id++) {
		ck_assert_uint_eq(caps.cap[id].soft, UNLIMITED);
		ck_assert_uint_eq(caps.cap[id].hard, UNLIMITED);
	}
}
END_TEST

START_TEST(soft_above_hard)
{
	struct pvsched_caps caps;
	const struct pvsched_cap_change wanted = {
		.id = PVSCHED_CAP_RTPRIO,
		.level = PVSCHED_CAP_LEVEL_VM,
		.to = { 60, 50 },
		.privileged = true,
	};
	const char *why;
	__u64 bound;

	pvsched_caps_unlimited(&caps);
	ck_assert_int_eq(pvsched_caps_check(&caps, &wanted, &why, &bound),
			 -EINVAL);
	ck_assert_str_eq(why, "soft is above hard");
	ck_assert_uint_eq(bound, 50);
}
END_TEST

START_TEST(lowering_hard_is_free_and_final)
{
	struct pvsched_caps caps;

	pvsched_caps_unlimited(&caps);
	ck_assert_int_eq(change(&caps, PVSCHED_CAP_LEVEL_VM, PVSCHED_CAP_RTPRIO,
				10, 20, false),
			 0);
	ck_assert_int_eq(change(&caps, PVSCHED_CAP_LEVEL_VM, PVSCHED_CAP_RTPRIO,
				10, 21, false),
			 -EPERM);
	ck_assert_int_eq(change(&caps, PVSCHED_CAP_LEVEL_VM, PVSCHED_CAP_RTPRIO,
				10, UNLIMITED, false),
			 -EPERM);
	ck_assert_uint_eq(caps.cap[PVSCHED_CAP_RTPRIO].hard, 20);
}
END_TEST

START_TEST(soft_moves_freely_below_hard)
{
	struct pvsched_caps caps;
	__u64 soft;

	pvsched_caps_unlimited(&caps);
	ck_assert_int_eq(change(&caps, PVSCHED_CAP_LEVEL_VCPU,
				PVSCHED_CAP_RTPRIO, 0, 50, false),
			 0);
	for (soft = 0; soft <= 50; soft++)
		ck_assert_int_eq(change(&caps, PVSCHED_CAP_LEVEL_VCPU,
					PVSCHED_CAP_RTPRIO, soft, 50, false),
				 0);
	ck_assert_int_eq(change(&caps, PVSCHED_CAP_LEVEL_VCPU,
				PVSCHED_CAP_RTPRIO, 51, 50, false),
			 -EINVAL);
}
END_TEST

START_TEST(privilege_raises_hard)
{
	struct pvsched_caps caps;

	pvsched_caps_host_default(&caps);
	ck_assert_int_eq(change(&caps, PVSCHED_CAP_LEVEL_HOST,
				PVSCHED_CAP_RTPRIO, 90, PVSCHED_RTPRIO_MAX,
				false),
			 -EPERM);
	ck_assert_int_eq(change(&caps, PVSCHED_CAP_LEVEL_HOST,
				PVSCHED_CAP_RTPRIO, 90, PVSCHED_RTPRIO_MAX,
				true),
			 0);
}
END_TEST

START_TEST(unprivileged_stay_within_the_rlimit)
{
	struct pvsched_cap_change wanted = {
		.id = PVSCHED_CAP_RTPRIO,
		.level = PVSCHED_CAP_LEVEL_VM,
		.to = { 6, UNLIMITED },
		.rlimit = 5,
	};
	struct pvsched_caps caps;
	const char *why;
	__u64 bound;

	pvsched_caps_unlimited(&caps);
	ck_assert_int_eq(pvsched_caps_check(&caps, &wanted, &why, &bound),
			 -EPERM);
	ck_assert_uint_eq(bound, 5);
	wanted.to.soft = 5;
	ck_assert_int_eq(pvsched_caps_check(&caps, &wanted, &why, &bound), 0);
	/* What is there already is not asked for. */
	wanted.to.soft = UNLIMITED;
	ck_assert_int_eq(pvsched_caps_check(&caps, &wanted, &why, &bound), 0);
	wanted.to.soft = 6;
	wanted.privileged = true;
	ck_assert_int_eq(pvsched_caps_check(&caps, &wanted, &why, &bound), 0);
}
END_TEST

static const struct {
	enum pvsched_cap_id id;
	__u64 value;
	int err;
} edges[] = {
	{ PVSCHED_CAP_RTPRIO, 0, 0 },
	{ PVSCHED_CAP_RTPRIO, PVSCHED_RTPRIO_MAX, 0 },
	{ PVSCHED_CAP_RTPRIO, PVSCHED_RTPRIO_MAX + 1, -EINVAL },
	{ PVSCHED_CAP_RTPRIO, UNLIMITED - 1, -EINVAL },
	{ PVSCHED_CAP_RTPRIO, UNLIMITED, 0 },
	{ PVSCHED_CAP_RUNTIME, 0, 0 },
	{ PVSCHED_CAP_RUNTIME, PVSCHED_TIME_MAX, 0 },
	{ PVSCHED_CAP_RUNTIME, PVSCHED_TIME_MAX + 1, -EINVAL },
	{ PVSCHED_CAP_PERIOD, 0, -EINVAL },
	{ PVSCHED_CAP_PERIOD, PVSCHED_PERIOD_MIN - 1, -EINVAL },
	{ PVSCHED_CAP_PERIOD, PVSCHED_PERIOD_MIN, 0 },
	{ PVSCHED_CAP_PERIOD, PVSCHED_TIME_MAX, 0 },
	{ PVSCHED_CAP_PERIOD, PVSCHED_TIME_MAX + 1, -EINVAL },
	{ PVSCHED_CAP_NICE, 0, 0 },
	{ PVSCHED_CAP_NICE, PVSCHED_NICE_MAX, 0 },
	{ PVSCHED_CAP_NICE, PVSCHED_NICE_MAX + 1, -EINVAL },
	{ PVSCHED_CAP_KICKS, 0, 0 },
	{ PVSCHED_CAP_KICKS, PVSCHED_KICKS_MAX, 0 },
	{ PVSCHED_CAP_KICKS, PVSCHED_KICKS_MAX + 1, -EINVAL },
	{ PVSCHED_CAP_VCPUS, 0, 0 },
	{ PVSCHED_CAP_VCPUS, PVSCHED_VCPUS_MAX, 0 },
	{ PVSCHED_CAP_VCPUS, PVSCHED_VCPUS_MAX + 1, -EINVAL },
	{ PVSCHED_CAP_SECTION, 0, 0 },
	{ PVSCHED_CAP_SECTION, PVSCHED_TIME_MAX, 0 },
	{ PVSCHED_CAP_SECTION, PVSCHED_TIME_MAX + 1, -EINVAL },
	{ PVSCHED_CAP_SLICE, 0, 0 },
	{ PVSCHED_CAP_SLICE, PVSCHED_TIME_MAX, 0 },
	{ PVSCHED_CAP_SLICE, PVSCHED_TIME_MAX + 1, -EINVAL },
};

START_TEST(ranges_of_values)
{
	struct pvsched_caps caps;

	pvsched_caps_host_default(&caps);
	ck_assert_int_eq(change(&caps, PVSCHED_CAP_LEVEL_HOST, edges[_i].id,
				edges[_i].value, edges[_i].value, true),
			 edges[_i].err);
}
END_TEST

START_TEST(period_is_of_the_host_only)
{
	struct pvsched_caps caps;

	pvsched_caps_unlimited(&caps);
	ck_assert_int_eq(change(&caps, PVSCHED_CAP_LEVEL_VM, PVSCHED_CAP_PERIOD,
				100000, 100000, true),
			 -EINVAL);
	ck_assert_int_eq(change(&caps, PVSCHED_CAP_LEVEL_VCPU,
				PVSCHED_CAP_PERIOD, 100000, 100000, true),
			 -EINVAL);
}
END_TEST

START_TEST(unknown_cap)
{
	const struct pvsched_cap_change wanted = {
		.id = PVSCHED_CAP_COUNT,
		.to = { 1, 1 },
		.privileged = true,
	};
	struct pvsched_caps caps;
	const char *why;
	__u64 bound;

	pvsched_caps_unlimited(&caps);
	ck_assert_int_eq(pvsched_caps_check(&caps, &wanted, &why, &bound),
			 -EINVAL);
	ck_assert_str_eq(why, "no such cap");
	ck_assert_str_eq(pvsched_cap_name(PVSCHED_CAP_COUNT), "unknown");
	ck_assert_str_eq(pvsched_cap_name(-1), "unknown");
}
END_TEST

START_TEST(names)
{
	ck_assert_str_eq(pvsched_cap_name(PVSCHED_CAP_RTPRIO), "rtprio");
	ck_assert_str_eq(pvsched_cap_name(PVSCHED_CAP_RUNTIME), "runtime");
	ck_assert_str_eq(pvsched_cap_name(PVSCHED_CAP_PERIOD), "period");
	ck_assert_str_eq(pvsched_cap_name(PVSCHED_CAP_SLICE), "slice");
	ck_assert_str_eq(pvsched_cap_name(PVSCHED_CAP_NICE), "nice");
	ck_assert_str_eq(pvsched_cap_name(PVSCHED_CAP_KICKS), "kicks");
	ck_assert_str_eq(pvsched_cap_name(PVSCHED_CAP_VCPUS), "vcpus");
	ck_assert_str_eq(pvsched_cap_name(PVSCHED_CAP_SECTION), "section");
	ck_assert_str_eq(pvsched_cap_level_name(PVSCHED_CAP_LEVEL_HOST),
			 "host");
	ck_assert_str_eq(pvsched_cap_level_name(PVSCHED_CAP_LEVEL_VM), "VM");
	ck_assert_str_eq(pvsched_cap_level_name(PVSCHED_CAP_LEVEL_VCPU),
			 "vCPU");
	ck_assert_str_eq(pvsched_cap_level_name(-1), "unknown");
}
END_TEST

START_TEST(the_smallest_binds)
{
	struct pvsched_caps host, vm, vcpu;
	struct pvsched_limits limits;

	pvsched_caps_host_default(&host);
	pvsched_caps_unlimited(&vm);
	pvsched_caps_unlimited(&vcpu);
	host.cap[PVSCHED_CAP_RTPRIO].soft = 30;
	vm.cap[PVSCHED_CAP_RTPRIO].soft = 20;
	vcpu.cap[PVSCHED_CAP_RTPRIO].soft = 25;
	vcpu.cap[PVSCHED_CAP_SLICE].soft = 7;
	pvsched_limits_combine(&limits, &host, &vm, &vcpu);
	ck_assert_uint_eq(limits.value[PVSCHED_CAP_RTPRIO], 20);
	ck_assert_uint_eq(limits.value[PVSCHED_CAP_SLICE], 7);
	ck_assert_uint_eq(limits.value[PVSCHED_CAP_PERIOD],
			  host.cap[PVSCHED_CAP_PERIOD].soft);
}
END_TEST

START_TEST(unlimited_everywhere_is_the_largest_value)
{
	struct pvsched_caps caps;
	struct pvsched_limits limits;

	pvsched_caps_unlimited(&caps);
	pvsched_limits_combine(&limits, &caps, &caps, &caps);
	ck_assert_uint_eq(limits.value[PVSCHED_CAP_RTPRIO], PVSCHED_RTPRIO_MAX);
	ck_assert_uint_eq(limits.value[PVSCHED_CAP_RUNTIME], PVSCHED_TIME_MAX);
	ck_assert_uint_eq(limits.value[PVSCHED_CAP_PERIOD], PVSCHED_TIME_MAX);
	ck_assert_uint_eq(limits.value[PVSCHED_CAP_SLICE], PVSCHED_TIME_MAX);
}
END_TEST

/* The model: 3 levels, what each cap is there, and the rules one by one. */

#define LEVELS 3

struct model {
	__u64 soft[LEVELS][PVSCHED_CAP_COUNT];
	__u64 hard[LEVELS][PVSCHED_CAP_COUNT];
};

static __u64 model_min(unsigned int id)
{
	return id == PVSCHED_CAP_PERIOD ? 1000 : 0;
}

static __u64 model_max(unsigned int id)
{
	switch (id) {
	case PVSCHED_CAP_RTPRIO:
		return 98;
	case PVSCHED_CAP_NICE:
		return 40;
	case PVSCHED_CAP_VCPUS:
		return 4096;
	}
	return 1000000;
}

static bool model_meaningful(unsigned int id, __u64 value)
{
	if (value == UNLIMITED)
		return true;
	return value >= model_min(id) && value <= model_max(id);
}

static int model_set(struct model *model, unsigned int level, unsigned int id,
		     __u64 soft, __u64 hard, bool privileged)
{
	/* Only the host has a period. */
	if (id == PVSCHED_CAP_PERIOD && level != 0)
		return -EINVAL;
	/* Each value must mean something. */
	if (!model_meaningful(id, soft) || !model_meaningful(id, hard))
		return -EINVAL;
	/* Hard bounds soft. */
	if (soft > hard)
		return -EINVAL;
	/* Hard goes up only for the privileged. */
	if (hard > model->hard[level][id] && !privileged)
		return -EPERM;
	model->soft[level][id] = soft;
	model->hard[level][id] = hard;
	return 0;
}

static __u64 model_limit(const struct model *model, unsigned int id)
{
	__u64 candidate;
	unsigned int level;

	/* The largest value that every level allows; try all, from above. */
	for (candidate = model_max(id); candidate; candidate--) {
		for (level = 0; level < LEVELS; level++)
			if (candidate > model->soft[level][id])
				break;
		if (level == LEVELS)
			break;
	}
	return candidate;
}

static __u64 some_value(unsigned int id)
{
	switch (rand() % 8) {
	case 0:
		return UNLIMITED;
	case 1:
		return model_max(id) + rand() % 3 - 1;
	case 2:
		return rand() % 3;
	case 3:
		return 999 + rand() % 3;
	case 4:
		return UNLIMITED - 1 - rand() % 2;
	default:
		return rand() % (model_max(id) + 1);
	}
}

static void model_init(struct model *model, struct pvsched_caps *caps)
{
	unsigned int level, id;

	pvsched_caps_host_default(&caps[0]);
	pvsched_caps_unlimited(&caps[1]);
	pvsched_caps_unlimited(&caps[2]);
	for (level = 0; level < LEVELS; level++) {
		for (id = 0; id < PVSCHED_CAP_COUNT; id++) {
			model->soft[level][id] = caps[level].cap[id].soft;
			model->hard[level][id] = caps[level].cap[id].hard;
		}
	}
}

static void model_compare(const struct model *model,
			  const struct pvsched_caps *caps, unsigned int seed)
{
	struct pvsched_limits limits;
	unsigned int level, id;

	for (level = 0; level < LEVELS; level++) {
		for (id = 0; id < PVSCHED_CAP_COUNT; id++) {
			ck_assert_uint_eq(caps[level].cap[id].soft,
					  model->soft[level][id]);
			ck_assert_uint_eq(caps[level].cap[id].hard,
					  model->hard[level][id]);
			ck_assert_uint_le(caps[level].cap[id].soft,
					  caps[level].cap[id].hard);
		}
	}
	pvsched_limits_combine(&limits, &caps[0], &caps[1], &caps[2]);
	id = seed % PVSCHED_CAP_COUNT;
	ck_assert_uint_eq(limits.value[id], model_limit(model, id));
	ck_assert_uint_le(limits.value[id], model_max(id));
}

START_TEST(random_sequences_agree_with_the_model)
{
	struct pvsched_caps caps[LEVELS];
	unsigned int step, accepted = 0;
	struct model model;

	srand(_i + 1);
	model_init(&model, caps);
	for (step = 0; step < 300; step++) {
		unsigned int level = rand() % LEVELS;
		unsigned int id = rand() % PVSCHED_CAP_COUNT;
		bool privileged = rand() % 2;
		__u64 soft = some_value(id);
		__u64 hard = some_value(id);
		int err = model_set(&model, level, id, soft, hard, privileged);

		ck_assert_msg(
			change(&caps[level], level, id, soft, hard,
			       privileged) == err,
			"seed %d step %u: level %u cap %u to %llu:%llu, privileged %d: want %d",
			_i + 1, step, level, id, (unsigned long long)soft,
			(unsigned long long)hard, privileged, err);
		accepted += !err;
	}
	model_compare(&model, caps, _i);
	ck_assert_uint_gt(accepted, 10);
}
END_TEST

/* The most urgent of all levels that the caps do not forbid. */
static __u8 model_level(unsigned int rtprio, int nice, __u8 wanted,
			__u8 baseline)
{
	__u8 best = 0;
	int level;

	for (level = PVSCHED_LEVEL_NICE(19); level <= wanted; level++) {
		bool realtime = level >= PVSCHED_LEVEL_RT_MIN;

		/* There is nothing between nice -20 and priority 1. */
		if (level == PVSCHED_LEVEL_RT_MIN - 1)
			continue;
		if (realtime ? level - 42 > (int)rtprio : 21 - level < nice)
			continue;
		/* Real-time wishes come true as such, or by a nice value. */
		if (level > best)
			best = level;
	}
	return best > baseline ? best : 0;
}

START_TEST(random_wishes_agree_with_the_model)
{
	unsigned int round;

	for (round = 0; round < 20000; round++) {
		unsigned int rtprio =
			rand() % 3 ? rand() % (PVSCHED_RTPRIO_MAX + 1) : 0;
		unsigned int nice = rand() % (PVSCHED_NICE_MAX + 1);
		__u8 wanted = rand(), baseline = rand() % 143;
		__u8 level =
			pvsched_boost_level(rtprio, nice, wanted, baseline);

		if (level !=
		    model_level(rtprio, 20 - (int)nice, wanted, baseline))
			ck_abort_msg("rtprio %u nice %u: %u from %u to %u",
				     rtprio, nice, wanted, baseline, level);
	}
}
END_TEST

START_TEST(a_boost_is_real_time_or_nice)
{
	const __u8 normal = PVSCHED_LEVEL_NORMAL;

	ck_assert_uint_eq(
		pvsched_boost_level(0, 30, PVSCHED_LEVEL_RT(50), normal),
		PVSCHED_LEVEL_NICE(-10));
	ck_assert_uint_eq(
		pvsched_boost_level(0, 30, PVSCHED_LEVEL_NICE(-5), normal),
		PVSCHED_LEVEL_NICE(-5));
	ck_assert_uint_eq(pvsched_boost_level(0, 30, PVSCHED_LEVEL_NICE(-5),
					      PVSCHED_LEVEL_NICE(-5)),
			  0);
	ck_assert_uint_eq(
		pvsched_boost_level(10, 30, PVSCHED_LEVEL_DEADLINE, normal),
		PVSCHED_LEVEL_RT(10));
	ck_assert_uint_eq(pvsched_boost_level(10, 30, PVSCHED_LEVEL_RT(50),
					      PVSCHED_LEVEL_RT(10)),
			  0);
	ck_assert_uint_eq(
		pvsched_boost_level(10, 0, PVSCHED_LEVEL_NICE(-20), normal), 0);
}
END_TEST

static Suite *caps_suite(void)
{
	Suite *suite = suite_create("caps");
	TCase *rules = tcase_create("rules");
	TCase *binding = tcase_create("binding");
	TCase *property = tcase_create("property");

	tcase_add_test(rules, host_default_obeys_the_rules);
	tcase_add_test(rules, unlimited_has_no_bounds);
	tcase_add_test(rules, soft_above_hard);
	tcase_add_test(rules, lowering_hard_is_free_and_final);
	tcase_add_test(rules, soft_moves_freely_below_hard);
	tcase_add_test(rules, privilege_raises_hard);
	tcase_add_test(rules, unprivileged_stay_within_the_rlimit);
	tcase_add_loop_test(rules, ranges_of_values, 0,
			    sizeof(edges) / sizeof(edges[0]));
	tcase_add_test(rules, period_is_of_the_host_only);
	tcase_add_test(rules, unknown_cap);
	tcase_add_test(rules, names);
	suite_add_tcase(suite, rules);
	tcase_add_test(binding, the_smallest_binds);
	tcase_add_test(binding, unlimited_everywhere_is_the_largest_value);
	tcase_add_test(binding, a_boost_is_real_time_or_nice);
	tcase_add_test(binding, random_wishes_agree_with_the_model);
	suite_add_tcase(suite, binding);
	tcase_add_loop_test(property, random_sequences_agree_with_the_model, 0,
			    200);
	/* Long for a machine that has other things to do. */
	tcase_set_timeout(property, 60);
	suite_add_tcase(suite, property);
	return suite;
}

int main(void)
{
	return check_run(caps_suite());
}
