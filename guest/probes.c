// SPDX-License-Identifier: GPL-2.0-only
/*
 * The trace points from which the publish path is called. They are found by
 * name, as modules have no access to them otherwise; the prototypes are checked
 * when this file is compiled.
 *
 * Context of all of them: atomic. Interrupts are off but for softirq_exit, and for
 * csd_queue_cpu if the call is none of ours.
 * 7.x no longer turns preemption off around probes; all callers here have done
 * so themselves. None of them is called from NMI.
 *
 * Where an interrupt ends: the exit events of x86's system vectors and
 * irq_handler_exit come after the handler, before softirqs; these then run at
 * once in most cases, else later. So if any are pending, it is the last
 * softirq_exit that ends the interrupt.
 */
#include <linux/interrupt.h>
#include <linux/smp.h>
#include <linux/tracepoint.h>

#include <trace/events/irq.h>
#include <trace/events/sched.h>
#include <asm/trace/irq_vectors.h>

#include "compat.h"
#include "guest.h"

/*
 * A task that sleeps has been dequeued by now. One that was preempted, or for which
 * a signal is pending, has not, but may be throttled, which is as good as asleep;
 * one that is dead does not come back. That next runs may be the first that is seen
 * of its having time again; what it is worth is published before it is no sleeper
 * any more, so that the host never finds less than what there is.
 *
 * Out of line, so that the other switches need no stack; with the arguments of the
 * trace point, so that none has to be moved.
 */
static noinline __noclone void switch_tell(void *data, bool preempt,
					   struct task_struct *prev,
					   struct task_struct *next,
					   unsigned int prev_state)
{
	bool sleeps = prev_state != TASK_DEAD && pvsched_task_urgent(prev) &&
		      !pvsched_task_runnable(prev) &&
		      pvsched_sleepers_take(prev, pvsched_task_level(prev));

	pvsched_publish_switch(next, sleeps ? prev : NULL);
	if (next->policy == SCHED_DEADLINE)
		pvsched_sleepers_forget(next);
}

/* Context: run-queue lock of this CPU held, interrupts off. */
static void on_sched_switch(void *data, bool preempt, struct task_struct *prev,
			    struct task_struct *next, unsigned int prev_state)
{
	if ((prev_state != TASK_RUNNING && pvsched_task_urgent(prev)) ||
	    pvsched_switch_tells(next))
		switch_tell(data, preempt, prev, next, prev_state);
}

/*
 * For sched_wakeup_new too. Context: interrupts off, the run-queue lock of p's
 * CPU held, except that a task which is still running wakes itself without it.
 */
static void on_sched_wakeup(void *data, struct task_struct *p)
{
	pvsched_publish_wakeup(p);
}

/*
 * A call for another CPU; it may be a wake-up. If that CPU idles, or has a cache of its
 * own, it is left to it to queue the task, and sched_wakeup comes when it does. One that
 * the host has preempted does not; and the interrupt that would let the host know is not
 * sent to a CPU that polls, nor seen by a host whose hardware delivers it.
 *
 * Context: for a wake-up, the task's pi_lock held, interrupts off, no run-queue lock.
 */
static void on_csd_queue_cpu(void *data, const unsigned int cpu,
			     unsigned long callsite, smp_call_func_t func,
			     call_single_data_t *csd)
{
	pvsched_publish_queued(cpu, &csd->node.llist);
}

/*
 * Context: see pvsched_publish_migrate(). The task is still where it was.
 */
static void on_sched_migrate(void *data, struct task_struct *p, int to)
{
	pvsched_publish_migrate(p, to);
}

/*
 * Inheritance: pi_task is the most urgent one that p keeps waiting, or NULL. The
 * change comes after this; see hooks.c for what comes after the change.
 * Context: p's pi_lock and run-queue lock held, interrupts off.
 */
static void on_pi_setprio(void *data, struct task_struct *p,
			  struct task_struct *pi_task)
{
	int prio = p->normal_prio;

	if (pi_task)
		prio = min(prio, pi_task->prio);
	pvsched_publish_prio(p, pvsched_task_level_at(p, prio));
}

/* Context: hard interrupt, interrupts off. */
static void irq_exit_or_softirq(u8 woken)
{
	u32 pending = local_softirq_pending();

	if (!pending) {
		pvsched_publish_irq_exit(woken, in_serving_softirq());
		return;
	}
	/* One that came amid a round, which is not over yet, begins none. */
	if (!in_serving_softirq())
		this_cpu_write(pvsched_cpus.softirqs, pending);
	pvsched_publish_softirq();
}

/* For all system vectors. Context: hard interrupt, interrupts off. */
static void on_vector_entry(void *data, int vector)
{
	pvsched_publish_irq_entry();
}

/* Likewise, for device interrupts. */
static void on_irq_handler_entry(void *data, int irq, struct irqaction *action)
{
	pvsched_publish_irq_entry();
}

/* For all system vectors. Context: hard interrupt, interrupts off. */
static void on_vector_exit(void *data, int vector)
{
	irq_exit_or_softirq(0);
}

/*
 * The interrupt's thread is woken only after this. If that happens here, it
 * is part of what came of the interrupt. Context: hard interrupt, interrupts
 * off; the action cannot go away while its handler runs, nor its thread.
 */
