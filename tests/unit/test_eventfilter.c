// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which events "pvsched monitor" shows, and what it says of their time.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../tools/eventfilter.h"
#include "check_run.h"

static const struct pvsched_event boost = {
	.group = PVSCHED_GROUP_BOOST,
	.kind = PVSCHED_EVENT_BOOST,
	.vm = "web-1",
	.has_vcpu = true,
	.vcpu = 3,
};

static const struct pvsched_event of_vm = {
	.group = PVSCHED_GROUP_CONFIG,
	.kind = PVSCHED_EVENT_VM_ADD,
	.vm = "web-1",
};

static const struct pvsched_event of_host = {
	.group = PVSCHED_GROUP_CONFIG,
	.kind = PVSCHED_EVENT_DISABLE,
};

static const struct pvsched_event unknown = {
	.group = PVSCHED_GROUP_CONFIG,
	.kind = PVSCHED_EVENT_MAX + 1000,
	.vm = "web-1",
};

static const struct pvsched_event gap = { .gap = true };

/* passes: of boost, of_vm, of_host, unknown, gap in this order */
static const struct {
	const char *vm[2], *vcpu[2], *kind[2];
	const char *passes;
} filters[] = {
	{ {}, {}, {}, "yyyyy" },
	{ { "web-1" }, {}, {}, "yynyy" },
	{ { "web-*" }, {}, {}, "yynyy" },
	{ { "db", "web-?" }, {}, {}, "yynyy" },
	{ { "db" }, {}, {}, "nnnny" },
	{ { "*" }, {}, {}, "yynyy" },
	{ {}, { "3" }, {}, "ynnny" },
	{ {}, { "1", "3" }, {}, "ynnny" },
	{ {}, { "1" }, {}, "nnnny" },
	{ {}, {}, { "boost" }, "ynnny" },
	{ {}, {}, { "disable", "vm-add" }, "nyyny" },
	{ { "web-1" }, { "3" }, { "deboost" }, "nnnny" },
	{ { "web-1" }, { "3" }, { "boost" }, "ynnny" },
};

START_TEST(filters_events)
{
	const struct pvsched_event *events[] = { &boost, &of_vm, &of_host,
						 &unknown, &gap };
	struct event_filter filter = {};
	size_t i;

	for (i = 0; i < 2; i++) {
		if (filters[_i].vm[i])
			ck_assert(event_filter_vm(&filter, filters[_i].vm[i]));
		if (filters[_i].vcpu[i])
			ck_assert(event_filter_vcpu(&filter,
						    filters[_i].vcpu[i]));
		if (filters[_i].kind[i])
			ck_assert(event_filter_kind(&filter,
						    filters[_i].kind[i]));
	}
	for (i = 0; i < 5; i++)
		ck_assert_msg(event_filter_passes(&filter, events[i]) ==
				      (filters[_i].passes[i] == 'y'),
			      "filter %d, event %zu", _i, i);
}
END_TEST

START_TEST(listens_to_what_it_needs)
{
	const unsigned int config = 1U << PVSCHED_GROUP_CONFIG;
	const unsigned int boosts = 1U << PVSCHED_GROUP_BOOST;
	struct event_filter filter = {};

	ck_assert_uint_eq(event_filter_groups(&filter), config | boosts);
	ck_assert(event_filter_kind(&filter, "level"));
	ck_assert_uint_eq(event_filter_groups(&filter), boosts);
	ck_assert(event_filter_kind(&filter, "caps"));
	ck_assert_uint_eq(event_filter_groups(&filter), config | boosts);
	ck_assert(event_filter_group(&filter, "config"));
	ck_assert_uint_eq(event_filter_groups(&filter), config);
	filter = (struct event_filter){};
	ck_assert(event_filter_kind(&filter, "caps"));
	ck_assert_uint_eq(event_filter_groups(&filter), config);
	ck_assert(event_filter_group(&filter, "boost"));
	ck_assert_uint_eq(event_filter_groups(&filter), 0);
}
END_TEST

START_TEST(refuses_what_is_none)
{
	static const char *const vcpus[] = {
		"", "x", "3x", " 3", "-1", "4096", "0x1", "99999999999"
	};
	struct event_filter filter = {};
	size_t i;

	for (i = 0; i < sizeof(vcpus) / sizeof(vcpus[0]); i++)
		ck_assert_msg(!event_filter_vcpu(&filter, vcpus[i]), "'%s'",
			      vcpus[i]);
	ck_assert(!event_filter_kind(&filter, "unknown"));
	ck_assert(!event_filter_kind(&filter, ""));
	ck_assert(!event_filter_group(&filter, "all"));
	ck_assert(!event_filter_vm(&filter, ""));
	for (i = 0; i < EVENT_FILTER_MAX; i++) {
		ck_assert(event_filter_vm(&filter, "a"));
		ck_assert(event_filter_vcpu(&filter, "4095"));
	}
	ck_assert(!event_filter_vm(&filter, "a"));
	ck_assert(!event_filter_vcpu(&filter, "1"));
}
END_TEST

START_TEST(tells_times)
{
	/* It was 2026-11-22 12:00:00 UTC at 100 s. */
	struct event_clock clock = {
		.start_ns = 100000000000,
		.real_ns = 1795348800000000000 - 100000000000,
	};
	char text[EVENT_TIME_LEN];

	setenv("TZ", "UTC-1", 1);
	tzset();
	ck_assert_str_eq(event_time_utc(&clock, 101500000999, text),
			 "2026-11-22T12:00:01.500000Z");
	ck_assert_str_eq(event_time_text(&clock, 101500000000, text),
			 "+1.500000");
	ck_assert_str_eq(event_time_text(&clock, 99500000000, text),
			 "-0.500000");
	ck_assert(event_time_parse("absolute", &clock.form));
	ck_assert_str_eq(event_time_text(&clock, 101500000000, text),
			 "2026-11-22 13:00:01.500000");
	ck_assert(event_time_parse("monotonic", &clock.form));
	ck_assert_str_eq(event_time_text(&clock, 101000001000, text),
			 "101.000001");
	ck_assert(event_time_parse("relative", &clock.form));
	ck_assert_int_eq(clock.form, EVENT_TIME_RELATIVE);
	ck_assert(!event_time_parse("utc", &clock.form));
}
END_TEST

static Suite *filter_suite(void)
{
	Suite *suite = suite_create("eventfilter");
	TCase *tcase = tcase_create("eventfilter");

	tcase_add_loop_test(tcase, filters_events, 0,
			    sizeof(filters) / sizeof(filters[0]));
	tcase_add_test(tcase, listens_to_what_it_needs);
	tcase_add_test(tcase, refuses_what_is_none);
	tcase_add_test(tcase, tells_times);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return check_run(filter_suite());
}
