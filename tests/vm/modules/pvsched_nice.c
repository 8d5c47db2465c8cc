// SPDX-License-Identifier: GPL-2.0-only
/*
 * A policy for hosts that forbid real-time priorities: what is real-time in the
 * guest gets a better nice value on the host, and nothing else is boosted.
 *
 * A whole policy, to copy. Its Kbuild file needs the two include paths of the one
 * beside this file, and KBUILD_EXTRA_SYMBOLS=.../host/Module.symvers; then
 *
 *	insmod pvsched_nice.ko nice=-15
 *	pvsched policy set VM nice
 */
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/pvsched_policy.h>
#include <linux/sched/prio.h>

static int nice = -10;
module_param(nice, int, 0644);
MODULE_PARM_DESC(nice, "nice value of a boost, -20 to 19 (default -10)");

/*
 * A vCPU's lock is held, and possibly a run queue's: look at the view, and answer.
 * An interrupt that may wake an urgent sleeper is as urgent as the sleeper.
 */
static u8 nice_level(const struct pvsched_view *view)
{
	u8 level = view->urgency;

	if (view->stale)
		level = max(level, view->sleeper);
	if (level < PVSCHED_LEVEL_RT_MIN)
		return 0;
	return PVSCHED_LEVEL_NICE(clamp(READ_ONCE(nice), MIN_NICE, MAX_NICE));
}

static const struct pvsched_policy nice_policy = {
	.name = "nice",
	.owner = THIS_MODULE,
	.protocol = PVSCHED_PROTOCOL_NAME,
	.protocol_version = PVSCHED_PROTOCOL_VERSION,
	.level = nice_level,
};

static int __init nice_init(void)
{
	return pvsched_register_policy(&nice_policy);
}

/* Not before the last VM has another policy: each pins this module. */
static void __exit nice_exit(void)
{
	pvsched_unregister_policy(&nice_policy);
}

module_init(nice_init);
module_exit(nice_exit);

MODULE_DESCRIPTION("pvsched policy: better nice values, no real-time");
MODULE_LICENSE("GPL");
