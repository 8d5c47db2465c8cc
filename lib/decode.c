// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Messages of the kernel, taken apart.
 *
 * Attributes that are not known are skipped: a newer kernel may have more. So
 * are causes and caps that there is no room for.
 */
#include <errno.h>
#include <string.h>

#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "decode.h"
#include "wake.h"

static const struct nla_policy cap_policy[PVSCHED_A_CAP_MAX + 1] = {
	[PVSCHED_A_CAP_ID] = { .type = NLA_U32 },
	[PVSCHED_A_CAP_LEVEL] = { .type = NLA_U32 },
	[PVSCHED_A_CAP_SOFT] = { .type = NLA_U64 },
	[PVSCHED_A_CAP_HARD] = { .type = NLA_U64 },
};

static const struct nla_policy caps_policy[PVSCHED_A_CAPS_MAX + 1] = {
	[PVSCHED_A_CAPS_CAP] = { .type = NLA_NESTED },
	[PVSCHED_A_CAPS_OLD] = { .type = NLA_NESTED },
	[PVSCHED_A_CAPS_BINDING] = { .type = NLA_NESTED },
};

static const struct nla_policy host_policy[PVSCHED_A_HOST_MAX + 1] = {
	[PVSCHED_A_HOST_ENABLED] = { .type = NLA_U32 },
	[PVSCHED_A_HOST_BOOSTED] = { .type = NLA_U32 },
	[PVSCHED_A_HOST_HELD] = { .type = NLA_U32 },
	[PVSCHED_A_HOST_CANARY] = { .type = NLA_U32 },
	[PVSCHED_A_HOST_CANARY_TRIPS] = { .type = NLA_U64 },
	[PVSCHED_A_HOST_ENDED] = { .type = NLA_U32 },
	[PVSCHED_A_HOST_ENDED_NS] = { .type = NLA_U64 },
};

static const struct nla_policy vm_policy[PVSCHED_A_VM_MAX + 1] = {
	[PVSCHED_A_VM_ID] = { .type = NLA_U32 },
	[PVSCHED_A_VM_NAME] = { .type = NLA_STRING },
	[PVSCHED_A_VM_PID] = { .type = NLA_U32 },
	[PVSCHED_A_VM_UID] = { .type = NLA_U32 },
	[PVSCHED_A_VM_POLICY] = { .type = NLA_STRING },
	[PVSCHED_A_VM_PROTOCOL] = { .type = NLA_STRING },
	[PVSCHED_A_VM_PROTOCOL_VERSION] = { .type = NLA_U32 },
	[PVSCHED_A_VM_VCPUS] = { .type = NLA_U32 },
	[PVSCHED_A_VM_BOOSTED] = { .type = NLA_U32 },
	[PVSCHED_A_VM_THROTTLED] = { .type = NLA_U32 },
	[PVSCHED_A_VM_KIND] = { .type = NLA_U32 },
	[PVSCHED_A_VM_STATS] = { .type = NLA_NESTED },
	[PVSCHED_A_VM_PAYBACK] = { .type = NLA_U8 },
};

static const struct nla_policy policy_policy[PVSCHED_A_POLICY_MAX + 1] = {
	[PVSCHED_A_POLICY_NAME] = { .type = NLA_STRING },
	[PVSCHED_A_POLICY_PROTOCOL] = { .type = NLA_STRING },
	[PVSCHED_A_POLICY_PROTOCOL_VERSION] = { .type = NLA_U32 },
	[PVSCHED_A_POLICY_MODULE] = { .type = NLA_STRING },
	[PVSCHED_A_POLICY_VMS] = { .type = NLA_U32 },
	[PVSCHED_A_POLICY_FAULTS] = { .type = NLA_U64 },
};

static const struct nla_policy count_policy[PVSCHED_A_CAUSE_COUNT_MAX + 1] = {
	[PVSCHED_A_CAUSE_COUNT_CAUSE] = { .type = NLA_U32 },
	[PVSCHED_A_CAUSE_COUNT_COUNT] = { .type = NLA_U64 },
};

