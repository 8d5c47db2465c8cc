// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Targets and caps of the command line.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "../../tools/capspec.h"
#include "check_run.h"

#define NONE (UINT64_MAX - 1) /* in a table: not there */

static const struct {
	const char *text;
	enum pvsched_cap_id id;
	uint64_t soft, hard;
} good[] = {
	{ "rtprio=10", PVSCHED_CAP_RTPRIO, 10, 10 },
	{ "rtprio=10:49", PVSCHED_CAP_RTPRIO, 10, 49 },
	{ "rtprio=10:", PVSCHED_CAP_RTPRIO, 10, NONE },
	{ "rtprio=:49", PVSCHED_CAP_RTPRIO, NONE, 49 },
	{ "rtprio=0", PVSCHED_CAP_RTPRIO, 0, 0 },
	{ "rtprio=60:50", PVSCHED_CAP_RTPRIO, 60,
	  50 }, /* the kernel's to refuse */
	{ "rtprio=unlimited", PVSCHED_CAP_RTPRIO, UINT64_MAX, UINT64_MAX },
	{ "rtprio=5:unlimited", PVSCHED_CAP_RTPRIO, 5, UINT64_MAX },
	{ "rtprio=unlimited:", PVSCHED_CAP_RTPRIO, UINT64_MAX, NONE },
	{ "runtime=500", PVSCHED_CAP_RUNTIME, 500, 500 },
	{ "runtime=500us:1ms", PVSCHED_CAP_RUNTIME, 500, 1000 },
	{ "period=100ms:1s", PVSCHED_CAP_PERIOD, 100000, 1000000 },
	{ "nice=-10:-20", PVSCHED_CAP_NICE, 30, 40 },
	{ "nice=19:", PVSCHED_CAP_NICE, 1, NONE },
	{ "nice=20", PVSCHED_CAP_NICE, 0, 0 },
	{ "nice=0:unlimited", PVSCHED_CAP_NICE, 20, UINT64_MAX },
	{ "vcpus=2:4", PVSCHED_CAP_VCPUS, 2, 4 },
	{ "section=500us:5ms", PVSCHED_CAP_SECTION, 500, 5000 },
	{ "kicks=1000", PVSCHED_CAP_KICKS, 1000, 1000 },
	{ "slice=:20ms", PVSCHED_CAP_SLICE, NONE, 20000 },
	{ "slice=0", PVSCHED_CAP_SLICE, 0, 0 },
	{ "slice=18446744073709551613", PVSCHED_CAP_SLICE,
	  18446744073709551613ULL, 18446744073709551613ULL },
};

START_TEST(wishes_good)
{
	struct pvsched_cap_wish wish;
	char why[CAPSPEC_WHY_LEN];

	ck_assert_msg(wish_parse(good[_i].text, &wish, why), "%s: %s",
		      good[_i].text, why);
	ck_assert_int_eq(wish.id, good[_i].id);
	ck_assert_int_eq(wish.has_soft, good[_i].soft != NONE);
	ck_assert_int_eq(wish.has_hard, good[_i].hard != NONE);
	if (wish.has_soft)
		ck_assert_uint_eq(wish.soft, good[_i].soft);
	if (wish.has_hard)
		ck_assert_uint_eq(wish.hard, good[_i].hard);
}
END_TEST

static const char *const bad[] = {
	"",
	"=",
	"rtprio",
	"rtprio=",
	"rtprio=:",
	"nice=",
	"nice=-",
	"nice=--1",
	"nice=-21",
	"nice=21",
	"nice=+1",
	"kicks=-1",
	"kicks=1ms",
	"=10",
	"speed=10",
	"rtpri=10",
	"rtprioo=10",
	"RTPRIO=10",
	" rtprio=10",
	"rtprio=-1",
	"rtprio=+1",
	"rtprio= 1",
	"rtprio=1 ",
	"rtprio=1.5",
	"rtprio=0x10",
	"rtprio=10ms",
	"rtprio=10:20:30",
	"rtprio=1:x",
	"rtprio=x:1",
	"rtprio=unlimitedd",
	"rtprio=unlimite",
	"runtime=ms",
	"runtime=10m",
	"runtime=10 ms",
	"runtime=10msx",
	"runtime=10S",
	"runtime=10sec",
	"rtprio=18446744073709551615",
	"rtprio=18446744073709551616",
	"rtprio=99999999999999999999999999",
	"slice=18446744073709551615",
	"slice=18446744073710s",
	"slice=18446744073709551ms1",
};

START_TEST(wishes_bad)
{
	struct pvsched_cap_wish wish;
	char why[CAPSPEC_WHY_LEN] = "";

	ck_assert_msg(!wish_parse(bad[_i], &wish, why), "accepted: %s",
		      bad[_i]);
	ck_assert_str_ne(why, "");
}
END_TEST

