// SPDX-License-Identifier: GPL-2.0-only
/*
 * Workers: one real-time thread a CPU, which does what a notifier, a probe or
 * an interrupt may not.
 *
 * A vCPU is posted with what happened to it. It is on one worker's list at
 * most, and holds a reference while it is; the worker takes all events that
 * have gathered and looks at the vCPU once. A vCPU may be posted to another CPU
 * while a worker looks at it: pvsched_vcpu.apply_lock orders the two.
 */
#include <linux/cpuhotplug.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/percpu.h>
#include <linux/smpboot.h>

#include "boost.h"
#include "core.h"
#include "sched.h"
#include "vcpu.h"
#include "worker.h"

struct worker {
	struct llist_head posted;
	struct irq_work wake;
};

static DEFINE_PER_CPU(struct worker, workers);
static DEFINE_PER_CPU(struct task_struct *, worker_task);

/* Hard irq context, no locks held. */
static void worker_wake_irq(struct irq_work *work)
{
	wake_up_process(this_cpu_read(worker_task));
}

/* True if the worker has to be told. Preemption is off. */
static bool worker_add(struct worker *worker, struct pvsched_vcpu *vcpu,
		       unsigned int events)
{
	atomic_or(events, &vcpu->events);
	if (atomic_xchg(&vcpu->queued, 1) || !pvsched_vcpu_get(vcpu))
		return false;
	return llist_add(&vcpu->work_node, &worker->posted);
}

/**
 * pvsched_worker_post() - have a worker look at a vCPU
 * @vcpu: referenced by the caller, or protected by RCU
 * @events: PVSCHED_EV_*
 *
 * Any context that holds no run queue's lock and no vCPU's lock.
 */
void pvsched_worker_post(struct pvsched_vcpu *vcpu, unsigned int events)
{
	preempt_disable();
	if (worker_add(this_cpu_ptr(&workers), vcpu, events))
		wake_up_process(this_cpu_read(worker_task));
	preempt_enable();
}

/**
 * pvsched_worker_post_on() - have the worker of some CPU look at a vCPU
 * @cpu: an active CPU
 * @vcpu: as above
 *
 * Context as above, with preemption off since @cpu was chosen: until it is on
 * again the worker is not parked.
 */
void pvsched_worker_post_on(unsigned int cpu, struct pvsched_vcpu *vcpu)
{
	if (worker_add(per_cpu_ptr(&workers, cpu), vcpu, 0))
		wake_up_process(per_cpu(worker_task, cpu));
}

/**
 * pvsched_worker_post_locked() - likewise, under a run queue's lock
 * @vcpu: as above
 * @events: PVSCHED_EV_*
 *
 * The wake-up happens in an interrupt as soon as irqs are on again.
 */
void pvsched_worker_post_locked(struct pvsched_vcpu *vcpu, unsigned int events)
{
	if (worker_add(this_cpu_ptr(&workers), vcpu, events))
		irq_work_queue(&this_cpu_ptr(&workers)->wake);
}

/**
 * pvsched_worker_disturb() - make a thread pass through the scheduler
 * @task: the thread, referenced
 *
 * A sleeping thread wakes, finds nothing to do and sleeps again; a running one
 * is preempted by the worker of its CPU for a moment. One that waits without
 * minding signals is left to its wait, which is short. Process context.
 */
void pvsched_worker_disturb(const struct task_struct *task)
{
	struct task_struct *worker;

	if (READ_ONCE(task->__state) & TASK_INTERRUPTIBLE)
		wake_up_process((struct task_struct *)task);
	worker = per_cpu(worker_task, task_cpu(task));
	if (worker)
		wake_up_process(worker);
}

static int worker_should_run(unsigned int cpu)
{
	return !llist_empty(&per_cpu(workers, cpu).posted);
}

static void worker_run(unsigned int cpu)
{
	struct llist_node *posted =
		llist_del_all(&per_cpu(workers, cpu).posted);
	struct pvsched_vcpu *vcpu, *next;

	llist_for_each_entry_safe(vcpu, next, posted, work_node) {
		/* From here on it may be posted again: events come after. */
		atomic_set(&vcpu->queued, 0);
		/* Pairs with the atomic_xchg() in worker_add(). */
		smp_mb__after_atomic();
		pvsched_boost_handle(vcpu, atomic_xchg(&vcpu->events, 0));
		pvsched_vcpu_put(vcpu);
	}
}

static void worker_setup(unsigned int cpu)
{
	pvsched_sched_worker();
}

static struct smp_hotplug_thread worker_threads = {
	.store = &worker_task,
	.thread_should_run = worker_should_run,
	.thread_fn = worker_run,
	.setup = worker_setup,
	.thread_comm = "pvsched/%u",
};

/*
 * A CPU takes interrupts for some time after its threads were parked. What
 * these have posted is done when it is dead. Process context.
 */
static int worker_cpu_dead(unsigned int cpu)
{
	worker_run(cpu);
	return 0;
}

static int worker_cpu_state;

int pvsched_workers_start(void)
{
	unsigned int cpu;
	int err;

	for_each_possible_cpu(cpu) {
		struct worker *worker = &per_cpu(workers, cpu);

		init_llist_head(&worker->posted);
		worker->wake = IRQ_WORK_INIT_HARD(worker_wake_irq);
	}
	err = smpboot_register_percpu_thread(&worker_threads);
	if (err)
		return err;
	worker_cpu_state = cpuhp_setup_state_nocalls(
		CPUHP_BP_PREPARE_DYN, "pvsched:dead", NULL, worker_cpu_dead);
	if (worker_cpu_state >= 0)
		return 0;
	smpboot_unregister_percpu_thread(&worker_threads);
	return worker_cpu_state;
}

void pvsched_workers_stop(void)
{
	unsigned int cpu;

	cpuhp_remove_state_nocalls(worker_cpu_state);
	for_each_possible_cpu(cpu)
		irq_work_sync(&per_cpu(workers, cpu).wake);
	smpboot_unregister_percpu_thread(&worker_threads);
}
