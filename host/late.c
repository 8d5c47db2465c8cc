// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads that are let alone, while a call that was allowed during a boost may still
 * take effect.
 *
 * Permission to change a thread's scheduling is checked without a lock, so such a call
 * may change it after the thread was given back, when nobody looks any more. It does
 * not sleep in between: once every task has slept, or has been in user space, it has
 * taken effect. Then the thread is looked at once more.
 *
 * late_lock guards the table. It nests inside a vCPU's lock and takes no other.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hashtable.h>
#include <linux/rcupdate.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "bind.h"
#include "core.h"
#include "late.h"
#include "sched.h"
#include "state.h"
#include "worker.h"

/**
 * struct late - a thread that is looked at once more
 * @node: in the table, by thread
 * @task: the thread, referenced
 * @baseline: what it was left with
 * @peak: the most that any boost gave, rtprio and nice
 * @due: it was there when the work last began
 */
struct late {
	struct hlist_node node;
	struct task_struct *task;
	struct pvsched_sched baseline;
	struct pvsched_sched peak;
	bool due;
};

static DEFINE_RAW_SPINLOCK(late_lock);
static DEFINE_HASHTABLE(lates, 8);

/* Held for a look. A worker waits for it, so it inherits priority. */
static DEFINE_RT_MUTEX(look_lock);

static void late_work_fn(struct work_struct *work);
static DECLARE_WORK(late_work, late_work_fn);

/* Any context. */
static bool usurped(const struct late *late)
{
	struct task_struct *task = late->task;

	return pvsched_sched_rt_usurped(task, &late->baseline,
					late->peak.rtprio) ||
	       pvsched_sched_idle_left(task, &late->baseline,
				       late->peak.rtprio) ||
	       pvsched_sched_nice_usurped(task, task_nice(task),
					  late->baseline.nice, late->peak.nice);
}

/**
 * pvsched_late_add() - a thread is let alone
 * @vcpu: the vCPU, its apply_lock held; without a boost
 *
 * Process context; but the workers wait for no memory.
 */
void pvsched_late_add(const struct pvsched_vcpu *vcpu)
{
	struct late *late;

	if (!pvsched_state_beyond_rlimits(vcpu))
		return;
	late = kzalloc(sizeof(*late), GFP_ATOMIC);
	if (!late) {
		pr_warn_ratelimited(
			"vCPU %u of %s: nobody sees if the priority of a boost was kept\n",
			vcpu->id, vcpu->vm->name);
		return;
	}
	late->task = get_task_struct(vcpu->task);
	late->baseline = vcpu->baseline;
	late->peak = vcpu->peak;
	/* Its owner may have set something else. */
	if (!usurped(late))
		pvsched_sched_read(late->task, &late->baseline);
	raw_spin_lock_irq(&late_lock);
	hash_add(lates, &late->node, (unsigned long)late->task);
	raw_spin_unlock_irq(&late_lock);
	queue_work(pvsched_wq, &late_work);
}

/**
 * pvsched_late_adopt() - a thread was found that had been let alone just before
 * @vcpu: the vCPU, its lock held; its baseline is what the current thread has
 *
 * What was usurped is no baseline, and will be undone. Irqs off, possibly the
 * thread's run queue's lock held.
 */
void pvsched_late_adopt(struct pvsched_vcpu *vcpu)
{
	struct pvsched_sched peak = vcpu->baseline;
	const struct late *late;

	raw_spin_lock(&late_lock);
	hash_for_each_possible(lates, late, node, (unsigned long)current) {
		if (late->task != current)
			continue;
		if (usurped(late))
			vcpu->baseline = late->baseline;
		peak.rtprio = max(peak.rtprio, late->peak.rtprio);
		peak.nice = min(peak.nice, late->peak.nice);
		vcpu->reniced_at = pvsched_state_now();
	}
	raw_spin_unlock(&late_lock);
	vcpu->applied = vcpu->baseline;
	vcpu->peak = peak;
}

/*
 * Does a vCPU look after the thread again? It has to look now, and knows what was
 * usurped. look_lock is held, so that it makes no boost before this is done.
 */
static bool bound_again(const struct late *late)
{
	struct pvsched_vcpu *vcpu;
	bool again;

	rcu_read_lock();
	vcpu = pvsched_bind_find(task_pid(late->task));
	again = vcpu && pvsched_state_in_charge(vcpu);
	if (again)
		pvsched_worker_post(vcpu, PVSCHED_EV_OWNER);
	rcu_read_unlock();
	return again;
}

/* look_lock is held. */
static void look(struct late *late)
{
	struct pvsched_sched applied = late->peak;

	if ((READ_ONCE(late->task->flags) & PF_EXITING) || bound_again(late) ||
	    !usurped(late))
		return;
	applied.rtprio = READ_ONCE(late->task->rt_priority);
	pvsched_sched_restore(late->task, &late->baseline, &applied);
	pr_warn_ratelimited(
		"thread %d: somebody tried to keep the priority of a boost\n",
		task_pid_nr(late->task));
}

/* One that is due, or NULL. */
static struct late *late_next(void)
{
	struct late *late, *next = NULL;
	unsigned int i;

	raw_spin_lock_irq(&late_lock);
	hash_for_each(lates, i, late, node) {
		if (late->due) {
			next = late;
			break;
		}
	}
	raw_spin_unlock_irq(&late_lock);
	return next;
}

/* Whoever finds the thread meanwhile still finds it in the table. */
static void late_done(struct late *late)
{
	rt_mutex_lock(&look_lock);
	look(late);
	raw_spin_lock_irq(&late_lock);
	hash_del(&late->node);
	raw_spin_unlock_irq(&late_lock);
	rt_mutex_unlock(&look_lock);
	put_task_struct(late->task);
	kfree(late);
}

/* Process context. For those that are added while it waits, it is queued anew. */
static void late_work_fn(struct work_struct *work)
{
	struct late *late;
	unsigned int i;

	raw_spin_lock_irq(&late_lock);
	hash_for_each(lates, i, late, node)
		late->due = true;
	raw_spin_unlock_irq(&late_lock);
	synchronize_rcu_tasks();
	while ((late = late_next()))
		late_done(late);
}

/* A thread was found: wait for a look that did not know that. Process context. */
void pvsched_late_settle(void)
{
	rt_mutex_lock(&look_lock);
	rt_mutex_unlock(&look_lock);
}

/* No vCPU is left that could add one. */
void pvsched_late_exit(void)
{
	flush_work(&late_work);
}
