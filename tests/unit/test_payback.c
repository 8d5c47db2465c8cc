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
#include "check_run.h"

#define MS 1000000ULL

static struct pvsched_window window(__u64 ran, __u64 waited, __u64 slept)
{
	return (struct pvsched_window){ ran, waited, slept };
}

START_TEST(debt_is_bounded)
{
	const struct pvsched_window forever = window(0, 0, ~0ULL);

	ck_assert_uint_eq(pvsched_debt_boosted(0, 4 * MS, 256), 3 * MS);
	ck_assert_uint_eq(pvsched_debt_boosted(0, 4 * MS, PVSCHED_SHARE_ALL),
			  0);
	ck_assert_uint_eq(pvsched_debt_boosted(PVSCHED_DEBT_MAX, MS, 512),
			  PVSCHED_DEBT_MAX);
	ck_assert_uint_eq(pvsched_debt_boosted(MS, ~0ULL, 512),
			  PVSCHED_DEBT_MAX);
	ck_assert_int_eq(pvsched_debt_repaid(PVSCHED_DEBT_MAX, 1, &forever),
			 -PVSCHED_CREDIT_MAX);
}
END_TEST

START_TEST(what_was_given_up_is_repaid)
{
	struct pvsched_window w = window(10 * MS, 20 * MS, 30 * MS);

	/* Half of 60 ms were due, 10 it had. */
	ck_assert_uint_eq(pvsched_debt_repaid(50 * MS, 512, &w), 30 * MS);
	ck_assert_int_eq(pvsched_debt_repaid(15 * MS, 512, &w), -5000000);
	/* It had more than what was due. */
	ck_assert_uint_eq(pvsched_debt_repaid(15 * MS, 64, &w), 15 * MS);
	w = window(0, 0, 0);
	ck_assert_uint_eq(pvsched_debt_repaid(15 * MS, 512, &w), 15 * MS);
}
END_TEST

START_TEST(little_sleep_is_no_rest)
{
	struct pvsched_window w = window(10 * MS, 30 * MS, 0);

	ck_assert(!pvsched_window_rested(&w));
	w.slept = MS;
	ck_assert(!pvsched_window_rested(&w));
	w.slept = 10 * MS;
	ck_assert(pvsched_window_rested(&w));
	w = window(0, 0, MS);
	ck_assert(pvsched_window_rested(&w));
	w = window(~0ULL, ~0ULL, ~0ULL);
	ck_assert(pvsched_window_rested(&w));
}
END_TEST

START_TEST(rests_are_for_debtors)
{
	unsigned int windows, rests = 0;

	for (windows = 0; windows < 600; windows++) {
		ck_assert_uint_eq(
			pvsched_debt_rest(PVSCHED_DEBT_MIN - 1, 300, windows),
			0);
		ck_assert_uint_eq(pvsched_debt_rest(PVSCHED_DEBT_MAX,
						    PVSCHED_SHARE_ALONE,
						    windows),
				  0);
		rests += !!pvsched_debt_rest(PVSCHED_DEBT_MAX, 300, windows);
	}
	/* Most of the time, but the share has to be measured too. */
	ck_assert_uint_gt(rests, 500);
	ck_assert_uint_lt(rests, 600);
}
END_TEST

/* The share is measured without rests, and not right after one. */
START_TEST(no_rest_spoils_the_share)
{
	unsigned int windows, settled = 0;

	for (windows = 1; windows < 600; windows++) {
		if (!pvsched_window_settled(windows))
			continue;
		settled++;
		ck_assert_uint_eq(
			pvsched_debt_rest(PVSCHED_DEBT_MAX, 300, windows), 0);
		ck_assert_uint_eq(
			pvsched_debt_rest(PVSCHED_DEBT_MAX, 300, windows - 1),
			0);
	}
	ck_assert_uint_gt(settled, 40);
}
END_TEST

START_TEST(share_follows)
{
	struct pvsched_window w = window(0, 0, 0);
	unsigned int i;
	__u32 share = 512;

	ck_assert_uint_eq(pvsched_share_update(300, &w), 300);
	w = window(10 * MS, 30 * MS, 0);
	for (i = 0; i < 40; i++)
		share = pvsched_share_update(share, &w);
	ck_assert_uint_ge(share, 250);
	ck_assert_uint_le(share, 256);
	w = window(10 * MS, 0, 0);
	for (i = 0; i < 40; i++)
		share = pvsched_share_update(share, &w);
	ck_assert_uint_ge(share, PVSCHED_SHARE_ALONE);
	ck_assert_uint_le(share, PVSCHED_SHARE_ALL);
	/* Never 0, or nothing would ever be repaid. */
	w = window(0, 10 * MS, 0);
	for (i = 0; i < 40; i++)
		share = pvsched_share_update(share, &w);
	ck_assert_uint_gt(share, 0);
	w = window(~0ULL, ~0ULL, 0);
	ck_assert_uint_le(pvsched_share_update(share, &w), PVSCHED_SHARE_ALL);
}
END_TEST

/*
 * The share that a thread gets that is boosted for a millisecond, some of the
 * time. Who has run least goes next; one that sleeps while it has run too much
 * keeps that lag until it would have been its turn, then it stands still.
 */
static double share_got(double boosted, double others)
{
	const double tick = 0.1 * MS, fair = 1 / (1 + others);
	double lag = 0, used = 0, total = 0, rest = 0, boost = 0;
	struct pvsched_window w = window(0, 0, 0);
	unsigned int windows = 0;
	__u32 share = 512;
	__s64 debt = 0;

	while (total < 120000 * MS) {
		total += tick;
		if (boost <= 0 && rand() < boosted / 10 * RAND_MAX)
			boost = MS;
		if (boost > 0) {
			boost -= tick;
			used += tick;
			debt = pvsched_debt_boosted(debt, tick, share);
			if (boost <= 0)
				rest = pvsched_debt_rest(debt, share, windows);
		} else if (rest > 0) {
			rest -= tick;
			w.slept += tick;
			lag += lag < 0 ? tick * fair : 0;
		} else if (lag >= 0) {
			lag += tick * (fair - 1);
			used += tick;
			w.ran += tick;
		} else {
			lag += tick * fair;
			w.waited += tick;
		}
		if (w.ran + w.waited + w.slept < PVSCHED_WINDOW)
			continue;
		if (pvsched_window_rested(&w))
			debt = pvsched_debt_repaid(debt, share, &w);
		else if (pvsched_window_settled(windows))
			share = pvsched_share_update(share, &w);
		windows++;
		w = window(0, 0, 0);
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
	/* For almost all of it. */
	ck_assert_double_le(fabs(share_got(0.30, 2) - 1.0 / 3), 0.04);
	/* One in two. */
	ck_assert_double_le(fabs(share_got(0.20, 1) - 0.5), 0.03);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("payback");
	TCase *tests = tcase_create("payback");

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, debt_is_bounded);
	tcase_add_test(tests, what_was_given_up_is_repaid);
	tcase_add_test(tests, little_sleep_is_no_rest);
	tcase_add_test(tests, rests_are_for_debtors);
	tcase_add_test(tests, no_rest_spoils_the_share);
	tcase_add_test(tests, share_follows);
	tcase_add_test(tests, boosts_move_time_and_add_none);
	suite_add_tcase(suite, tests);
	return check_run(suite);
}
