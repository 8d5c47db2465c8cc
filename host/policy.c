// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policies: those that are always there, and the table that modules add theirs
 * to.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "core.h"
#include "policy.h"
#include "vmset.h"

/*
 * How long a guest that says nothing is trusted to be done with an interrupt.
 * Read anew for each boost.
 */
static unsigned int blind_us = 500;
module_param(blind_us, uint, 0644);
MODULE_PARM_DESC(
	blind_us,
	"policy blind: boosted time after an interrupt, in microseconds (default 500)");

/*
 * Believe the guest: it is as urgent as what it runs or is about to run, and an
 * interrupt that may wake an urgent sleeper is as urgent as the sleeper until
 * the guest has said what came of it. Its nice values are no wish: they tell its
 * tasks from each other, not the guest from others.
 */
static u8 boost_level(const struct pvsched_view *view)
{
	u8 level = view->urgency;

	if (view->stale && view->sleeper > level)
		level = view->sleeper;
	if (level >= PVSCHED_LEVEL_RT_MIN)
		return level;
	/* Others of the guest wait for its end: before all ordinary work. */
	return view->section ? PVSCHED_LEVEL_RT_MIN : 0;
}

/*
 * For guests without the driver: whatever an interrupt brings is urgent, for a
 * bounded time. How urgent is up to the caps.
 */
static u8 blind_level(const struct pvsched_view *view)
{
	return view->interrupted ? PVSCHED_LEVEL_RT_MAX : 0;
}

static u64 blind_limit(void)
{
	return (u64)READ_ONCE(blind_us) * NSEC_PER_USEC;
}

static u8 none_level(const struct pvsched_view *view)
{
	return 0;
}

/* What a VM falls back to is the last, the default is the first. */
static const struct pvsched_policy builtin[] = {
	{
		.name = "boost",
		.protocol = PVSCHED_PROTOCOL_NAME,
		.protocol_version = PVSCHED_PROTOCOL_VERSION,
		.level = boost_level,
	},
	{
		/* To try pvsched without risk. */
		.name = "observe",
		.protocol = PVSCHED_PROTOCOL_NAME,
		.protocol_version = PVSCHED_PROTOCOL_VERSION,
		.observe = true,
		.level = boost_level,
	},
	{
		.name = "blind",
		.level = blind_level,
		.limit = blind_limit,
	},
	{
		.name = "none",
		.level = none_level,
	},
};

static struct pvsched_plug builtin_plugs[ARRAY_SIZE(builtin)];

LIST_HEAD(pvsched_plugs);
static u32 plugs_last_id; /* under pvsched_vms_lock */

/* Hard irq context, no locks held. */
static void report_fault(struct irq_work *work)
{
	struct pvsched_plug *plug =
		container_of(work, struct pvsched_plug, report);

	pr_warn_ratelimited(
		"policy %s answers with levels that do not exist: no boost for it (%lld times so far)\n",
		plug->ops->name, (s64)atomic64_read(&plug->faults));
}

/* pvsched_vms_lock is held, or nobody else is there yet. */
static void plug_add(struct pvsched_plug *plug,
		     const struct pvsched_policy *policy)
{
	plug->ops = policy;
	plug->id = ++plugs_last_id;
	atomic64_set(&plug->faults, 0);
	plug->report = IRQ_WORK_INIT_HARD(report_fault);
	list_add_tail(&plug->node, &pvsched_plugs);
}

/* When the module is loaded, before anybody can ask for a policy. */
void pvsched_policy_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(builtin); i++)
		plug_add(&builtin_plugs[i], &builtin[i]);
}

/*
 * The policy of that name, the default for an empty one, or NULL.
 * pvsched_vms_lock is held.
 */
struct pvsched_plug *pvsched_policy_find(const char *name)
{
	struct pvsched_plug *plug;

	if (!*name)
		return &builtin_plugs[0];
	list_for_each_entry(plug, &pvsched_plugs, node)
		if (!strcmp(plug->ops->name, name))
			return plug;
	return NULL;
}

