// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policies that are not as they should be, for t-policy.sh: one that answers
 * with levels that do not exist, one for a protocol that no guest speaks, and
 * registrations that have to be refused. Written to "drop", a policy goes while
 * VMs have it.
 */
#include <linux/module.h>
#include <linux/pvsched_policy.h>

static u8 mad_level(const struct pvsched_view *view)
{
	return PVSCHED_LEVEL_MAX + 1;
}

static u8 max_level(const struct pvsched_view *view)
{
	return PVSCHED_LEVEL_MAX;
}

static const struct pvsched_policy mad = {
	.name = "mad",
	.owner = THIS_MODULE,
	.level = mad_level,
};

static const struct pvsched_policy foreign = {
	.name = "foreign",
	.owner = THIS_MODULE,
	.protocol = "klingon",
	.protocol_version = 1,
	.level = max_level,
};

static const struct pvsched_policy greedy = {
	.name = "greedy",
	.owner = THIS_MODULE,
	.level = max_level,
};

static const struct pvsched_policy refused[] = {
	{ .name = "ownerless", .level = max_level },
	{ .name = "mute", .owner = THIS_MODULE },
	{ .owner = THIS_MODULE, .level = max_level },
	{ .name = "", .owner = THIS_MODULE, .level = max_level },
	{ .name = "a b", .owner = THIS_MODULE, .level = max_level },
	{ .name = "a/b", .owner = THIS_MODULE, .level = max_level },
	{ .name = "sixteen-letters-",
	  .owner = THIS_MODULE,
	  .level = max_level },
	{ .name = "nothing",
	  .owner = THIS_MODULE,
	  .protocol = "",
	  .level = max_level },
};

static bool greedy_there;

/* Take "greedy" back although it may be in use. */
static int drop_set(const char *value, const struct kernel_param *param)
{
	if (!greedy_there)
		return -ENOENT;
	greedy_there = false;
	pvsched_unregister_policy(&greedy);
	return 0;
}

static const struct kernel_param_ops drop_ops = { .set = drop_set };
module_param_cb(drop, &drop_ops, NULL, 0200);
MODULE_PARM_DESC(drop, "written: unregister the policy greedy");

static int __init refused_check(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(refused); i++)
		if (pvsched_register_policy(&refused[i]) != -EINVAL) {
			pr_err("policy %u was not refused\n", i);
			return -EDOM;
		}
	return pvsched_register_policy(&mad) == -EEXIST ? 0 : -EDOM;
}

static int __init odd_init(void)
{
	int err;

	err = pvsched_register_policy(&mad);
	if (err)
		return err;
	err = refused_check();
	if (err)
		goto mad;
	err = pvsched_register_policy(&foreign);
	if (err)
		goto mad;
	err = pvsched_register_policy(&greedy);
	if (err)
		goto foreign;
	greedy_there = true;
	return 0;

foreign:
	pvsched_unregister_policy(&foreign);
mad:
	pvsched_unregister_policy(&mad);
	return err;
}

static void __exit odd_exit(void)
{
	if (greedy_there)
		pvsched_unregister_policy(&greedy);
	pvsched_unregister_policy(&foreign);
	pvsched_unregister_policy(&mad);
}

module_init(odd_init);
module_exit(odd_exit);

MODULE_DESCRIPTION("pvsched policies that are not as they should be");
MODULE_LICENSE("GPL");
