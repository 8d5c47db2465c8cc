/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the netlink side share.
 */
#ifndef PVSCHED_NETLINK_H
#define PVSCHED_NETLINK_H

#include <linux/types.h>
#include <net/sock.h>

#include "core.h"
#include "netlink_gen.h"

/* A name in a reason: as much of it as leaves room for the rest. */
#define PVSCHED_NAME_FMT "%.24s"

/**
 * struct pvsched_nl_event - one event, as far as it is not empty
 * @time: CLOCK_MONOTONIC, ns
 * @kind: what happened; decides on the group
 * @vm: name of the VM, or NULL
 * @vm_id: its number
 * @vcpu: id of the vCPU, or -1
 * @pid: of the VMM or the vCPU's thread; 0 if not known
 * @level: granted; boost events only
 * @cause: likewise
 * @cpu: likewise, or the canary's
 * @waited: how long the canary waited, ns; kind canary only
 * @hold: how long boosts are held back for it, ns; likewise
 * @caps: which cap->level was changed to what it is now, or NULL
 * @caps_mask: which of them, bits by enum pvsched_cap_id
 * @caps_level: whose they are
 * @policy: name of the VM's new policy, or NULL
 * @payback: of the VM, for PVSCHED_EVENT_PAYBACK
 */
struct pvsched_nl_event {
	u64 time;
	enum pvsched_event_kind kind;
	const char *vm;
	u32 vm_id;
	s32 vcpu;
	pid_t pid;
	u8 level;
	enum pvsched_cause cause;
	u32 cpu;
	u64 waited;
	u64 hold;
	const struct pvsched_caps *caps;
	unsigned long caps_mask;
	enum pvsched_cap_level caps_level;
	const char *policy;
	bool payback;
};

extern struct genl_family pvsched_nl_family;

int pvsched_nl_event_put(struct sk_buff *skb, u64 seq,
			 const struct pvsched_nl_event *event);
int pvsched_nl_cap_put(struct sk_buff *skb, int type, enum pvsched_cap_id id,
		       enum pvsched_cap_level level,
		       const struct pvsched_cap *cap);
int pvsched_nl_binding_put(struct sk_buff *skb, int type,
			   const struct pvsched_vcpu *vcpu);
int pvsched_nl_stats_put(struct sk_buff *skb, int type,
			 const struct pvsched_stats *stats, u64 debt);
int pvsched_nl_vm_put(struct sk_buff *skb, struct user_namespace *user_ns,
		      struct pvsched_vm *vm);
void *pvsched_nl_dump_header(struct sk_buff *skb, struct netlink_callback *cb,
			     u8 cmd);
u32 pvsched_nl_generation(void);
void pvsched_nl_config_send(const struct pvsched_nl_event *event);

/* Fills in @reply to @request. */
typedef int pvsched_nl_put_fn(struct sk_buff *reply, struct sk_buff *request,
			      struct genl_info *info, void *arg);

int pvsched_nl_answer(struct sk_buff *request, struct genl_info *info,
		      pvsched_nl_put_fn *put, void *arg);
int pvsched_nl_answer_locked(struct sk_buff *request, struct genl_info *info,
			     pvsched_nl_put_fn *put, void *arg);

void pvsched_event_stop(void);

bool pvsched_nl_sees_all(struct sk_buff *request);
bool pvsched_nl_owns(struct sk_buff *request, const struct pvsched_vm *vm);
struct pvsched_vm *pvsched_nl_vm_find(struct sk_buff *request,
				      const struct nlattr *name,
				      struct netlink_ext_ack *extack);
struct pvsched_vcpu *pvsched_nl_vcpu_find(struct pvsched_vm *vm,
					  const struct nlattr *id,
					  struct netlink_ext_ack *extack);

#endif /* PVSCHED_NETLINK_H */
