// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bugs on purpose, one of each kind that the debug kernel has to notice.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

static char *what = "";
module_param(what, charp, 0);
MODULE_PARM_DESC(what, "leak, sleep, kasan or lockdep");

static DEFINE_MUTEX(one_lock);
static DEFINE_MUTEX(other_lock);
static DEFINE_SPINLOCK(atomic_lock);

/* More than one, as an old pointer may still be on a stack. */
static void bad_leak(void)
{
	int i;

	for (i = 0; i < 16; i++) {
		void *lost = kmalloc(64, GFP_KERNEL);

		OPTIMIZER_HIDE_VAR(lost);
	}
}

static void bad_sleep(void)
{
	spin_lock(&atomic_lock);
	msleep(20);
	spin_unlock(&atomic_lock);
}

static noinline void bad_kasan(void)
{
	size_t size = 40;
	char *bytes = kzalloc(size, GFP_KERNEL);

	if (!bytes)
		return;
	OPTIMIZER_HIDE_VAR(size);
	WRITE_ONCE(bytes[size], 1);
	kfree(bytes);
}

static void bad_lockdep(void)
{
	mutex_lock(&one_lock);
	mutex_lock(&other_lock);
	mutex_unlock(&other_lock);
	mutex_unlock(&one_lock);
	mutex_lock(&other_lock);
	mutex_lock(&one_lock);
	mutex_unlock(&one_lock);
	mutex_unlock(&other_lock);
}

static int __init bad_init(void)
{
	if (!strcmp(what, "leak"))
		bad_leak();
	else if (!strcmp(what, "sleep"))
		bad_sleep();
	else if (!strcmp(what, "kasan"))
		bad_kasan();
	else if (!strcmp(what, "lockdep"))
		bad_lockdep();
	else
		return -EINVAL;
	return 0;
}

static void __exit bad_exit(void)
{
}

module_init(bad_init);
module_exit(bad_exit);

MODULE_DESCRIPTION("Bugs on purpose, for the self-test of the lab");
MODULE_LICENSE("GPL");
