// SPDX-License-Identifier: GPL-2.0-only
/*
 * What no trace point tells: kprobes, which cost more than trace points, so only for
 * what is rare.
 *
 * Changes of class, priority and nice value without a context switch. Inheritance
 * has a trace point, but it comes before the change; for the others there is none.
 * What every change ends with is a call of the scheduling class, when the new
 * priority is set and the run queue is still locked: that sees them all, by
 * whomever. Without it a change shows at the next interrupt or switch.
 *
 * More time for a deadline task that had used up its own: a timer queues it again.
 * Without that the interrupt would end with nothing urgent to be seen, and the host
 * would take back the boost that it gave for it before the task runs.
 *
 * A wake-up that is left to another CPU: a trace point tells of that since 6.5. It is
 * not rare, but comes with an interrupt for that CPU in most cases, which costs more.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/hrtimer.h>
#include <linux/ptrace.h>
#include <pvsched/probe.h>

#include "compat.h"
#include "guest.h"

/*
 * Arguments: run queue, task. Context: the task's run-queue lock held, and its
 * pi_lock unless it is queued; interrupts off.
 */
static int on_prio_changed(struct kprobe *probe, struct pt_regs *regs)
{
	struct task_struct *p = (void *)regs_get_kernel_argument(regs, 1);

	pvsched_publish_prio(p, pvsched_task_level(p));
	return 0;
}

/* Argument: the timer. Context: hard interrupt, interrupts off, no locks. */
static int on_deadline_timer(struct kprobe *probe, struct pt_regs *regs)
{
	struct hrtimer *timer = (void *)regs_get_kernel_argument(regs, 0);
	struct task_struct *p = pvsched_deadline_task(timer);

	if (p)
		pvsched_publish_replenish(p);
	return 0;
}

/* Arguments: CPU, entry of its queue. Context: see on_csd_queue_cpu(). */
static int on_call_queued(struct kprobe *probe, struct pt_regs *regs)
{
	unsigned int cpu = regs_get_kernel_argument(regs, 0);
	const struct llist_node *entry =
		(void *)regs_get_kernel_argument(regs, 1);

	pvsched_publish_queued(cpu, entry);
	return 0;
}

static struct pvsched_hook {
	const char *function;
	kprobe_pre_handler_t handler;
	bool optional;		/* Not every kernel has it. */
	const char *instead_of; /* Not needed if there is that trace point. */
	struct kprobe *probe;
} hooks[] = {
	{ "prio_changed_fair", on_prio_changed },
	{ "prio_changed_rt", on_prio_changed },
	{ "prio_changed_dl", on_prio_changed },
	{ "prio_changed_scx", on_prio_changed, true },
	{ "switched_to_fair", on_prio_changed },
	{ "switched_to_rt", on_prio_changed },
	{ "switched_to_dl", on_prio_changed },
	{ "switched_to_scx", on_prio_changed, true },
	{ "dl_task_timer", on_deadline_timer },
	{ "__smp_call_single_queue", on_call_queued, !IS_ENABLED(CONFIG_SMP),
	  "csd_queue_cpu" },
};

static void hook_register(struct pvsched_hook *hook, struct virtio_device *vdev)
{
	int err;

	if (hook->instead_of && pvsched_probe_on(hook->instead_of))
		return;
	hook->probe = pvsched_kprobe_add(hook->function, hook->handler);
	err = PTR_ERR_OR_ZERO(hook->probe);
	if (!err)
		return;
	if (err != -ENOENT || !hook->optional)
		dev_info(&vdev->dev,
			 "going on without a probe of %s: error %d\n",
			 hook->function, err);
}

/* Context: may sleep. */
void pvsched_hooks_start(struct virtio_device *vdev)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hooks); i++)
		hook_register(&hooks[i], vdev);
}

/* Afterwards none of them is being called. Context: may sleep. */
void pvsched_hooks_stop(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hooks); i++) {
		pvsched_kprobe_del(hooks[i].probe);
		hooks[i].probe = NULL;
	}
}
