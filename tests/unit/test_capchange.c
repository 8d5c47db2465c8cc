// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whose caps a command line names, and what a change of caps is and would be.
 */
#include <check.h>
#include <string.h>

#include "../../tools/capchange.h"
#include "../../tools/targets.h"
#include "check_run.h"

/* The module's arithmetic, where two names are the library's, too. */
#define pvsched_cap_name       host_cap_name
#define pvsched_cap_level_name host_cap_level_name
#include "../../host/caps.h"
#undef pvsched_cap_name
#undef pvsched_cap_level_name

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
		cap[i] = (struct pvsched_cap_info){ true, soft, 98 };
}

static const struct pvsched_target web = { .vm = "web-1" };
static const struct pvsched_target whole_host = {};

START_TEST(plans)
{
	static const struct pvsched_cap_wish wishes[] = {
		{ .id = PVSCHED_CAP_RTPRIO, .has_soft = true, .soft = 20 },
		{ .id = PVSCHED_CAP_SLICE, .has_hard = true, .hard = 50 },
	};
	struct pvsched_caps_info caps = {};
	struct pvsched_error error;

	caps_fill(caps.cap, 10);
	ck_assert(caps_plan(&caps, &web, wishes, 2, &error));
	ck_assert_uint_eq(caps.old[PVSCHED_CAP_RTPRIO].soft, 10);
	ck_assert_uint_eq(caps.cap[PVSCHED_CAP_RTPRIO].soft, 20);
	ck_assert_uint_eq(caps.cap[PVSCHED_CAP_RTPRIO].hard, 98);
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
	ck_assert(!caps_plan(&caps, &web, &wish, 1, &error));
	ck_assert(error.refused);
	ck_assert_str_eq(error.text, "slice of web-1: soft is above hard 9us");
}
END_TEST

static const uint64_t edges[] = {
	0,
	40,
	41,
	98,
	99,
	999,
	1000,
	4096,
	4097,
	1000000,
	1000001,
	1000002,
	PVSCHED_UNLIMITED,
};

#define EDGES (sizeof(edges) / sizeof(edges[0]))

/* Does the kernel say so as well, to one who may set anything? */
static void plan_like_kernel(const struct pvsched_target *target,
			     enum pvsched_cap_level level,
			     const struct pvsched_cap_wish *wish)
{
	struct pvsched_cap_change change = {
		.id = wish->id,
		.level = level,
		.to = { wish->soft, wish->hard },
		.privileged = true,
	};
	struct pvsched_caps_info caps = {};
	struct pvsched_error error;
	struct pvsched_caps now;
	const char *why = "";
	__u64 bound;
	bool good;

	pvsched_caps_unlimited(&now);
	caps_fill(caps.cap, 10);
	good = caps_plan(&caps, target, wish, 1, &error);
	ck_assert_int_eq(good,
			 !pvsched_caps_check(&now, &change, &why, &bound));
	if (!good)
		ck_assert_msg(strstr(error.text, why), "%s, not %s", error.text,
			      why);
}

START_TEST(plans_as_the_kernel_does)
{
	size_t soft, hard;

	for (soft = 0; soft < EDGES; soft++)
		for (hard = 0; hard < EDGES; hard++) {
			const struct pvsched_cap_wish wish = {
				.id = _i,
				.has_soft = true,
				.has_hard = true,
				.soft = edges[soft],
				.hard = edges[hard],
			};

			plan_like_kernel(&whole_host, PVSCHED_CAP_LEVEL_HOST,
					 &wish);
			plan_like_kernel(&web, PVSCHED_CAP_LEVEL_VM, &wish);
		}
}
END_TEST

/* A kernel that does not have the cap yet. */
START_TEST(plans_no_cap_that_is_not_there)
{
	static const struct pvsched_cap_wish wish = {
		.id = PVSCHED_CAP_SECTION,
		.has_soft = true,
		.soft = 1,
	};
	struct pvsched_cap_info none[PVSCHED_CAP_COUNT] = {};
	struct pvsched_cap_info host[PVSCHED_CAP_COUNT];
	struct pvsched_binding_info binding[PVSCHED_CAP_COUNT];
	struct pvsched_caps_info caps = {};
	struct pvsched_error error;

	ck_assert(!caps_plan(&caps, &web, &wish, 1, &error));
	ck_assert_str_eq(error.text, "section of web-1: no such cap");
	caps_fill(host, 10);
	caps_combine(binding, host, none, none);
	ck_assert_uint_eq(binding[PVSCHED_CAP_SECTION].value, 10);
	ck_assert_int_eq(binding[PVSCHED_CAP_SECTION].level,
			 PVSCHED_CAP_LEVEL_HOST);
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
	{ PVSCHED_UNLIMITED, PVSCHED_UNLIMITED, 9, 9, PVSCHED_CAP_LEVEL_VCPU },
	{ PVSCHED_UNLIMITED, PVSCHED_UNLIMITED, PVSCHED_UNLIMITED,
	  PVSCHED_UNLIMITED, PVSCHED_CAP_LEVEL_HOST },
};

/* No value is larger than the kernel's largest. */
static uint64_t kernel_limit(unsigned int id, uint64_t value)
{
	struct pvsched_limits limits;
	struct pvsched_caps all, host;

	pvsched_caps_unlimited(&all);
	host = all;
	host.cap[id].soft = value;
	pvsched_limits_combine(&limits, &host, &all, &all);
	return limits.value[id];
}

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
		ck_assert_uint_eq(binding[i].value,
				  kernel_limit(i, combined[_i].value));
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
	tcase_add_loop_test(tcase, plans_as_the_kernel_does, 0,
			    PVSCHED_CAP_COUNT);
	tcase_add_test(tcase, plans_no_cap_that_is_not_there);
	tcase_add_loop_test(tcase, combines, 0, COUNT(combined));
	tcase_add_test(tcase, binds_are_counted);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return check_run(capchange_suite());
}