static const struct nla_policy stats_policy[PVSCHED_A_STATS_MAX + 1] = {
	[PVSCHED_A_STATS_BOOSTS] = { .type = NLA_NESTED },
	[PVSCHED_A_STATS_DEBOOSTS] = { .type = NLA_NESTED },
	[PVSCHED_A_STATS_DOORBELLS] = { .type = NLA_U64 },
	[PVSCHED_A_STATS_THROTTLES] = { .type = NLA_U64 },
	[PVSCHED_A_STATS_WOULD_BOOST] = { .type = NLA_U64 },
	[PVSCHED_A_STATS_BOOSTED_NS] = { .type = NLA_U64 },
	[PVSCHED_A_STATS_DEBT_NS] = { .type = NLA_U64 },
	[PVSCHED_A_STATS_DOORBELLS_IGNORED] = { .type = NLA_U64 },
	[PVSCHED_A_STATS_SPURIOUS] = { .type = NLA_U64 },
	[PVSCHED_A_STATS_PREEMPTED_URGENT] = { .type = NLA_U64 },
	[PVSCHED_A_STATS_WAITED_NS] = { .type = NLA_U64 },
	[PVSCHED_A_STATS_WAITED_URGENT_NS] = { .type = NLA_U64 },
	[PVSCHED_A_STATS_WAIT_URGENT] = { .type = NLA_NESTED },
	[PVSCHED_A_STATS_EVENT_LATENCY] = { .type = NLA_NESTED },
	[PVSCHED_A_STATS_BOOST_LENGTH] = { .type = NLA_NESTED },
	[PVSCHED_A_STATS_DEBOOST_LATENCY] = { .type = NLA_NESTED },
};

static const struct nla_policy hist_policy[PVSCHED_A_HISTOGRAM_MAX + 1] = {
	[PVSCHED_A_HISTOGRAM_SUM_NS] = { .type = NLA_U64 },
};

static const int hist_attrs[PVSCHED_HIST_COUNT] = {
	[PVSCHED_HIST_WAIT_URGENT] = PVSCHED_A_STATS_WAIT_URGENT,
	[PVSCHED_HIST_EVENT_LATENCY] = PVSCHED_A_STATS_EVENT_LATENCY,
	[PVSCHED_HIST_BOOST_LENGTH] = PVSCHED_A_STATS_BOOST_LENGTH,
	[PVSCHED_HIST_DEBOOST_LATENCY] = PVSCHED_A_STATS_DEBOOST_LATENCY,
};

static const struct nla_policy vcpu_policy[PVSCHED_A_VCPU_MAX + 1] = {
	[PVSCHED_A_VCPU_VM] = { .type = NLA_STRING },
	[PVSCHED_A_VCPU_VM_ID] = { .type = NLA_U32 },
	[PVSCHED_A_VCPU_ID] = { .type = NLA_U32 },
	[PVSCHED_A_VCPU_TID] = { .type = NLA_U32 },
	[PVSCHED_A_VCPU_CPU] = { .type = NLA_U32 },
	[PVSCHED_A_VCPU_STATE] = { .type = NLA_U32 },
	[PVSCHED_A_VCPU_FLAGS] = { .type = NLA_U32 },
	[PVSCHED_A_VCPU_BASELINE_POLICY] = { .type = NLA_U32 },
	[PVSCHED_A_VCPU_BASELINE_NICE] = { .type = NLA_U32 },
	[PVSCHED_A_VCPU_BASELINE_RTPRIO] = { .type = NLA_U32 },
	[PVSCHED_A_VCPU_CURRENT] = { .type = NLA_U32 },
	[PVSCHED_A_VCPU_WAITER] = { .type = NLA_U32 },
	[PVSCHED_A_VCPU_SLEEPER] = { .type = NLA_U32 },
	[PVSCHED_A_VCPU_GRANTED] = { .type = NLA_U32 },
	[PVSCHED_A_VCPU_CAUSE] = { .type = NLA_U32 },
	[PVSCHED_A_VCPU_BINDING] = { .type = NLA_NESTED },
	[PVSCHED_A_VCPU_STATS] = { .type = NLA_NESTED },
	[PVSCHED_A_VCPU_SHARE] = { .type = NLA_U32 },
	[PVSCHED_A_VCPU_TIME_NS] = { .type = NLA_U64 },
};

