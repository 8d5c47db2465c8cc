// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink family "pvsched": the host as a whole.
 */
#include <linux/ktime.h>
#include <net/genetlink.h>

#include "canary.h"
#include "extack.h"
#include "gate.h"
#include "netlink.h"

/* What a request has ended. */
struct ended {
	unsigned int count;
	u64 ns;
};

static int ended_put(struct sk_buff *skb, const struct ended *ended)
{
	if (nla_put_u32(skb, PVSCHED_A_HOST_ENDED, ended->count) ||
	    (ended->ns && nla_put_u64_64bit(skb, PVSCHED_A_HOST_ENDED_NS,
					    ended->ns, PVSCHED_A_HOST_PAD)))
		return -EMSGSIZE;
	return 0;
}

/* arg: a struct ended, or NULL if the request has only asked */
static int host_put(struct sk_buff *reply, struct sk_buff *request,
		    struct genl_info *info, void *arg)
{
	bool enabled = !test_bit(PVSCHED_GATE_OPERATOR, &pvsched_gate_closed);
	bool held = test_bit(PVSCHED_GATE_CANARY, &pvsched_gate_closed);

	if (nla_put_u32(reply, PVSCHED_A_HOST_ENABLED, enabled) ||
	    nla_put_u32(reply, PVSCHED_A_HOST_HELD, held) ||
	    nla_put_u32(reply, PVSCHED_A_HOST_CANARY, pvsched_canary_limit()) ||
	    nla_put_u64_64bit(reply, PVSCHED_A_HOST_CANARY_TRIPS,
			      pvsched_canary_trips(), PVSCHED_A_HOST_PAD) ||
	    (pvsched_nl_sees_all(request) &&
	     nla_put_u32(reply, PVSCHED_A_HOST_BOOSTED,
			 pvsched_gate_boosted())))
		return -EMSGSIZE;
	return arg ? ended_put(reply, arg) : 0;
}

int pvsched_nl_host_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return pvsched_nl_answer(skb, info, host_put, NULL);
}

/*
 * No lock is taken and no memory wanted before the gate is closed, so there is
 * nothing ordinary to wait for.
 */
static void disable(u64 arrived, struct ended *ended)
{
	u64 last;

	if (pvsched_gate_close(PVSCHED_GATE_OPERATOR, &ended->count))
		pvsched_notify_host(PVSCHED_EVENT_DISABLE);
	last = pvsched_gate_wait();
	if (ended->count && !pvsched_gate_boosted() && last > arrived)
		ended->ns = last - arrived;
}

static void enable(void)
{
	if (pvsched_gate_open(PVSCHED_GATE_OPERATOR))
		pvsched_notify_host(PVSCHED_EVENT_ENABLE);
	pvsched_canary_release();
}

static int canary_check(const struct nlattr *canary,
			struct netlink_ext_ack *extack)
{
	if (!canary || pvsched_canary_limit_ok(nla_get_u32(canary)))
		return 0;
	return pvsched_refuse(extack, canary, -EINVAL,
			      "canary is 0 or %u to %u ms", PVSCHED_CANARY_MIN,
			      PVSCHED_CANARY_MAX);
}

int pvsched_nl_host_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *enabled = info->attrs[PVSCHED_A_HOST_ENABLED];
	const struct nlattr *canary = info->attrs[PVSCHED_A_HOST_CANARY];
	u64 arrived = ktime_get_mono_fast_ns();
	struct ended ended = {};
	int err;

	if (!netlink_capable(skb, CAP_SYS_RESOURCE))
		return pvsched_refuse(info->extack, NULL, -EPERM,
				      "to set the host needs CAP_SYS_RESOURCE");
	if (!enabled && !canary)
		return pvsched_refuse(info->extack, NULL, -EINVAL,
				      "nothing to set in the request");
	err = canary_check(canary, info->extack);
	if (err)
		return err;
	if (canary)
		pvsched_canary_limit_set(nla_get_u32(canary));
	if (enabled && nla_get_u32(enabled))
		enable();
	else if (enabled)
		disable(arrived, &ended);
	return pvsched_nl_answer(skb, info, host_put, &ended);
}