static void on_irq_handler_exit(void *data, int irq, struct irqaction *action,
				int ret)
{
	struct task_struct *thread = action->thread;
	u8 woken = 0;

	if (ret == IRQ_WAKE_THREAD && thread &&
	    task_cpu(thread) == smp_processor_id())
		woken = pvsched_task_level(thread);
	irq_exit_or_softirq(woken);
}

/* Context: softirq, interrupts on. */
static void on_softirq_exit(void *data, unsigned int vec_nr)
{
	unsigned long flags;

	local_irq_save(flags);
	if (pvsched_softirqs_done(this_cpu_ptr(&pvsched_cpus.softirqs), vec_nr,
				  local_softirq_pending()))
		pvsched_publish_irq_exit(0, false);
	local_irq_restore(flags);
}

/* In the order in which they are registered: wake-ups before sleep. */
static struct pvsched_probe {
	const char *name;
	void *function;
	bool required;
	bool hooked; /* Where there is none, hooks.c has a kprobe. */
	bool registered;
	struct tracepoint *tp;
} probes[] = {
	{ "sched_wakeup", on_sched_wakeup, true },
	{ "sched_wakeup_new", on_sched_wakeup },
	{ "csd_queue_cpu", on_csd_queue_cpu, .hooked = true },
	{ "sched_migrate_task", on_sched_migrate },
	{ "sched_pi_setprio", on_pi_setprio },
	{ "sched_switch", on_sched_switch, true },
	{ "irq_handler_entry", on_irq_handler_entry },
	{ "local_timer_entry", on_vector_entry },
	{ "reschedule_entry", on_vector_entry },
	{ "call_function_entry", on_vector_entry },
	{ "call_function_single_entry", on_vector_entry },
	{ "irq_work_entry", on_vector_entry },
	{ "x86_platform_ipi_entry", on_vector_entry },
	{ "softirq_exit", on_softirq_exit },
	{ "irq_handler_exit", on_irq_handler_exit },
	{ "local_timer_exit", on_vector_exit },
	{ "reschedule_exit", on_vector_exit },
	{ "call_function_exit", on_vector_exit },
	{ "call_function_single_exit", on_vector_exit },
	{ "irq_work_exit", on_vector_exit },
	{ "x86_platform_ipi_exit", on_vector_exit },
};

static void probes_check_types(void)
{
	check_trace_callback_type_sched_switch(on_sched_switch);
	check_trace_callback_type_sched_wakeup(on_sched_wakeup);
	check_trace_callback_type_sched_wakeup_new(on_sched_wakeup);
	check_trace_callback_type_sched_migrate_task(on_sched_migrate);
	check_trace_callback_type_sched_pi_setprio(on_pi_setprio);
	pvsched_check_type_csd_queue_cpu(on_csd_queue_cpu);
	check_trace_callback_type_softirq_exit(on_softirq_exit);
	check_trace_callback_type_irq_handler_entry(on_irq_handler_entry);
	check_trace_callback_type_irq_handler_exit(on_irq_handler_exit);
	check_trace_callback_type_local_timer_entry(on_vector_entry);
	check_trace_callback_type_local_timer_exit(on_vector_exit);
}

static void probe_find(struct tracepoint *tp, void *data)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (!strcmp(tp->name, probes[i].name))
			probes[i].tp = tp;
}

static int probe_register(struct pvsched_probe *probe)
{
	int err;

	if (!probe->tp)
		return -ENOENT;
	err = tracepoint_probe_register(probe->tp, probe->function, NULL);
	probe->registered = !err;
	return err;
}

/* Context: after the trace points were registered. */
bool pvsched_probe_on(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (!strcmp(probes[i].name, name))
			return probes[i].registered;
	return false;
}

/* From here on the publish path is called. Context: may sleep. */
int pvsched_probes_start(struct virtio_device *vdev)
{
	unsigned int i;
	int err;

	probes_check_types();
	pvsched_urgent_init();
	pvsched_sleepers_init();
	pvsched_queued_init();
	pvsched_publish_start();
	for_each_kernel_tracepoint(probe_find, NULL);
	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		err = probe_register(&probes[i]);
		if (!err || (err == -ENOENT && probes[i].hooked))
			continue;
		if (probes[i].required) {
			dev_err(&vdev->dev, "no trace point %s: error %d\n",
				probes[i].name, err);
			pvsched_probes_stop();
			return err;
		}
		dev_info(&vdev->dev,
			 "going on without trace point %s: error %d\n",
			 probes[i].name, err);
	}
	pvsched_hooks_start(vdev);
	pvsched_urgent_start();
	return 0;
}

/*
 * Afterwards nothing is in the publish path. In reverse order: a task that goes
 * to sleep must not be recorded when nobody sees it wake up. Context: may sleep.
 */
void pvsched_probes_stop(void)
{
	unsigned int i = ARRAY_SIZE(probes);

	pvsched_urgent_stop();
	pvsched_hooks_stop();
	while (i--) {
		if (!probes[i].registered)
			continue;
		tracepoint_probe_unregister(probes[i].tp, probes[i].function,
					    NULL);
		probes[i].registered = false;
	}
	tracepoint_synchronize_unregister();
	pvsched_publish_stop();
}