static const struct nla_policy event_policy[PVSCHED_A_EVENT_MAX + 1] = {
	[PVSCHED_A_EVENT_SEQ] = { .type = NLA_U64 },
	[PVSCHED_A_EVENT_TIME_NS] = { .type = NLA_U64 },
	[PVSCHED_A_EVENT_KIND] = { .type = NLA_U32 },
	[PVSCHED_A_EVENT_VM] = { .type = NLA_STRING },
	[PVSCHED_A_EVENT_VM_ID] = { .type = NLA_U32 },
	[PVSCHED_A_EVENT_VCPU] = { .type = NLA_U32 },
	[PVSCHED_A_EVENT_PID] = { .type = NLA_U32 },
	[PVSCHED_A_EVENT_LEVEL] = { .type = NLA_U32 },
	[PVSCHED_A_EVENT_CAUSE] = { .type = NLA_U32 },
	[PVSCHED_A_EVENT_CPU] = { .type = NLA_U32 },
	[PVSCHED_A_EVENT_WAITED_NS] = { .type = NLA_U64 },
	[PVSCHED_A_EVENT_HOLD_NS] = { .type = NLA_U64 },
	[PVSCHED_A_EVENT_CAP] = { .type = NLA_NESTED },
	[PVSCHED_A_EVENT_POLICY] = { .type = NLA_STRING },
	[PVSCHED_A_EVENT_PAYBACK] = { .type = NLA_U8 },
};

/* An absent attribute reads as 0 or as the empty string. */

static uint8_t get_u8(struct nlattr *attr)
{
	return attr ? nla_get_u8(attr) : 0;
}

static uint32_t get_u32(struct nlattr *attr)
{
	return attr ? nla_get_u32(attr) : 0;
}

static uint64_t get_u64(struct nlattr *attr)
{
	return attr ? nla_get_u64(attr) : 0;
}

static void get_string(char *to, size_t size, struct nlattr *attr)
{
	to[0] = '\0';
	if (attr)
		nla_strlcpy(to, attr, size);
}

/* All attributes of a type, as several may be side by side. */
#define for_each_of_type(pos, attrs, len, rem, wanted) \
	nla_for_each_attr(pos, attrs, len, rem) if (nla_type(pos) == (wanted))

#define for_each_in_message(pos, msg, rem, wanted)                  \
	for_each_of_type(pos, genlmsg_attrdata(nlmsg_data(msg), 0), \
			 genlmsg_attrlen(nlmsg_data(msg), 0), rem, wanted)

#define for_each_in_nest(pos, nest, rem, wanted) \
	for_each_of_type(pos, nla_data(nest), nla_len(nest), rem, wanted)

static int cap_parse(struct nlattr *nest, struct nlattr **tb)
{
	if (nla_parse_nested(tb, PVSCHED_A_CAP_MAX, nest, cap_policy) < 0 ||
	    !tb[PVSCHED_A_CAP_ID])
		return -EBADMSG;
	return 0;
}

static int decode_cap(struct nlattr *nest, struct pvsched_cap_info *caps)
{
	struct nlattr *tb[PVSCHED_A_CAP_MAX + 1];
	uint32_t id;

	if (cap_parse(nest, tb))
		return -EBADMSG;
	id = nla_get_u32(tb[PVSCHED_A_CAP_ID]);
	if (id >= PVSCHED_CAP_ROOM)
		return 0;
	caps[id].present = true;
	caps[id].soft = get_u64(tb[PVSCHED_A_CAP_SOFT]);
	caps[id].hard = get_u64(tb[PVSCHED_A_CAP_HARD]);
	return 0;
}

