// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The client's decoders: whole messages, cut ones, random ones; events that are
 * missing; what text and JSON become of it.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "../../lib/decode.h"
#include "../../tools/json.h"
#include "../../tools/view.h"
#include "check_run.h"

static struct nl_msg *message(uint8_t cmd)
{
	struct nl_msg *msg = nlmsg_alloc();

	genlmsg_put(msg, 0, 1, 30, 0, 0, cmd, PVSCHED_FAMILY_VERSION);
	return msg;
}

static void cap_put(struct nl_msg *msg, int type, uint32_t id, uint32_t level,
		    uint64_t soft, uint64_t hard)
{
	struct nlattr *nest = nla_nest_start(msg, type);

	nla_put_u32(msg, PVSCHED_A_CAP_ID, id);
	nla_put_u32(msg, PVSCHED_A_CAP_LEVEL, level);
	nla_put_u64(msg, PVSCHED_A_CAP_SOFT, soft);
	nla_put_u64(msg, PVSCHED_A_CAP_HARD, hard);
	nla_nest_end(msg, nest);
}

static void count_put(struct nl_msg *msg, int type, uint32_t cause,
		      uint64_t count)
{
	struct nlattr *nest = nla_nest_start(msg, type);

	nla_put_u32(msg, PVSCHED_A_CAUSE_COUNT_CAUSE, cause);
	nla_put_u64(msg, PVSCHED_A_CAUSE_COUNT_COUNT, count);
	nla_nest_end(msg, nest);
}

static void hist_put(struct nl_msg *msg, int type, uint64_t sum,
		     const uint64_t *buckets, size_t count)
{
	struct nlattr *nest = nla_nest_start(msg, type);

	nla_put_u64(msg, PVSCHED_A_HISTOGRAM_SUM_NS, sum);
	if (count)
		nla_put(msg, PVSCHED_A_HISTOGRAM_BUCKET,
			(int)(count * sizeof(*buckets)), buckets);
	nla_nest_end(msg, nest);
}

static struct nl_msg *vm_message(void)
{
	static const uint64_t buckets[PVSCHED_HIST_BUCKETS + 1] = {
		[0] = 3,
		[11] = 4,
		[PVSCHED_HIST_BUCKETS - 1] = 1,
		[PVSCHED_HIST_BUCKETS] = 2,
	};
	struct nl_msg *msg = message(PVSCHED_CMD_VM_GET);
	struct nlattr *stats;

	nla_put_u32(msg, PVSCHED_A_VM_ID, 7);
	nla_put_string(msg, PVSCHED_A_VM_NAME, "web-1");
	nla_put_u32(msg, PVSCHED_A_VM_PID, 1234);
	nla_put_u32(msg, PVSCHED_A_VM_UID, 4000000000);
	nla_put_string(msg, PVSCHED_A_VM_POLICY, "boost");
	nla_put_string(msg, PVSCHED_A_VM_PROTOCOL, "urgency");
	nla_put_u32(msg, PVSCHED_A_VM_PROTOCOL_VERSION, 1);
	nla_put_u32(msg, PVSCHED_A_VM_VCPUS, 1);
	nla_put_u32(msg, PVSCHED_A_VM_BOOSTED, 1);
	nla_put_u8(msg, PVSCHED_A_VM_PAYBACK, 1);
	nla_put_u32(msg, 99, 5); /* of a newer kernel */
	stats = nla_nest_start(msg, PVSCHED_A_VM_STATS);
	count_put(msg, PVSCHED_A_STATS_BOOSTS, PVSCHED_CAUSE_HALT, 50);
	nla_put_u64(msg, PVSCHED_A_STATS_SPURIOUS, 6);
	nla_put_u64(msg, PVSCHED_A_STATS_PREEMPTED_URGENT, 8);
	nla_put_u64(msg, PVSCHED_A_STATS_WAITED_NS, 5000000000);
	nla_put_u64(msg, PVSCHED_A_STATS_WAITED_URGENT_NS, 70000000);
	/* More buckets than are known, and half a one. */
	hist_put(msg, PVSCHED_A_STATS_WAIT_URGENT, 70000000, buckets,
		 PVSCHED_HIST_BUCKETS + 1);
	hist_put(msg, PVSCHED_A_STATS_BOOST_LENGTH, 0, NULL, 0);
	nla_nest_end(msg, stats);
	return msg;
}

static struct nl_msg *policy_message(void)
{
	struct nl_msg *msg = message(PVSCHED_CMD_POLICY_GET);

	nla_put_string(msg, PVSCHED_A_POLICY_NAME, "nice");
	nla_put_string(msg, PVSCHED_A_POLICY_PROTOCOL, "urgency");
	nla_put_u32(msg, PVSCHED_A_POLICY_PROTOCOL_VERSION, 1);
	nla_put_string(msg, PVSCHED_A_POLICY_MODULE, "pvsched_nice");
	nla_put_u32(msg, PVSCHED_A_POLICY_VMS, 2);
	nla_put_u64(msg, PVSCHED_A_POLICY_FAULTS, 3);
	return msg;
}

static struct nl_msg *vcpu_message(void)
{
	struct nl_msg *msg = message(PVSCHED_CMD_VCPU_GET);
	struct nlattr *stats;
	unsigned int id;

