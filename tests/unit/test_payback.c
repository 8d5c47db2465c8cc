// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Payback: in the long run a boosted thread has its fair share.
 *
 * The property test lets a thread compete with others on a CPU that is shared
 * fairly, boosts it at random, and looks at who got what in the end.
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "../../host/payback.h"

#define MS 1000000ULL

START_TEST(debt_is_bounded)
{
	ck_assert_uint_eq(pvsched_debt_boosted(0, 4 * MS, 256), 3 * MS);
	ck_assert_uint_eq(pvsched_debt_boosted(0, 4 * MS, PVSCHED_SHARE_ALL),
			  0);
	ck_assert_uint_eq(pvsched_debt_boosted(PVSCHED_DEBT_MAX, MS, 512),
			  PVSCHED_DEBT_MAX);
	ck_assert_uint_eq(pvsched_debt_boosted(MS, ~0ULL, 512),
			  PVSCHED_DEBT_MAX);
	ck_assert_uint_eq(pvsched_debt_slept(PVSCHED_DEBT_MAX, ~0ULL, 1), 0);
	ck_assert_uint_eq(pvsched_debt_slept(MS, 0, 512), MS);
}
END_TEST

START_TEST(sleep_repays_the_share)
{
	ck_assert_uint_eq(pvsched_debt_slept(5 * MS, 4 * MS, 512), 3 * MS);
	ck_assert_uint_eq(pvsched_debt_slept(5 * MS, 10 * MS, 512), 0);
	ck_assert_uint_eq(pvsched_debt_slept(5 * MS, 40 * MS, 0), 5 * MS);
}
END_TEST

START_TEST(rest_is_bounded)
{
	unsigned int share;
	__u64 debt, rest;

	for (share = 0; share <= PVSCHED_SHARE_ALL; share += 16)
		for (debt = 0; debt <= PVSCHED_DEBT_MAX; debt += MS / 8) {
			rest = pvsched_debt_rest(debt, share);
			ck_assert(!rest || rest >= PVSCHED_REST_MIN);
			ck_assert_uint_le(rest, PVSCHED_REST_MAX);
			/* Never more than what is owed. */
			ck_assert_uint_le(rest * share / PVSCHED_SHARE_ALL,
					  debt);
		}
}
END_TEST

START_TEST(alone_never_rests)
{
	ck_assert_uint_eq(
		pvsched_debt_rest(PVSCHED_DEBT_MAX, PVSCHED_SHARE_ALL), 0);
	ck_assert_uint_eq(
		pvsched_debt_rest(PVSCHED_DEBT_MAX, PVSCHED_SHARE_ALONE), 0);
}
END_TEST

START_TEST(share_follows)
{
	unsigned int i;
	__u32 share = 512;

	ck_assert_uint_eq(pvsched_share_update(300, 0, 0), 300);
	ck_assert_uint_eq(pvsched_share_update(300, ~0ULL, ~0ULL), 300);
	for (i = 0; i < 40; i++)
		share = pvsched_share_update(share, 10 * MS, 30 * MS);
	ck_assert_uint_ge(share, 250);
	ck_assert_uint_le(share, 256);
	for (i = 0; i < 40; i++)
		share = pvsched_share_update(share, 10 * MS, 0);
	ck_assert_uint_ge(share, PVSCHED_SHARE_ALONE);
	/* Never 0, or it would never rest, nor be forgiven. */
	for (i = 0; i < 40; i++)
		share = pvsched_share_update(share, 0, 10 * MS);
	ck_assert_uint_gt(share, 0);
}
END_TEST

/*
 * The share that a thread gets that is boosted for some of the time. Who has
 * run least goes next; one that slept comes back with the lag it had.
 */
static double share_got(double boosted, double others)
{
	double lag = 0, used = 0, total = 0, rest = 0, waited = 0, ran = 0;
	const double tick = 0.1 * MS, fair = 1 / (1 + others);
	__u32 share = 512;
	__u64 debt = 0;

	while (total < 60000 * MS) {
		total += tick;
		if (rand() < boosted * RAND_MAX) {
			used += tick;
			debt = pvsched_debt_boosted(debt, tick, share);
			if (rest <= 0)
				rest = pvsched_debt_rest(debt, share);
			continue;
		}
		if (rest > 0) {
			rest -= tick;
			debt = pvsched_debt_slept(debt, tick, share);
			continue;
		}
		lag += tick * fair;
		if (lag > 0) {
			lag -= tick;
			used += tick;
			ran += tick;
		} else {
			waited += tick;
		}
		if (ran + waited >= 30 * MS) {
			share = pvsched_share_update(share, ran, waited);
			ran = 0;
			waited = 0;
		}
	}
	return used / total;
}

START_TEST(boosts_move_time_and_add_none)
{
	/* Boosted for less than its share of one in three. */
	ck_assert_double_le(fabs(share_got(0, 2) - 1.0 / 3), 0.01);
	ck_assert_double_le(fabs(share_got(0.02, 2) - 1.0 / 3), 0.02);
	ck_assert_double_le(fabs(share_got(0.10, 2) - 1.0 / 3), 0.02);
	ck_assert_double_le(fabs(share_got(0.20, 2) - 1.0 / 3), 0.03);
	/* One in two. */
	ck_assert_double_le(fabs(share_got(0.30, 1) - 0.5), 0.03);
	/* For more than its share: that is what it gets, and hardly more. */
	ck_assert_double_le(share_got(0.50, 2), 0.55);
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
	tcase_add_test(tests, sleep_repays_the_share);
	tcase_add_test(tests, rest_is_bounded);
	tcase_add_test(tests, alone_never_rests);
	tcase_add_test(tests, share_follows);
	tcase_add_test(tests, boosts_move_time_and_add_none);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
