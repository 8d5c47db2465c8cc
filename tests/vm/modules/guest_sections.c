// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work of a guest that must not be preempted: threads, each on a CPU of its own,
 * that are in a section for a while, and out of it for a while, as fast as they
 * can. What kind of section, the parameter "kind" says:
 *
 *	lock		one spinlock, the same for all of them
 *	irq, softirq	the handler of a timer, as a hard interrupt or after it
 *	nmi		the handler of an NMI that the CPU sends to itself
 */
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/version.h>

#include <asm/apic.h>
#include <asm/nmi.h>

#define THREADS_MAX 16

static unsigned int threads = 1;
module_param(threads, uint, 0444);
MODULE_PARM_DESC(threads, "how many, each on a CPU of its own (default 1)");

static unsigned int first_cpu;
module_param(first_cpu, uint, 0444);
MODULE_PARM_DESC(first_cpu, "the first one's CPU");

static unsigned int hold_us = 50;
module_param(hold_us, uint, 0444);
MODULE_PARM_DESC(hold_us, "how long a section takes, us");

static unsigned int gap_us = 50;
module_param(gap_us, uint, 0444);
MODULE_PARM_DESC(gap_us, "for how long there is none, us");

static char *kind = "lock";
module_param(kind, charp, 0444);
MODULE_PARM_DESC(kind, "lock, irq, softirq or nmi");

static unsigned long
	rounds; /* approximate if there are more threads than one */
module_param(rounds, ulong, 0444);
MODULE_PARM_DESC(rounds, "how many sections there were");

static DEFINE_SPINLOCK(lock);
static struct task_struct *tasks[THREADS_MAX];
static DEFINE_PER_CPU(struct hrtimer, timers);
static DEFINE_PER_CPU(bool, nmi_sent);

static void section(void)
{
	/* Long ones are too much for udelay(), which does not say so. */
	mdelay(hold_us / USEC_PER_MSEC);
	udelay(hold_us % USEC_PER_MSEC);
	WRITE_ONCE(rounds, rounds + 1);
}

static void round_lock(void)
{
	spin_lock(&lock);
	section();
	spin_unlock(&lock);
}

static enum hrtimer_restart on_timer(struct hrtimer *timer)
{
	section();
	return HRTIMER_NORESTART;
}

static void timer_round(enum hrtimer_mode mode)
{
	struct hrtimer *timer = this_cpu_ptr(&timers);

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(timer, on_timer, CLOCK_MONOTONIC, mode);
#else
	hrtimer_init(timer, CLOCK_MONOTONIC, mode);
	timer->function = on_timer;
#endif
	hrtimer_start(timer, ns_to_ktime(gap_us * NSEC_PER_USEC), mode);
	/* It may have been left to a thread of this CPU. */
	while (hrtimer_active(timer))
		cond_resched();
}

static void round_irq(void)
{
	timer_round(HRTIMER_MODE_REL_PINNED_HARD);
}

static void round_softirq(void)
{
	timer_round(HRTIMER_MODE_REL_PINNED_SOFT);
}

/* Context: NMI. Not every one is ours. */
static int on_nmi(unsigned int type, struct pt_regs *regs)
{
	if (!this_cpu_xchg(nmi_sent, false))
		return NMI_DONE;
	section();
	return NMI_HANDLED;
}

/* By hand, as modules may not send interrupts; x2APIC, which KVM's guests have. */
static void round_nmi(void)
{
	u32 self = native_read_msr(APIC_BASE_MSR + (APIC_ID >> 4));

	this_cpu_write(nmi_sent, true);
	wrmsr(APIC_BASE_MSR + (APIC_ICR >> 4), APIC_DEST_PHYSICAL | APIC_DM_NMI,
	      self);
	while (this_cpu_read(nmi_sent))
		cpu_relax();
}

static const struct kind {
	const char *name;
	void (*round)(void);
} kinds[] = {
	{ "lock", round_lock },
	{ "irq", round_irq },
	{ "softirq", round_softirq },
	{ "nmi", round_nmi },
};

static int work(void *data)
{
	const struct kind *k = data;

	while (!kthread_should_stop()) {
		k->round();
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
	unregister_nmi_handler(NMI_LOCAL, KBUILD_MODNAME);
}

static int start_one(unsigned int i, const struct kind *k)
{
	struct task_struct *task;

	if (!cpu_online(first_cpu + i))
		return -ENODEV;
	task = kthread_create(work, (void *)k, "sections/%u", i);
	if (IS_ERR(task))
		return PTR_ERR(task);
	kthread_bind(task, first_cpu + i);
	tasks[i] = task;
	wake_up_process(task);
	return 0;
}

static const struct kind *kind_find(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kind, kinds[i].name))
			return &kinds[i];
	return NULL;
}

static int __init sections_init(void)
{
	const struct kind *k = kind_find();
	unsigned int i;
	int err;

	if (threads > THREADS_MAX || !k)
		return -EINVAL;
	if (k->round == round_nmi && !x2apic_enabled())
		return -ENODEV;
	err = register_nmi_handler(NMI_LOCAL, on_nmi, 0, KBUILD_MODNAME);
	if (err)
		return err;
	for (i = 0; i < threads; i++) {
		err = start_one(i, k);
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
MODULE_DESCRIPTION("pvsched test: a guest's work that must not be preempted");
MODULE_LICENSE("GPL");