	nla_put_string(msg, PVSCHED_A_VCPU_VM, "web-1");
	nla_put_u32(msg, PVSCHED_A_VCPU_VM_ID, 7);
	nla_put_u32(msg, PVSCHED_A_VCPU_ID, 3);
	nla_put_u32(msg, PVSCHED_A_VCPU_STATE, PVSCHED_VCPU_STATE_PREEMPTED);
	nla_put_u32(msg, PVSCHED_A_VCPU_FLAGS, PVSCHED_VCPU_FLAG_BOOSTED);
	nla_put_u32(msg, PVSCHED_A_VCPU_TID, 1240);
	nla_put_u32(msg, PVSCHED_A_VCPU_CPU, 1);
	nla_put_u32(msg, PVSCHED_A_VCPU_BASELINE_POLICY, 0);
	nla_put_s32(msg, PVSCHED_A_VCPU_BASELINE_NICE, -5);
	nla_put_u32(msg, PVSCHED_A_VCPU_CURRENT, PVSCHED_LEVEL_NICE(0));
	nla_put_u32(msg, PVSCHED_A_VCPU_WAITER, PVSCHED_LEVEL_RT(50));
	nla_put_u32(msg, PVSCHED_A_VCPU_SLEEPER, 0);
	nla_put_u32(msg, PVSCHED_A_VCPU_GRANTED, PVSCHED_LEVEL_RT(10));
	nla_put_u32(msg, PVSCHED_A_VCPU_CAUSE, PVSCHED_CAUSE_INTERRUPT);
	nla_put_u32(msg, PVSCHED_A_VCPU_SHARE, 512);
	nla_put_u64(msg, PVSCHED_A_VCPU_TIME_NS, 123456789012);
	for (id = 0; id < PVSCHED_CAP_COUNT; id++)
		cap_put(msg, PVSCHED_A_VCPU_BINDING, id, PVSCHED_CAP_LEVEL_VM,
			10 + id, 10 + id);
	cap_put(msg, PVSCHED_A_VCPU_BINDING, 77, 0, 1, 1);
	stats = nla_nest_start(msg, PVSCHED_A_VCPU_STATS);
	count_put(msg, PVSCHED_A_STATS_BOOSTS, PVSCHED_CAUSE_INTERRUPT, 40);
	count_put(msg, PVSCHED_A_STATS_BOOSTS, PVSCHED_CAUSE_PREEMPTED, 2);
	count_put(msg, PVSCHED_A_STATS_BOOSTS, 1000, 9);
	count_put(msg, PVSCHED_A_STATS_DEBOOSTS, PVSCHED_CAUSE_DOORBELL, 41);
	nla_put_u64(msg, PVSCHED_A_STATS_DOORBELLS, 41);
	nla_put_u64(msg, PVSCHED_A_STATS_THROTTLES, 1);
	nla_put_u64(msg, PVSCHED_A_STATS_BOOSTED_NS, 1234567890);
	nla_put_u64(msg, PVSCHED_A_STATS_DEBT_NS, 987654);
	nla_put_u64(msg, PVSCHED_A_STATS_DOORBELLS_IGNORED, 5);
	nla_nest_end(msg, stats);
	return msg;
}

static struct nl_msg *events_message(uint8_t cmd, uint64_t first,
				     unsigned int count)
{
	struct nl_msg *msg = message(cmd);
	unsigned int i;

	for (i = 0; i < count; i++) {
		struct nlattr *nest =
			nla_nest_start(msg, PVSCHED_A_EVENTS_EVENT);

		nla_put_u64(msg, PVSCHED_A_EVENT_SEQ, first + i);
		nla_put_u64(msg, PVSCHED_A_EVENT_TIME_NS,
			    1000000 * (first + i));
		nla_put_u32(msg, PVSCHED_A_EVENT_KIND, PVSCHED_EVENT_BOOST);
		nla_put_string(msg, PVSCHED_A_EVENT_VM, "web-1");
		nla_put_u32(msg, PVSCHED_A_EVENT_VCPU, 3);
		nla_put_u32(msg, PVSCHED_A_EVENT_PID, 1240);
		nla_put_u32(msg, PVSCHED_A_EVENT_LEVEL, PVSCHED_LEVEL_RT(10));
		nla_put_u32(msg, PVSCHED_A_EVENT_CAUSE,
			    PVSCHED_CAUSE_INTERRUPT);
		nla_put_u32(msg, PVSCHED_A_EVENT_CPU, 1);
		nla_nest_end(msg, nest);
	}
	return msg;
}

START_TEST(vm_whole)
{
	struct nl_msg *msg = vm_message();
	const struct pvsched_hist_info *hist;
	struct pvsched_vm_info vm;

	ck_assert_int_eq(decode_vm(nlmsg_hdr(msg), &vm), 0);
	ck_assert_uint_eq(vm.id, 7);
	ck_assert_str_eq(vm.name, "web-1");
	ck_assert_uint_eq(vm.pid, 1234);
	ck_assert_uint_eq(vm.uid, 4000000000);
	ck_assert_str_eq(vm.policy, "boost");
	ck_assert_str_eq(vm.protocol, "urgency");
	ck_assert_uint_eq(vm.boosted, 1);
	ck_assert_uint_eq(vm.throttled, 0);
	ck_assert_uint_eq(vm.kind, PVSCHED_VM_KIND_VM);
	ck_assert_uint_eq(pvsched_stats_boosts(&vm.stats), 50);
	ck_assert_uint_eq(vm.stats.spurious, 6);
	ck_assert_uint_eq(vm.stats.preempted_urgent, 8);
	ck_assert_uint_eq(vm.stats.waited_ns, 5000000000);
	ck_assert_uint_eq(vm.stats.waited_urgent_ns, 70000000);
	hist = &vm.stats.hist[PVSCHED_HIST_WAIT_URGENT];
	ck_assert_uint_eq(hist->sum_ns, 70000000);
	ck_assert_uint_eq(hist->bucket[0], 3);
	ck_assert_uint_eq(hist->bucket[11], 4);
	ck_assert_uint_eq(hist->bucket[PVSCHED_HIST_BUCKETS - 1], 3);
	ck_assert_uint_eq(pvsched_hist_count(hist), 10);
	hist = &vm.stats.hist[PVSCHED_HIST_BOOST_LENGTH];
	ck_assert_uint_eq(pvsched_hist_count(hist), 0);
	ck_assert(vm.payback);
	nlmsg_free(msg);
}
END_TEST

