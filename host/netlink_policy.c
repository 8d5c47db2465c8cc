// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink family "pvsched": policies are listed; what is not a cap is
 * set of a VM.
 */
#include <linux/module.h>
#include <net/genetlink.h>

#include "extack.h"
#include "netlink.h"
#include "policy.h"
#include "vmset.h"

/* What a request wants of a VM, checked. */
struct wish {
	struct pvsched_vm *vm;
	struct pvsched_plug *plug; /* NULL: as it is */
	bool has_payback;
	bool payback;
};

/* May the sender change this VM? */
static int permission_check(const struct wish *wish, struct sk_buff *request,
			    struct genl_info *info)
{
	struct user_namespace *user_ns = sk_user_ns(NETLINK_CB(request).sk);
	const struct pvsched_vm *vm = wish->vm;

	if (netlink_capable(request, CAP_SYS_RESOURCE))
		return 0;
	if (!pvsched_nl_owns(request, vm))
		return pvsched_refuse(
			info->extack, info->attrs[PVSCHED_A_VM_NAME], -EPERM,
			"not the owner of VM %.16s (uid %u), and no CAP_SYS_RESOURCE",
			vm->name, from_kuid_munged(user_ns, vm->uid));
	/* Others would lose CPU time by that. */
	if (vm->payback && wish->has_payback && !wish->payback)
		return pvsched_refuse(info->extack,
				      info->attrs[PVSCHED_A_VM_PAYBACK], -EPERM,
				      "payback off needs CAP_SYS_RESOURCE");
	return 0;
}

/* The policy of that name; an empty one is no name here. */
static struct pvsched_plug *policy_find(const struct nlattr *name,
					struct netlink_ext_ack *extack)
{
	const char *text = nla_data(name);
	struct pvsched_plug *plug = *text ? pvsched_policy_find(text) : NULL;

	return plug  ?:
		       ERR_PTR(pvsched_refuse(extack, name, -ENOENT,
					      "no policy '%s'", text));
}

static int policy_check(struct wish *wish, const struct nlattr *name,
			struct netlink_ext_ack *extack)
{
	struct pvsched_plug *plug = policy_find(name, extack);
	const struct pvsched_vm *vm = wish->vm;

	if (IS_ERR(plug))
		return PTR_ERR(plug);
	if (vm->protocol[0] &&
	    !pvsched_policy_speaks(plug, vm->protocol, vm->protocol_version))
		return pvsched_refuse(
			extack, name, -EPROTONOSUPPORT,
			"policy %s does not speak %.24s %u, as the guest does",
			plug->ops->name, vm->protocol, vm->protocol_version);
	wish->plug = plug;
	return 0;
}

static int wish_check(struct wish *wish, struct sk_buff *request,
		      struct genl_info *info)
{
	const struct nlattr *payback = info->attrs[PVSCHED_A_VM_PAYBACK];
	const struct nlattr *policy = info->attrs[PVSCHED_A_VM_POLICY];
	int err;

	wish->vm = pvsched_nl_vm_find(request, info->attrs[PVSCHED_A_VM_NAME],
				      info->extack);
	if (IS_ERR(wish->vm))
		return PTR_ERR(wish->vm);
	if (payback) {
		wish->has_payback = true;
		wish->payback = nla_get_u8(payback);
	}
	err = permission_check(wish, request, info);
	if (!err && policy)
		err = policy_check(wish, policy, info->extack);
	return err;
}

/* pvsched_vms_lock is held. */
static int vm_set(struct sk_buff *reply, struct sk_buff *request,
		  struct genl_info *info, void *arg)
{
	struct wish wish = {};
	int err;

	err = wish_check(&wish, request, info);
	if (err)
		return err;
	if (wish.plug && wish.plug != wish.vm->policy &&
	    !pvsched_vm_policy_set(wish.vm, wish.plug))
		return pvsched_refuse(
			info->extack, info->attrs[PVSCHED_A_VM_POLICY], -EBUSY,
			"policy %s is being unloaded", wish.plug->ops->name);
	if (wish.has_payback)
		pvsched_vm_payback_set(wish.vm, wish.payback);
	/* A page has room for it. */
	return pvsched_nl_vm_put(reply, sk_user_ns(NETLINK_CB(request).sk),
				 wish.vm);
}

