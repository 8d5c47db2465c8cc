// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tuning: each rule of it, and what comes of it on a host that is simulated and on
 * one that was recorded.
 *
 * tune-load.txt has the pressure of a machine with two CPUs, avg10 each second, while
 * tests ran on it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/check_run.h"
#include "tune.h"

#define FLOOR	 5000
#define HARD	 85000
#define STEP	 5000
#define PRESSURE 40

static const struct tune_bounds bounds = { FLOOR, HARD, PRESSURE };

static const struct tune_seen calm = { 0, 0, 5, 0 };
static const struct tune_seen needs = { 3, 1000, 5, 0 };
static const struct tune_seen pressed = { 3, 1000, PRESSURE + 1, 0 };
static const struct tune_seen tripped = { 3, 1000, 5, 1 };

START_TEST(test_up)
{
	struct tune t = { .runtime_us = 20000 };
	unsigned int i;

	ck_assert_int_eq(tune_round(&t, &bounds, &calm), TUNE_KEEP);
	ck_assert_uint_eq(t.runtime_us, 20000);
	ck_assert_int_eq(tune_round(&t, &bounds, &needs), TUNE_NEED);
	ck_assert_uint_eq(t.runtime_us, 20000 + STEP);
	for (i = 0; i < 100; i++)
		tune_round(&t, &bounds, &needs);
	ck_assert_uint_eq(t.runtime_us, HARD);
	ck_assert_int_eq(tune_round(&t, &bounds, &needs), TUNE_KEEP);
}
END_TEST

START_TEST(test_no_reason_to_go_up)
{
	/* Throttled but nothing urgent waited; and the other way round; no slack. */
	static const struct tune_seen seen[] = { { 3, 0, 5, 0 },
						 { 0, 1000, 5, 0 },
						 { 3, 1000, 21, 0 } };
	struct tune t = { .runtime_us = 20000 };
	size_t i;

	for (i = 0; i < sizeof(seen) / sizeof(seen[0]); i++)
		ck_assert_int_eq(tune_round(&t, &bounds, &seen[i]), TUNE_KEEP);
	ck_assert_uint_eq(t.runtime_us, 20000);
}
END_TEST

START_TEST(test_down)
{
	struct tune t = { .runtime_us = 80000 };

	ck_assert_int_eq(tune_round(&t, &bounds, &pressed), TUNE_PRESSURE);
	ck_assert_uint_eq(t.runtime_us, 60000);
	ck_assert_int_eq(tune_round(&t, &bounds, &tripped), TUNE_CANARY);
	ck_assert_uint_eq(t.runtime_us, 30000);
	t.runtime_us = FLOOR;
	ck_assert_int_eq(tune_round(&t, &bounds, &tripped), TUNE_KEEP);
	ck_assert_uint_eq(t.runtime_us, FLOOR);
}
END_TEST

START_TEST(test_ceiling)
{
	struct tune t = { .runtime_us = 80000 };
	unsigned int round;

	tune_round(&t, &bounds, &pressed);
	for (round = 0; round < 5; round++) {
		tune_round(&t, &bounds, &needs);
		ck_assert_uint_le(t.runtime_us, 70000);
	}
	ck_assert_uint_eq(t.runtime_us, 70000);
	/* Not for ever. */
	tune_round(&t, &bounds, &needs);
	ck_assert_uint_eq(t.runtime_us, 75000);
}
END_TEST

START_TEST(test_other_rule)
{
	struct tune t = { .runtime_us = 500000 };

	tune_round(&t, &bounds, &calm);
	ck_assert_uint_eq(t.runtime_us, HARD);
	t.runtime_us = 1;
	tune_round(&t, &bounds, &calm);
	ck_assert_uint_eq(t.runtime_us, FLOOR);
}
END_TEST

START_TEST(test_pressure)
{
	ck_assert_uint_eq(tune_pressure("some avg10=12.34 avg60=1.00"), 12);
	ck_assert_uint_eq(tune_pressure("some avg10=0.99 avg60=1.00"), 0);
	ck_assert_uint_eq(tune_pressure("some avg10=100.00"), 100);
	ck_assert_uint_eq(tune_pressure("some avg10=101.00"), 0);
	ck_assert_uint_eq(tune_pressure("full avg10=12.34"), 0);
	ck_assert_uint_eq(tune_pressure(""), 0);
}
END_TEST

/* What became of a VM over many rounds. */
struct course {
	unsigned int changes; /* in all rounds */
	unsigned int late;    /* in the second half */
	unsigned int turns;   /* from up to down, or down to up */
	uint64_t least, most; /* in the second half */
};

static void course_note(struct course *c, unsigned int round, unsigned int half,
			uint64_t before, uint64_t after, int *direction)
{
	int now = (after > before) - (after < before);

	if (now) {
		c->changes++;
		c->late += round >= half;
		c->turns += *direction && now != *direction;
		*direction = now;
	}
	if (round < half)
		return;
	if (!c->least || after < c->least)
		c->least = after;
	if (after > c->most)
		c->most = after;
}