START_TEST(policy_whole)
{
	struct nl_msg *msg = policy_message();
	struct pvsched_policy_info policy;

	ck_assert_int_eq(decode_policy(nlmsg_hdr(msg), &policy), 0);
	ck_assert_str_eq(policy.name, "nice");
	ck_assert_str_eq(policy.protocol, "urgency");
	ck_assert_uint_eq(policy.protocol_version, 1);
	ck_assert_str_eq(policy.module, "pvsched_nice");
	ck_assert_uint_eq(policy.vms, 2);
	ck_assert_uint_eq(policy.faults, 3);
	nlmsg_free(msg);
	msg = message(PVSCHED_CMD_POLICY_GET);
	ck_assert_int_eq(decode_policy(nlmsg_hdr(msg), &policy), -EBADMSG);
	nlmsg_free(msg);
}
END_TEST

/* Text and JSON of policies; what they do not have is not there. */
START_TEST(policies_as_text_and_json)
{
	struct pvsched_policy_info two[2] = { { .name = "none" } };
	const struct pvsched_policies policies = { two, 2 };
	struct nl_msg *msg = policy_message();
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	ck_assert_int_eq(decode_policy(nlmsg_hdr(msg), &two[1]), 0);
	ck_assert_int_eq(view_policies(&policies, to), 0);
	ck_assert_int_eq(json_print_line(json_policy(&two[0]), to), 0);
	ck_assert_int_eq(json_print_line(json_policy(&two[1]), to), 0);
	fclose(to);
	ck_assert_str_eq(
		text,
		"POLICY  PROTOCOL   MODULE        VMS  FAULTS\n"
		"none    any        -               0       0\n"
		"nice    urgency 1  pvsched_nice    2       3\n"
		"{\"name\":\"none\",\"protocol\":null,\"protocol_version\":null,"
		"\"module\":null,\"vms\":0,\"faults\":0}\n"
		"{\"name\":\"nice\",\"protocol\":\"urgency\",\"protocol_version\":1,"
		"\"module\":\"pvsched_nice\",\"vms\":2,\"faults\":3}\n");
	free(text);
	nlmsg_free(msg);
}
END_TEST

/* An event about what was set of a VM. */
static struct nl_msg *set_message(uint32_t kind)
{
	struct nl_msg *msg = message(PVSCHED_CMD_CONFIG_NTF);
	struct nlattr *nest = nla_nest_start(msg, PVSCHED_A_EVENTS_EVENT);

	nla_put_u64(msg, PVSCHED_A_EVENT_SEQ, 1);
	nla_put_u32(msg, PVSCHED_A_EVENT_KIND, kind);
	nla_put_string(msg, PVSCHED_A_EVENT_VM, "web-1");
	if (kind == PVSCHED_EVENT_POLICY)
		nla_put_string(msg, PVSCHED_A_EVENT_POLICY, "blind");
	else
		nla_put_u8(msg, PVSCHED_A_EVENT_PAYBACK, 1);
	nla_nest_end(msg, nest);
	return msg;
}

START_TEST(vcpu_whole)
{
	struct nl_msg *msg = vcpu_message();
	struct pvsched_vcpu_info vcpu;

	ck_assert_int_eq(decode_vcpu(nlmsg_hdr(msg), &vcpu), 0);
	ck_assert_uint_eq(vcpu.id, 3);
	ck_assert(vcpu.bound);
	ck_assert_uint_eq(vcpu.time_ns, 123456789012);
	ck_assert_int_eq(vcpu.baseline_nice, -5);
	ck_assert_uint_eq(vcpu.binding[PVSCHED_CAP_SLICE].value,
			  10 + PVSCHED_CAP_SLICE);
	ck_assert_int_eq(vcpu.binding[PVSCHED_CAP_SLICE].level,
			 PVSCHED_CAP_LEVEL_VM);
	ck_assert_uint_eq(pvsched_stats_boosts(&vcpu.stats), 42);
	ck_assert_uint_eq(vcpu.stats.deboosts[PVSCHED_CAUSE_DOORBELL], 41);
	nlmsg_free(msg);
}
END_TEST

static struct nl_msg *host_message(void)
{
	struct nl_msg *msg = message(PVSCHED_CMD_HOST_SET);

	nla_put_u32(msg, PVSCHED_A_HOST_ENABLED, 0);
	nla_put_u32(msg, PVSCHED_A_HOST_BOOSTED, 0);
	nla_put_u32(msg, PVSCHED_A_HOST_HELD, 1);
	nla_put_u32(msg, PVSCHED_A_HOST_CANARY, 200);
	nla_put_u64(msg, PVSCHED_A_HOST_CANARY_TRIPS, 3);
	nla_put_u32(msg, PVSCHED_A_HOST_ENDED, 12);
	nla_put_u64(msg, PVSCHED_A_HOST_ENDED_NS, 345678);
	return msg;
}

