// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink family "pvsched": caps are read and set.
 *
 * A request to set caps is checked as a whole before anything is changed.
 */
#include <linux/nospec.h>
#include <net/genetlink.h>

#include "extack.h"
#include "netlink.h"
#include "vm.h"

/* Whose caps a request is about. vm and vcpu are NULL where it names none. */
struct target {
	struct pvsched_vm *vm;
	struct pvsched_vcpu *vcpu;
	struct pvsched_caps *caps;
	enum pvsched_cap_level level;
	char name[56]; /* for a reason */
};

/* One cap as a request wants it. */
struct wish {
	const struct nlattr *attr; /* NULL: not in the request */
	const struct nlattr *soft;
	const struct nlattr *hard;
	struct pvsched_cap to;
};

/* pvsched_vms_lock is held. */
static int target_find(struct target *target, struct sk_buff *request,
		       struct genl_info *info)
{
	const struct nlattr *vm = info->attrs[PVSCHED_A_CAPS_VM];
	const struct nlattr *vcpu = info->attrs[PVSCHED_A_CAPS_VCPU];

	memset(target, 0, sizeof(*target));
	if (!vm && vcpu)
		return pvsched_refuse(info->extack, vcpu, -EINVAL,
				      "a vCPU is named by its VM and its id");
	if (!vm) {
		target->level = PVSCHED_CAP_LEVEL_HOST;
		target->caps = &pvsched_host_caps;
		strscpy(target->name, "the host", sizeof(target->name));
		return 0;
	}
	target->vm = pvsched_nl_vm_find(request, vm, info->extack);
	if (IS_ERR(target->vm))
		return PTR_ERR(target->vm);
	if (!vcpu) {
		target->level = PVSCHED_CAP_LEVEL_VM;
		target->caps = &target->vm->caps;
		snprintf(target->name, sizeof(target->name),
			 "VM " PVSCHED_NAME_FMT, target->vm->name);
		return 0;
	}
	target->vcpu = pvsched_nl_vcpu_find(target->vm, vcpu, info->extack);
	if (IS_ERR(target->vcpu))
		return PTR_ERR(target->vcpu);
	target->level = PVSCHED_CAP_LEVEL_VCPU;
	target->caps = &target->vcpu->caps;
	snprintf(target->name, sizeof(target->name),
		 "vCPU " PVSCHED_NAME_FMT "/%u", target->vm->name,
		 target->vcpu->id);
	return 0;
}

static int target_put(struct sk_buff *skb, const struct target *target)
{
	if ((target->vm &&
	     nla_put_string(skb, PVSCHED_A_CAPS_VM, target->vm->name)) ||
	    (target->vcpu &&
	     nla_put_u32(skb, PVSCHED_A_CAPS_VCPU, target->vcpu->id)))
		return -EMSGSIZE;
	return 0;
}

static int caps_put(struct sk_buff *skb, int type, const struct target *target,
		    unsigned long mask)
{
	unsigned long id;

	for_each_set_bit(id, &mask, PVSCHED_CAP_COUNT)
		if (pvsched_nl_cap_put(skb, type, id, target->level,
				       &target->caps->cap[id]))
			return -EMSGSIZE;
	return 0;
}

/* pvsched_vms_lock is held. */
static int cap_get(struct sk_buff *reply, struct sk_buff *request,
		   struct genl_info *info, void *arg)
{
	struct target target;
	int err;

	err = target_find(&target, request, info);
	if (err)
		return err;
	if (target_put(reply, &target) ||
	    caps_put(reply, PVSCHED_A_CAPS_CAP, &target,
		     GENMASK(PVSCHED_CAP_MAX, 0)))
		return -EMSGSIZE;
	if (target.vcpu)
		return pvsched_nl_binding_put(reply, PVSCHED_A_CAPS_BINDING,
					      target.vcpu);
	return 0;
}

static int wish_parse(struct wish *wishes, const struct nlattr *attr,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[PVSCHED_A_CAP_MAX + 1];
	struct wish *wish;
	u32 id;
	int err;

	err = nla_parse_nested(tb, PVSCHED_A_CAP_MAX, attr,
			       pvsched_cap_nl_policy, extack);
	if (err)
		return err;
	if (!tb[PVSCHED_A_CAP_ID])
		return pvsched_refuse(extack, attr, -EINVAL,
				      "a cap without an id");
	id = nla_get_u32(tb[PVSCHED_A_CAP_ID]);
	if (id >= PVSCHED_CAP_COUNT)
		return pvsched_refuse(extack, tb[PVSCHED_A_CAP_ID], -EINVAL,
				      "no cap has the id %u", id);
	id = array_index_nospec(id, PVSCHED_CAP_COUNT);
	wish = &wishes[id];
	if (wish->attr)
		return pvsched_refuse(extack, attr, -EINVAL,
				      "%s is in the request twice",
				      pvsched_cap_name(id));
	if (tb[PVSCHED_A_CAP_LEVEL])
		return pvsched_refuse(extack, tb[PVSCHED_A_CAP_LEVEL], -EINVAL,
				      "the level follows from VM and vCPU");
	wish->attr = attr;
	wish->soft = tb[PVSCHED_A_CAP_SOFT];
	wish->hard = tb[PVSCHED_A_CAP_HARD];
	if (!wish->soft && !wish->hard)
		return pvsched_refuse(extack, attr, -EINVAL,
				      "%s has neither soft nor hard",
				      pvsched_cap_name(id));
	return 0;
}

/* Return: how many there are, or a negative error. */
static int wishes_parse(struct wish *wishes, struct genl_info *info)
{
	const struct nlattr *attr;
	int count = 0;
	int rem, err;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != PVSCHED_A_CAPS_CAP)
			continue;
		err = wish_parse(wishes, attr, info->extack);
		if (err)
			return err;
		count++;
	}
	if (!count)
		return pvsched_refuse(info->extack, NULL, -EINVAL,
				      "no cap to set in the request");
	return count;
}