/* A cap that the kernel does not tell of, as one of an older version. */
static void bindings_none(struct pvsched_binding_info *binding)
{
	unsigned int i;

	for (i = 0; i < PVSCHED_CAP_ROOM; i++)
		binding[i].value = PVSCHED_UNLIMITED;
}

static int decode_binding(struct nlattr *nest,
			  struct pvsched_binding_info *binding)
{
	struct nlattr *tb[PVSCHED_A_CAP_MAX + 1];
	uint32_t id;

	if (cap_parse(nest, tb))
		return -EBADMSG;
	id = nla_get_u32(tb[PVSCHED_A_CAP_ID]);
	if (id >= PVSCHED_CAP_ROOM)
		return 0;
	binding[id].value = get_u64(tb[PVSCHED_A_CAP_SOFT]);
	binding[id].level = get_u32(tb[PVSCHED_A_CAP_LEVEL]);
	return 0;
}

static int decode_count(struct nlattr *nest, uint64_t *counts)
{
	struct nlattr *tb[PVSCHED_A_CAUSE_COUNT_MAX + 1];
	uint32_t cause;

	if (nla_parse_nested(tb, PVSCHED_A_CAUSE_COUNT_MAX, nest,
			     count_policy) < 0 ||
	    !tb[PVSCHED_A_CAUSE_COUNT_CAUSE])
		return -EBADMSG;
	cause = nla_get_u32(tb[PVSCHED_A_CAUSE_COUNT_CAUSE]);
	if (cause < PVSCHED_CAUSE_ROOM)
		counts[cause] = get_u64(tb[PVSCHED_A_CAUSE_COUNT_COUNT]);
	return 0;
}

/* A newer kernel may have more buckets: they belong to the last one here. */
static void decode_buckets(struct nlattr *attr, uint64_t *buckets)
{
	size_t i, last, count = nla_len(attr) / sizeof(*buckets);
	const char *data = nla_data(attr);
	uint64_t value;

	for (i = 0; i < count; i++) {
		memcpy(&value, data + i * sizeof(value), sizeof(value));
		last = PVSCHED_HIST_BUCKETS - 1;
		buckets[i < last ? i : last] += value;
	}
}

static int decode_hist(struct nlattr *nest, struct pvsched_hist_info *hist)
{
	struct nlattr *tb[PVSCHED_A_HISTOGRAM_MAX + 1];

	if (nla_parse_nested(tb, PVSCHED_A_HISTOGRAM_MAX, nest, hist_policy) <
	    0)
		return -EBADMSG;
	hist->sum_ns = get_u64(tb[PVSCHED_A_HISTOGRAM_SUM_NS]);
	if (tb[PVSCHED_A_HISTOGRAM_BUCKET])
		decode_buckets(tb[PVSCHED_A_HISTOGRAM_BUCKET], hist->bucket);
	return 0;
}

static int decode_hists(struct nlattr **tb, struct pvsched_hist_info *hists)
{
	unsigned int id;

	for (id = 0; id < PVSCHED_HIST_COUNT; id++)
		if (tb[hist_attrs[id]] &&
		    decode_hist(tb[hist_attrs[id]], &hists[id]))
			return -EBADMSG;
	return 0;
}

