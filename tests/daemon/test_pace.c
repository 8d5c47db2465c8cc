// SPDX-License-Identifier: GPL-2.0-or-later
/* How often the kernel is asked. */
#include "../unit/check_run.h"
#include "pace.h"

START_TEST(test_pace)
{
	uint64_t cost;

	ck_assert_uint_eq(pace_seconds(0), 1);
	ck_assert_uint_eq(pace_seconds(1), 1);
	ck_assert_uint_eq(pace_seconds(8000000), 1);
	ck_assert_uint_eq(pace_seconds(8000001), 2);
	ck_assert_uint_eq(pace_seconds(UINT64_MAX), 60);
	for (cost = 1; cost < 400000000; cost += 999983)
		ck_assert_uint_le(cost * 1000,
				  pace_seconds(cost) * 8000000000ULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pace");
	TCase *tcase = tcase_create("pace");

	tcase_add_test(tcase, test_pace);
	suite_add_tcase(suite, tcase);
	return check_run(suite);
}
