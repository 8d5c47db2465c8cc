// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes of scheduling that take effect late: what a process called "usurper" may
 * change is held between the check and the change, for as long as "hold" says so.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/sched.h>

static bool hold;
module_param(hold, bool, 0644);
MODULE_PARM_DESC(hold, "hold them, and not let them go on");

static bool prompt;
module_param(prompt, bool, 0644);
MODULE_PARM_DESC(prompt,
		 "hold them only until the thread is not real-time any more");

static int held;
module_param(held, int, 0444);
MODULE_PARM_DESC(held, "how many have been held so far");

/*
 * Instead of security_task_setscheduler(), in the thread that changes something. It
 * does not sleep, as one that was preempted there does not.
 */
static int wait_instead(struct task_struct *task)
{
	held++;
	while (READ_ONCE(hold) &&
	       (!READ_ONCE(prompt) || READ_ONCE(task->rt_priority)))
		cond_resched();
	return 0;
}

/* In the thread, preemption off. */
static int check_entered(struct kprobe *probe, struct pt_regs *regs)
{
	if (!READ_ONCE(hold) || strcmp(current->comm, "usurper"))
		return 0;
	instruction_pointer_set(regs, (unsigned long)wait_instead);
	return 1;
}

/* Only a probe that has one may change where the thread goes on. */
static void check_done(struct kprobe *probe, struct pt_regs *regs,
		       unsigned long flags)
{
}

static struct kprobe check_probe = {
	.symbol_name = "security_task_setscheduler",
	.pre_handler = check_entered,
	.post_handler = check_done,
};

static int __init late_init(void)
{
	return register_kprobe(&check_probe);
}

/* Nobody may be held any more. */
static void __exit late_exit(void)
{
	unregister_kprobe(&check_probe);
	synchronize_rcu_tasks();
}

module_init(late_init);
module_exit(late_exit);

MODULE_DESCRIPTION("pvsched test: changes of scheduling that take effect late");
MODULE_LICENSE("GPL");
