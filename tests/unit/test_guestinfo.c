// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The vCPUs of a guest, from a directory like the one in sysfs.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guestinfo.h"

static char dir[] = "/tmp/test-guestinfo.XXXXXX";

static void file_write(const char *cpu, const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, cpu);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%s/pvsched", dir, cpu);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%s/pvsched/%s", dir, cpu, name);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
}

static void dir_make(void)
{
	strcpy(dir, "/tmp/test-guestinfo.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void dir_remove(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -r %s", dir);
	ck_assert_int_eq(system(command), 0);
}

START_TEST(reads_what_is_there)
{
	struct guest_cpus cpus;
	char why[GUESTINFO_WHY_LEN];

	file_write("cpu10", "running", "21\n");
	file_write("cpu2", "running", "72\n");
	file_write("cpu2", "taken", "512\n");
	file_write("cpu2", "cache_id", "4294967295\n");
	file_write("cpufreq", "running", "1\n");
	file_write("cpu3x", "running", "1\n");
	file_write("cpu4", "waiter", "1\n");
	file_write("cpu5", "running", "nonsense\n");
	ck_assert_int_eq(guest_cpus_read(dir, &cpus, why), 0);
	ck_assert_uint_eq(cpus.count, 2);
	ck_assert_uint_eq(cpus.cpu[0].cpu, 2);
	ck_assert_uint_eq(cpus.cpu[0].value[GUEST_RUNNING], 72);
	ck_assert_uint_eq(cpus.cpu[0].value[GUEST_TAKEN], 512);
	ck_assert_uint_eq(cpus.cpu[0].value[GUEST_CACHE_ID], 4294967295U);
	ck_assert_uint_eq(cpus.cpu[0].value[GUEST_CAPACITY], 0);
	ck_assert_uint_eq(cpus.cpu[1].cpu, 10);
	guest_cpus_free(&cpus);
}
END_TEST

START_TEST(says_why_not)
{
	struct guest_cpus cpus;
	char why[GUESTINFO_WHY_LEN];

	ck_assert_int_eq(guest_cpus_read(dir, &cpus, why), -1);
	ck_assert_ptr_nonnull(strstr(why, "virtio_pvsched"));
	ck_assert_int_eq(guest_cpus_read("/nonexistent", &cpus, why), -1);
	ck_assert_ptr_nonnull(strstr(why, "/nonexistent: No such file"));
}
END_TEST

static unsigned int left(unsigned int capacity, unsigned int taken)
{
	const struct guest_cpu cpu = {
		.value = { [GUEST_CAPACITY] = capacity, [GUEST_TAKEN] = taken }
	};

	return guest_cpu_left(&cpu);
}

START_TEST(what_is_left)
{
	ck_assert_uint_eq(left(1024, 0), 1024);
	ck_assert_uint_eq(left(1024, 1024), 0);
	ck_assert_uint_eq(left(512, 512), 256);
	/* Unknown, or nonsense. */
	ck_assert_uint_eq(left(0, 512), 512);
	ck_assert_uint_eq(left(4000000000U, 4000000000U), 1024);
}
END_TEST

START_TEST(the_best_of_those_allowed)
{
	struct guest_cpu cpu[] = {
		{ .cpu = 0, .value = { [GUEST_TAKEN] = 600 } },
		{ .cpu = 1, .value = { [GUEST_TAKEN] = 100 } },
		{ .cpu = 2, .value = { [GUEST_TAKEN] = 100 } },
		{ .cpu = 5000 },
	};
	const struct guest_cpus cpus = { cpu, 4 };
	cpu_set_t allowed;

	CPU_ZERO(&allowed);
	ck_assert_ptr_null(guest_cpu_best(&cpus, &allowed));
	CPU_SET(0, &allowed);
	ck_assert_uint_eq(guest_cpu_best(&cpus, &allowed)->cpu, 0);
	CPU_SET(1, &allowed);
	CPU_SET(2, &allowed);
	ck_assert_uint_eq(guest_cpu_best(&cpus, &allowed)->cpu, 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("guestinfo");
	TCase *tcase = tcase_create("all");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, dir_make, dir_remove);
	tcase_add_test(tcase, reads_what_is_there);
	tcase_add_test(tcase, says_why_not);
	tcase_add_test(tcase, what_is_left);
	tcase_add_test(tcase, the_best_of_those_allowed);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