/* The policy that never boosts, and works with any guest. */
struct pvsched_plug *pvsched_policy_none(void)
{
	return &builtin_plugs[ARRAY_SIZE(builtin_plugs) - 1];
}

/* Pin a policy's module for a VM; false if it is on its way out. */
bool pvsched_policy_get(const struct pvsched_plug *plug)
{
	return try_module_get(plug->ops->owner);
}

void pvsched_policy_put(const struct pvsched_plug *plug)
{
	module_put(plug->ops->owner);
}

/* Can the policy serve a guest that speaks this? */
bool pvsched_policy_speaks(const struct pvsched_plug *plug,
			   const char *protocol, u32 version)
{
	const struct pvsched_policy *ops = plug->ops;

	/* Without one of its own, whatever the host itself understands. */
	if (!ops->protocol)
		return !strcmp(protocol, PVSCHED_PROTOCOL_NAME) &&
		       version == PVSCHED_PROTOCOL_VERSION;
	return !strcmp(protocol, ops->protocol) &&
	       version == ops->protocol_version;
}

/* A policy talks nonsense. A run queue's lock may be held: it is reported later. */
void pvsched_policy_fault(struct pvsched_plug *plug)
{
	atomic64_inc(&plug->faults);
	irq_work_queue(&plug->report);
}

/* Names end up in terminals and logs. */
static bool name_ok(const char *name, size_t size)
{
	size_t i, len;

	if (!name)
		return false;
	len = strnlen(name, size);
	for (i = 0; i < len; i++)
		if (!isascii(name[i]) || !isgraph(name[i]) || name[i] == '/')
			return false;
	return len && len < size;
}

static bool policy_ok(const struct pvsched_policy *policy)
{
	if (!policy->owner || !policy->level ||
	    !name_ok(policy->name, PVSCHED_POLICY_LEN))
		return false;
	return !policy->protocol ||
	       name_ok(policy->protocol, PVSCHED_PROTOCOL_LEN);
}

/**
 * pvsched_register_policy() - bring a policy
 * @policy: the policy; it and what it points to belong to the core, and stay
 *	unchanged, until pvsched_unregister_policy() returns
 *
 * From then on a VM can be given the policy by its name. While one has it, the
 * policy's module cannot be unloaded. Process context, usually the module's init.
 *
 * Return: 0, -EINVAL (a member is missing or not as documented), -EEXIST (there
 * is a policy of that name) or -ENOMEM.
 */
int pvsched_register_policy(const struct pvsched_policy *policy)
{
	struct pvsched_plug *plug;
	int err = 0;

	if (!policy_ok(policy))
		return -EINVAL;
	plug = kzalloc(sizeof(*plug), GFP_KERNEL);
	if (!plug)
		return -ENOMEM;
	mutex_lock(&pvsched_vms_lock);
	if (pvsched_policy_find(policy->name)) {
		err = -EEXIST;
	} else {
		plug_add(plug, policy);
		pvsched_notify_dumps();
	}
	mutex_unlock(&pvsched_vms_lock);
	if (err)
		kfree(plug);
	return err;
}
EXPORT_SYMBOL_GPL(pvsched_register_policy);

/**
 * pvsched_unregister_policy() - take a policy back
 * @policy: as it was registered
 *
 * When it returns, the policy is not called any more, on any CPU. In a module's
 * exit no VM has the policy, since a VM pins the module. If it is called at any
 * other time, VMs that have the policy get the policy "none", which never boosts:
 * their boosts end. Process context; may sleep.
 */
void pvsched_unregister_policy(const struct pvsched_policy *policy)
{
	struct pvsched_plug *plug;

	mutex_lock(&pvsched_vms_lock);
	plug = pvsched_policy_find(policy->name);
	if (WARN_ON(!plug || plug->ops != policy)) {
		mutex_unlock(&pvsched_vms_lock);
		return;
	}
	list_del(&plug->node);
	pvsched_vms_policy_drop(plug);
	pvsched_notify_dumps();
	mutex_unlock(&pvsched_vms_lock);
	irq_work_sync(&plug->report);
	kfree(plug);
}
EXPORT_SYMBOL_GPL(pvsched_unregister_policy);
