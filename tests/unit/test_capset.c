// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * set-cap against a kernel that answers by a script: what is reported as done was
 * done, what was refused is told, and a dry run sets nothing.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../tools/capchange.h"
#include "../../tools/json.h"
#include "../../tools/view.h"
#include "check_run.h"
#include "fake_kernel.h"

static struct fake_kernel *kernel;
static struct pvsched_client *client;
static struct cap_changes changes;

/* What the kernel refuses. */
static bool no_caps, no_vcpus;
static unsigned int sets, gets, vcpus;
static int caps_left; /* it answers so many requests for caps; -1: all */

static void cap_put(struct nl_msg *msg, int type, uint64_t soft)
{
	struct nlattr *nest = nla_nest_start(msg, type);

	nla_put_u32(msg, PVSCHED_A_CAP_ID, PVSCHED_CAP_RTPRIO);
	nla_put_u64(msg, PVSCHED_A_CAP_SOFT, soft);
	nla_put_u64(msg, PVSCHED_A_CAP_HARD, 49);
	nla_nest_end(msg, nest);
}

static void caps_send(struct fake_kernel *to, uint8_t command)
{
	struct nl_msg *msg = fake_message(command);

	cap_put(msg, PVSCHED_A_CAPS_CAP,
		command == PVSCHED_CMD_CAP_SET ? 7 : 10);
	if (command == PVSCHED_CMD_CAP_SET)
		cap_put(msg, PVSCHED_A_CAPS_OLD, 10);
	fake_send(to, msg, 0);
	fake_ack(to, 0, NULL);
}

static void vcpu_send(struct fake_kernel *to, unsigned int id)
{
	struct nl_msg *msg = fake_message(PVSCHED_CMD_VCPU_GET);
	struct nlattr *nest;

	nla_put_string(msg, PVSCHED_A_VCPU_VM, "web-1");
	nla_put_u32(msg, PVSCHED_A_VCPU_ID, id);
	nest = nla_nest_start(msg, PVSCHED_A_VCPU_BINDING);
	nla_put_u32(msg, PVSCHED_A_CAP_ID, PVSCHED_CAP_RTPRIO);
	nla_put_u32(msg, PVSCHED_A_CAP_LEVEL, PVSCHED_CAP_LEVEL_VM);
	nla_put_u64(msg, PVSCHED_A_CAP_SOFT, 7);
	nla_nest_end(msg, nest);
	fake_send(to, msg, NLM_F_MULTI);
}

static void vcpus_send(struct fake_kernel *to)
{
	unsigned int id;

	for (id = 0; id < vcpus; id++)
		vcpu_send(to, id);
	fake_done(to, 0);
}

static void answer(struct fake_kernel *to, uint8_t command, unsigned int count,
		   void *arg)
{
	(void)count;
	(void)arg;
	sets += command == PVSCHED_CMD_CAP_SET;
	gets += command == PVSCHED_CMD_CAP_GET;
	if (command == PVSCHED_CMD_VCPU_GET && no_vcpus)
		fake_ack(to, -ENOMEM, "no memory for that");
	else if (command == PVSCHED_CMD_VCPU_GET)
		vcpus_send(to);
	else if (no_caps)
		fake_ack(to, -EPERM, "the hard cap may not be raised");
	else if (!caps_left)
		fake_ack(to, -ENOENT, "no VM web-1");
	else
		caps_send(to, command);
	if (command == PVSCHED_CMD_CAP_GET && caps_left > 0)
		caps_left--;
}

static void setup(void)
{
	static const struct pvsched_target target = { .vm = "web-1" };

	no_caps = no_vcpus = false;
	sets = gets = 0;
	caps_left = -1;
	vcpus = 1;
	kernel = fake_start(answer, NULL);
	client = fake_client(kernel);
	ck_assert_int_eq(cap_changes_init(&changes, &target, 1), 0);
}

static void teardown(void)
{
	cap_changes_free(&changes);
	pvsched_client_close(client);
	fake_stop(kernel);
}

