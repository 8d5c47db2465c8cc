/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Policies, as the core sees them. linux/pvsched_policy.h is the other side.
 */
#ifndef PVSCHED_POLICY_H
#define PVSCHED_POLICY_H

#include <linux/atomic.h>
#include <linux/irq_work.h>
#include <linux/list.h>
#include <linux/pvsched_policy.h>

#include "budget.h"

struct pvsched_vm;

/**
 * struct pvsched_plug - a policy that is registered
 * @node: in pvsched_plugs; guarded by pvsched_vms_lock
 * @ops: what was registered
 * @id: never reused; orders dumps
 * @faults: how often it has answered with a level that does not exist
 * @report: says so in the log, where that is allowed
 *
 * Belongs to whoever registered it, until pvsched_unregister_policy(). A VM that
 * has it pins the policy's module. A vCPU's pointer to it is guarded by the vCPU's
 * lock, which is held for every call, so once that pointer has been changed the
 * policy is not called for that vCPU any more.
 */
struct pvsched_plug {
	struct list_head node;
	const struct pvsched_policy *ops;
	u32 id;
	atomic64_t faults;
	struct irq_work report;
};

extern struct list_head pvsched_plugs; /* by ascending id */

void pvsched_policy_init(void);
struct pvsched_plug *pvsched_policy_find(const char *name);
struct pvsched_plug *pvsched_policy_none(void);
bool pvsched_policy_get(const struct pvsched_plug *plug);
void pvsched_policy_put(const struct pvsched_plug *plug);
bool pvsched_policy_speaks(const struct pvsched_plug *plug,
			   const char *protocol, u32 version);
void pvsched_policy_fault(struct pvsched_plug *plug);

/*
 * What a policy answers, if it makes sense. A vCPU's lock is held, and possibly a
 * run queue's.
 */
static inline u8 pvsched_policy_level(struct pvsched_plug *plug,
				      const struct pvsched_view *view)
{
	u8 level = plug->ops->level(view);

	if (likely(level <= PVSCHED_LEVEL_MAX))
		return level;
	pvsched_policy_fault(plug);
	return 0;
}

/* Likewise: for how long an interrupt counts, ns of boosted time. */
static inline u64 pvsched_policy_limit(const struct pvsched_plug *plug)
{
	return plug->ops->limit ? plug->ops->limit() : PVSCHED_NEVER;
}

#endif /* PVSCHED_POLICY_H */
