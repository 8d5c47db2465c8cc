/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduling of a thread: read, boosted, restored.
 */
#ifndef PVSCHED_SCHED_H
#define PVSCHED_SCHED_H

#include <linux/sched.h>
#include <linux/types.h>

#include "core.h"

void pvsched_sched_read(struct task_struct *task, struct pvsched_sched *sched);
bool pvsched_sched_rttime_short(const struct task_struct *task,
				const struct pvsched_sched *baseline,
				u64 slice_us);
bool pvsched_sched_rt_usurped(const struct task_struct *task,
			      const struct pvsched_sched *baseline, int peak);
bool pvsched_sched_nice_usurped(const struct task_struct *task, int nice,
				int baseline, int peak);
bool pvsched_sched_idle_left(struct task_struct *task,
			     const struct pvsched_sched *baseline, int peak);
u8 pvsched_sched_level(const struct pvsched_sched *sched);
int pvsched_sched_boost(struct task_struct *task, u8 level,
			struct pvsched_sched *baseline,
			struct pvsched_sched *applied);
int pvsched_sched_restore(struct task_struct *task,
			  struct pvsched_sched *baseline,
			  struct pvsched_sched *applied);
bool pvsched_sched_fair(int policy);
void pvsched_sched_child(struct task_struct *child,
			 const struct pvsched_sched *baseline, int nice,
			 int peak);
void pvsched_sched_times(const struct task_struct *task, u64 *ran, u64 *waited);
void pvsched_sched_worker(void);

/* What follow are on the path of every switch. */

/*
 * Did somebody else change the class or the priority? The nice value does not
 * count: whoever changes it meanwhile is obeyed.
 */
static inline bool pvsched_sched_changed(struct task_struct *task,
					 const struct pvsched_sched *applied)
{
	return READ_ONCE(task->policy) != applied->policy ||
	       READ_ONCE(task->rt_priority) != applied->rtprio;
}

/* Did somebody else change the nice value? */
static inline bool pvsched_sched_reniced(struct task_struct *task,
					 const struct pvsched_sched *applied)
{
	return task_nice(task) != READ_ONCE(applied->nice);
}

/* Did the thread execute another program since its count of them was this? */
static inline bool pvsched_sched_executed(const struct task_struct *task,
					  u64 exec_id)
{
	return READ_ONCE(task->self_exec_id) != exec_id;
}

#endif /* PVSCHED_SCHED_H */
