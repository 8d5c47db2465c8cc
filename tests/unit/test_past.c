// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a history says that VMs have counted.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../daemon/history/history.h"
#include "../../daemon/history/write.h"
#include "../../tools/past.h"
#include "check_run.h"

#define NS_PER_S 1000000000ULL
#define SAMPLES	 10

static char directory[32], path[64];
static struct history *history;
static struct history_time now;
static struct sample growth;
static struct past_span span;

/* It ends with what is now, so all of it is within the last minute. */
static void setup(void)
{
	char why[HISTORY_WHY_LEN];
	struct timespec real;

	strcpy(directory, "/tmp/past-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/history", directory);
	clock_gettime(CLOCK_REALTIME, &real);
	now = (struct history_time){
		.real_ns = (real.tv_sec - SAMPLES) * NS_PER_S,
		.mono_ns = 500 * NS_PER_S,
		.boot = 1,
	};
	ck_assert_msg(!history_start(&history, path, 8, why), "%s", why);
}

static void teardown(void)
{
	sample_free(&growth);
	history_stop(history);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(directory), 0);
}

/* A second in which a VM with a vCPU had counted that much. */
static void second(uint32_t id, const char *name, uint64_t boosts)
{
	struct pvsched_vm_info vm = { .id = id, .uid = 107 };
	struct pvsched_vcpu_info vcpu = { .vm_id = id, .id = 3 };

	strcpy(vm.name, name);
	strcpy(vcpu.vm, name);
	vm.stats.boosts[0] = vcpu.stats.boosts[0] = boosts;
	vm.stats.boosted_ns = vcpu.stats.boosted_ns = boosts * 1000;
	history_begin(history, &now);
	history_add_vm(history, &vm);
	history_add_vcpu(history, &vcpu);
	ck_assert_uint_eq(history_end(history), 0);
	now.real_ns += NS_PER_S;
	now.mono_ns += NS_PER_S;
}

static void read_all(void)
{
	char why[PAST_WHY_LEN];

	ck_assert_msg(!past_growth(path, 60, NULL, &growth, &span, why), "%s",
		      why);
	ck_assert_uint_eq(span.damaged, 0);
}

static uint64_t boosts_of(const char *name)
{
	size_t i, j, vcpus = 0;

	for (i = 0; i < growth.vms.count; i++) {
		const struct pvsched_vm_info *vm = &growth.vms.vm[i];

		if (strcmp(vm->name, name) != 0)
			continue;
		for (j = 0; j < growth.vcpus.count; j++)
			vcpus += vcpu_is_of(&growth.vcpus.vcpu[j], vm);
		ck_assert_uint_eq(vcpus, 1);
		return vm->stats.boosts[PAST_CAUSE];
	}
	ck_abort_msg("no VM %s", name);
}

START_TEST(grows)
{
	second(1, "web", 5);
	second(1, "web", 9);
	read_all();
	ck_assert_uint_eq(boosts_of("web"), 4);
}
END_TEST

START_TEST(another_module)
{
	second(1, "web", 5);
	second(1, "web", 9);
	/* The module was loaded anew, and its first VM is another one. */
	second(1, "db", 20);
	second(1, "db", 21);
	read_all();
	ck_assert_uint_eq(growth.vms.count, 2);
	ck_assert_uint_eq(boosts_of("web"), 4);
	ck_assert_uint_eq(boosts_of("db"), 21);
}
END_TEST

START_TEST(same_name_again)
{
	second(1, "web", 5);
	second(1, "web", 9);
	second(1, "web", 2);
	read_all();
	ck_assert_uint_eq(boosts_of("web"), 6);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("past");
	TCase *tcase = tcase_create("past");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, grows);
	tcase_add_test(tcase, another_module);
	tcase_add_test(tcase, same_name_again);
	suite_add_tcase(suite, tcase);
	return check_run(suite);
}
