// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Payback: in the long run a boosted thread has what its weight gives it.
 *
 * The property test lets a thread compete with others on a CPU that is shared by
 * weight, boosts it at random, and looks at who got what in the end.
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "../../host/payback.h"

#define MS	1000000ULL

START_TEST(debt_is_bounded)
{
	ck_assert_uint_eq(pvsched_debt_boosted(0, 3 * MS), 3 * MS);
	ck_assert_uint_eq(pvsched_debt_boosted(PVSCHED_DEBT_MAX, MS),
			  PVSCHED_DEBT_MAX);
	ck_assert_uint_eq(pvsched_debt_boosted(MS, ~0ULL), PVSCHED_DEBT_MAX);
	ck_assert_uint_eq(pvsched_debt_ran(PVSCHED_DEBT_MAX, ~0ULL, 4), 0);
	ck_assert_uint_eq(pvsched_debt_slept(PVSCHED_DEBT_MAX, ~0ULL), 0);
}
END_TEST

START_TEST(same_weight_repays_nothing)
{
	ck_assert_uint_eq(pvsched_debt_ran(5 * MS, 100 * MS, 0), 5 * MS);
	ck_assert_uint_eq(pvsched_debt_ran(5 * MS, 100 * MS, -3), 5 * MS);
}
END_TEST

START_TEST(surcharge_is_that_of_the_weights)
{
	const __u64 ran = 1000000, debt = PVSCHED_DEBT_MAX;
	int steps;

	for (steps = 1; steps <= 20; steps++) {
		const double want = ran * (pow(1.25, steps) - 1);
		const double paid = debt - pvsched_debt_ran(debt, ran, steps);

		if (want < debt)
			ck_assert_double_le(fabs(paid - want) / want, 0.005);
	}
}
END_TEST

START_TEST(nice_gets_worse_with_debt)
{
	int nice = -21, worse;
	__u64 debt;

	ck_assert_int_eq(pvsched_debt_nice(0, 3), 3);
	ck_assert_int_eq(pvsched_debt_nice(PVSCHED_DEBT_MIN - 1, 3), 3);
	for (debt = 0; debt <= PVSCHED_DEBT_MAX; debt += MS / 4) {
		worse = pvsched_debt_nice(debt, -20);
		ck_assert_int_ge(worse, nice);
		nice = worse;
		ck_assert_int_le(pvsched_debt_nice(debt, 10), PVSCHED_NICE_LEAST);
	}
	ck_assert_int_gt(nice, -20);
	ck_assert_int_eq(pvsched_debt_nice(PVSCHED_DEBT_MAX, 19), 19);
}
END_TEST

/* The share that a thread gets that is boosted for some of the time. */
static double share(double boosted, double others)
{
	double vruntime = 0, other = 0, used = 0, total = 0;
	const double tick = 0.1 * MS;
	__u64 debt = 0;
	int nice = 0;

	while (total < 60000 * MS) {
		total += tick;
		if (rand() < boosted * RAND_MAX) {
			used += tick;
			debt = pvsched_debt_boosted(debt, tick);
			nice = pvsched_debt_nice(debt, 0);
		} else if (vruntime <= other) {
			used += tick;
			vruntime += tick * pow(1.25, nice);
			debt = pvsched_debt_ran(debt, tick, nice);
			if (!debt)
				nice = 0;
		} else {
			other += tick / others;
		}
	}
	return used / total;
}

START_TEST(boosts_move_time_and_add_none)
{
	/* Boosted for less than its share of one in three. */
	ck_assert_double_le(fabs(share(0, 2) - 1.0 / 3), 0.01);
	ck_assert_double_le(fabs(share(0.02, 2) - 1.0 / 3), 0.01);
	ck_assert_double_le(fabs(share(0.10, 2) - 1.0 / 3), 0.01);
	ck_assert_double_le(fabs(share(0.20, 2) - 1.0 / 3), 0.015);
	/* One in two. */
	ck_assert_double_le(fabs(share(0.30, 1) - 0.5), 0.015);
	/* For more than its share: that is what it gets, and hardly more. */
	ck_assert_double_le(share(0.50, 2), 0.52);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("payback");
	TCase *tests = tcase_create("payback");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, debt_is_bounded);
	tcase_add_test(tests, same_weight_repays_nothing);
	tcase_add_test(tests, surcharge_is_that_of_the_weights);
	tcase_add_test(tests, nice_gets_worse_with_debt);
	tcase_add_test(tests, boosts_move_time_and_add_none);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