START_TEST(host_whole)
{
	struct nl_msg *msg = host_message();
	struct pvsched_host_info host;

	ck_assert_int_eq(decode_host(nlmsg_hdr(msg), &host), 0);
	ck_assert(!host.enabled);
	ck_assert(host.has_boosted);
	ck_assert_uint_eq(host.boosted, 0);
	ck_assert(host.held);
	ck_assert_uint_eq(host.canary_ms, 200);
	ck_assert_uint_eq(host.canary_trips, 3);
	ck_assert_uint_eq(host.ended, 12);
	ck_assert(host.has_ended_ns);
	ck_assert_uint_eq(host.ended_ns, 345678);
	nlmsg_free(msg);
}
END_TEST

START_TEST(host_without_state)
{
	struct nl_msg *msg = message(PVSCHED_CMD_HOST_GET);
	struct pvsched_host_info host;

	ck_assert_int_eq(decode_host(nlmsg_hdr(msg), &host), -EBADMSG);
	nla_put_u32(msg, PVSCHED_A_HOST_ENABLED, 1);
	ck_assert_int_eq(decode_host(nlmsg_hdr(msg), &host), 0);
	ck_assert(host.enabled);
	ck_assert(!host.has_boosted);
	ck_assert(!host.has_ended_ns);
	nlmsg_free(msg);
}
END_TEST

START_TEST(caps_whole)
{
	struct nl_msg *msg = message(PVSCHED_CMD_CAP_SET);
	struct pvsched_caps_info caps;

	cap_put(msg, PVSCHED_A_CAPS_OLD, PVSCHED_CAP_RTPRIO, 0, 10, 49);
	cap_put(msg, PVSCHED_A_CAPS_CAP, PVSCHED_CAP_RTPRIO, 0, 20, 49);
	ck_assert_int_eq(decode_caps(nlmsg_hdr(msg), &caps), 0);
	ck_assert(caps.cap[PVSCHED_CAP_RTPRIO].present);
	ck_assert(!caps.cap[PVSCHED_CAP_SLICE].present);
	ck_assert_uint_eq(caps.old[PVSCHED_CAP_RTPRIO].soft, 10);
	ck_assert_uint_eq(caps.cap[PVSCHED_CAP_RTPRIO].soft, 20);
	ck_assert(!caps.has_binding);
	nlmsg_free(msg);
}
END_TEST

struct seen {
	unsigned int events, gaps, stop_after;
	uint64_t lost;
};

static bool on_event(const struct pvsched_event *event, void *arg)
{
	struct seen *seen = arg;

	if (event->gap) {
		seen->gaps++;
		seen->lost += event->lost;
		return true;
	}
	seen->events++;
	return seen->events != seen->stop_after;
}

static int feed(struct event_seq *seq, struct seen *seen, uint8_t cmd,
		uint64_t first, unsigned int count)
{
	struct nl_msg *msg = events_message(cmd, first, count);
	int ret = decode_events(nlmsg_hdr(msg), seq, on_event, seen);

	nlmsg_free(msg);
	return ret;
}

START_TEST(gaps_are_told)
{
	struct event_seq seq = {};
	struct seen seen = {};

	/* The first one may have any number. */
	ck_assert_int_eq(feed(&seq, &seen, PVSCHED_CMD_BOOST_NTF, 100, 5), 1);
	ck_assert_uint_eq(seen.gaps, 0);
	ck_assert_int_eq(feed(&seq, &seen, PVSCHED_CMD_BOOST_NTF, 105, 5), 1);
	ck_assert_uint_eq(seen.gaps, 0);
	ck_assert_int_eq(feed(&seq, &seen, PVSCHED_CMD_BOOST_NTF, 113, 1), 1);
	ck_assert_uint_eq(seen.gaps, 1);
	ck_assert_uint_eq(seen.lost, 3);
	/* The groups count on their own. */
	ck_assert_int_eq(feed(&seq, &seen, PVSCHED_CMD_CONFIG_NTF, 1, 1), 1);
	ck_assert_int_eq(feed(&seq, &seen, PVSCHED_CMD_CONFIG_NTF, 2, 1), 1);
	ck_assert_uint_eq(seen.gaps, 1);
	/* Going back is no loss. */
	ck_assert_int_eq(feed(&seq, &seen, PVSCHED_CMD_BOOST_NTF, 1, 1), 1);
	ck_assert_uint_eq(seen.gaps, 1);
	ck_assert_uint_eq(seen.events, 14);
}
END_TEST

/* What the kernel dropped before the first one shows in no number. */
START_TEST(dropped_before_the_first)
{
	struct event_seq seq = {};
	struct seen seen = {};
	int i;

	for (i = 0; i < 2; i++) {
		struct nl_msg *msg =
			events_message(PVSCHED_CMD_BOOST_NTF, 100 + 2 * i, 2);

		/* The second time, the numbers tell that it was before. */
		nla_put_u64(msg, PVSCHED_A_EVENTS_DROPPED, 7);
		ck_assert_int_eq(
			decode_events(nlmsg_hdr(msg), &seq, on_event, &seen),
			1);
		nlmsg_free(msg);
		ck_assert_uint_eq(seen.gaps, 1);
		ck_assert_uint_eq(seen.lost, 7);
	}
	ck_assert_uint_eq(seen.events, 4);
}
END_TEST