static int decode_stats(struct nlattr *nest, struct pvsched_stats_info *stats)
{
	struct nlattr *tb[PVSCHED_A_STATS_MAX + 1];
	struct nlattr *pos;
	int rem;

	if (nla_parse_nested(tb, PVSCHED_A_STATS_MAX, nest, stats_policy) < 0)
		return -EBADMSG;
	for_each_in_nest(pos, nest, rem, PVSCHED_A_STATS_BOOSTS) if (
		decode_count(pos, stats->boosts)) return -EBADMSG;
	for_each_in_nest(pos, nest, rem, PVSCHED_A_STATS_DEBOOSTS) if (
		decode_count(pos, stats->deboosts)) return -EBADMSG;
	stats->doorbells = get_u64(tb[PVSCHED_A_STATS_DOORBELLS]);
	stats->throttles = get_u64(tb[PVSCHED_A_STATS_THROTTLES]);
	stats->would_boost = get_u64(tb[PVSCHED_A_STATS_WOULD_BOOST]);
	stats->boosted_ns = get_u64(tb[PVSCHED_A_STATS_BOOSTED_NS]);
	stats->debt_ns = get_u64(tb[PVSCHED_A_STATS_DEBT_NS]);
	stats->doorbells_ignored =
		get_u64(tb[PVSCHED_A_STATS_DOORBELLS_IGNORED]);
	stats->spurious = get_u64(tb[PVSCHED_A_STATS_SPURIOUS]);
	stats->preempted_urgent = get_u64(tb[PVSCHED_A_STATS_PREEMPTED_URGENT]);
	stats->waited_ns = get_u64(tb[PVSCHED_A_STATS_WAITED_NS]);
	stats->waited_urgent_ns = get_u64(tb[PVSCHED_A_STATS_WAITED_URGENT_NS]);
	return decode_hists(tb, stats->hist);
}

int decode_vm(struct nlmsghdr *msg, struct pvsched_vm_info *vm)
{
	struct nlattr *tb[PVSCHED_A_VM_MAX + 1];

	memset(vm, 0, sizeof(*vm));
	if (!genlmsg_valid_hdr(msg, 0) ||
	    genlmsg_parse(msg, 0, tb, PVSCHED_A_VM_MAX, vm_policy) < 0 ||
	    !tb[PVSCHED_A_VM_NAME])
		return -EBADMSG;
	vm->id = get_u32(tb[PVSCHED_A_VM_ID]);
	get_string(vm->name, sizeof(vm->name), tb[PVSCHED_A_VM_NAME]);
	vm->pid = get_u32(tb[PVSCHED_A_VM_PID]);
	vm->uid = get_u32(tb[PVSCHED_A_VM_UID]);
	get_string(vm->policy, sizeof(vm->policy), tb[PVSCHED_A_VM_POLICY]);
	get_string(vm->protocol, sizeof(vm->protocol),
		   tb[PVSCHED_A_VM_PROTOCOL]);
	vm->protocol_version = get_u32(tb[PVSCHED_A_VM_PROTOCOL_VERSION]);
	vm->vcpus = get_u32(tb[PVSCHED_A_VM_VCPUS]);
	vm->boosted = get_u32(tb[PVSCHED_A_VM_BOOSTED]);
	vm->throttled = get_u32(tb[PVSCHED_A_VM_THROTTLED]);
	vm->kind = get_u32(tb[PVSCHED_A_VM_KIND]);
	vm->payback = get_u8(tb[PVSCHED_A_VM_PAYBACK]);
	if (tb[PVSCHED_A_VM_STATS])
		return decode_stats(tb[PVSCHED_A_VM_STATS], &vm->stats);
	return 0;
}

int decode_policy(struct nlmsghdr *msg, struct pvsched_policy_info *policy)
{
	struct nlattr *tb[PVSCHED_A_POLICY_MAX + 1];

	memset(policy, 0, sizeof(*policy));
	if (!genlmsg_valid_hdr(msg, 0) ||
	    genlmsg_parse(msg, 0, tb, PVSCHED_A_POLICY_MAX, policy_policy) <
		    0 ||
	    !tb[PVSCHED_A_POLICY_NAME])
		return -EBADMSG;
	get_string(policy->name, sizeof(policy->name),
		   tb[PVSCHED_A_POLICY_NAME]);
	get_string(policy->protocol, sizeof(policy->protocol),
		   tb[PVSCHED_A_POLICY_PROTOCOL]);
	policy->protocol_version =
		get_u32(tb[PVSCHED_A_POLICY_PROTOCOL_VERSION]);
	get_string(policy->module, sizeof(policy->module),
		   tb[PVSCHED_A_POLICY_MODULE]);
	policy->vms = get_u32(tb[PVSCHED_A_POLICY_VMS]);
	policy->faults = get_u64(tb[PVSCHED_A_POLICY_FAULTS]);
	return 0;
}

