// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes of class, priority and nice value without a context switch.
 *
 * Inheritance has a trace point, but it comes before the change; for the others
 * there is none. What every change ends with is a call of the scheduling class,
 * when the new priority is set and the run queue is still locked: kprobes there
 * see them all, by whomever, at a cost that only those who change priorities
 * have. Without them a change shows at the next interrupt or switch.
 */
#include <linux/device.h>
#include <linux/kprobes.h>
#include <linux/ptrace.h>

#include "guest.h"

/*
 * Arguments: run queue, task. Context: p's pi_lock and run-queue lock held,
 * interrupts off.
 */
static int on_prio_changed(struct kprobe *probe, struct pt_regs *regs)
{
	struct task_struct *p = (void *)regs_get_kernel_argument(regs, 1);

	pvsched_publish_prio(p, pvsched_task_level(p));
	return 0;
}

static const char *const hook_names[] = {
	"prio_changed_fair", "prio_changed_rt", "prio_changed_dl",
	"switched_to_fair",  "switched_to_rt",	"switched_to_dl",
};

static struct kprobe hooks[ARRAY_SIZE(hook_names)];

/* Context: may sleep. */
void pvsched_prio_start(struct virtio_device *vdev)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(hooks); i++) {
		/* A kprobe that was unregistered must be set up anew. */
		hooks[i] = (struct kprobe){
			.symbol_name = hook_names[i],
			.pre_handler = on_prio_changed,
		};
		err = register_kprobe(&hooks[i]);
		if (!err)
			continue;
		hooks[i].symbol_name = NULL;
		dev_info(&vdev->dev,
			 "going on without a probe of %s: error %d\n",
			 hook_names[i], err);
	}
}

/* Afterwards none of them is being called. Context: may sleep. */
void pvsched_prio_stop(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hooks); i++)
		if (hooks[i].symbol_name)
			unregister_kprobe(&hooks[i]);
}
