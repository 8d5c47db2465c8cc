// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Budgets: runtime in each period, slices and pauses.
 *
 * The property test drives random boosts as the host module does, and holds
 * them against what the caps promise, which it counts on its own.
 */
#include <check.h>
#include <stdlib.h>

#include "../../host/budget.h"
#include "check_run.h"

#define US 1000ULL
#define MS 1000000ULL

static struct pvsched_limits limits(__u64 runtime_us, __u64 period_us,
				    __u64 slice_us)
{
	struct pvsched_limits l = { { 0 } };

	l.value[PVSCHED_CAP_RTPRIO] = 10;
	l.value[PVSCHED_CAP_RUNTIME] = runtime_us;
	l.value[PVSCHED_CAP_PERIOD] = period_us;
	l.value[PVSCHED_CAP_SLICE] = slice_us;
	return l;
}

START_TEST(starts_full)
{
	const struct pvsched_limits l = limits(50000, 100000, 10000);
	struct pvsched_budget b = { 0 };

	ck_assert_uint_eq(pvsched_budget_left(&b, &l, 1000 * MS), 10 * MS);
	ck_assert_uint_eq(pvsched_budget_recovers(&b, &l, 1000 * MS),
			  1000 * MS);
}
END_TEST

START_TEST(slice_then_pause)
{
	const struct pvsched_limits l = limits(50000, 100000, 10000);
	__u64 now = 1000 * MS;
	struct pvsched_budget b = { 0 };

	pvsched_budget_charge(&b, &l, now, 4 * MS);
	ck_assert_uint_eq(pvsched_budget_left(&b, &l, now), 6 * MS);
	ck_assert(!pvsched_budget_slice_spent(&b, &l));
	now += 6 * MS;
	pvsched_budget_charge(&b, &l, now, 6 * MS);
	ck_assert_uint_eq(pvsched_budget_left(&b, &l, now), 0);
	ck_assert(pvsched_budget_slice_spent(&b, &l));
	pvsched_budget_boost_end(&b, &l, now);
	ck_assert_uint_eq(pvsched_budget_left(&b, &l, now), 0);
	ck_assert_uint_eq(pvsched_budget_recovers(&b, &l, now), now + 10 * MS);
	now += 10 * MS;
	ck_assert_uint_eq(pvsched_budget_left(&b, &l, now), 10 * MS);
}
END_TEST

START_TEST(short_boost_needs_no_pause)
{
	const struct pvsched_limits l = limits(50000, 100000, 10000);
	const __u64 now = 1000 * MS;
	struct pvsched_budget b = { 0 };

	pvsched_budget_charge(&b, &l, now, 9 * MS);
	pvsched_budget_boost_end(&b, &l, now);
	ck_assert_uint_eq(pvsched_budget_left(&b, &l, now), 10 * MS);
}
END_TEST

START_TEST(runtime_then_next_period)
{
	const struct pvsched_limits l = limits(5000, 100000, 10000);
	const __u64 now = 1000 * MS;
	struct pvsched_budget b = { 0 };

	pvsched_budget_charge(&b, &l, now, 5 * MS);
	pvsched_budget_boost_end(&b, &l, now);
	ck_assert_uint_eq(pvsched_budget_left(&b, &l, now), 0);
	/* The period began with the boost. */
	ck_assert_uint_eq(pvsched_budget_recovers(&b, &l, now), now + 95 * MS);
	ck_assert_uint_eq(pvsched_budget_left(&b, &l, now + 95 * MS), 5 * MS);
}
END_TEST

START_TEST(whole_period_is_no_bound)
{
	const struct pvsched_limits l = limits(100000, 100000, 10000);
	const __u64 now = 1000 * MS;
	struct pvsched_budget b = { 0 };

	pvsched_budget_charge(&b, &l, now, 500 * MS);
	b.slice_used = 0;
	ck_assert_uint_eq(pvsched_budget_left(&b, &l, now), 10 * MS);
}
END_TEST

START_TEST(zero_is_never)
{
	const struct pvsched_limits none[] = {
		limits(0, 100000, 10000),
		limits(50000, 100000, 0),
		/* Also where the runtime covers the period. */
		limits(0, 0, 10000),
	};
	const struct pvsched_budget b = { 0 };
	unsigned int i;

	for (i = 0; i < sizeof(none) / sizeof(*none); i++) {
		ck_assert_uint_eq(pvsched_budget_left(&b, &none[i], 1000 * MS),
				  0);
		ck_assert(pvsched_budget_recovers(&b, &none[i], 1000 * MS) ==
			  PVSCHED_NEVER);
	}
}
END_TEST

START_TEST(recovery_is_true)
{
	unsigned int round;

	/* At the time it names there is something left, and not before. */
	for (round = 0; round < 20000; round++) {
		const struct pvsched_limits l =
			limits(1 + rand() % 90000, 1000 + rand() % 100000,
			       1 + rand() % 20000);
		struct pvsched_budget b = {
			.period_start = 1000 * MS - rand() % (50 * MS),
			.used = rand() % (100 * MS),
			.pause_until = 1000 * MS + rand() % (20 * MS),
		};
		const __u64 at = pvsched_budget_recovers(&b, &l, 1000 * MS);

		ck_assert(pvsched_budget_left(&b, &l, at) > 0);
		if (at > 1000 * MS)
			ck_assert_uint_eq(pvsched_budget_left(&b, &l, at - 1),
					  0);
	}
}
END_TEST

/* Boost as long as may be, with random gaps; return what was run boosted. */
static __u64 greedy(const struct pvsched_limits *l, __u64 until, __u64 *longest)
{
	struct pvsched_budget b = { 0 };
	__u64 now = 1000 * MS, total = 0, run, left;

	until += now;
	*longest = 0;
	while (now < until) {
		left = pvsched_budget_left(&b, l, now);
		if (!left) {
			pvsched_budget_boost_end(&b, l, now);
			now = pvsched_budget_recovers(&b, l, now);
			continue;
		}
		run = left;
		if (rand() % 2)
			run = 1 + rand() % left;
		now += run;
		total += run;
		pvsched_budget_charge(&b, l, now, run);
		if (b.slice_used > *longest)
			*longest = b.slice_used;
		if (rand() % 4 == 0) {
			pvsched_budget_boost_end(&b, l, now);
			now += rand() % (2 * MS);
		}
	}
	return total;
}

START_TEST(greedy_guest_gets_no_more_than_its_caps)
{
	const __u64 time = 2000 * MS;
	unsigned int round;

	for (round = 0; round < 300; round++) {
		const __u64 period = 1000 + rand() % 100000;
		const __u64 runtime = 1 + rand() % period;
		const __u64 slice = 1 + rand() % 20000;
		const struct pvsched_limits l = limits(runtime, period, slice);
		__u64 longest, total, periods;

		total = greedy(&l, time, &longest);
		periods = time / (period * US) + 2;
		ck_assert_uint_le(longest, slice * US);
		if (runtime < period)
			ck_assert_uint_le(total, periods * runtime * US);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("budget");
	TCase *tests = tcase_create("budget");

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, starts_full);
	tcase_add_test(tests, slice_then_pause);
	tcase_add_test(tests, short_boost_needs_no_pause);
	tcase_add_test(tests, runtime_then_next_period);
	tcase_add_test(tests, whole_period_is_no_bound);
	tcase_add_test(tests, zero_is_never);
	tcase_add_test(tests, recovery_is_true);
	tcase_add_test(tests, greedy_guest_gets_no_more_than_its_caps);
	suite_add_tcase(suite, tests);
	return check_run(suite);
}