/* What an older kernel does not have binds nobody, and is not shown as 0. */
START_TEST(cap_not_there)
{
	struct nl_msg *msg = message(PVSCHED_CMD_VCPU_GET);
	const struct pvsched_vcpus vcpus = { &(struct pvsched_vcpu_info){}, 1 };
	struct pvsched_vm_info vm = {};
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	nla_put_string(msg, PVSCHED_A_VCPU_VM, "web");
	nla_put_u32(msg, PVSCHED_A_VCPU_ID, 0);
	cap_put(msg, PVSCHED_A_VCPU_BINDING, PVSCHED_CAP_RTPRIO,
		PVSCHED_CAP_LEVEL_HOST, 0, 0);
	ck_assert_int_eq(decode_vcpu(nlmsg_hdr(msg), vcpus.vcpu), 0);
	nlmsg_free(msg);
	ck_assert_uint_eq(vcpus.vcpu->binding[PVSCHED_CAP_RTPRIO].value, 0);
	ck_assert_uint_eq(vcpus.vcpu->binding[PVSCHED_CAP_SECTION].value,
			  PVSCHED_UNLIMITED);
	view_vm(&vm, &vcpus, to);
	json_print_line(json_vm(&vm, &vcpus), to);
	fclose(to);
	ck_assert_ptr_nonnull(strstr(text, "bound by: rtprio 0 (host)\n"));
	ck_assert_ptr_nonnull(strstr(
		text,
		"\"binding\":{\"rtprio\":{\"value\":0,\"from\":\"host\"}}"));
	free(text);
}
END_TEST

/* None has followed yet; the next one's number is behind them. */
START_TEST(dropped_without_an_event)
{
	struct event_seq seq = {};
	struct seen seen = {};
	uint64_t before;
	int i;

	for (i = 0; i < 2; i++) {
		struct nl_msg *msg =
			events_message(PVSCHED_CMD_BOOST_NTF, 0, 0);

		before = seen.lost;
		nla_put_u64(msg, PVSCHED_A_EVENTS_DROPPED, 7);
		ck_assert_int_eq(
			decode_events(nlmsg_hdr(msg), &seq, on_event, &seen),
			1);
		nlmsg_free(msg);
		ck_assert_uint_eq(seen.lost, before + 7);
		ck_assert_int_eq(feed(&seq, &seen, PVSCHED_CMD_BOOST_NTF,
				      100 + 8 * i, 1),
				 1);
		ck_assert_uint_eq(seen.lost, before + 7);
	}
	ck_assert_uint_eq(seen.gaps, 2);
	ck_assert_uint_eq(seen.events, 2);
	/* One that lost numbers besides. */
	ck_assert_int_eq(feed(&seq, &seen, PVSCHED_CMD_BOOST_NTF, 111, 1), 1);
	ck_assert_uint_eq(seen.lost, 14 + 2);
}
END_TEST

START_TEST(stops_when_told)
{
	struct event_seq seq = {};
	struct seen seen = { .stop_after = 3 };

	ck_assert_int_eq(feed(&seq, &seen, PVSCHED_CMD_BOOST_NTF, 1, 5), 0);
	ck_assert_uint_eq(seen.events, 3);
}
END_TEST

START_TEST(other_commands_are_skipped)
{
	struct event_seq seq = {};
	struct seen seen = {};

	ck_assert_int_eq(feed(&seq, &seen, 200, 1, 5), 1);
	ck_assert_uint_eq(seen.events, 0);
}
END_TEST

static void decode_all(struct nlmsghdr *msg)
{
	struct pvsched_vm_info vm;
	struct pvsched_vcpu_info vcpu;
	struct pvsched_caps_info caps;
	struct pvsched_policy_info policy;
	struct event_seq seq = {};
	struct seen seen = {};

	decode_vm(msg, &vm);
	decode_vcpu(msg, &vcpu);
	decode_caps(msg, &caps);
	decode_policy(msg, &policy);
	decode_events(msg, &seq, on_event, &seen);
	ck_assert_uint_lt(strnlen(vm.name, sizeof(vm.name)), sizeof(vm.name));
	ck_assert_uint_lt(strnlen(vcpu.vm, sizeof(vcpu.vm)), sizeof(vcpu.vm));
}

/* A copy of exactly the size, for the sanitizer to see a byte too much. */
static void decode_copy(const struct nlmsghdr *msg, size_t len, int damage)
{
	struct nlmsghdr *copy = malloc(len);
	int i;

	memcpy(copy, msg, len);
	for (i = 0; i < damage; i++)
		((char *)copy)[sizeof(*copy) + rand() % (len - sizeof(*copy))] =
			rand();
	copy->nlmsg_len = len;
	decode_all(copy);
	free(copy);
}

START_TEST(cut_and_damaged)
{
	struct nl_msg *msgs[] = {
		vm_message(),
		vcpu_message(),
		policy_message(),
		set_message(PVSCHED_EVENT_POLICY),
		events_message(PVSCHED_CMD_BOOST_NTF, 1, 3),
	};
	size_t i, len;
	int round;

	srand(1);
	for (i = 0; i < sizeof(msgs) / sizeof(msgs[0]); i++) {
		const struct nlmsghdr *msg = nlmsg_hdr(msgs[i]);

		for (len = sizeof(*msg); len <= msg->nlmsg_len; len++)
			decode_copy(msg, len, 0);
		for (round = 0; round < 5000; round++)
			decode_copy(msg, msg->nlmsg_len, 1 + rand() % 8);
		nlmsg_free(msgs[i]);
	}
}
END_TEST