static void decode_thread(struct nlattr **tb, struct pvsched_vcpu_info *vcpu)
{
	vcpu->bound = tb[PVSCHED_A_VCPU_CPU];
	vcpu->tid = get_u32(tb[PVSCHED_A_VCPU_TID]);
	vcpu->cpu = get_u32(tb[PVSCHED_A_VCPU_CPU]);
	vcpu->baseline_policy = get_u32(tb[PVSCHED_A_VCPU_BASELINE_POLICY]);
	vcpu->baseline_nice =
		(int32_t)get_u32(tb[PVSCHED_A_VCPU_BASELINE_NICE]);
	vcpu->baseline_rtprio = get_u32(tb[PVSCHED_A_VCPU_BASELINE_RTPRIO]);
}

int decode_vcpu(struct nlmsghdr *msg, struct pvsched_vcpu_info *vcpu)
{
	struct nlattr *tb[PVSCHED_A_VCPU_MAX + 1];
	struct nlattr *pos;
	int rem;

	memset(vcpu, 0, sizeof(*vcpu));
	if (!genlmsg_valid_hdr(msg, 0) ||
	    genlmsg_parse(msg, 0, tb, PVSCHED_A_VCPU_MAX, vcpu_policy) < 0 ||
	    !tb[PVSCHED_A_VCPU_VM] || !tb[PVSCHED_A_VCPU_ID])
		return -EBADMSG;
	get_string(vcpu->vm, sizeof(vcpu->vm), tb[PVSCHED_A_VCPU_VM]);
	vcpu->vm_id = get_u32(tb[PVSCHED_A_VCPU_VM_ID]);
	vcpu->id = get_u32(tb[PVSCHED_A_VCPU_ID]);
	vcpu->state = get_u32(tb[PVSCHED_A_VCPU_STATE]);
	vcpu->flags = get_u32(tb[PVSCHED_A_VCPU_FLAGS]);
	decode_thread(tb, vcpu);
	vcpu->current = get_u32(tb[PVSCHED_A_VCPU_CURRENT]);
	vcpu->waiter = get_u32(tb[PVSCHED_A_VCPU_WAITER]);
	vcpu->sleeper = get_u32(tb[PVSCHED_A_VCPU_SLEEPER]);
	vcpu->granted = get_u32(tb[PVSCHED_A_VCPU_GRANTED]);
	vcpu->cause = get_u32(tb[PVSCHED_A_VCPU_CAUSE]);
	vcpu->share = get_u32(tb[PVSCHED_A_VCPU_SHARE]);
	vcpu->time_ns = get_u64(tb[PVSCHED_A_VCPU_TIME_NS]);
	bindings_none(vcpu->binding);
	for_each_in_message(pos, msg, rem, PVSCHED_A_VCPU_BINDING) if (
		decode_binding(pos, vcpu->binding)) return -EBADMSG;
	if (tb[PVSCHED_A_VCPU_STATS])
		return decode_stats(tb[PVSCHED_A_VCPU_STATS], &vcpu->stats);
	return 0;
}

int decode_host(struct nlmsghdr *msg, struct pvsched_host_info *host)
{
	struct nlattr *tb[PVSCHED_A_HOST_MAX + 1];

	memset(host, 0, sizeof(*host));
	if (!genlmsg_valid_hdr(msg, 0) ||
	    genlmsg_parse(msg, 0, tb, PVSCHED_A_HOST_MAX, host_policy) < 0 ||
	    !tb[PVSCHED_A_HOST_ENABLED])
		return -EBADMSG;
	host->enabled = get_u32(tb[PVSCHED_A_HOST_ENABLED]);
	host->has_boosted = tb[PVSCHED_A_HOST_BOOSTED];
	host->boosted = get_u32(tb[PVSCHED_A_HOST_BOOSTED]);
	host->held = get_u32(tb[PVSCHED_A_HOST_HELD]);
	host->canary_ms = get_u32(tb[PVSCHED_A_HOST_CANARY]);
	host->canary_trips = get_u64(tb[PVSCHED_A_HOST_CANARY_TRIPS]);
	host->ended = get_u32(tb[PVSCHED_A_HOST_ENDED]);
	host->has_ended_ns = tb[PVSCHED_A_HOST_ENDED_NS];
	host->ended_ns = get_u64(tb[PVSCHED_A_HOST_ENDED_NS]);
	return 0;
}

