// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink family "pvsched": VMs and vCPUs for an operator to see. Its
 * events are in netlink_event.c.
 *
 * Handlers take pvsched_vms_lock.
 */
#include <linux/nospec.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/user_namespace.h>

#include <pvsched/word.h>

#include "compat_netlink.h"
#include "extack.h"
#include "netlink.h"
#include "policy.h"
#include "vcpu.h"

/* Changes with the set of VMs, vCPUs and policies: tells readers of a dump to start anew. */
static unsigned int generation = 1; /* under pvsched_vms_lock */

static const struct genl_multicast_group groups[] = {
	/* Boosts tell what another tenant does. */
	[PVSCHED_NLGRP_CONFIG] = { PVSCHED_MCGRP_CONFIG,
				   GENL_MCAST_CAP_NET_ADMIN },
	[PVSCHED_NLGRP_BOOST] = { PVSCHED_MCGRP_BOOST,
				  GENL_MCAST_CAP_NET_ADMIN },
};

struct genl_family pvsched_nl_family __ro_after_init = {
	.name = PVSCHED_FAMILY_NAME,
	.version = PVSCHED_FAMILY_VERSION,
	.module = THIS_MODULE,
	.parallel_ops = true,
	.ops = pvsched_nl_ops,
	.n_ops = ARRAY_SIZE(pvsched_nl_ops),
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
};

/* Who may see what. */

/* May the sender see the VMs of other users? */
bool pvsched_nl_sees_all(struct sk_buff *request)
{
	return netlink_capable(request, CAP_SYS_NICE) ||
	       netlink_capable(request, CAP_NET_ADMIN) ||
	       netlink_capable(request, CAP_SYS_RESOURCE);
}

bool pvsched_nl_owns(struct sk_buff *request, const struct pvsched_vm *vm)
{
	return uid_eq(NETLINK_CREDS(request)->uid, vm->uid);
}

/**
 * pvsched_nl_vm_find() - the VM that a request is about
 * @request: a request
 * @name: the attribute with the VM's name, not NULL
 * @extack: for the reason
 *
 * pvsched_vms_lock is held. Return: the VM, or an error, which does not tell
 * whether a VM that the sender may not see is there.
 */
struct pvsched_vm *pvsched_nl_vm_find(struct sk_buff *request,
				      const struct nlattr *name,
				      struct netlink_ext_ack *extack)
{
	struct pvsched_vm *vm = pvsched_vm_find(nla_data(name));

	if (vm &&
	    (pvsched_nl_owns(request, vm) || pvsched_nl_sees_all(request)))
		return vm;
	return ERR_PTR(pvsched_refuse(extack, name, -ENOENT,
				      "no VM " PVSCHED_NAME_FMT,
				      (char *)nla_data(name)));
}

/* Likewise for a vCPU of @vm. */
struct pvsched_vcpu *pvsched_nl_vcpu_find(struct pvsched_vm *vm,
					  const struct nlattr *id,
					  struct netlink_ext_ack *extack)
{
	u32 index = nla_get_u32(id);
	struct pvsched_vcpu *vcpu = NULL;

	if (index <= PVSCHED_VCPU_ID_MAX) {
		index = array_index_nospec(index, PVSCHED_VCPU_ID_MAX + 1);
		vcpu = xa_load(&vm->vcpus, index);
	}
	if (vcpu)
		return vcpu;
	return ERR_PTR(pvsched_refuse(extack, id, -ENOENT,
				      "no vCPU %u of VM " PVSCHED_NAME_FMT,
				      index, vm->name));
}

/* Messages; each function returns 0 or -EMSGSIZE. */

