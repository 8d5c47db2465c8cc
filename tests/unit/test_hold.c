// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For how long boosts are held back.
 */
#include "../../host/hold.h"
#include "check_run.h"

#define SEC 1000000000ULL

static __u64 hold_begin(struct pvsched_hold *hold, __u64 now)
{
	hold->length = pvsched_hold_next(hold, now);
	hold->ended = now + hold->length;
	return hold->length;
}

START_TEST(first)
{
	const struct pvsched_hold none = {};

	ck_assert_uint_eq(pvsched_hold_next(&none, 5), PVSCHED_HOLD_MIN);
	ck_assert_uint_eq(pvsched_hold_next(&none, 5000 * SEC),
			  PVSCHED_HOLD_MIN);
}
END_TEST

START_TEST(doubles_up_to_the_longest)
{
	static const unsigned int lengths[] = { 1, 2, 4, 8, 16, 32, 60, 60 };
	struct pvsched_hold hold = {};
	__u64 now = 100 * SEC;
	size_t i;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		ck_assert_uint_eq(hold_begin(&hold, now), lengths[i] * SEC);
		now = hold.ended + SEC / 2;
	}
}
END_TEST

START_TEST(forgets_when_all_was_well)
{
	struct pvsched_hold hold = { .length = 32 * SEC, .ended = 100 * SEC };

	ck_assert_uint_eq(
		pvsched_hold_next(&hold, hold.ended + PVSCHED_HOLD_MAX - 1),
		PVSCHED_HOLD_MAX);
	ck_assert_uint_eq(
		pvsched_hold_next(&hold, hold.ended + PVSCHED_HOLD_MAX),
		PVSCHED_HOLD_MIN);
}
END_TEST

/* Whatever it is that starves the host, it does so for little of the time. */
START_TEST(boosts_under_attack_are_rare)
{
	const __u64 limit = SEC / 2, end = 3600 * SEC;
	struct pvsched_hold hold = {};
	__u64 now = 0, starved = 0;

	while (now < end) {
		now += limit;
		starved += limit;
		hold_begin(&hold, now);
		now = hold.ended;
	}
	ck_assert_uint_lt(starved * 50, end);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("hold");
	TCase *hold = tcase_create("hold");

	tcase_add_test(hold, first);
	tcase_add_test(hold, doubles_up_to_the_longest);
	tcase_add_test(hold, forgets_when_all_was_well);
	tcase_add_test(hold, boosts_under_attack_are_rare);
	suite_add_tcase(suite, hold);
	return check_run(suite);
}