int decode_caps(struct nlmsghdr *msg, struct pvsched_caps_info *caps)
{
	struct nlattr *tb[PVSCHED_A_CAPS_MAX + 1];
	struct nlattr *pos;
	int rem;

	memset(caps, 0, sizeof(*caps));
	if (!genlmsg_valid_hdr(msg, 0) ||
	    genlmsg_parse(msg, 0, tb, PVSCHED_A_CAPS_MAX, caps_policy) < 0)
		return -EBADMSG;
	caps->has_binding = tb[PVSCHED_A_CAPS_BINDING];
	if (caps->has_binding)
		bindings_none(caps->binding);
	for_each_in_message(
		pos, msg, rem,
		PVSCHED_A_CAPS_CAP) if (decode_cap(pos,
						   caps->cap)) return -EBADMSG;
	for_each_in_message(
		pos, msg, rem,
		PVSCHED_A_CAPS_OLD) if (decode_cap(pos,
						   caps->old)) return -EBADMSG;
	for_each_in_message(pos, msg, rem, PVSCHED_A_CAPS_BINDING) if (
		decode_binding(pos, caps->binding)) return -EBADMSG;
	return 0;
}

static int decode_event(struct nlattr *nest, struct pvsched_event *event)
{
	struct nlattr *tb[PVSCHED_A_EVENT_MAX + 1];
	struct nlattr *pos;
	int rem;

	if (nla_parse_nested(tb, PVSCHED_A_EVENT_MAX, nest, event_policy) < 0 ||
	    !tb[PVSCHED_A_EVENT_SEQ] || !tb[PVSCHED_A_EVENT_KIND])
		return -EBADMSG;
	event->seq = get_u64(tb[PVSCHED_A_EVENT_SEQ]);
	event->time_ns = get_u64(tb[PVSCHED_A_EVENT_TIME_NS]);
	event->kind = get_u32(tb[PVSCHED_A_EVENT_KIND]);
	get_string(event->vm, sizeof(event->vm), tb[PVSCHED_A_EVENT_VM]);
	event->vm_id = get_u32(tb[PVSCHED_A_EVENT_VM_ID]);
	event->has_vcpu = tb[PVSCHED_A_EVENT_VCPU];
	event->vcpu = get_u32(tb[PVSCHED_A_EVENT_VCPU]);
	event->pid = get_u32(tb[PVSCHED_A_EVENT_PID]);
	event->level = get_u32(tb[PVSCHED_A_EVENT_LEVEL]);
	event->cause = get_u32(tb[PVSCHED_A_EVENT_CAUSE]);
	event->cpu = get_u32(tb[PVSCHED_A_EVENT_CPU]);
	get_string(event->policy, sizeof(event->policy),
		   tb[PVSCHED_A_EVENT_POLICY]);
	event->payback = get_u8(tb[PVSCHED_A_EVENT_PAYBACK]);
	event->waited_ns = get_u64(tb[PVSCHED_A_EVENT_WAITED_NS]);
	event->hold_ns = get_u64(tb[PVSCHED_A_EVENT_HOLD_NS]);
	for_each_in_nest(pos, nest, rem, PVSCHED_A_EVENT_CAP) if (
		decode_cap(pos, event->cap)) return -EBADMSG;
	return 0;
}