static const char disabled_line[] =
	"boosts are disabled on this host (pvsched enable)\n";

static const char expected_list[] =
	"VM     VCPU   TID  CPU  STATE      BASELINE  ASKS     SLEEPER  GRANTED  BOOSTS  DOORBELLS  THROTTLES  BOOSTED\n"
	"web-1     3  1240    1  preempted  nice -5   fifo 50  -        fifo 10      42         41          1   1.234s\n";

START_TEST(list_as_text)
{
	const struct pvsched_host_info host = { .enabled = _i };
	struct nl_msg *vm_msg = vm_message(), *vcpu_msg = vcpu_message();
	struct pvsched_vcpu_info vcpu;
	struct pvsched_vm_info vm;
	const struct pvsched_vms vms = { &vm, 1 };
	const struct pvsched_vcpus vcpus = { &vcpu, 1 };
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	ck_assert_int_eq(decode_vm(nlmsg_hdr(vm_msg), &vm), 0);
	ck_assert_int_eq(decode_vcpu(nlmsg_hdr(vcpu_msg), &vcpu), 0);
	ck_assert_int_eq(view_list(&host, &vms, &vcpus, to), 0);
	fclose(to);
	if (!host.enabled)
		ck_assert_mem_eq(text, disabled_line, strlen(disabled_line));
	ck_assert_str_eq(text + (host.enabled ? 0 : strlen(disabled_line)),
			 expected_list);
	free(text);
	nlmsg_free(vm_msg);
	nlmsg_free(vcpu_msg);
}
END_TEST

START_TEST(disabling_as_text_and_json)
{
	struct nl_msg *msg = host_message();
	struct pvsched_host_info host;
	struct json_object *json;
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	ck_assert_int_eq(decode_host(nlmsg_hdr(msg), &host), 0);
	ck_assert_int_eq(view_host_set(&host, to), 0);
	fclose(to);
	ck_assert_str_eq(text + strlen(disabled_line),
			 "boosts ended: 12, the last after 345 us\n");
	json = json_host_set(&host);
	ck_assert_str_eq(
		json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN),
		"{\"schema\":1,\"host\":{\"enabled\":false,\"boosted\":0,"
		"\"held\":true,\"canary_ms\":200,\"canary_trips\":3},"
		"\"ended\":12,\"ended_ns\":345678}");
	json_object_put(json);
	free(text);
	nlmsg_free(msg);
}
END_TEST

static const char expected_show[] =
	"VM web-1: id 7, pid 1234, user 4000000000, policy boost, payback on, protocol urgency version 1\n"
	"vCPUs 1, boosted 1, throttled 0\n"
	"\n"
	"VCPU   TID  CPU  STATE      BASELINE  ASKS     SLEEPER  GRANTED  BOOSTS  DOORBELLS  THROTTLES  BOOSTED\n"
	"   3  1240    1  preempted  nice -5   fifo 50  -        fifo 10      42         41          1   1.234s\n"
	"\n"
	"vCPU 3\n"
	"  bound by: rtprio 10 (vm), runtime 11us (vm), period 12us (vm), slice 13us (vm), "
	"nice 6 (vm), kicks 15 (vm), vcpus 16 (vm), section 17us (vm)\n"
	"  payback: owes 0.987 ms, share 50 %\n"
	"  boosts: preempted 2, interrupt 40\n"
	"  ends of boosts: doorbell 41\n"
	"  boosts in vain: 0\n"
	"  preempted while urgent: 0\n"
	"  waited for a CPU: 0.0us, while urgent: 0.0us\n"
	"\n"
	"All vCPUs, those that are gone too\n"
	"  boosts: halt 50\n"
	"  ends of boosts: none\n"
	"  boosts in vain: 6\n"
	"  preempted while urgent: 8\n"
	"  waited for a CPU: 5.0s, while urgent: 70.0ms\n"
	"\n"
	"VCPU  TIME         COUNT  AVERAGE     50%    99%    MAX\n"
	" all  wait_urgent     10    7.0ms  <2.1ms  >4.3s  >4.3s\n";

START_TEST(vm_as_text)
{
	struct nl_msg *vm_msg = vm_message(), *vcpu_msg = vcpu_message();
	struct pvsched_vcpu_info vcpu;
	struct pvsched_vm_info vm;
	const struct pvsched_vcpus vcpus = { &vcpu, 1 };
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	ck_assert_int_eq(decode_vm(nlmsg_hdr(vm_msg), &vm), 0);
	ck_assert_int_eq(decode_vcpu(nlmsg_hdr(vcpu_msg), &vcpu), 0);
	ck_assert_int_eq(view_vm(&vm, &vcpus, to), 0);
	fclose(to);
	ck_assert_str_eq(text, expected_show);
	free(text);
	nlmsg_free(vm_msg);
	nlmsg_free(vcpu_msg);
}
END_TEST

#define NO_TIMES "{\"count\":0,\"sum_ns\":0,\"buckets\":[]}"

