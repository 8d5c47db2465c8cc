// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink family "pvsched": how an event is told, and those of the group
 * "config". Boosts are gathered in event.c.
 *
 * config_lock nests inside all mutexes.
 */
#include <linux/ktime.h>
#include <linux/pid.h>
#include <linux/rtmutex.h>
#include <net/genetlink.h>

#include "netlink.h"
#include "policy.h"

static DEFINE_RT_MUTEX(config_lock); /* orders the events of group config */
static u64 config_seq;		     /* of the last one, under config_lock */

static int event_caps_put(struct sk_buff *skb,
			  const struct pvsched_nl_event *event)
{
	unsigned long id;

	for_each_set_bit(id, &event->caps_mask, PVSCHED_CAP_COUNT)
		if (pvsched_nl_cap_put(skb, PVSCHED_A_EVENT_CAP, id,
				       event->caps_level,
				       &event->caps->cap[id]))
			return -EMSGSIZE;
	return 0;
}

static int event_subject_put(struct sk_buff *skb,
			     const struct pvsched_nl_event *event)
{
	if (!event->vm)
		return 0;
	if (nla_put_string(skb, PVSCHED_A_EVENT_VM, event->vm) ||
	    nla_put_u32(skb, PVSCHED_A_EVENT_VM_ID, event->vm_id) ||
	    (event->vcpu >= 0 &&
	     nla_put_u32(skb, PVSCHED_A_EVENT_VCPU, event->vcpu)) ||
	    (event->pid && nla_put_u32(skb, PVSCHED_A_EVENT_PID, event->pid)))
		return -EMSGSIZE;
	return 0;
}

/* What was set of a VM. */
static int event_set_put(struct sk_buff *skb,
			 const struct pvsched_nl_event *event)
{
	if (event->policy &&
	    nla_put_string(skb, PVSCHED_A_EVENT_POLICY, event->policy))
		return -EMSGSIZE;
	if (event->kind == PVSCHED_EVENT_PAYBACK)
		return nla_put_u8(skb, PVSCHED_A_EVENT_PAYBACK, event->payback);
	return 0;
}

static int event_boost_put(struct sk_buff *skb,
			   const struct pvsched_nl_event *event)
{
	if (event->kind < PVSCHED_EVENT_BOOST ||
	    event->kind > PVSCHED_EVENT_LEVEL)
		return 0;
	if (nla_put_u32(skb, PVSCHED_A_EVENT_LEVEL, event->level) ||
	    nla_put_u32(skb, PVSCHED_A_EVENT_CAUSE, event->cause) ||
	    nla_put_u32(skb, PVSCHED_A_EVENT_CPU, event->cpu))
		return -EMSGSIZE;
	return 0;
}

static int event_canary_put(struct sk_buff *skb,
			    const struct pvsched_nl_event *event)
{
	if (event->kind != PVSCHED_EVENT_CANARY &&
	    event->kind != PVSCHED_EVENT_RECOVER)
		return 0;
	if (nla_put_u32(skb, PVSCHED_A_EVENT_CPU, event->cpu))
		return -EMSGSIZE;
	if (event->kind == PVSCHED_EVENT_CANARY &&
	    (nla_put_u64_64bit(skb, PVSCHED_A_EVENT_WAITED_NS, event->waited,
			       PVSCHED_A_EVENT_PAD) ||
	     nla_put_u64_64bit(skb, PVSCHED_A_EVENT_HOLD_NS, event->hold,
			       PVSCHED_A_EVENT_PAD)))
		return -EMSGSIZE;
	return 0;
}

/**
 * pvsched_nl_event_put() - add an event to a message
 * @skb: the message
 * @seq: number of the event in its group
 * @event: the event
 *
 * Return: 0, or -EMSGSIZE with the message unchanged.
 */
