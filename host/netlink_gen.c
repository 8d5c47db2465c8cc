// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	include/netlink/pvsched.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink_gen.h"

#include <linux/pvsched_netlink.h>

/* Common nested types */
const struct nla_policy pvsched_cap_nl_policy[PVSCHED_A_CAP_PAD + 1] = {
	[PVSCHED_A_CAP_ID] = NLA_POLICY_MAX(NLA_U32, 7),
	[PVSCHED_A_CAP_LEVEL] = NLA_POLICY_MAX(NLA_U32, 2),
	[PVSCHED_A_CAP_SOFT] = { .type = NLA_U64, },
	[PVSCHED_A_CAP_HARD] = { .type = NLA_U64, },
};

/* PVSCHED_CMD_VM_GET - do */
const struct nla_policy pvsched_vm_get_nl_policy[PVSCHED_A_VM_NAME + 1] = {
	[PVSCHED_A_VM_NAME] = { .type = NLA_NUL_STRING, .len = 63, },
};

/* PVSCHED_CMD_VCPU_GET - do */
const struct nla_policy pvsched_vcpu_get_nl_policy[PVSCHED_A_VCPU_ID + 1] = {
	[PVSCHED_A_VCPU_VM] = { .type = NLA_NUL_STRING, .len = 63, },
	[PVSCHED_A_VCPU_ID] = NLA_POLICY_MAX(NLA_U32, 4095),
};

/* PVSCHED_CMD_CAP_GET - do */
const struct nla_policy pvsched_cap_get_nl_policy[PVSCHED_A_CAPS_VCPU + 1] = {
	[PVSCHED_A_CAPS_VM] = { .type = NLA_NUL_STRING, .len = 63, },
	[PVSCHED_A_CAPS_VCPU] = NLA_POLICY_MAX(NLA_U32, 4095),
};

/* PVSCHED_CMD_CAP_SET - do */
const struct nla_policy pvsched_cap_set_nl_policy[PVSCHED_A_CAPS_CAP + 1] = {
	[PVSCHED_A_CAPS_VM] = { .type = NLA_NUL_STRING, .len = 63, },
	[PVSCHED_A_CAPS_VCPU] = NLA_POLICY_MAX(NLA_U32, 4095),
	[PVSCHED_A_CAPS_CAP] = NLA_POLICY_NESTED(pvsched_cap_nl_policy),
};

/* PVSCHED_CMD_VM_SET - do */
const struct nla_policy pvsched_vm_set_nl_policy[PVSCHED_A_VM_PAYBACK + 1] = {
	[PVSCHED_A_VM_NAME] = { .type = NLA_NUL_STRING, .len = 63, },
	[PVSCHED_A_VM_POLICY] = { .type = NLA_NUL_STRING, .len = 15, },
	[PVSCHED_A_VM_PAYBACK] = NLA_POLICY_MAX(NLA_U8, 1),
};

/* PVSCHED_CMD_POLICY_GET - do */
const struct nla_policy pvsched_policy_get_nl_policy[PVSCHED_A_POLICY_NAME + 1] = {
	[PVSCHED_A_POLICY_NAME] = { .type = NLA_NUL_STRING, .len = 15, },
};

/* PVSCHED_CMD_HOST_GET - do */
const struct nla_policy pvsched_host_get_nl_policy[PVSCHED_A_HOST_PAD + 1] = {
};

/* PVSCHED_CMD_HOST_SET - do */
const struct nla_policy pvsched_host_set_nl_policy[PVSCHED_A_HOST_CANARY + 1] = {
	[PVSCHED_A_HOST_ENABLED] = NLA_POLICY_MAX(NLA_U32, 1),
	[PVSCHED_A_HOST_CANARY] = { .type = NLA_U32, },
};

/* Ops table for pvsched */
const struct genl_ops pvsched_nl_ops[8] = {
	{
		.cmd		= PVSCHED_CMD_VM_GET,
		.doit		= pvsched_nl_vm_get_doit,
		.dumpit		= pvsched_nl_vm_get_dumpit,
		.policy		= pvsched_vm_get_nl_policy,
		.maxattr	= PVSCHED_A_VM_NAME,
	},
	{
		.cmd		= PVSCHED_CMD_VCPU_GET,
		.doit		= pvsched_nl_vcpu_get_doit,
		.dumpit		= pvsched_nl_vcpu_get_dumpit,
		.policy		= pvsched_vcpu_get_nl_policy,
		.maxattr	= PVSCHED_A_VCPU_ID,
	},
	{
		.cmd		= PVSCHED_CMD_CAP_GET,
		.doit		= pvsched_nl_cap_get_doit,
		.policy		= pvsched_cap_get_nl_policy,
		.maxattr	= PVSCHED_A_CAPS_VCPU,
	},
	{
		.cmd		= PVSCHED_CMD_CAP_SET,
		.doit		= pvsched_nl_cap_set_doit,
		.policy		= pvsched_cap_set_nl_policy,
		.maxattr	= PVSCHED_A_CAPS_CAP,
	},
	{
		.cmd		= PVSCHED_CMD_VM_SET,
		.doit		= pvsched_nl_vm_set_doit,
		.policy		= pvsched_vm_set_nl_policy,
		.maxattr	= PVSCHED_A_VM_PAYBACK,
	},
	{
		.cmd		= PVSCHED_CMD_POLICY_GET,
		.doit		= pvsched_nl_policy_get_doit,
		.dumpit		= pvsched_nl_policy_get_dumpit,
		.policy		= pvsched_policy_get_nl_policy,
		.maxattr	= PVSCHED_A_POLICY_NAME,
	},
	{
		.cmd		= PVSCHED_CMD_HOST_GET,
		.doit		= pvsched_nl_host_get_doit,
		.policy		= pvsched_host_get_nl_policy,
		.maxattr	= PVSCHED_A_HOST_PAD,
	},
	{
		.cmd		= PVSCHED_CMD_HOST_SET,
		.doit		= pvsched_nl_host_set_doit,
		.policy		= pvsched_host_set_nl_policy,
		.maxattr	= PVSCHED_A_HOST_CANARY,
	},
};