static const char expected_json[] =
	"{\"name\":\"web-1\",\"id\":7,\"pid\":1234,\"uid\":4000000000,\"user\":null,"
	"\"kind\":\"vm\",\"policy\":\"boost\","
	"\"payback\":true,\"protocol\":\"urgency\",\"protocol_version\":1,\"vcpus\":[{\"id\":3,"
	"\"tid\":1240,\"cpu\":1,\"state\":\"preempted\",\"boosted\":true,"
	"\"throttled\":false,\"owner_changed\":false,\"rttime_short\":false,\"by_hand\":false,"
	"\"wordless\":false,\"baseline\":\"nice -5\","
	"\"current\":{\"level\":21,\"name\":\"nice 0\"},"
	"\"waiter\":{\"level\":92,\"name\":\"fifo 50\"},\"sleeper\":null,"
	"\"granted\":{\"level\":52,\"name\":\"fifo 10\"},\"cause\":\"interrupt\","
	"\"binding\":{\"rtprio\":{\"value\":10,\"from\":\"vm\"},"
	"\"runtime\":{\"value\":11,\"from\":\"vm\"},"
	"\"period\":{\"value\":12,\"from\":\"vm\"},"
	"\"slice\":{\"value\":13,\"from\":\"vm\"},"
	"\"nice\":{\"value\":6,\"from\":\"vm\"},"
	"\"kicks\":{\"value\":15,\"from\":\"vm\"},"
	"\"vcpus\":{\"value\":16,\"from\":\"vm\"},"
	"\"section\":{\"value\":17,\"from\":\"vm\"}},"
	"\"share\":0.5,\"stats\":{\"boosts\":42,\"boosts_by_cause\":{\"preempted\":2,"
	"\"interrupt\":40},\"deboosts_by_cause\":{\"doorbell\":41},"
	"\"doorbells\":41,\"doorbells_ignored\":5,\"spurious\":0,\"throttles\":1,\"would_boost\":0,"
	"\"preempted_urgent\":0,\"boosted_ns\":1234567890,\"waited_ns\":0,"
	"\"waited_urgent_ns\":0,\"debt_ns\":987654,"
	"\"histograms\":{\"wait_urgent\":" NO_TIMES
	",\"event_latency\":" NO_TIMES ",\"boost_length\":" NO_TIMES
	",\"deboost_latency\":" NO_TIMES "}}}],"
	"\"stats\":{\"boosts\":50,\"boosts_by_cause\":{\"halt\":50},"
	"\"deboosts_by_cause\":{},\"doorbells\":0,\"doorbells_ignored\":0,\"spurious\":6,"
	"\"throttles\":0,\"would_boost\":0,\"preempted_urgent\":8,"
	"\"boosted_ns\":0,\"waited_ns\":5000000000,"
	"\"waited_urgent_ns\":70000000,\"debt_ns\":0,"
	"\"histograms\":{\"wait_urgent\":{\"count\":10,\"sum_ns\":70000000,"
	"\"buckets\":[{\"below_ns\":1024,\"count\":3},"
	"{\"below_ns\":2097152,\"count\":4},{\"below_ns\":null,\"count\":3}]},"
	"\"event_latency\":" NO_TIMES ",\"boost_length\":" NO_TIMES
	",\"deboost_latency\":" NO_TIMES "}}}\n";

START_TEST(vm_as_json)
{
	struct nl_msg *vm_msg = vm_message(), *vcpu_msg = vcpu_message();
	struct pvsched_vcpu_info vcpu;
	struct pvsched_vm_info vm;
	const struct pvsched_vcpus vcpus = { &vcpu, 1 };
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	ck_assert_int_eq(decode_vm(nlmsg_hdr(vm_msg), &vm), 0);
	ck_assert_int_eq(decode_vcpu(nlmsg_hdr(vcpu_msg), &vcpu), 0);
	ck_assert_int_eq(json_print_line(json_vm(&vm, &vcpus), to), 0);
	fclose(to);
	ck_assert_str_eq(text, expected_json);
	free(text);
	nlmsg_free(vm_msg);
	nlmsg_free(vcpu_msg);
}
END_TEST

static bool keep_event(const struct pvsched_event *event, void *arg)
{
	*(struct pvsched_event *)arg = *event;
	return true;
}

static const struct event_clock no_clock;

START_TEST(event_as_text_and_json)
{
	static const struct event_clock clock = { .start_ns = 3000000 };
	struct nl_msg *msg = events_message(PVSCHED_CMD_BOOST_NTF, 5, 1);
	struct event_seq seq = {};
	struct pvsched_event event;
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	ck_assert_int_eq(
		decode_events(nlmsg_hdr(msg), &seq, keep_event, &event), 1);
	ck_assert_int_eq(view_event(&event, &clock, to), 0);
	ck_assert_int_eq(json_print_line(json_event(&event, &clock), to), 0);
	event.gap = true;
	event.lost = 3;
	ck_assert_int_eq(view_event(&event, &no_clock, to), 0);
	ck_assert_int_eq(json_print_line(json_event(&event, &no_clock), to), 0);
	event.lost = 0;
	ck_assert_int_eq(json_print_line(json_event(&event, &no_clock), to), 0);
	fclose(to);
	ck_assert_str_eq(
		text,
		"boost  5 +0.002000 boost web-1/3 fifo 10: interrupt, cpu 1\n"
		"{\"schema\":1,\"group\":\"boost\",\"kind\":\"boost\",\"seq\":5,"
		"\"time_ns\":5000000,\"since_ns\":2000000,"
		"\"time\":\"1970-01-01T00:00:00.005000Z\",\"vm\":\"web-1\",\"vcpu\":3,"
		"\"tid\":1240,\"granted\":{\"level\":52,\"name\":\"fifo 10\"},"
		"\"cause\":\"interrupt\",\"cpu\":1}\n"
		"boost  gap +0.005000: 3 events lost\n"
		"{\"schema\":1,\"group\":\"boost\",\"kind\":\"gap\",\"lost\":3,\"gone\":false,"
		"\"time_ns\":5000000,\"since_ns\":5000000,"
		"\"time\":\"1970-01-01T00:00:00.005000Z\"}\n"
		"{\"schema\":1,\"group\":null,\"kind\":\"gap\",\"lost\":null,\"gone\":false,"
		"\"time_ns\":5000000,\"since_ns\":5000000,"
		"\"time\":\"1970-01-01T00:00:00.005000Z\"}\n");
	free(text);
	nlmsg_free(msg);
}
END_TEST