int pvsched_nl_event_put(struct sk_buff *skb, u64 seq,
			 const struct pvsched_nl_event *event)
{
	struct nlattr *nest = nla_nest_start(skb, PVSCHED_A_EVENTS_EVENT);

	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u64_64bit(skb, PVSCHED_A_EVENT_SEQ, seq,
			      PVSCHED_A_EVENT_PAD) ||
	    nla_put_u64_64bit(skb, PVSCHED_A_EVENT_TIME_NS, event->time,
			      PVSCHED_A_EVENT_PAD) ||
	    nla_put_u32(skb, PVSCHED_A_EVENT_KIND, event->kind) ||
	    event_subject_put(skb, event) || event_boost_put(skb, event) ||
	    event_caps_put(skb, event) || event_set_put(skb, event) ||
	    event_canary_put(skb, event)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

/*
 * A worker may send, or wait for whoever does: so this does not wait for memory,
 * but takes of the reserves.
 */
#define EVENT_GFP (GFP_ATOMIC | __GFP_NOWARN)

static void config_multicast(const struct pvsched_nl_event *event)
{
	struct sk_buff *skb = genlmsg_new(NLMSG_DEFAULT_SIZE, EVENT_GFP);
	void *header;

	if (!skb)
		return;
	header = genlmsg_put(skb, 0, 0, &pvsched_nl_family, 0,
			     PVSCHED_CMD_CONFIG_NTF);
	if (pvsched_nl_event_put(skb, config_seq, event)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, header);
	genlmsg_multicast(&pvsched_nl_family, skb, 0, PVSCHED_NLGRP_CONFIG,
			  EVENT_GFP);
}

/**
 * pvsched_nl_config_send() - tell the listeners of group config
 * @event: what
 *
 * A message for which there is no memory shows as a number that was skipped.
 * Process context; any mutex may be held.
 */
void pvsched_nl_config_send(const struct pvsched_nl_event *event)
{
	rt_mutex_lock(&config_lock);
	config_seq++;
	if (genl_has_listeners(&pvsched_nl_family, &init_net,
			       PVSCHED_NLGRP_CONFIG))
		config_multicast(event);
	rt_mutex_unlock(&config_lock);
}

/**
 * pvsched_notify_host() - something happened to the host as a whole
 * @kind: what
 */
void pvsched_notify_host(enum pvsched_event_kind kind)
{
	const struct pvsched_nl_event event = {
		.time = ktime_get_ns(),
		.kind = kind,
		.vcpu = -1,
	};

	pvsched_nl_config_send(&event);
}

/**
 * pvsched_notify_canary() - boosts are held back, or that is over
 * @kind: which of these
 * @cpu: whose ordinary work had to wait
 * @waited: for how long, ns
 * @hold: how long boosts are held back, ns
 */
void pvsched_notify_canary(enum pvsched_event_kind kind, u32 cpu, u64 waited,
			   u64 hold)
{
	const struct pvsched_nl_event event = {
		.time = ktime_get_ns(),
		.kind = kind,
		.vcpu = -1,
		.cpu = cpu,
		.waited = waited,
		.hold = hold,
	};

	pvsched_nl_config_send(&event);
}

/**
 * pvsched_notify_vm() - something happened to a VM
 * @vm: the VM, referenced; pvsched_vms_lock is held if it is its policy
 * @kind: what
 */
void pvsched_notify_vm(const struct pvsched_vm *vm,
		       enum pvsched_event_kind kind)
{
	const struct pvsched_nl_event event = {
		.time = ktime_get_ns(),
		.kind = kind,
		.vm = vm->name,
		.vm_id = vm->id,
		.vcpu = -1,
		.pid = pid_nr(vm->pid),
		.policy = kind == PVSCHED_EVENT_POLICY ? vm->policy->ops->name :
							 NULL,
		.payback = vm->payback,
	};

	pvsched_nl_config_send(&event);
}

/**
 * pvsched_notify_vcpu() - something happened to a vCPU, other than boosts
 * @vcpu: the vCPU, referenced
 * @kind: what
 */
void pvsched_notify_vcpu(const struct pvsched_vcpu *vcpu,
			 enum pvsched_event_kind kind)
{
	const struct pvsched_nl_event event = {
		.time = ktime_get_ns(),
		.kind = kind,
		.vm = vcpu->vm->name,
		.vm_id = vcpu->vm->id,
		.vcpu = vcpu->id,
		.pid = pid_nr(READ_ONCE(vcpu->pid)),
	};

	pvsched_nl_config_send(&event);
}