static bool make(void)
{
	static const struct pvsched_cap_wish wish = {
		.id = PVSCHED_CAP_RTPRIO,
		.has_soft = true,
		.soft = 7,
	};

	return cap_changes_make(client, &changes, &wish, 1);
}

/* Text and JSON, in that order. */
static void expect_output(const char *expected)
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	ck_assert_int_eq(view_caps_changes(&changes, to), 0);
	ck_assert_int_eq(json_print_line(json_caps_set(&changes), to), 0);
	fclose(to);
	ck_assert_str_eq(text, expected);
	free(text);
}

START_TEST(sets_and_tells_what_binds)
{
	ck_assert(make());
	ck_assert_uint_eq(sets, 1);
	expect_output(
		"TARGET  CAP     OLD    NEW   BINDS\n"
		"web-1   rtprio  10:49  7:49  7 (vm) x1\n"
		"{\"schema\":1,\"dry_run\":false,\"target\":{\"vm\":\"web-1\",\"vcpu\":null},"
		"\"old\":{\"rtprio\":{\"soft\":10,\"hard\":49}},"
		"\"new\":{\"rtprio\":{\"soft\":7,\"hard\":49}},"
		"\"binds\":{\"rtprio\":[{\"value\":7,\"from\":\"vm\",\"vcpus\":1}]}}\n");
}
END_TEST

START_TEST(refusal)
{
	no_caps = true;
	ck_assert(!make());
	ck_assert(changes.change->failed);
	ck_assert_str_eq(changes.change->error.text,
			 "the hard cap may not be raised");
}
END_TEST

/* It was set all the same, and that has to be told. */
START_TEST(what_binds_is_not_known)
{
	no_vcpus = true;
	ck_assert(make());
	ck_assert(!changes.change->failed);
	expect_output(
		"TARGET  CAP     OLD    NEW   BINDS\n"
		"web-1   rtprio  10:49  7:49  ?\n"
		"{\"schema\":1,\"dry_run\":false,\"target\":{\"vm\":\"web-1\",\"vcpu\":null},"
		"\"old\":{\"rtprio\":{\"soft\":10,\"hard\":49}},"
		"\"new\":{\"rtprio\":{\"soft\":7,\"hard\":49}},"
		"\"binds\":null}\n");
}
END_TEST

START_TEST(dry_run_sets_nothing)
{
	changes.dry_run = true;
	ck_assert(make());
	ck_assert_uint_eq(sets, 0);
	ck_assert_uint_eq(changes.change->caps.cap[PVSCHED_CAP_RTPRIO].soft, 7);
	ck_assert_uint_eq(changes.change->caps.old[PVSCHED_CAP_RTPRIO].soft,
			  10);
	ck_assert_uint_eq(changes.change->binds.count, 1);
	no_vcpus = true;
	ck_assert(!make());
	ck_assert_uint_eq(sets, 0);
}
END_TEST

/* What vCPUs have in common is asked for once. */
START_TEST(dry_run_of_many)
{
	changes.dry_run = true;
	vcpus = 100;
	ck_assert(make());
	ck_assert_uint_eq(gets, 3 + 100);
	ck_assert_uint_eq(changes.change->binds.count, 1);
	ck_assert_uint_eq(changes.change->binds.bind[0].vcpus, 100);
}
END_TEST

/* The VM goes while it is looked at. */
START_TEST(dry_run_of_what_goes)
{
	changes.dry_run = true;
	vcpus = 3;
	caps_left = 3 + 1;
	ck_assert(make());
	ck_assert_uint_eq(changes.change->binds.count, 1);
	ck_assert_uint_eq(changes.change->binds.bind[0].vcpus, 1);
}
END_TEST

static Suite *capset_suite(void)
{
	Suite *suite = suite_create("capset");
	TCase *tcase = tcase_create("capset");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, sets_and_tells_what_binds);
	tcase_add_test(tcase, refusal);
	tcase_add_test(tcase, what_binds_is_not_known);
	tcase_add_test(tcase, dry_run_sets_nothing);
	tcase_add_test(tcase, dry_run_of_many);
	tcase_add_test(tcase, dry_run_of_what_goes);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return check_run(capset_suite());
}
