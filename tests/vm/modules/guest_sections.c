// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work of a guest that is done under one lock: threads that hold it for a while,
 * with preemption off, and let go of it for a while, as fast as they can.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#define THREADS_MAX 16

static unsigned int threads = 1;
module_param(threads, uint, 0444);
MODULE_PARM_DESC(threads, "how many, each on a CPU of its own (default 1)");

static unsigned int first_cpu;
module_param(first_cpu, uint, 0444);
MODULE_PARM_DESC(first_cpu, "the first one's CPU");

static unsigned int hold_us = 50;
module_param(hold_us, uint, 0444);
MODULE_PARM_DESC(hold_us, "for how long the lock is held, us");

static unsigned int gap_us = 50;
module_param(gap_us, uint, 0444);
MODULE_PARM_DESC(gap_us, "for how long it is not, us");

static unsigned long rounds; /* guarded by lock */
module_param(rounds, ulong, 0444);
MODULE_PARM_DESC(rounds, "how often the lock was taken");

static DEFINE_SPINLOCK(lock);
static struct task_struct *tasks[THREADS_MAX];

static int work(void *data)
{
	while (!kthread_should_stop()) {
		spin_lock(&lock);
		udelay(hold_us);
		rounds++;
		spin_unlock(&lock);
		udelay(gap_us);
		cond_resched();
	}
	return 0;
}

static void stop_all(void)
{
	unsigned int i;

	for (i = 0; i < THREADS_MAX; i++)
		if (tasks[i])
			kthread_stop(tasks[i]);
}

static int start_one(unsigned int i)
{
	struct task_struct *task;

	if (!cpu_online(first_cpu + i))
		return -ENODEV;
	task = kthread_create(work, NULL, "sections/%u", i);
	if (IS_ERR(task))
		return PTR_ERR(task);
	kthread_bind(task, first_cpu + i);
	tasks[i] = task;
	wake_up_process(task);
	return 0;
}

static int __init sections_init(void)
{
	unsigned int i;
	int err;

	if (threads > THREADS_MAX)
		return -EINVAL;
	for (i = 0; i < threads; i++) {
		err = start_one(i);
		if (err) {
			stop_all();
			return err;
		}
	}
	return 0;
}

static void __exit sections_exit(void)
{
	stop_all();
}

module_init(sections_init);
module_exit(sections_exit);

MODULE_AUTHOR("The pvsched authors");
MODULE_DESCRIPTION("pvsched test: a guest's work under a lock");
MODULE_LICENSE("GPL");
