// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whose caps a command line names, and what a change of caps is and would be.
 */
#include <check.h>
#include <string.h>

#include "../../tools/capchange.h"
#include "../../tools/targets.h"
#include "check_run.h"

static struct pvsched_vm_info vm_list[] = {
	{ .id = 1, .name = "web-1", .pid = 100 },
	{ .id = 2, .name = "web-2", .pid = 200 },
	{ .id = 3, .name = "db", .pid = 300 },
	{ .id = 4, .name = "audio", .pid = 300 },
	{ .id = 5, .name = "elsewhere", .pid = 0 },
	{ .id = 6, .name = "web-[12]", .pid = 400 },
	{ .id = 7, .name = "?b", .pid = 500 },
};

static const struct pvsched_vms vms = { vm_list, 7 };

static struct pvsched_vcpu_info vcpu_list[] = {
	{ .vm = "web-1", .id = 0, .tid = 101 },
	{ .vm = "web-1", .id = 1, .tid = 200 },
	{ .vm = "db", .id = 7, .tid = 301 },
};

static const struct pvsched_vcpus vcpus = { vcpu_list, 3 };

static const struct {
	const char *text;
	const char *found; /* NULL: none */
	bool pattern;
} searches[] = {
	{ "host", "host", false },
	{ "web-1", "web-1", false },
	{ "web-1/3", "web-1/3", false },
	{ "no-such-vm", "no-such-vm", false }, /* the kernel's to refuse */
	{ "web-[12]", "web-[12]", false },     /* the name before the pattern */
	{ "?b/1", "?b/1", false },
	{ "web-*", "web-1 web-2 web-[12]", true },
	{ "web-*/3", "web-1/3 web-2/3 web-[12]/3", true },
	{ "web-?", "web-1 web-2", true },
	{ "[dw]*", "web-1 web-2 db web-[12]", true },
	{ "*", "web-1 web-2 db audio elsewhere web-[12] ?b", true },
	{ "web\\*", NULL, true },
	{ "x*", NULL, true },
	{ "web-*/x", NULL, true },
	{ "", NULL, false },
};

static const char *found_text(const struct targets *targets, char *text)
{
	size_t i;

	*text = '\0';
	for (i = 0; i < targets->count; i++) {
		char one[TARGET_TEXT_LEN];

		strcat(text, i ? " " : "");
		strcat(text, target_text(&targets->target[i], one));
	}
	return text;
}

START_TEST(targets_by_text)
{
	struct targets targets;
	char why[CAPSPEC_WHY_LEN] = "", text[512];
	int err = targets_find(&targets, searches[_i].text, &vms, why);

	ck_assert_int_eq(err, searches[_i].found ? 0 : -1);
	ck_assert_int_eq(targets.pattern, searches[_i].pattern);
	if (err)
		ck_assert_int_ne(*why, '\0');
	else
		ck_assert_str_eq(found_text(&targets, text),
				 searches[_i].found);
	targets_free(&targets);
}
END_TEST

static const struct {
	uint32_t pid;
	const char *found;
	bool pattern;
} processes[] = {
	{ 100, "web-1", false },   { 101, "web-1/0", false },
	{ 200, "web-2", false }, /* the process before the thread */
	{ 300, "db audio", true }, { 301, "db/7", false },
	{ 401, NULL, false },
};

START_TEST(targets_by_process)
{
	struct targets targets;
	char why[CAPSPEC_WHY_LEN] = "", text[512];
	int err =
		targets_by_pid(&targets, processes[_i].pid, &vms, &vcpus, why);

	ck_assert_int_eq(err, processes[_i].found ? 0 : -1);
	ck_assert_int_eq(targets.pattern, processes[_i].pattern);
	if (err)
		ck_assert_int_ne(*why, '\0');
	else
		ck_assert_str_eq(found_text(&targets, text),
				 processes[_i].found);
	targets_free(&targets);
}
END_TEST

static void caps_fill(struct pvsched_cap_info *cap, uint64_t soft)
{
	unsigned int i;

	for (i = 0; i < PVSCHED_CAP_COUNT; i++)
		cap[i] = (struct pvsched_cap_info){ true, soft, 100 };
}

START_TEST(plans)
{
	static const struct pvsched_cap_wish wishes[] = {
		{ .id = PVSCHED_CAP_RTPRIO, .has_soft = true, .soft = 20 },
		{ .id = PVSCHED_CAP_SLICE, .has_hard = true, .hard = 50 },
	};
	struct pvsched_caps_info caps = {};
	struct pvsched_error error;

	caps_fill(caps.cap, 10);
	ck_assert(caps_plan(&caps, "web-1", wishes, 2, &error));
	ck_assert_uint_eq(caps.old[PVSCHED_CAP_RTPRIO].soft, 10);
	ck_assert_uint_eq(caps.cap[PVSCHED_CAP_RTPRIO].soft, 20);
	ck_assert_uint_eq(caps.cap[PVSCHED_CAP_RTPRIO].hard, 100);
	ck_assert_uint_eq(caps.cap[PVSCHED_CAP_SLICE].soft, 10);
	ck_assert_uint_eq(caps.cap[PVSCHED_CAP_SLICE].hard, 50);
	ck_assert(!caps.cap[PVSCHED_CAP_KICKS].present);
}
END_TEST

