// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzes what the client makes of the kernel's messages, up to text and JSON.
 *
 * Input: one netlink message. Its type and command say which decoder gets it. Its
 * length is that of the input.
 *
 * tests/fuzz/run builds and runs it. With tests/fuzz/standalone.c, a program that
 * runs the files it is given.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <linux/genetlink.h>

#include "../../lib/decode.h"
#include "../../lib/family.h"
#include "../../tools/json.h"
#include "../../tools/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void close_file(FILE **to)
{
	fclose(*to);
}

/* As counted, and as what it has grown by in a second. */
static void show_stats(struct pvsched_vm_info *vm, struct pvsched_vcpus vcpus,
		       FILE *to)
{
	const struct sample sample = { .vms = { vm, 1 }, .vcpus = vcpus };

	view_stats(&sample, 0, to);
	view_stats(&sample, 1000000000, to);
	json_print_line(json_stats(&sample, 1000000000), to);
}

static void show_vm(struct nlmsghdr *msg, FILE *to)
{
	const struct pvsched_vcpus none = {};
	struct pvsched_vm_info vm;

	if (decode_vm(msg, &vm))
		return;
	view_vm(&vm, &none, to);
	json_print_line(json_vm(&vm, &none), to);
	show_stats(&vm, none, to);
}

static void show_vcpu(struct nlmsghdr *msg, FILE *to)
{
	struct pvsched_vm_info vm = {};
	struct pvsched_vcpu_info vcpu;
	const struct pvsched_vcpus vcpus = { &vcpu, 1 };

	if (decode_vcpu(msg, &vcpu))
		return;
	vm.id = vcpu.vm_id;
	view_vm(&vm, &vcpus, to);
	json_print_line(json_vm(&vm, &vcpus), to);
	show_stats(&vm, vcpus, to);
}

static void show_caps(struct nlmsghdr *msg, FILE *to)
{
	const struct pvsched_target target = {};
	struct cap_changes changes
		__attribute__((cleanup(cap_changes_free))) = {};
	struct pvsched_caps_info caps;

	if (decode_caps(msg, &caps) || cap_changes_init(&changes, &target, 1))
		return;
	changes.change->caps = caps;
	binds_add(&changes.change->binds, changes.change, caps.binding);
	view_caps(&caps, to);
	view_caps_changes(&changes, to);
	json_print_line(json_caps_get(&target, &caps), to);
	json_print_line(json_caps_set(&changes), to);
}

static void show_policy(struct nlmsghdr *msg, FILE *to)
{
	struct pvsched_policy_info policy;
	const struct pvsched_policies policies = { &policy, 1 };

	if (decode_policy(msg, &policy))
		return;
	view_policies(&policies, to);
	json_print_line(json_policy(&policy), to);
}

static void show_host(struct nlmsghdr *msg, FILE *to)
{
	struct pvsched_host_info host;

	if (decode_host(msg, &host))
		return;
	view_host_set(&host, to);
	json_print_line(json_host_set(&host), to);
}

static void show_reason(struct nlmsghdr *msg, FILE *to)
{
	const char *reason = decode_reason(msg);

	if (reason)
		fputs(reason, to);
}

static bool show_event(const struct pvsched_event *event, void *to)
{
	static const struct event_clock clock = { .start_ns = 1000 };

	view_event(event, &clock, to);
	json_print_line(json_event(event, &clock), to);
	return true;
}

static void show(struct nlmsghdr *msg, FILE *to)
{
	const struct genlmsghdr *header = NLMSG_DATA(msg);
	struct event_seq seq = { .last = { 1, 1 } };
	struct family family;

	if (msg->nlmsg_type < NLMSG_MIN_TYPE) {
		show_reason(msg, to);
		return;
	}
	if (msg->nlmsg_type == GENL_ID_CTRL) {
		family_decode(msg, &family);
		return;
	}
	switch (header->cmd) {
	case PVSCHED_CMD_VM_GET:
	case PVSCHED_CMD_VM_SET:
		show_vm(msg, to);
		break;
	case PVSCHED_CMD_VCPU_GET:
		show_vcpu(msg, to);
		break;
	case PVSCHED_CMD_CAP_GET:
	case PVSCHED_CMD_CAP_SET:
		show_caps(msg, to);
		break;
	case PVSCHED_CMD_POLICY_GET:
		show_policy(msg, to);
		break;
	case PVSCHED_CMD_HOST_GET:
	case PVSCHED_CMD_HOST_SET:
		show_host(msg, to);
		break;
	default:
		decode_dropped(msg);
		decode_events(msg, &seq, show_event, to);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *to __attribute__((cleanup(close_file))) = fopen("/dev/null", "w");
	struct nlmsghdr *msg;

	if (!to)
		abort();
	if (size < NLMSG_HDRLEN + sizeof(struct genlmsghdr))
		return 0;
	/* As large as the input, so that a byte too far is noticed. */
	msg = malloc(size);
	if (!msg)
		abort();
	memcpy(msg, data, size);
	msg->nlmsg_len = size;
	show(msg, to);
	free(msg);
	return 0;
}