/*
 * A host on which pressure grows with what the VM may take, and a VM that is
 * throttled as long as it may take less than it needs. All in thousandths of a CPU.
 */
static struct course simulate(unsigned int need, unsigned int others,
			      unsigned int rounds)
{
	struct tune t = { .runtime_us = 20000 };
	struct course c = { 0 };
	unsigned int round;
	int direction = 0;

	for (round = 0; round < rounds; round++) {
		unsigned int may = t.runtime_us / 100;
		unsigned int takes = may < need ? may : need;
		unsigned int load = takes + others;
		struct tune_seen seen = {
			.throttles = may < need,
			.waited_urgent_ns = may<need, .pressure = load> 600 ?
						    (load - 600) / 8 :
						    0,
		};
		uint64_t before = t.runtime_us;

		tune_round(&t, &bounds, &seen);
		course_note(&c, round, rounds / 2, before, t.runtime_us,
			    &direction);
	}
	return c;
}

START_TEST(test_settles_with_slack)
{
	struct course c = simulate(500, 0, 400);

	/* It has what it needs, and not much more. */
	ck_assert_uint_eq(c.late, 0);
	ck_assert_uint_eq(c.turns, 0);
	ck_assert_uint_ge(c.least, 50000);
	ck_assert_uint_le(c.most, 50000 + STEP);
}
END_TEST

START_TEST(test_settles_without_slack)
{
	/* What it needs is not there: pressure passes the bound before. */
	struct course c = simulate(850, 400, 4000);

	ck_assert_uint_ge(c.least, FLOOR);
	ck_assert_uint_lt(c.most, HARD);
	/* In six hours it tries a few times, each time after longer. */
	ck_assert_uint_le(c.turns, 20);
	ck_assert_uint_le(c.late, 60);
}
END_TEST

START_TEST(test_busy_host)
{
	/* Others alone are too much: it ends at the floor, and stays. */
	struct course c = simulate(850, 1200, 400);

	ck_assert_uint_eq(c.late, 0);
	ck_assert_uint_eq(c.turns, 0);
	ck_assert_uint_eq(c.least, FLOOR);
	ck_assert_uint_eq(c.most, FLOOR);
}
END_TEST

/* Whatever comes: never beyond the bounds, never up without slack. */
START_TEST(test_random)
{
	struct tune t = { .runtime_us = 20000 };
	unsigned int round;

	srand(1);
	for (round = 0; round < 100000; round++) {
		struct tune_seen seen = {
			.throttles = rand() % 2,
			.waited_urgent_ns = rand() % 2,
			.pressure = rand() % 101,
			.trips = !(rand() % 20),
		};
		uint64_t before = t.runtime_us;
		enum tune_reason reason = tune_round(&t, &bounds, &seen);

		ck_assert_uint_ge(t.runtime_us, FLOOR);
		ck_assert_uint_le(t.runtime_us, HARD);
		ck_assert_int_eq(reason == TUNE_KEEP, t.runtime_us == before);
		if (t.runtime_us > before)
			ck_assert(!seen.trips && seen.throttles &&
				  seen.pressure <= PRESSURE / 2);
		if (t.runtime_us < before)
			ck_assert(seen.trips || seen.pressure > PRESSURE);
	}
}
END_TEST

/* A VM that always wants more, on the host that was recorded. */
START_TEST(test_recorded)
{
	FILE *file = fopen(TUNE_LOAD, "re");
	struct tune t = { .runtime_us = 20000 };
	struct course c = { 0 };
	unsigned int second = 0, high = 0;
	int direction = 0;
	char line[64];

	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file)) {
		char text[96];
		uint64_t before = t.runtime_us;
		struct tune_seen seen = { 1, 1, 0, 0 };

		if (line[0] == '#' || second++ % TUNE_SECONDS)
			continue;
		snprintf(text, sizeof(text), "some avg10=%s", line);
		seen.pressure = tune_pressure(text);
		high += seen.pressure > PRESSURE;
		tune_round(&t, &bounds, &seen);
		course_note(&c, second, 0, before, t.runtime_us, &direction);
	}
	fclose(file);
	ck_assert_uint_gt(second, 250);
	/* The recording has what it is there for. */
	ck_assert_uint_gt(high, 0);
	/* It comes and goes by itself, within minutes. */
	ck_assert_uint_le(c.turns, 4);
	ck_assert_uint_ge(c.least, FLOOR);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("tune");
	TCase *tcase = tcase_create("tune");

	tcase_add_test(tcase, test_up);
	tcase_add_test(tcase, test_no_reason_to_go_up);
	tcase_add_test(tcase, test_down);
	tcase_add_test(tcase, test_ceiling);
	tcase_add_test(tcase, test_other_rule);
	tcase_add_test(tcase, test_pressure);
	tcase_add_test(tcase, test_settles_with_slack);
	tcase_add_test(tcase, test_settles_without_slack);
	tcase_add_test(tcase, test_busy_host);
	tcase_add_test(tcase, test_random);
	tcase_add_test(tcase, test_recorded);
	suite_add_tcase(suite, tcase);
	return check_run(suite);
}
