/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules: what is set of which VM, and what somebody else has changed since.
 *
 * Whatever was changed by hand stays so until the rule itself changes; and then,
 * too.
 */
#ifndef PVSCHEDD_RULES_H
#define PVSCHEDD_RULES_H

#include "log.h"
#include "settings.h"
#include "world.h"

/**
 * struct rules - what they need
 * @settings: which there are
 * @client: of the kernel
 * @log: where is told what was changed by hand
 * @world: the VMs
 * @applied: file that has what was set; empty: none
 */
struct rules {
	const struct settings *settings;
	struct pvsched_client *client;
	const struct log *log;
	const struct world *world;
	char applied[256];
};

/* The first rule for a VM, or NULL. */
const struct rule *rules_match(const struct settings *settings,
			       const struct vm *vm);

/* The rule that a VM was set by, if there still is one of that name, or NULL. */
const struct rule *rules_of(const struct rules *rules, const struct vm *vm);

/* A VM appeared, or the rules did. */
void rules_apply(const struct rules *rules, struct vm *vm);

/* Caps, policy or payback of a VM were set, maybe by us. */
void rules_event(const struct rules *rules, struct vm *vm,
		 const struct pvsched_event *event);

/* Events were lost: look whether anything was set. */
void rules_check(const struct rules *rules, struct vm *vm);

/* A VM is gone. */
void rules_forget(const struct rules *rules);

#endif
