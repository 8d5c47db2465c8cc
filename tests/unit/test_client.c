// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The client library's requests, and a kernel that answers as told: dumps that
 * were interrupted, refusals, structs of callers that are older or newer.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <pvsched/client.h>

#include "check_run.h"
#include "fake_kernel.h"

static struct fake_kernel *kernel;
static struct pvsched_client *client;
static struct pvsched_error error;

static void start(fake_answer_fn answer, void *arg)
{
	kernel = fake_start(answer, arg);
	client = fake_client(kernel);
	memset(&error, 0, sizeof(error));
}

/* Returns how many requests there were. */
static unsigned int stop(void)
{
	pvsched_client_close(client);
	return fake_stop(kernel);
}

static struct nl_msg *vm_message(const char *name, uint32_t id)
{
	struct nl_msg *msg = fake_message(PVSCHED_CMD_VM_GET);

	nla_put_string(msg, PVSCHED_A_VM_NAME, name);
	nla_put_u32(msg, PVSCHED_A_VM_ID, id);
	nla_put_u8(msg, PVSCHED_A_VM_PAYBACK, 1);
	return msg;
}

/* Interrupted as often as arg says; each has one VM more than the one before. */
static void interrupted(struct fake_kernel *of, uint8_t command,
			unsigned int count, void *arg)
{
	int flags = count <= *(unsigned int *)arg ? NLM_F_DUMP_INTR : 0;
	unsigned int i;

	(void)command;
	for (i = 0; i < count; i++)
		fake_send(of, vm_message("web", i), NLM_F_MULTI | flags);
	fake_done(of, flags);
}

static const struct {
	unsigned int interrupted, dumps;
} restarts[] = { { 0, 1 }, { 1, 2 }, { 3, 4 }, { 7, 8 }, { 100, 8 } };

START_TEST(dumps_start_anew)
{
	unsigned int times = restarts[_i].interrupted;
	struct pvsched_vms vms;
	unsigned int i;

	start(interrupted, &times);
	ck_assert_int_eq(
		pvsched_vms_get(client, NULL, &vms, sizeof(*vms.vm), &error),
		0);
	/* That of the last one, and of no other. */
	ck_assert_uint_eq(vms.count, restarts[_i].dumps);
	for (i = 0; i < vms.count; i++)
		ck_assert_uint_eq(vms.vm[i].id, i);
	pvsched_vms_free(&vms);
	ck_assert_uint_eq(stop(), restarts[_i].dumps);
}
END_TEST

static void refuse(struct fake_kernel *of, uint8_t command, unsigned int count,
		   void *arg)
{
	(void)command;
	(void)count;
	fake_ack(of, -EACCES, arg);
}

START_TEST(refusals_have_the_kernels_words)
{
	static const char *const texts[] = { "rtprio: soft is above hard 49",
					     NULL };
	struct pvsched_host_info host = { .enabled = true };

	start(refuse, (void *)texts[_i]);
	ck_assert_int_eq(
		pvsched_host_enable(client, false, &host, sizeof(host), &error),
		-EACCES);
	ck_assert_int_eq(error.code, -EACCES);
	ck_assert(error.refused);
	ck_assert_str_eq(error.text, texts[_i] ?: "Permission denied");
	ck_assert(!host.enabled);
	stop();
}
END_TEST

static void one_vm(struct fake_kernel *of, uint8_t command, unsigned int count,
		   void *arg)
{
	(void)command;
	(void)count;
	(void)arg;
	fake_send(of, vm_message("web-1", 7), 0);
	fake_ack(of, 0, NULL);
}

/* A caller who knows fewer members, or more. */
START_TEST(callers_of_another_size)
{
	static const struct pvsched_vm_wish wish = { .policy = "none" };
	struct {
		struct pvsched_vm_info known;
		uint64_t newer[4];
	} large, zero = {};
	const size_t small = offsetof(struct pvsched_vm_info, pid);
	struct pvsched_vm_info vm;

	start(one_vm, NULL);
	memset(&large, 0xff, sizeof(large));
	ck_assert_int_eq(pvsched_vm_set(client, "web-1", &wish, sizeof(wish),
					&large.known, sizeof(large), &error),
			 0);
	ck_assert_uint_eq(large.known.id, 7);
	ck_assert_mem_eq(large.newer, zero.newer, sizeof(zero.newer));

	memset(&vm, 0xff, sizeof(vm));
	ck_assert_int_eq(pvsched_vm_set(client, "web-1", &wish, sizeof(wish),
					&vm, small, &error),
			 0);
	ck_assert_str_eq(vm.name, "web-1");
	ck_assert_uint_eq(vm.pid, UINT32_MAX);
	stop();
}
END_TEST

START_TEST(lists_of_another_size)
{
	const size_t sizes[] = { offsetof(struct pvsched_vm_info, pid),
				 sizeof(struct pvsched_vm_info) + 64 };
	unsigned int times = 2;
	struct pvsched_vms vms;
	unsigned int i;

	start(interrupted, &times);
	ck_assert_int_eq(pvsched_vms_get(client, NULL, &vms, sizes[_i], &error),
			 0);
	ck_assert_uint_eq(vms.count, 3);
	for (i = 0; i < vms.count; i++)
		ck_assert_uint_eq(((struct pvsched_vm_info *)((char *)vms.vm +
							      i * sizes[_i]))
					  ->id,
				  i);
	pvsched_vms_free(&vms);
	stop();
}
END_TEST