/* May the sender change these caps at all? */
static int permission_check(const struct target *target,
			    struct sk_buff *request, struct genl_info *info,
			    bool privileged)
{
	struct user_namespace *user_ns = sk_user_ns(NETLINK_CB(request).sk);

	if (privileged)
		return 0;
	if (!target->vm)
		return pvsched_refuse(info->extack, NULL, -EPERM,
				      "caps of the host need CAP_SYS_RESOURCE");
	if (pvsched_nl_owns(request, target->vm))
		return 0;
	return pvsched_refuse(
		info->extack, info->attrs[PVSCHED_A_CAPS_VM], -EPERM,
		"not the owner of VM %.16s (uid %u), and no CAP_SYS_RESOURCE",
		target->vm->name, from_kuid_munged(user_ns, target->vm->uid));
}

static int bound_refuse(const struct target *target, const struct wish *wish,
			enum pvsched_cap_id id, int err, const char *why,
			u64 bound, struct netlink_ext_ack *extack)
{
	const char *cap = pvsched_cap_name(id);
	char text[24];

	if (!bound && err != -EPERM)
		return pvsched_refuse(extack, wish->attr, err, "%s of %s: %s",
				      cap, target->name, why);
	if (bound == PVSCHED_CAP_UNLIMITED)
		strscpy(text, "unlimited", sizeof(text));
	else if (id == PVSCHED_CAP_NICE)
		snprintf(text, sizeof(text), "%d", 20 - (int)bound);
	else
		snprintf(text, sizeof(text), "%llu", bound);
	return pvsched_refuse(extack, wish->attr, err, "%s of %s: %s %s", cap,
			      target->name, why, text);
}

/* One cap: what is not in the request stays as it is. */
static int wish_check(const struct target *target, struct wish *wish,
		      enum pvsched_cap_id id, bool privileged,
		      struct netlink_ext_ack *extack)
{
	struct pvsched_cap_change change = {
		.id = id,
		.level = target->level,
		.to = target->caps->cap[id],
		.privileged = privileged,
		.rlimit = PVSCHED_CAP_UNLIMITED,
	};
	const char *why;
	u64 bound;
	int err;

	if (!privileged) {
		err = pvsched_vm_rlimit(target->vm, target->vm->uid, id,
					&change.rlimit);
		if (err)
			return pvsched_refuse(
				extack, wish->attr, err,
				"%s of %s: its process is gone or another user's",
				pvsched_cap_name(id), target->name);
	}

	if (wish->soft)
		change.to.soft = nla_get_u64(wish->soft);
	if (wish->hard)
		change.to.hard = nla_get_u64(wish->hard);
	err = pvsched_caps_check(target->caps, &change, &why, &bound);
	if (err)
		return bound_refuse(target, wish, id, err, why, bound, extack);
	wish->to = change.to;
	return 0;
}

static int wishes_check(const struct target *target, struct wish *wishes,
			bool privileged, struct netlink_ext_ack *extack,
			unsigned long *mask)
{
	unsigned int id;
	int err;

	*mask = 0;
	for (id = 0; id < PVSCHED_CAP_COUNT; id++) {
		if (!wishes[id].attr)
			continue;
		err = wish_check(target, &wishes[id], id, privileged, extack);
		if (err)
			return err;
		*mask |= BIT(id);
	}
	return 0;
}

/* From here on nothing may fail. */
static void caps_apply(const struct target *target, const struct wish *wishes,
		       unsigned long mask)
{
	const struct pvsched_nl_event event = {
		.time = ktime_get_ns(),
		.kind = PVSCHED_EVENT_CAPS,
		.vm = target->vm ? target->vm->name : NULL,
		.vm_id = target->vm ? target->vm->id : 0,
		.vcpu = target->vcpu ? (s32)target->vcpu->id : -1,
		.caps = target->caps,
		.caps_mask = mask,
		.caps_level = target->level,
	};
	unsigned long id;

	for_each_set_bit(id, &mask, PVSCHED_CAP_COUNT)
		target->caps->cap[id] = wishes[id].to;
	if (target->vm)
		pvsched_vm_limits_update(target->vm);
	else
		pvsched_limits_update_all();
	pvsched_nl_config_send(&event);
}

/* pvsched_vms_lock is held. @arg: the wishes. */
static int cap_set(struct sk_buff *reply, struct sk_buff *request,
		   struct genl_info *info, void *arg)
{
	struct wish *wishes = arg;
	bool privileged = netlink_capable(request, CAP_SYS_RESOURCE);
	struct target target;
	unsigned long mask;
	int err;

	err = target_find(&target, request, info);
	if (err)
		return err;
	err = permission_check(&target, request, info, privileged);
	if (err)
		return err;
	err = wishes_check(&target, wishes, privileged, info->extack, &mask);
	if (err)
		return err;
	/* A page has room for all of it. */
	if (target_put(reply, &target) ||
	    caps_put(reply, PVSCHED_A_CAPS_OLD, &target, mask))
		return -EMSGSIZE;
	caps_apply(&target, wishes, mask);
	WARN_ON_ONCE(caps_put(reply, PVSCHED_A_CAPS_CAP, &target, mask));
	return 0;
}

int pvsched_nl_cap_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return pvsched_nl_answer_locked(skb, info, cap_get, NULL);
}

int pvsched_nl_cap_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct wish wishes[PVSCHED_CAP_COUNT] = {};
	int count = wishes_parse(wishes, info);

	return count < 0 ? count :
			   pvsched_nl_answer_locked(skb, info, cap_set, wishes);
}
