/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every Check program ends with.
 */
#ifndef PVSCHED_CHECK_RUN_H
#define PVSCHED_CHECK_RUN_H

#include <check.h>
#include <stdlib.h>

/* Runs and frees the suite. Return: what main() returns. */
static inline int check_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif /* PVSCHED_CHECK_RUN_H */
