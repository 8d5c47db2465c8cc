// SPDX-License-Identifier: GPL-2.0-only
/*
 * The policies.
 */
#include <linux/kernel.h>
#include <linux/pvsched.h>
#include <linux/string.h>

#include "policy.h"

/*
 * Believe the guest: it is as urgent as what it runs or is about to run, and an
 * interrupt that may wake an urgent sleeper is as urgent as the sleeper until
 * the guest has said what came of it.
 */
static u8 boost_level(const struct pvsched_view *view)
{
	if (view->stale && view->sleeper > view->urgency)
		return view->sleeper;
	return view->urgency;
}

/* The first is the default. */
static const struct pvsched_policy policies[] = {
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
};

/* The policy of that name, the default for an empty one, or NULL. */
const struct pvsched_policy *pvsched_policy_find(const char *name)
{
	unsigned int i;

	if (!*name)
		return &policies[0];
	for (i = 0; i < ARRAY_SIZE(policies); i++)
		if (!strcmp(policies[i].name, name))
			return &policies[i];
	return NULL;
}
