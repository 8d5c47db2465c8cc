// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scheduling of a thread: read, boosted, restored.
 *
 * Everything that changes it runs in process context, since the scheduler's
 * entry points may sleep. The fields that are read here are read without the
 * run queue's lock: they are compared with what pvsched set before, and a change
 * that is missed now is seen the next time.
 */
#include <linux/sched.h>
#include <uapi/linux/sched/types.h>

#include "compat.h"
#include "core.h"
#include "sched.h"

void pvsched_sched_read(struct task_struct *task, struct pvsched_sched *sched)
{
	sched->policy = READ_ONCE(task->policy);
	sched->rtprio = READ_ONCE(task->rt_priority);
	sched->fair_slice = pvsched_task_fair_slice(task);
	sched->reset_on_fork = task->sched_reset_on_fork;
}

/* Not read back: somebody else's change of just now is not ours. */
static void applied_set(struct pvsched_sched *applied,
			const struct sched_attr *attr)
{
	applied->policy = attr->sched_policy;
	applied->rtprio = attr->sched_priority;
}

/*
 * A child must not inherit the boost: reset-on-fork is set as long as it lasts.
 */
int pvsched_sched_boost(struct task_struct *task, int rtprio,
			struct pvsched_sched *applied)
{
	const struct sched_attr attr = {
		.size = sizeof(attr),
		.sched_policy = SCHED_FIFO,
		.sched_flags = SCHED_FLAG_RESET_ON_FORK,
		.sched_priority = rtprio,
	};
	int err = sched_setattr_nocheck(task, &attr);

	if (!err)
		applied_set(applied, &attr);
	return err;
}

int pvsched_sched_restore(struct task_struct *task,
			  const struct pvsched_sched *baseline,
			  struct pvsched_sched *applied)
{
	const struct sched_attr attr = {
		.size = sizeof(attr),
		.sched_policy = baseline->policy,
		.sched_flags =
			baseline->reset_on_fork ? SCHED_FLAG_RESET_ON_FORK : 0,
		.sched_nice = task_nice(task),
		.sched_priority = baseline->rtprio,
		.sched_runtime = baseline->fair_slice,
	};
	int err = sched_setattr_nocheck(task, &attr);

	if (!err)
		applied_set(applied, &attr);
	return err;
}

/* A class in which a thread has a fair share. */
bool pvsched_sched_fair(int policy)
{
	return policy == SCHED_NORMAL || policy == SCHED_BATCH;
}

/* Time that the thread ran, and that it wanted to run and did not, so far, ns. */
void pvsched_sched_times(const struct task_struct *task, u64 *ran, u64 *waited)
{
	*ran = READ_ONCE(task->se.sum_exec_runtime);
	*waited = READ_ONCE(task->sched_info.run_delay);
}

/* The current thread becomes a worker, which no boost can keep from running. */
void pvsched_sched_worker(void)
{
	const struct sched_attr attr = {
		.size = sizeof(attr),
		.sched_policy = SCHED_FIFO,
		.sched_priority = PVSCHED_RTPRIO_MAX + 1,
	};

	WARN_ON_ONCE(sched_setattr_nocheck(current, &attr));
}
