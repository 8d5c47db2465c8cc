/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduling of a thread: read, boosted, restored.
 */
#ifndef PVSCHED_SCHED_H
#define PVSCHED_SCHED_H

#include <linux/types.h>

struct task_struct;
struct pvsched_sched;

void pvsched_sched_read(struct task_struct *task, struct pvsched_sched *sched);
bool pvsched_sched_changed(struct task_struct *task,
			   const struct pvsched_sched *applied);
bool pvsched_sched_executed(const struct task_struct *task, u64 exec_id);
int pvsched_sched_boost(struct task_struct *task, int rtprio,
			struct pvsched_sched *applied);
int pvsched_sched_restore(struct task_struct *task,
			  const struct pvsched_sched *baseline,
			  struct pvsched_sched *applied);
void pvsched_sched_times(const struct task_struct *task, u64 *ran, u64 *waited);
void pvsched_sched_worker(void);

#endif /* PVSCHED_SCHED_H */
