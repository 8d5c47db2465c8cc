// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Budgets: runtime in each period, slices and pauses.
 *
 * The property test drives random boosts as the host module does, and holds
 * them against what the caps promise, which it counts on its own.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

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

START_TEST(pause_is_never_shorter)
{
	struct pvsched_limits l = limits(50000, 100000, 1);
	const __u64 now = 1000 * MS;
	struct pvsched_budget b = { 0 };

	l.value[PVSCHED_CAP_SECTION] = 1;
	pvsched_budget_charge(&b, &l, now, US);
	pvsched_section_charge(&b, US);
	pvsched_section_end(&b, &l, now);
	pvsched_budget_boost_end(&b, &l, now);
	ck_assert_uint_eq(pvsched_budget_recovers(&b, &l, now),
			  now + PVSCHED_PAUSE_MIN);
	ck_assert_uint_eq(
		pvsched_section_left(&b, &l, now + PVSCHED_PAUSE_MIN - 1), 0);
	ck_assert_uint_eq(pvsched_section_left(&b, &l, now + PVSCHED_PAUSE_MIN),
			  US);
}
END_TEST

START_TEST(work_is_runtime_and_no_slice)
{
	const struct pvsched_limits l = limits(5000, 100000, 10000);
	const __u64 now = 1000 * MS;
	struct pvsched_budget b = { 0 };

	pvsched_budget_charge_work(&b, &l, now, 4 * MS);
	ck_assert(!pvsched_budget_slice_spent(&b, &l));
	ck_assert_uint_eq(pvsched_budget_left(&b, &l, now), 1 * MS);
	pvsched_budget_charge_work(&b, &l, now + MS, 1 * MS);
	ck_assert_uint_eq(pvsched_budget_left(&b, &l, now + MS), 0);
	ck_assert_uint_eq(pvsched_budget_recovers(&b, &l, now + MS),
			  now + 96 * MS);
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

/*
 * The model: for each microsecond of a run, whether it was boosted, and whether
 * for a section. What is left follows by counting.
 */
#define MODEL_US 60000U

struct model {
	unsigned char boosted[MODEL_US];
	unsigned char section[MODEL_US];
	unsigned int now;
	unsigned int period_start;
	unsigned int boost_start;
	unsigned int section_start;
	unsigned int pause_until;
	unsigned int section_pause_until;
};

static unsigned int count(const unsigned char *list, unsigned int from,
			  unsigned int to)
{
	unsigned int sum = 0;

	while (from < to)
		sum += list[from++];
	return sum;
}

static unsigned int at_most(unsigned int bound, unsigned int used)
{
	return used < bound ? bound - used : 0;
}

static __u64 model_left(const struct model *m, const struct pvsched_limits *l)
{
	unsigned int runtime = l->value[PVSCHED_CAP_RUNTIME];
	unsigned int period = l->value[PVSCHED_CAP_PERIOD];
	unsigned int slice = l->value[PVSCHED_CAP_SLICE];
	unsigned int left;

	if (m->now < m->pause_until)
		return 0;
	left = at_most(slice, count(m->boosted, m->boost_start, m->now));
	if (runtime >= period || !runtime)
		return runtime ? left * US : 0;
	if (m->now - m->period_start < period)
		runtime = at_most(runtime,
				  count(m->boosted, m->period_start, m->now));
	return (left < runtime ? left : runtime) * US;
}

static __u64 model_section_left(const struct model *m,
				const struct pvsched_limits *l)
{
	if (m->now < m->section_pause_until)
		return 0;
	return at_most(l->value[PVSCHED_CAP_SECTION],
		       count(m->section, m->section_start, m->now)) *
	       US;
}

static void model_run(struct model *m, const struct pvsched_limits *l,
		      unsigned int us, bool section)
{
	/* A period begins with the time that is the first beyond the last. */
	if (m->now + us - m->period_start >= l->value[PVSCHED_CAP_PERIOD])
		m->period_start = m->now;
	while (us--) {
		m->boosted[m->now] = 1;
		m->section[m->now++] = section;
	}
}

static unsigned int pause_of(unsigned int slice)
{
	return slice * US > PVSCHED_PAUSE_MIN ? slice : PVSCHED_PAUSE_MIN / US;
}

static void model_section_end(struct model *m, const struct pvsched_limits *l)
{
	unsigned int section = l->value[PVSCHED_CAP_SECTION];

	if (count(m->section, m->section_start, m->now) >= section)
		m->section_pause_until = m->now + pause_of(section);
	m->section_start = m->now;
}

static void model_boost_end(struct model *m, const struct pvsched_limits *l)
{
	unsigned int slice = l->value[PVSCHED_CAP_SLICE];

	if (count(m->boosted, m->boost_start, m->now) >= slice)
		m->pause_until = m->now + pause_of(slice);
	m->boost_start = m->now;
}

static void random_limits(struct pvsched_limits *l)
{
	*l = limits(rand() % 3000, 1000 + rand() % 3000, rand() % 1500);
	l->value[PVSCHED_CAP_SECTION] = rand() % 500;
}

/* One thing that happens to both; at random, also what the caps forbid. */
static void step(struct model *m, struct pvsched_budget *b,
		 struct pvsched_limits *l)
{
	unsigned int us = rand() % 400;
	bool section = rand() % 2;

	switch (rand() % 6) {
	case 0:
		m->now += us;
		break;
	case 1:
		model_boost_end(m, l);
		pvsched_budget_boost_end(b, l, m->now * US);
		break;
	case 2:
		model_section_end(m, l);
		pvsched_section_end(b, l, m->now * US);
		break;
	case 3:
		if (rand() % 8 == 0)
			random_limits(l);
		break;
	default:
		model_run(m, l, us, section);
		pvsched_budget_charge(b, l, m->now * US, us * US);
		if (section)
			pvsched_section_charge(b, us * US);
	}
}

START_TEST(random_sequences_agree_with_the_model)
{
	struct pvsched_budget b = { 0 };
	struct pvsched_limits l;
	static struct model m;

	srand(_i + 1);
	memset(&m, 0, sizeof(m));
	random_limits(&l);
	while (m.now < MODEL_US - 1000) {
		step(&m, &b, &l);
		ck_assert_uint_eq(pvsched_budget_left(&b, &l, m.now * US),
				  model_left(&m, &l));
		ck_assert_uint_eq(pvsched_section_left(&b, &l, m.now * US),
				  model_section_left(&m, &l));
	}
}
END_TEST

/* Doorbells at random times against a list of all that were heard. */
START_TEST(kicks_agree_with_a_list)
{
	static __u64 heard[20000];
	unsigned int round;

	for (round = 0; round < 50; round++) {
		const __u64 limit = rand() % 30;
		const __u64 gap = 1 + rand() % (200 * MS);
		__u64 now = 5000 * MS, second = 0;
		struct pvsched_kicks k = { 0 };
		unsigned int count = 0, i, ring, same;

		for (ring = 0; ring < 400; ring++) {
			now += rand() % gap;
			if (!ring || now - second >= 1000 * MS)
				second = now;
			for (same = 0, i = 0; i < count; i++)
				same += heard[i] >= second;
			ck_assert_int_eq(pvsched_kicks_take(&k, limit, now),
					 same < limit);
			if (same < limit)
				heard[count++] = now;
		}
	}
}
END_TEST

START_TEST(kicks_when_the_clock_steps_back)
{
	struct pvsched_kicks k = { 0 };

	ck_assert(pvsched_kicks_take(&k, 2, 5000 * MS));
	ck_assert(pvsched_kicks_take(&k, 2, 5000 * MS - 1));
	ck_assert(!pvsched_kicks_take(&k, 2, 5000 * MS - 2));
	ck_assert(pvsched_kicks_take(&k, 2, 6000 * MS));
}
END_TEST

/* A lowered cap holds at once, a raised one too. */
START_TEST(kicks_with_a_changed_cap)
{
	struct pvsched_kicks k = { 0 };

	ck_assert(pvsched_kicks_take(&k, 5, 5000 * MS));
	ck_assert(pvsched_kicks_take(&k, 5, 5000 * MS));
	ck_assert(!pvsched_kicks_take(&k, 1, 5000 * MS));
	ck_assert(pvsched_kicks_take(&k, 3, 5000 * MS));
	ck_assert(!pvsched_kicks_take(&k, 0, 7000 * MS));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("budget");
	TCase *tests = tcase_create("budget");

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, starts_full);
	tcase_add_test(tests, slice_then_pause);
	tcase_add_test(tests, pause_is_never_shorter);
	tcase_add_test(tests, work_is_runtime_and_no_slice);
	tcase_add_test(tests, short_boost_needs_no_pause);
	tcase_add_test(tests, runtime_then_next_period);
	tcase_add_test(tests, whole_period_is_no_bound);
	tcase_add_test(tests, zero_is_never);
	tcase_add_test(tests, recovery_is_true);
	tcase_add_test(tests, greedy_guest_gets_no_more_than_its_caps);
	tcase_add_loop_test(tests, random_sequences_agree_with_the_model, 0,
			    60);
	tcase_add_test(tests, kicks_agree_with_a_list);
	tcase_add_test(tests, kicks_when_the_clock_steps_back);
	tcase_add_test(tests, kicks_with_a_changed_cap);
	suite_add_tcase(suite, tests);
	return check_run(suite);
}
