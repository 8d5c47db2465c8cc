/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Policies: what a module has to include that brings one to pvsched.ko.
 *
 * A policy answers one question: how urgent should the host treat this vCPU?
 * It neither changes anything nor knows about caps, which bound its answer. Each
 * VM has one policy, which may be changed while it runs.
 *
 * tests/vm/modules/pvsched_nice.c is a whole one, to copy.
 */
#ifndef _LINUX_PVSCHED_POLICY_H
#define _LINUX_PVSCHED_POLICY_H

#include <linux/pvsched.h>
#include <linux/types.h>

struct module;

/**
 * struct pvsched_view - all that a policy sees of a vCPU
 * @urgency: the larger of what runs and what waits there, PVSCHED_LEVEL_*;
 *	PVSCHED_LEVEL_NORMAL if the vCPU has no shared page
 * @sleeper: most urgent task that sleeps there; 0: none, or no shared page
 * @stale: an interrupt is on its way whose outcome @urgency does not have yet
 * @interrupted: an interrupt found the vCPU preempted or halted. True until the
 *	vCPU halts, gets a CPU by its ordinary turn, or has run boosted for as
 *	long as the policy's limit() says
 * @section: the guest is in a critical section, so others of it wait for the
 *	vCPU; a boost that is asked for because of that is bounded by cap section
 *
 * Every value was validated.
 */
struct pvsched_view {
	u8 urgency;
	u8 sleeper;
	bool stale;
	bool interrupted;
	bool section;
};

/**
 * struct pvsched_policy - a policy
 * @name: how it is chosen; printable, without blanks and '/', shorter than
 *	PVSCHED_POLICY_LEN
 * @owner: THIS_MODULE, which stays loaded while a VM has the policy
 * @protocol: what the guest must speak; NULL: it does not matter, and a vCPU
 *	need not even have a shared page
 * @protocol_version: likewise; 0 without a protocol
 * @observe: only count the boosts that it asks for
 * @level: the level to boost to, PVSCHED_LEVEL_*; 0: no boost. A level of a
 *	normal class is a boost by nice value, if the thread's own is not as good. It may be called
 *	at any time and as often as the core likes, so it may depend on nothing
 *	but the view and its own parameters
 * @limit: for how long, in ns of time that the vCPU runs boosted, view.interrupted
 *	stays true; NULL: for as long as the slice cap allows
 *
 * Both are called with a vCPU's lock held, irqs off, and possibly with a run
 * queue's lock held, on several CPUs at the same time. They must not sleep, wake
 * anything, print, or take a lock.
 */
struct pvsched_policy {
	const char *name;
	struct module *owner;
	const char *protocol;
	u32 protocol_version;
	bool observe;
	u8 (*level)(const struct pvsched_view *view);
	u64 (*limit)(void);
};

int pvsched_register_policy(const struct pvsched_policy *policy);
void pvsched_unregister_policy(const struct pvsched_policy *policy);

#endif /* _LINUX_PVSCHED_POLICY_H */
