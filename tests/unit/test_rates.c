// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What statistics have grown by between two looks at them.
 */
#include <check.h>
#include <string.h>

#include "../../tools/rates.h"
#include "check_run.h"

#define CAUSE PVSCHED_CAUSE_INTERRUPT

static struct pvsched_vm_info vm_was = { .id = 1, .name = "web-1" };
static struct pvsched_vm_info vm_is[2];
static struct pvsched_vcpu_info vcpu_was[2], vcpu_is[3];
static struct sample was, is;

static void vcpu_make(struct pvsched_vcpu_info *vcpu, uint32_t id,
		      uint64_t boosts)
{
	*vcpu = (struct pvsched_vcpu_info){ .vm_id = 1, .id = id };
	vcpu->stats.boosts[CAUSE] = boosts;
}

static void setup(void)
{
	vm_is[0] = vm_was;
	vm_is[1] = (struct pvsched_vm_info){ .id = 2, .name = "web-2" };
	vcpu_make(&vcpu_was[0], 0, 10);
	vcpu_make(&vcpu_was[1], 1, 20);
	/* In another order, and one of them is new. */
	vcpu_make(&vcpu_is[0], 1, 25);
	vcpu_make(&vcpu_is[1], 0, 11);
	vcpu_make(&vcpu_is[2], 2, 7);
	was = (struct sample){ .time_ns = 1,
			       .vms = { &vm_was, 1 },
			       .vcpus = { vcpu_was, 2 } };
	is = (struct sample){ .time_ns = 2,
			      .vms = { vm_is, 2 },
			      .vcpus = { vcpu_is, 3 } };
}

START_TEST(finds_the_same)
{
	vm_is[1].stats.doorbells = 5;
	sample_subtract(&is, &was);
	ck_assert_uint_eq(vcpu_is[0].stats.boosts[CAUSE], 5);
	ck_assert_uint_eq(vcpu_is[1].stats.boosts[CAUSE], 1);
	ck_assert_uint_eq(vcpu_is[2].stats.boosts[CAUSE], 7);
	ck_assert_uint_eq(vm_is[1].stats.doorbells, 5);
}
END_TEST

START_TEST(subtracts_everything)
{
	struct pvsched_stats_info *before = &vm_was.stats;
	struct pvsched_stats_info *now = &vm_is[0].stats;
	uint64_t *number = (uint64_t *)now;
	size_t reserved = now->reserved - number;
	size_t i;

	/* All of it are counters of 64 bits, but one and what is to come. */
	memset(before, 0, sizeof(*before));
	for (i = 0; i < sizeof(*now) / sizeof(*number); i++) {
		((uint64_t *)before)[i] = 3;
		number[i] = 10;
	}
	sample_subtract(&is, &was);
	for (i = 0; i < sizeof(*now) / sizeof(*number); i++) {
		if (&number[i] == &now->debt_ns || i >= reserved)
			ck_assert_uint_eq(number[i], 10);
		else
			ck_assert_msg(number[i] == 7, "member %zu", i);
	}
	memset(before, 0, sizeof(*before));
}
END_TEST

/* A vCPU that was given back and registered again counts from 0. */
START_TEST(begins_anew)
{
	vcpu_was[0].stats.doorbells = 1000;
	vcpu_is[1].stats.doorbells = 4;
	sample_subtract(&is, &was);
	ck_assert_uint_eq(vcpu_is[1].stats.doorbells, 4);
	ck_assert_uint_eq(vcpu_is[1].stats.boosts[CAUSE], 11);
}
END_TEST

START_TEST(of_nothing)
{
	struct sample none = {};

	sample_subtract(&is, &none);
	ck_assert_uint_eq(vcpu_is[0].stats.boosts[CAUSE], 25);
	sample_subtract(&none, &is);
	ck_assert_uint_eq(none.vms.count, 0);
}
END_TEST

START_TEST(copies)
{
	struct sample copy, none = {};

	ck_assert_int_eq(sample_copy(&copy, &is), 0);
	ck_assert_ptr_ne(copy.vms.vm, is.vms.vm);
	ck_assert_uint_eq(copy.vcpus.count, 3);
	ck_assert_mem_eq(copy.vcpus.vcpu, is.vcpus.vcpu, sizeof(vcpu_is));
	sample_free(&copy);
	ck_assert_int_eq(sample_copy(&copy, &none), 0);
	sample_free(&copy);
}
END_TEST

START_TEST(rates_and_shares)
{
	ck_assert_double_eq(rate_of(50, 2000000000), 25);
	ck_assert_double_eq(rate_of(50, 0), 0);
	ck_assert_double_eq(share_of(500000000, 2000000000), 0.25);
	ck_assert_double_eq(share_of(1, 0), 0);
}
END_TEST

static const struct {
	uint64_t last, now, next;
} times[] = {
	{ 100, 100, 110 }, /* the first */
	{ 110, 113, 120 }, { 110, 109, 120 },
	{ 110, 119, 120 }, { 110, 120, 130 },
	{ 110, 125, 130 }, { 110, 1005, 1010 }, /* it stood still */
};

START_TEST(next_time)
{
	ck_assert_uint_eq(rates_next(times[_i].last, times[_i].now, 10),
			  times[_i].next);
}
END_TEST

static Suite *rates_suite(void)
{
	Suite *suite = suite_create("rates");
	TCase *tcase = tcase_create("rates");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, finds_the_same);
	tcase_add_test(tcase, subtracts_everything);
	tcase_add_test(tcase, begins_anew);
	tcase_add_test(tcase, of_nothing);
	tcase_add_test(tcase, copies);
	tcase_add_test(tcase, rates_and_shares);
	tcase_add_loop_test(tcase, next_time, 0,
			    sizeof(times) / sizeof(times[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return check_run(rates_suite());
}