int pvsched_nl_cap_put(struct sk_buff *skb, int type, enum pvsched_cap_id id,
		       enum pvsched_cap_level level,
		       const struct pvsched_cap *cap)
{
	struct nlattr *nest = nla_nest_start(skb, type);

	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u32(skb, PVSCHED_A_CAP_ID, id) ||
	    nla_put_u32(skb, PVSCHED_A_CAP_LEVEL, level) ||
	    nla_put_u64_64bit(skb, PVSCHED_A_CAP_SOFT, cap->soft,
			      PVSCHED_A_CAP_PAD) ||
	    nla_put_u64_64bit(skb, PVSCHED_A_CAP_HARD, cap->hard,
			      PVSCHED_A_CAP_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* The outermost level whose value is the one that binds. */
static enum pvsched_cap_level binding_level(const struct pvsched_vcpu *vcpu,
					    enum pvsched_cap_id id, u64 value)
{
	if (pvsched_host_caps.cap[id].soft <= value)
		return PVSCHED_CAP_LEVEL_HOST;
	if (vcpu->vm->caps.cap[id].soft <= value)
		return PVSCHED_CAP_LEVEL_VM;
	if (vcpu->caps.cap[id].soft <= value)
		return PVSCHED_CAP_LEVEL_VCPU;
	return PVSCHED_CAP_LEVEL_HOST;
}

/* What binds a vCPU. pvsched_vms_lock is held. */
int pvsched_nl_binding_put(struct sk_buff *skb, int type,
			   const struct pvsched_vcpu *vcpu)
{
	struct pvsched_limits limits;
	unsigned int id;

	pvsched_limits_combine(&limits, &pvsched_host_caps, &vcpu->vm->caps,
			       &vcpu->caps);
	for (id = 0; id < PVSCHED_CAP_COUNT; id++) {
		const struct pvsched_cap cap = { limits.value[id],
						 limits.value[id] };

		if (pvsched_nl_cap_put(skb, type, id,
				       binding_level(vcpu, id, cap.soft), &cap))
			return -EMSGSIZE;
	}
	return 0;
}

/* What all vCPUs of a VM are doing now, and have done. */
static int vm_totals_put(struct sk_buff *skb, struct pvsched_vm *vm)
{
	u32 vcpus = 0, boosted = 0, throttled = 0;
	struct pvsched_stats stats;
	struct pvsched_vcpu *vcpu;
	unsigned long id;
	u64 debt = 0;

	xa_for_each(&vm->vcpus, id, vcpu) {
		vcpus++;
		boosted += !!READ_ONCE(vcpu->granted);
		throttled += READ_ONCE(vcpu->throttled);
		debt += max_t(s64, READ_ONCE(vcpu->debt), 0);
	}
	pvsched_vm_stats(vm, &stats);
	if (nla_put_u32(skb, PVSCHED_A_VM_VCPUS, vcpus) ||
	    nla_put_u32(skb, PVSCHED_A_VM_BOOSTED, boosted) ||
	    nla_put_u32(skb, PVSCHED_A_VM_THROTTLED, throttled))
		return -EMSGSIZE;
	return pvsched_nl_stats_put(skb, PVSCHED_A_VM_STATS, &stats, debt);
}

int pvsched_nl_vm_put(struct sk_buff *skb, struct user_namespace *user_ns,
		      struct pvsched_vm *vm)
{
	pid_t pid = pid_vnr(vm->pid);

	if (nla_put_u32(skb, PVSCHED_A_VM_ID, vm->id) ||
	    nla_put_string(skb, PVSCHED_A_VM_NAME, vm->name) ||
	    (pid && nla_put_u32(skb, PVSCHED_A_VM_PID, pid)) ||
	    nla_put_u32(skb, PVSCHED_A_VM_UID,
			from_kuid_munged(user_ns, vm->uid)) ||
	    nla_put_string(skb, PVSCHED_A_VM_POLICY, vm->policy->ops->name) ||
	    nla_put_u32(skb, PVSCHED_A_VM_KIND, vm->kind) ||
	    nla_put_u8(skb, PVSCHED_A_VM_PAYBACK, vm->payback))
		return -EMSGSIZE;
	if (vm->protocol[0] &&
	    (nla_put_string(skb, PVSCHED_A_VM_PROTOCOL, vm->protocol) ||
	     nla_put_u32(skb, PVSCHED_A_VM_PROTOCOL_VERSION,
			 vm->protocol_version)))
		return -EMSGSIZE;
	return vm_totals_put(skb, vm);
}

static u32 vcpu_flags(const struct pvsched_vcpu *vcpu,
		      const struct pvsched_vcpu_info *info)
{
	return (vcpu->by_hand ? PVSCHED_VCPU_FLAG_BY_HAND : 0) |
	       (vcpu->page_pin.page ? 0 : PVSCHED_VCPU_FLAG_WORDLESS) |
	       (info->granted ? PVSCHED_VCPU_FLAG_BOOSTED : 0) |
	       (info->throttled ? PVSCHED_VCPU_FLAG_THROTTLED : 0) |
	       (info->owner_changed ? PVSCHED_VCPU_FLAG_OWNER_CHANGED : 0) |
	       (info->rttime_short ? PVSCHED_VCPU_FLAG_RTTIME_SHORT : 0);
}

static int thread_put(struct sk_buff *skb, const struct pvsched_vcpu_info *info)
{
	const struct pvsched_sched *baseline = &info->baseline;
	pid_t tid = pid_vnr(info->pid);

	if (!info->pid || info->cpu < 0)
		return 0;
	if ((tid && nla_put_u32(skb, PVSCHED_A_VCPU_TID, tid)) ||
	    nla_put_u32(skb, PVSCHED_A_VCPU_CPU, info->cpu) ||
	    nla_put_u32(skb, PVSCHED_A_VCPU_BASELINE_POLICY, baseline->policy))
		return -EMSGSIZE;
	if (baseline->policy == SCHED_NORMAL || baseline->policy == SCHED_BATCH)
		return nla_put_s32(skb, PVSCHED_A_VCPU_BASELINE_NICE,
				   info->nice);
	if (baseline->rtprio)
		return nla_put_u32(skb, PVSCHED_A_VCPU_BASELINE_RTPRIO,
				   baseline->rtprio);
	return 0;
}

static int urgency_put(struct sk_buff *skb,
		       const struct pvsched_vcpu_info *info)
{
	u64 word = info->guest_word;

	if (nla_put_u32(skb, PVSCHED_A_VCPU_CURRENT,
			pvsched_guest_current(word)) ||
	    nla_put_u32(skb, PVSCHED_A_VCPU_WAITER,
			pvsched_guest_waiter(word)) ||
	    nla_put_u32(skb, PVSCHED_A_VCPU_SLEEPER,
			pvsched_guest_sleeper(word)) ||
	    nla_put_u32(skb, PVSCHED_A_VCPU_GRANTED, info->granted))
		return -EMSGSIZE;
	return 0;
}

static int info_put(struct sk_buff *skb, const struct pvsched_vcpu *vcpu,
		    const struct pvsched_vcpu_info *info)
{
	if (nla_put_string(skb, PVSCHED_A_VCPU_VM, vcpu->vm->name) ||
	    nla_put_u32(skb, PVSCHED_A_VCPU_VM_ID, vcpu->vm->id) ||
	    nla_put_u32(skb, PVSCHED_A_VCPU_ID, vcpu->id) ||
	    nla_put_u32(skb, PVSCHED_A_VCPU_STATE, info->state) ||
	    nla_put_u32(skb, PVSCHED_A_VCPU_FLAGS, vcpu_flags(vcpu, info)) ||
	    thread_put(skb, info) || urgency_put(skb, info) ||
	    (info->granted &&
	     nla_put_u32(skb, PVSCHED_A_VCPU_CAUSE, READ_ONCE(vcpu->cause))) ||
	    pvsched_nl_binding_put(skb, PVSCHED_A_VCPU_BINDING, vcpu) ||
	    pvsched_nl_stats_put(skb, PVSCHED_A_VCPU_STATS, &info->stats,
				 info->debt) ||
	    (info->payback &&
	     nla_put_u32(skb, PVSCHED_A_VCPU_SHARE, info->share)))
		return -EMSGSIZE;
	return nla_put_u64_64bit(skb, PVSCHED_A_VCPU_TIME_NS, info->time,
				 PVSCHED_A_VCPU_PAD);
}

static int vcpu_put(struct sk_buff *skb, struct pvsched_vcpu *vcpu)
{
	struct pvsched_vcpu_info info;
	int err;

	pvsched_vcpu_snapshot(vcpu, &info);
	err = info_put(skb, vcpu, &info);
	put_pid(info.pid);
	return err;
}

/* Requests. */

/**
 * pvsched_nl_answer() - answer a request by one message
 * @request: the request
 * @info: likewise
 * @put: fills in the message, or returns an error
 * @arg: for @put
 *
 * Takes no lock. Return: 0 or a negative error.
 */
int pvsched_nl_answer(struct sk_buff *request, struct genl_info *info,
		      pvsched_nl_put_fn *put, void *arg)
{
	struct sk_buff *reply = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *header;
	int err;

	if (!reply)
		return -ENOMEM;
	header = genlmsg_put_reply(reply, info, &pvsched_nl_family, 0,
				   info->genlhdr->cmd);
	err = put(reply, request, info, arg);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	genlmsg_end(reply, header);
	return genlmsg_reply(reply, info);
}

/* What to fill in under pvsched_vms_lock. */
struct locked_put {
	pvsched_nl_put_fn *put;
	void *arg;
};

static int locked_put(struct sk_buff *reply, struct sk_buff *request,
		      struct genl_info *info, void *arg)
{
	const struct locked_put *locked = arg;
	int err;

	mutex_lock(&pvsched_vms_lock);
	err = locked->put(reply, request, info, locked->arg);
	mutex_unlock(&pvsched_vms_lock);
	return err;
}

/* Likewise; @put is called with pvsched_vms_lock held. */
int pvsched_nl_answer_locked(struct sk_buff *request, struct genl_info *info,
			     pvsched_nl_put_fn *put, void *arg)
{
	struct locked_put locked = { put, arg };

	return pvsched_nl_answer(request, info, locked_put, &locked);
}

static int vm_find_put(struct sk_buff *reply, struct sk_buff *request,
		       struct genl_info *info, void *arg)
{
	struct pvsched_vm *vm = pvsched_nl_vm_find(
		request, info->attrs[PVSCHED_A_VM_NAME], info->extack);

	if (IS_ERR(vm))
		return PTR_ERR(vm);
	return pvsched_nl_vm_put(reply, sk_user_ns(NETLINK_CB(request).sk), vm);
}

int pvsched_nl_vm_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	if (GENL_REQ_ATTR_CHECK(info, PVSCHED_A_VM_NAME))
		return pvsched_refuse(info->extack, NULL, -EINVAL,
				      "no VM named");
	return pvsched_nl_answer_locked(skb, info, vm_find_put, NULL);
}

static int vcpu_find_put(struct sk_buff *reply, struct sk_buff *request,
			 struct genl_info *info, void *arg)
{
	struct pvsched_vcpu *vcpu;
	struct pvsched_vm *vm;

	vm = pvsched_nl_vm_find(request, info->attrs[PVSCHED_A_VCPU_VM],
				info->extack);
	if (IS_ERR(vm))
		return PTR_ERR(vm);
	vcpu = pvsched_nl_vcpu_find(vm, info->attrs[PVSCHED_A_VCPU_ID],
				    info->extack);
	if (IS_ERR(vcpu))
		return PTR_ERR(vcpu);
	return vcpu_put(reply, vcpu);
}

int pvsched_nl_vcpu_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	if (GENL_REQ_ATTR_CHECK(info, PVSCHED_A_VCPU_VM) ||
	    GENL_REQ_ATTR_CHECK(info, PVSCHED_A_VCPU_ID))
		return pvsched_refuse(info->extack, NULL, -EINVAL,
				      "a vCPU is named by its VM and its id");
	return pvsched_nl_answer_locked(skb, info, vcpu_find_put, NULL);
}

