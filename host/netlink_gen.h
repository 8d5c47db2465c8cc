/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	include/netlink/pvsched.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_PVSCHED_GEN_H
#define _LINUX_PVSCHED_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <linux/pvsched_netlink.h>

/* Common nested types */
extern const struct nla_policy pvsched_cap_nl_policy[PVSCHED_A_CAP_PAD + 1];

extern const struct nla_policy pvsched_vm_get_nl_policy[PVSCHED_A_VM_NAME + 1];

extern const struct nla_policy pvsched_vcpu_get_nl_policy[PVSCHED_A_VCPU_ID + 1];

extern const struct nla_policy pvsched_cap_get_nl_policy[PVSCHED_A_CAPS_VCPU + 1];

extern const struct nla_policy pvsched_cap_set_nl_policy[PVSCHED_A_CAPS_CAP + 1];

extern const struct nla_policy pvsched_vm_set_nl_policy[PVSCHED_A_VM_PAYBACK + 1];

extern const struct nla_policy pvsched_policy_get_nl_policy[PVSCHED_A_POLICY_NAME + 1];

extern const struct nla_policy pvsched_host_get_nl_policy[PVSCHED_A_HOST_PAD + 1];

extern const struct nla_policy pvsched_host_set_nl_policy[PVSCHED_A_HOST_CANARY + 1];

/* Ops table for pvsched */
extern const struct genl_ops pvsched_nl_ops[8];

int pvsched_nl_vm_get_doit(struct sk_buff *skb, struct genl_info *info);
int pvsched_nl_vm_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int pvsched_nl_vcpu_get_doit(struct sk_buff *skb, struct genl_info *info);
int pvsched_nl_vcpu_get_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb);
int pvsched_nl_cap_get_doit(struct sk_buff *skb, struct genl_info *info);
int pvsched_nl_cap_set_doit(struct sk_buff *skb, struct genl_info *info);
int pvsched_nl_vm_set_doit(struct sk_buff *skb, struct genl_info *info);
int pvsched_nl_policy_get_doit(struct sk_buff *skb, struct genl_info *info);
int pvsched_nl_policy_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);
int pvsched_nl_host_get_doit(struct sk_buff *skb, struct genl_info *info);
int pvsched_nl_host_set_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	PVSCHED_NLGRP_CONFIG,
	PVSCHED_NLGRP_BOOST,
};

#endif /* _LINUX_PVSCHED_GEN_H */
