/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A policy answers one question: how urgent should the host treat this vCPU?
 * It neither changes anything nor knows about caps, which bound its answer.
 */
#ifndef PVSCHED_POLICY_H
#define PVSCHED_POLICY_H

#include <linux/types.h>

/**
 * struct pvsched_view - all that a policy sees of a vCPU
 * @urgency: the larger of what runs and what waits there, PVSCHED_LEVEL_*
 * @sleeper: most urgent task that sleeps there; 0: none
 * @stale: an interrupt is on its way whose outcome @urgency does not have yet
 *
 * Every value was validated.
 */
struct pvsched_view {
	u8 urgency;
	u8 sleeper;
	bool stale;
};

/**
 * struct pvsched_policy - a policy
 * @name: how it is chosen
 * @protocol: what the guest must speak
 * @protocol_version: likewise
 * @observe: only count the boosts that it asks for
 * @level: the level to boost to; less than PVSCHED_LEVEL_RT_MIN: no boost.
 *	Called with a vCPU's lock held, irqs off and possibly a run queue's lock
 *	held: it must not sleep, wake anything, or take a lock of its own
 */
struct pvsched_policy {
	const char *name;
	const char *protocol;
	u32 protocol_version;
	bool observe;
	u8 (*level)(const struct pvsched_view *view);
};

const struct pvsched_policy *pvsched_policy_find(const char *name);

#endif /* PVSCHED_POLICY_H */
