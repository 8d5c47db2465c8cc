// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Numbers of threads that are attached by hand.
 */
#include <check.h>

#include "../../tools/roster.h"
#include "check_run.h"

START_TEST(numbers)
{
	struct roster roster = {};

	ck_assert_int_eq(roster_find(&roster, 100), -1);
	ck_assert(roster_put(&roster, 0, 100));
	ck_assert(roster_put(&roster, 2, 102));
	ck_assert(!roster_put(&roster, 2, 103));
	ck_assert_uint_eq(roster.count, 3);
	ck_assert_int_eq(roster_find(&roster, 102), 2);
	ck_assert_int_eq(roster_free(&roster), 1);
	/* What is not used is found by nobody. */
	ck_assert_int_eq(roster_find(&roster, 101), -1);
	roster_remove(&roster, 2);
	ck_assert_uint_eq(roster.count, 1);
	ck_assert_int_eq(roster_find(&roster, 102), -1);
	roster_remove(&roster, 0);
	ck_assert_uint_eq(roster.count, 0);
}
END_TEST

START_TEST(full)
{
	struct roster roster = {};
	size_t i;

	for (i = 0; i < ROSTER_MAX; i++)
		ck_assert(roster_put(&roster, i, i + 1));
	ck_assert_int_eq(roster_free(&roster), -1);
	ck_assert(!roster_put(&roster, ROSTER_MAX, 1));
	ck_assert(!roster_put(&roster, (size_t)-1, 1));
	roster_remove(&roster, 7);
	ck_assert_int_eq(roster_free(&roster), 7);
	ck_assert_uint_eq(roster.count, ROSTER_MAX);
}
END_TEST

static Suite *roster_suite(void)
{
	Suite *suite = suite_create("roster");
	TCase *tcase = tcase_create("roster");

	tcase_add_test(tcase, numbers);
	tcase_add_test(tcase, full);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return check_run(roster_suite());
}