int pvsched_nl_vm_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	if (GENL_REQ_ATTR_CHECK(info, PVSCHED_A_VM_NAME))
		return pvsched_refuse(info->extack, NULL, -EINVAL,
				      "no VM named");
	if (!info->attrs[PVSCHED_A_VM_POLICY] &&
	    !info->attrs[PVSCHED_A_VM_PAYBACK])
		return pvsched_refuse(info->extack, NULL, -EINVAL,
				      "nothing to set in the request");
	return pvsched_nl_answer_locked(skb, info, vm_set, NULL);
}

/* How many VMs that the reader may see have the policy? */
static u32 vms_count(struct sk_buff *request, const struct pvsched_plug *plug)
{
	bool all = pvsched_nl_sees_all(request);
	struct pvsched_vm *vm;
	u32 count = 0;

	list_for_each_entry(vm, &pvsched_vms, node)
		if (vm->policy == plug && (all || pvsched_nl_owns(request, vm)))
			count++;
	return count;
}

static int policy_put(struct sk_buff *skb, struct sk_buff *request,
		      const struct pvsched_plug *plug)
{
	const struct pvsched_policy *ops = plug->ops;

	if (nla_put_string(skb, PVSCHED_A_POLICY_NAME, ops->name) ||
	    nla_put_u32(skb, PVSCHED_A_POLICY_VMS, vms_count(request, plug)) ||
	    nla_put_u64_64bit(skb, PVSCHED_A_POLICY_FAULTS,
			      atomic64_read(&plug->faults),
			      PVSCHED_A_POLICY_PAD))
		return -EMSGSIZE;
	if (ops->protocol &&
	    (nla_put_string(skb, PVSCHED_A_POLICY_PROTOCOL, ops->protocol) ||
	     nla_put_u32(skb, PVSCHED_A_POLICY_PROTOCOL_VERSION,
			 ops->protocol_version)))
		return -EMSGSIZE;
	if (ops->owner)
		return nla_put_string(skb, PVSCHED_A_POLICY_MODULE,
				      module_name(ops->owner));
	return 0;
}

static int policy_find_put(struct sk_buff *reply, struct sk_buff *request,
			   struct genl_info *info, void *arg)
{
	struct pvsched_plug *plug =
		policy_find(info->attrs[PVSCHED_A_POLICY_NAME], info->extack);

	return IS_ERR(plug) ? PTR_ERR(plug) : policy_put(reply, request, plug);
}

int pvsched_nl_policy_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	if (GENL_REQ_ATTR_CHECK(info, PVSCHED_A_POLICY_NAME))
		return pvsched_refuse(info->extack, NULL, -EINVAL,
				      "no policy named");
	return pvsched_nl_answer_locked(skb, info, policy_find_put, NULL);
}

static int policy_dump(struct sk_buff *skb, struct netlink_callback *cb,
		       const struct pvsched_plug *plug)
{
	void *header = pvsched_nl_dump_header(skb, cb, PVSCHED_CMD_POLICY_GET);

	if (!header)
		return -EMSGSIZE;
	if (policy_put(skb, cb->skb, plug)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

/* Goes on by ids, which are never reused; cb->args[0] is the last one sent. */
int pvsched_nl_policy_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb)
{
	struct pvsched_plug *plug;

	mutex_lock(&pvsched_vms_lock);
	cb->seq = pvsched_nl_generation();
	list_for_each_entry(plug, &pvsched_plugs, node) {
		if (plug->id <= cb->args[0])
			continue;
		if (policy_dump(skb, cb, plug))
			break;
		cb->args[0] = plug->id;
	}
	mutex_unlock(&pvsched_vms_lock);
	return skb->len;
}