/* What is to be set is not left out silently. */
START_TEST(wishes_of_another_size)
{
	struct {
		struct pvsched_vm_wish known;
		uint64_t newer;
	} wish = { .known = { .policy = "none" } };
	struct pvsched_vm_info vm;

	start(one_vm, NULL);
	ck_assert_int_eq(pvsched_vm_set(client, "web-1", &wish.known,
					sizeof(wish), &vm, sizeof(vm), &error),
			 0);
	wish.newer = 1;
	ck_assert_int_eq(pvsched_vm_set(client, "web-1", &wish.known,
					sizeof(wish), &vm, sizeof(vm), &error),
			 -E2BIG);
	ck_assert_int_eq(pvsched_vm_set(client, "web-1", &wish.known, 0, &vm,
					sizeof(vm), &error),
			 -EINVAL);
	ck_assert_uint_eq(stop(), 1);
}
END_TEST

START_TEST(sizes_of_nothing)
{
	const struct pvsched_target target = {};
	struct pvsched_policies policies;
	struct pvsched_monitor *monitor;
	struct pvsched_caps_info caps;
	struct pvsched_vcpus vcpus;
	struct pvsched_vms vms;

	start(refuse, NULL);
	ck_assert_int_eq(pvsched_vms_get(client, NULL, &vms, 0, &error),
			 -EINVAL);
	ck_assert_int_eq(pvsched_vcpus_get(client, NULL, &vcpus, 0, &error),
			 -EINVAL);
	ck_assert_int_eq(pvsched_policies_get(client, &policies, 0, &error),
			 -EINVAL);
	ck_assert_int_eq(pvsched_caps_get(client, &target, &caps, 0, &error),
			 -EINVAL);
	ck_assert_int_eq(pvsched_monitor_open(&monitor, 1, 0, 0, &error),
			 -EINVAL);
	ck_assert_int_eq(
		pvsched_monitor_open(&monitor, 1U << PVSCHED_GROUP_COUNT, 0,
				     sizeof(struct pvsched_event), &error),
		-EINVAL);
	ck_assert_ptr_null(monitor);
	ck_assert_uint_eq(stop(), 0);
}
END_TEST

static void garbage(struct fake_kernel *of, uint8_t command, unsigned int count,
		    void *arg)
{
	(void)command;
	(void)arg;
	if (count == 1)
		fake_send(of, fake_message(PVSCHED_CMD_VM_GET), NLM_F_MULTI);
	fake_send(of, vm_message("web", 1), NLM_F_MULTI);
	fake_done(of, 0);
}

START_TEST(answers_without_sense)
{
	struct pvsched_vms vms;

	start(garbage, NULL);
	ck_assert_int_eq(
		pvsched_vms_get(client, NULL, &vms, sizeof(*vms.vm), &error),
		-EBADMSG);
	ck_assert(!error.refused);
	ck_assert_uint_eq(vms.count, 0);
	/* Nothing of it is left for the next one. */
	ck_assert_int_eq(
		pvsched_vms_get(client, NULL, &vms, sizeof(*vms.vm), &error),
		0);
	ck_assert_uint_eq(vms.count, 1);
	pvsched_vms_free(&vms);
	stop();
}
END_TEST

static void nothing_but_ack(struct fake_kernel *of, uint8_t command,
			    unsigned int count, void *arg)
{
	(void)command;
	(void)count;
	(void)arg;
	fake_ack(of, 0, NULL);
}

/* Callers rely on there being one VM, and all caps. */
START_TEST(answers_without_content)
{
	const struct pvsched_target target = { .vm = "web-1" };
	struct pvsched_caps_info caps;
	struct pvsched_vms vms;

	start(nothing_but_ack, NULL);
	ck_assert_int_eq(
		pvsched_vms_get(client, "web-1", &vms, sizeof(*vms.vm), &error),
		-EBADMSG);
	ck_assert_int_eq(
		pvsched_caps_get(client, &target, &caps, sizeof(caps), &error),
		-EBADMSG);
	ck_assert(!error.refused);
	stop();
}
END_TEST

static Suite *client_suite(void)
{
	Suite *suite = suite_create("client");
	TCase *requests = tcase_create("requests");

	tcase_add_loop_test(requests, dumps_start_anew, 0,
			    sizeof(restarts) / sizeof(restarts[0]));
	tcase_add_loop_test(requests, refusals_have_the_kernels_words, 0, 2);
	tcase_add_test(requests, callers_of_another_size);
	tcase_add_loop_test(requests, lists_of_another_size, 0, 2);
	tcase_add_test(requests, wishes_of_another_size);
	tcase_add_test(requests, sizes_of_nothing);
	tcase_add_test(requests, answers_without_sense);
	tcase_add_test(requests, answers_without_content);
	suite_add_tcase(suite, requests);
	return suite;
}

int main(void)
{
	return check_run(client_suite());
}