START_TEST(a_long_argument_is_cut)
{
	char text[5000], why[CAPSPEC_WHY_LEN];
	struct pvsched_cap_wish wish;

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	ck_assert(!wish_parse(text, &wish, why));
	memcpy(text, "rtprio=", 7);
	ck_assert(!wish_parse(text, &wish, why));
	text[6] = 'x';
	text[4000] = '=';
	ck_assert(!wish_parse(text, &wish, why));
	ck_assert_uint_lt(strlen(why), sizeof(why));
}
END_TEST

START_TEST(times)
{
	uint64_t us;

	ck_assert(time_parse("500", &us) && us == 500);
	ck_assert(time_parse("20ms", &us) && us == 20000);
	ck_assert(time_parse("0", &us) && us == 0);
	ck_assert(!time_parse("", &us));
	ck_assert(!time_parse("ms", &us));
	ck_assert(!time_parse("5 ms", &us));
	ck_assert(!time_parse("-5ms", &us));
	ck_assert(!time_parse("unlimited", &us));
	ck_assert(!time_parse("18446744073709551615s", &us));
}
END_TEST

START_TEST(targets_good)
{
	struct pvsched_target target;
	char why[CAPSPEC_WHY_LEN], text[TARGET_TEXT_LEN];

	ck_assert(target_parse("host", &target, why));
	ck_assert_str_eq(target.vm, "");
	ck_assert_str_eq(target_text(&target, text), "host");
	ck_assert(target_parse("web-1", &target, why));
	ck_assert_str_eq(target.vm, "web-1");
	ck_assert(!target.has_vcpu);
	ck_assert_str_eq(target_text(&target, text), "web-1");
	ck_assert(target_parse("web-1/4095", &target, why));
	ck_assert_str_eq(target.vm, "web-1");
	ck_assert(target.has_vcpu);
	ck_assert_uint_eq(target.vcpu, 4095);
	ck_assert_str_eq(target_text(&target, text), "web-1/4095");
}
END_TEST

START_TEST(targets_longest)
{
	char name[PVSCHED_NAME_LEN + 1], why[CAPSPEC_WHY_LEN];
	struct pvsched_target target;

	memset(name, 'n', sizeof(name));
	name[PVSCHED_NAME_LEN] = '\0';
	ck_assert(!target_parse(name, &target, why));
	name[PVSCHED_NAME_LEN - 1] = '\0';
	ck_assert(target_parse(name, &target, why));
	ck_assert_str_eq(target.vm, name);
}
END_TEST

static const char *const bad_targets[] = {
	"",	   "/",	    "/0",     "vm/",   "vm/x",
	"vm/4096", "vm/-1", "vm/1/2", "vm/ 1", "vm/18446744073709551617",
};

START_TEST(targets_bad)
{
	struct pvsched_target target;
	char why[CAPSPEC_WHY_LEN] = "";

	ck_assert_msg(!target_parse(bad_targets[_i], &target, why),
		      "accepted: %s", bad_targets[_i]);
	ck_assert_str_ne(why, "");
}
END_TEST

/* What is shown can be typed. */
START_TEST(values_round_trip)
{
	static const uint64_t values[] = {
		0,
		1,
		40,
		999,
		1000,
		1001,
		1500,
		20000,
		999999,
		1000000,
		1000001,
		60000000,
		UINT64_MAX - 1,
		UINT64_MAX,
	};
	unsigned int id;

	for (id = 0; id < PVSCHED_CAP_COUNT; id++) {
		char shown[PVSCHED_TEXT_LEN], text[64], why[CAPSPEC_WHY_LEN];
		struct pvsched_cap_wish wish;

		/* The kernel has no others of it. */
		if (id == PVSCHED_CAP_NICE && values[_i] > 40 &&
		    values[_i] != UINT64_MAX)
			continue;
		pvsched_cap_text(id, values[_i], shown);
		snprintf(text, sizeof(text), "%s=%s", pvsched_cap_name(id),
			 shown);
		ck_assert_msg(wish_parse(text, &wish, why), "%s: %s", text,
			      why);
		ck_assert_uint_eq(wish.soft, values[_i]);
	}
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static Suite *capspec_suite(void)
{
	Suite *suite = suite_create("capspec");
	TCase *wishes = tcase_create("wishes");
	TCase *targets = tcase_create("targets");

	tcase_add_loop_test(wishes, wishes_good, 0, COUNT(good));
	tcase_add_loop_test(wishes, wishes_bad, 0, COUNT(bad));
	tcase_add_test(wishes, a_long_argument_is_cut);
	tcase_add_loop_test(wishes, values_round_trip, 0, 14);
	suite_add_tcase(suite, wishes);
	tcase_add_test(targets, times);
	tcase_add_test(targets, targets_good);
	tcase_add_test(targets, targets_longest);
	tcase_add_loop_test(targets, targets_bad, 0, COUNT(bad_targets));
	suite_add_tcase(suite, targets);
	return suite;
}

int main(void)
{
	return check_run(capspec_suite());
}