START_TEST(set_as_text_and_json)
{
	static const uint32_t kinds[] = { PVSCHED_EVENT_POLICY,
					  PVSCHED_EVENT_PAYBACK };
	struct pvsched_event event;
	char *text = NULL;
	size_t len, i;
	FILE *to = open_memstream(&text, &len);

	for (i = 0; i < 2; i++) {
		struct nl_msg *msg = set_message(kinds[i]);
		struct event_seq seq = {};

		ck_assert_int_eq(
			decode_events(nlmsg_hdr(msg), &seq, keep_event, &event),
			1);
		ck_assert_int_eq(view_event(&event, &no_clock, to), 0);
		ck_assert_int_eq(
			json_print_line(json_event(&event, &no_clock), to), 0);
		nlmsg_free(msg);
	}
	fclose(to);
	ck_assert_str_eq(
		text,
		"config 1 +0.000000 policy web-1 blind\n"
		"{\"schema\":1,\"group\":\"config\",\"kind\":\"policy\",\"seq\":1,"
		"\"time_ns\":0,\"since_ns\":0,"
		"\"time\":\"1970-01-01T00:00:00.000000Z\",\"vm\":\"web-1\",\"vcpu\":null,"
		"\"pid\":null,\"policy\":\"blind\"}\n"
		"config 1 +0.000000 payback web-1 on\n"
		"{\"schema\":1,\"group\":\"config\",\"kind\":\"payback\",\"seq\":1,"
		"\"time_ns\":0,\"since_ns\":0,"
		"\"time\":\"1970-01-01T00:00:00.000000Z\",\"vm\":\"web-1\",\"vcpu\":null,"
		"\"pid\":null,\"payback\":true}\n");
	free(text);
}
END_TEST

static const struct {
	unsigned int level;
	const char *text;
} levels[] = {
	{ 0, "idle" },	      { 1, "idle-class" },
	{ 2, "nice 19" },     { 21, "nice 0" },
	{ 26, "nice -5" },    { 41, "nice -20" },
	{ 42, "level 42" },   { 43, "fifo 1" },
	{ 141, "fifo 99" },   { 142, "deadline" },
	{ 143, "level 143" }, { 4294967295U, "level 4294967295" },
};

START_TEST(levels_by_name)
{
	char text[PVSCHED_TEXT_LEN];

	ck_assert_str_eq(pvsched_level_text(levels[_i].level, text),
			 levels[_i].text);
}
END_TEST

/* A name was forgotten if one is "unknown". */
START_TEST(everything_has_a_name)
{
	unsigned int i;

	for (i = 0; i <= PVSCHED_CAP_MAX; i++)
		ck_assert_str_ne(pvsched_cap_name(i), "unknown");
	for (i = 0; i <= PVSCHED_CAUSE_MAX; i++)
		ck_assert_str_ne(pvsched_cause_name(i), "unknown");
	for (i = 0; i <= PVSCHED_VCPU_STATE_MAX; i++)
		ck_assert_str_ne(pvsched_state_name(i), "unknown");
	for (i = 0; i <= PVSCHED_EVENT_MAX; i++)
		ck_assert_str_ne(pvsched_event_name(i), "unknown");
	for (i = 0; i < PVSCHED_HIST_COUNT; i++)
		ck_assert_str_ne(pvsched_hist_name(i), "unknown");
	ck_assert_str_eq(pvsched_cause_name(1000), "unknown");
}
END_TEST

static Suite *decode_suite(void)
{
	Suite *suite = suite_create("decode");
	TCase *decode = tcase_create("decode");
	TCase *shown = tcase_create("shown");

	tcase_set_timeout(decode, 60);
	tcase_add_test(decode, vm_whole);
	tcase_add_test(decode, policy_whole);
	tcase_add_test(decode, vcpu_whole);
	tcase_add_test(decode, host_whole);
	tcase_add_test(decode, host_without_state);
	tcase_add_test(decode, caps_whole);
	tcase_add_test(decode, gaps_are_told);
	tcase_add_test(decode, dropped_before_the_first);
	tcase_add_test(decode, dropped_without_an_event);
	tcase_add_test(decode, cap_not_there);
	tcase_add_test(decode, stops_when_told);
	tcase_add_test(decode, other_commands_are_skipped);
	tcase_add_test(decode, cut_and_damaged);
	suite_add_tcase(suite, decode);
	tcase_add_loop_test(shown, list_as_text, 0, 2);
	tcase_add_test(shown, vm_as_text);
	tcase_add_test(shown, disabling_as_text_and_json);
	tcase_add_test(shown, vm_as_json);
	tcase_add_test(shown, policies_as_text_and_json);
	tcase_add_test(shown, set_as_text_and_json);
	tcase_add_test(shown, event_as_text_and_json);
	tcase_add_loop_test(shown, levels_by_name, 0,
			    sizeof(levels) / sizeof(levels[0]));
	tcase_add_test(shown, everything_has_a_name);
	suite_add_tcase(suite, shown);
	return suite;
}

int main(void)
{
	return check_run(decode_suite());
}