/* Dumps: where the next message goes on, by ids, which are never reused. */
struct cursor {
	u32 vm;
	u32 vcpu;
};

#define CURSOR_END U32_MAX

void *pvsched_nl_dump_header(struct sk_buff *skb, struct netlink_callback *cb,
			     u8 cmd)
{
	void *header =
		genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			    &pvsched_nl_family, NLM_F_MULTI, cmd);

	if (header)
		genl_dump_check_consistent(cb, header);
	return header;
}

static int vm_dump(struct sk_buff *skb, struct netlink_callback *cb,
		   struct pvsched_vm *vm)
{
	void *header = pvsched_nl_dump_header(skb, cb, PVSCHED_CMD_VM_GET);

	if (!header)
		return -EMSGSIZE;
	if (pvsched_nl_vm_put(skb, sk_user_ns(NETLINK_CB(cb->skb).sk), vm)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

static int vcpu_dump(struct sk_buff *skb, struct netlink_callback *cb,
		     struct pvsched_vcpu *vcpu)
{
	void *header = pvsched_nl_dump_header(skb, cb, PVSCHED_CMD_VCPU_GET);

	if (!header)
		return -EMSGSIZE;
	if (vcpu_put(skb, vcpu)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

static int vcpus_dump(struct sk_buff *skb, struct netlink_callback *cb,
		      struct pvsched_vm *vm, struct cursor *cursor)
{
	unsigned long id, start = vm->id == cursor->vm ? cursor->vcpu : 0;
	struct pvsched_vcpu *vcpu;

	xa_for_each_start(&vm->vcpus, id, vcpu, start) {
		if (!vcpu_dump(skb, cb, vcpu))
			continue;
		cursor->vcpu = id;
		return -EMSGSIZE;
	}
	return 0;
}

int pvsched_nl_vm_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct cursor *cursor = (struct cursor *)cb->ctx;
	bool all = pvsched_nl_sees_all(cb->skb);
	u32 next = CURSOR_END;
	struct pvsched_vm *vm;

	BUILD_BUG_ON(sizeof(*cursor) > sizeof(cb->ctx));
	mutex_lock(&pvsched_vms_lock);
	cb->seq = generation;
	list_for_each_entry(vm, &pvsched_vms, node) {
		if (vm->id < cursor->vm ||
		    !(all || pvsched_nl_owns(cb->skb, vm)))
			continue;
		if (vm_dump(skb, cb, vm)) {
			next = vm->id;
			break;
		}
	}
	mutex_unlock(&pvsched_vms_lock);
	cursor->vm = next;
	return skb->len;
}

int pvsched_nl_vcpu_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct nlattr *name = pvsched_dump_attrs(cb)[PVSCHED_A_VCPU_VM];
	struct cursor *cursor = (struct cursor *)cb->ctx;
	bool all = pvsched_nl_sees_all(cb->skb);
	struct pvsched_vm *vm, *only = NULL;
	u32 next = CURSOR_END;
	int err = 0;

	mutex_lock(&pvsched_vms_lock);
	cb->seq = generation;
	if (name && !cursor->vm) {
		only = pvsched_nl_vm_find(cb->skb, name, cb->extack);
		if (IS_ERR(only)) {
			err = PTR_ERR(only);
			goto unlock;
		}
	}
	list_for_each_entry(vm, &pvsched_vms, node) {
		if (vm->id < cursor->vm ||
		    !(all || pvsched_nl_owns(cb->skb, vm)))
			continue;
		if (name && nla_strcmp(name, vm->name))
			continue;
		if (vcpus_dump(skb, cb, vm, cursor)) {
			next = vm->id;
			break;
		}
	}
	cursor->vm = next;
unlock:
	mutex_unlock(&pvsched_vms_lock);
	return err ?: skb->len;
}

/* The set of VMs, vCPUs or policies changes; pvsched_vms_lock is held. */
void pvsched_notify_dumps(void)
{
	/* 0 is what a dump has that has not begun. */
	if (!++generation)
		generation++;
}

/* Of the set that a dump goes through. pvsched_vms_lock is held. */
u32 pvsched_nl_generation(void)
{
	return generation;
}

int __init pvsched_netlink_init(void)
{
	return genl_register_family(&pvsched_nl_family);
}

void pvsched_netlink_exit(void)
{
	pvsched_event_stop();
	genl_unregister_family(&pvsched_nl_family);
	pvsched_extack_exit();
}