/* Where the attributes of a refusal begin; 0: there are none. */
static size_t reason_offset(struct nlmsghdr *msg)
{
	const struct nlmsgerr *error = nlmsg_data(msg);
	size_t offset = sizeof(*error);

	if (!(msg->nlmsg_flags & NLM_F_ACK_TLVS))
		return 0;
	if (msg->nlmsg_type != NLMSG_ERROR)
		return NLMSG_ALIGN(sizeof(int));
	if ((size_t)nlmsg_datalen(msg) < offset)
		return 0;
	/* The request, of which the header is part of the error. */
	if (!(msg->nlmsg_flags & NLM_F_CAPPED) &&
	    error->msg.nlmsg_len > sizeof(error->msg))
		offset += error->msg.nlmsg_len - sizeof(error->msg);
	return NLMSG_ALIGN(offset);
}

const char *decode_reason(struct nlmsghdr *msg)
{
	size_t offset = reason_offset(msg);
	struct nlattr *attr;
	const char *text;

	if (!offset || (size_t)nlmsg_datalen(msg) <= offset)
		return NULL;
	attr = nla_find((struct nlattr *)((char *)nlmsg_data(msg) + offset),
			(int)(nlmsg_datalen(msg) - offset), NLMSGERR_ATTR_MSG);
	if (!attr || nla_len(attr) < 1)
		return NULL;
	text = nla_data(attr);
	return text[nla_len(attr) - 1] ? NULL : text;
}

uint64_t decode_dropped(struct nlmsghdr *msg)
{
	struct nlattr *attr;

	if (!genlmsg_valid_hdr(msg, 0))
		return 0;
	attr = nla_find(genlmsg_attrdata(nlmsg_data(msg), 0),
			genlmsg_attrlen(nlmsg_data(msg), 0),
			PVSCHED_A_EVENTS_DROPPED);
	return attr && nla_len(attr) == sizeof(uint64_t) ? nla_get_u64(attr) :
							   0;
}

/*
 * The gap, if any, that comes before this event. Before the first one, no number
 * tells of it, but dropped may.
 */
static bool gap_check(struct event_seq *seq, const struct pvsched_event *event,
		      uint64_t dropped, pvsched_event_fn fn, void *arg)
{
	uint64_t last = seq->last[event->group];
	struct pvsched_event gap = {
		.group = event->group,
		.gap = true,
		.time_ns = event->time_ns,
	};

	seq->last[event->group] = event->seq;
	if (!last)
		gap.lost = dropped;
	else if (event->seq > last + 1)
		gap.lost = event->seq - last - 1;
	return !gap.lost || fn(&gap, arg);
}

/* A message that tells of nothing else: the next event's number is after these. */
static bool gap_alone(struct event_seq *seq, enum pvsched_group group,
		      uint64_t dropped, pvsched_event_fn fn, void *arg)
{
	const struct pvsched_event gap = {
		.group = group,
		.gap = true,
		.lost = dropped,
		.time_ns = wake_now_ns(),
	};

	if (seq->last[group])
		seq->last[group] += dropped;
	return !dropped || fn(&gap, arg);
}

int decode_events(struct nlmsghdr *msg, struct event_seq *seq,
		  pvsched_event_fn fn, void *arg)
{
	uint64_t dropped = decode_dropped(msg);
	enum pvsched_group group;
	struct nlattr *pos;
	bool any = false;
	int rem;

	if (!genlmsg_valid_hdr(msg, 0))
		return -EBADMSG;
	switch (genlmsg_hdr(msg)->cmd) {
	case PVSCHED_CMD_CONFIG_NTF:
		group = PVSCHED_GROUP_CONFIG;
		break;
	case PVSCHED_CMD_BOOST_NTF:
		group = PVSCHED_GROUP_BOOST;
		break;
	default:
		return 1;
	}
	for_each_in_message(pos, msg, rem, PVSCHED_A_EVENTS_EVENT)
	{
		struct pvsched_event event = { .group = group };

		if (decode_event(pos, &event))
			return -EBADMSG;
		any = true;
		if (!gap_check(seq, &event, dropped, fn, arg) ||
		    !fn(&event, arg))
			return 0;
	}
	return any || gap_alone(seq, group, dropped, fn, arg);
}
