// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Statistics: which bucket counts a time, what sums have, what a reader makes
 * of a histogram.
 */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <pvsched/client.h>

#include "../../host/stats.h"
#include "check_run.h"

static const struct {
	__u64 time;
	unsigned int bucket;
} edges[] = {
	{ 0, 0 },
	{ 1, 0 },
	{ 1023, 0 },
	{ 1024, 1 },
	{ 2047, 1 },
	{ 2048, 2 },
	{ (1ULL << 31) - 1, 21 },
	{ 1ULL << 31, 22 },
	{ (1ULL << 32) - 1, 22 },
	{ 1ULL << 32, 23 },
	{ 1ULL << 33, 23 },
	{ UINT64_MAX, 23 },
};

START_TEST(edges_of_buckets)
{
	size_t i;

	for (i = 0; i < sizeof(edges) / sizeof(edges[0]); i++)
		ck_assert_uint_eq(pvsched_hist_bucket(edges[i].time),
				  edges[i].bucket);
}
END_TEST

/* The kernel's buckets are those that the reader thinks they are. */
START_TEST(bounds_are_what_the_reader_thinks)
{
	unsigned int i;

	for (i = 0; i < PVSCHED_HIST_BUCKETS - 1; i++) {
		__u64 bound = pvsched_hist_bound(i);

		ck_assert_uint_eq(pvsched_hist_bucket(bound - 1), i);
		ck_assert_uint_eq(pvsched_hist_bucket(bound), i + 1);
	}
	ck_assert_uint_eq(pvsched_hist_bound(i), UINT64_MAX);
}
END_TEST

START_TEST(a_clock_that_steps_back)
{
	struct pvsched_hist hist = { 0 };

	pvsched_hist_add(&hist, 1000, 999);
	ck_assert_uint_eq(hist.sum, 0);
	ck_assert_uint_eq(hist.count[0], 1);
}
END_TEST

START_TEST(empty_ones_at_the_end)
{
	struct pvsched_hist hist = { 0 };

	ck_assert_uint_eq(pvsched_hist_used(&hist), 0);
	pvsched_hist_add(&hist, 0, 5000);
	ck_assert_uint_eq(pvsched_hist_used(&hist), 4);
	pvsched_hist_add(&hist, 0, UINT64_MAX);
	ck_assert_uint_eq(pvsched_hist_used(&hist), PVSCHED_HIST_BUCKETS);
}
END_TEST

/* Each counter of each of two vCPUs is in the sum, and nowhere else. */
START_TEST(sums_have_every_counter)
{
	enum { COUNT = sizeof(struct pvsched_stats) / sizeof(__u64) };
	struct pvsched_stats one, two, sum = { .doorbells = 0 };
	__u64 *a = (__u64 *)&one, *b = (__u64 *)&two;
	unsigned int i;

	for (i = 0; i < COUNT; i++) {
		a[i] = i + 1;
		b[i] = 1000ULL * (i + 1) << 32;
	}
	pvsched_stats_add(&sum, &one);
	pvsched_stats_add(&sum, &two);
	for (i = 0; i < COUNT; i++)
		ck_assert_uint_eq(((__u64 *)&sum)[i], a[i] + b[i]);
	ck_assert_uint_eq(sum.deboost_latency.count[PVSCHED_HIST_BUCKETS - 1],
			  a[COUNT - 1] + b[COUNT - 1]);
}
END_TEST

static __u64 some_time(void)
{
	__u64 time = (__u64)random() << 31 | (__u64)random();

	return time >> (random() % 62);
}

static int compare(const void *a, const void *b)
{
	const __u64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* A quantile is the bound of the bucket that has the sorted times' one. */
static void quantiles_check(size_t count)
{
	static const unsigned int thousandths[] = { 0, 1, 500, 990, 999, 1000 };
	struct pvsched_hist_info info;
	struct pvsched_hist hist = { 0 };
	__u64 times[1000], sum = 0;
	size_t i, at;

	for (i = 0; i < count; i++) {
		times[i] = some_time();
		sum += times[i];
		pvsched_hist_add(&hist, 7, 7 + times[i]);
	}
	qsort(times, count, sizeof(times[0]), compare);
	info.sum_ns = hist.sum;
	memcpy(info.bucket, hist.count, sizeof(info.bucket));
	ck_assert_uint_eq(pvsched_hist_count(&info), count);
	ck_assert_uint_eq(pvsched_hist_average(&info), sum / count);
	for (i = 0; i < sizeof(thousandths) / sizeof(thousandths[0]); i++) {
		at = (count * thousandths[i] + 999) / 1000;
		at = at ? at - 1 : 0;
		ck_assert_uint_eq(
			pvsched_hist_quantile(&info, thousandths[i]),
			pvsched_hist_bound(pvsched_hist_bucket(times[at])));
	}
}

START_TEST(quantiles_bound_the_sorted_times)
{
	unsigned int round;

	srandom(1);
	for (round = 0; round < 50; round++)
		quantiles_check(1 + random() % 1000);
}
END_TEST

START_TEST(nothing_of_an_empty_histogram)
{
	const struct pvsched_hist_info info = { .sum_ns = 0 };

	ck_assert_uint_eq(pvsched_hist_quantile(&info, 500), 0);
	ck_assert_uint_eq(pvsched_hist_average(&info), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("stats");
	TCase *tests = tcase_create("stats");

	tcase_add_test(tests, edges_of_buckets);
	tcase_add_test(tests, bounds_are_what_the_reader_thinks);
	tcase_add_test(tests, a_clock_that_steps_back);
	tcase_add_test(tests, empty_ones_at_the_end);
	tcase_add_test(tests, sums_have_every_counter);
	tcase_add_test(tests, quantiles_bound_the_sorted_times);
	tcase_add_test(tests, nothing_of_an_empty_histogram);
	suite_add_tcase(suite, tests);
	return check_run(suite);
}