START_TEST(plans_refused)
{
	static const struct pvsched_cap_wish wish = {
		.id = PVSCHED_CAP_SLICE,
		.has_hard = true,
		.hard = 9,
	};
	struct pvsched_caps_info caps = {};
	struct pvsched_error error;

	caps_fill(caps.cap, 10);
	ck_assert(!caps_plan(&caps, "web-1", &wish, 1, &error));
	ck_assert(error.refused);
	ck_assert_str_eq(error.text, "slice of web-1: soft is above hard 9us");
}
END_TEST

static const struct {
	uint64_t host, vm, vcpu;
	uint64_t value;
	enum pvsched_cap_level level;
} combined[] = {
	{ 10, PVSCHED_UNLIMITED, PVSCHED_UNLIMITED, 10,
	  PVSCHED_CAP_LEVEL_HOST },
	{ 10, 5, PVSCHED_UNLIMITED, 5, PVSCHED_CAP_LEVEL_VM },
	{ 10, 5, 4, 4, PVSCHED_CAP_LEVEL_VCPU },
	{ 10, 5, 6, 5, PVSCHED_CAP_LEVEL_VM },
	{ 10, 10, 10, 10, PVSCHED_CAP_LEVEL_HOST },
	{ 10, 5, 5, 5, PVSCHED_CAP_LEVEL_VM },
};

START_TEST(combines)
{
	struct pvsched_cap_info host[PVSCHED_CAP_COUNT];
	struct pvsched_cap_info vm[PVSCHED_CAP_COUNT];
	struct pvsched_cap_info vcpu[PVSCHED_CAP_COUNT];
	struct pvsched_binding_info binding[PVSCHED_CAP_COUNT];
	unsigned int i;

	caps_fill(host, combined[_i].host);
	caps_fill(vm, combined[_i].vm);
	caps_fill(vcpu, combined[_i].vcpu);
	caps_combine(binding, host, vm, vcpu);
	for (i = 0; i < PVSCHED_CAP_COUNT; i++) {
		ck_assert_uint_eq(binding[i].value, combined[_i].value);
		ck_assert_int_eq(binding[i].level, combined[_i].level);
	}
}
END_TEST

START_TEST(binds_are_counted)
{
	struct pvsched_binding_info binding[PVSCHED_CAP_COUNT] = {
		[PVSCHED_CAP_RTPRIO] = { 10, PVSCHED_CAP_LEVEL_HOST },
	};
	static const struct pvsched_target target = { .vm = "web-1" };
	struct cap_changes changes;
	struct cap_change *change;

	ck_assert_int_eq(cap_changes_init(&changes, &target, 1), 0);
	change = changes.change;
	change->caps.cap[PVSCHED_CAP_RTPRIO].present = true;
	ck_assert_int_eq(binds_add(&change->binds, change, binding), 0);
	ck_assert_int_eq(binds_add(&change->binds, change, binding), 0);
	binding[PVSCHED_CAP_RTPRIO].value = 5;
	ck_assert_int_eq(binds_add(&change->binds, change, binding), 0);
	binding[PVSCHED_CAP_RTPRIO].level = PVSCHED_CAP_LEVEL_VCPU;
	ck_assert_int_eq(binds_add(&change->binds, change, binding), 0);
	ck_assert_uint_eq(change->binds.count, 3);
	ck_assert_uint_eq(change->binds.bind[0].vcpus, 2);
	ck_assert_uint_eq(change->binds.bind[1].by.value, 5);
	ck_assert_uint_eq(change->binds.bind[2].by.level,
			  PVSCHED_CAP_LEVEL_VCPU);
	cap_changes_free(&changes);
}
END_TEST

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static Suite *capchange_suite(void)
{
	Suite *suite = suite_create("capchange");
	TCase *tcase = tcase_create("capchange");

	tcase_add_loop_test(tcase, targets_by_text, 0, COUNT(searches));
	tcase_add_loop_test(tcase, targets_by_process, 0, COUNT(processes));
	tcase_add_test(tcase, plans);
	tcase_add_test(tcase, plans_refused);
	tcase_add_loop_test(tcase, combines, 0, COUNT(combined));
	tcase_add_test(tcase, binds_are_counted);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return check_run(capchange_suite());
}
