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
#include <linux/sched/signal.h>
#include <uapi/linux/sched/types.h>

#include "compat.h"
#include "core.h"
#include "sched.h"

void pvsched_sched_read(struct task_struct *task, struct pvsched_sched *sched)
{
	sched->policy = READ_ONCE(task->policy);
	sched->rtprio = READ_ONCE(task->rt_priority);
	sched->nice = task_nice(task);
	sched->fair_slice = pvsched_task_fair_slice(task);
	sched->reset_on_fork = task->sched_reset_on_fork;
}

/* What a thread has only while it is not real-time. */
static void ordinary_save(struct task_struct *task,
			  struct pvsched_sched *baseline)
{
	baseline->timer_slack = task->timer_slack_ns;
	baseline->rt_ticks = task->rt.timeout;
	/*
	 * Otherwise all boosts since the thread last slept would add up against
	 * RLIMIT_RTTIME, which ends a process.
	 */
	task->rt.timeout = 0;
}

static void ordinary_restore(struct task_struct *task,
			     const struct pvsched_sched *baseline)
{
	/* The kernel, if it is one that cares, has set it to the default. */
	if (task->timer_slack_ns == task->default_timer_slack_ns)
		task->timer_slack_ns = baseline->timer_slack;
	task->rt.timeout = baseline->rt_ticks;
}

/**
 * pvsched_sched_rttime_short() - would a boost be ended by RLIMIT_RTTIME?
 * @task: the thread
 * @baseline: its own scheduling
 * @slice_us: the longest boost
 *
 * With room for ticks that are counted in full, and for a worker that is late. A
 * thread that is real-time anyway has to observe that limit by itself.
 * Any context.
 */
bool pvsched_sched_rttime_short(const struct task_struct *task,
				const struct pvsched_sched *baseline,
				u64 slice_us)
{
	unsigned long rttime = task_rlimit(task, RLIMIT_RTTIME);

	return rttime != RLIM_INFINITY && !baseline->rtprio &&
	       rttime < 2 * slice_us + 2 * TICK_USEC;
}

static bool is_realtime(int policy)
{
	return policy == SCHED_FIFO || policy == SCHED_RR;
}

/**
 * pvsched_sched_rt_usurped() - was it only a boost that made this priority possible?
 * @task: the thread, or a child
 * @baseline: without a boost
 * @peak: highest priority of any boost
 *
 * A thread of a real-time class may be given any priority of it that is not higher
 * without any privilege, and would stay in that class when the boost is over; a call
 * that was allowed during the boost may even take effect after it, so also one for
 * the boost's own priority. Whoever has any RLIMIT_RTPRIO may choose the other class,
 * too. What that allows could have been set at any time. Any context.
 */
bool pvsched_sched_rt_usurped(const struct task_struct *task,
			      const struct pvsched_sched *baseline, int peak)
{
	unsigned long rtprio = READ_ONCE(task->rt_priority);

	return is_realtime(READ_ONCE(task->policy)) &&
	       rtprio <= (unsigned long)peak &&
	       rtprio > (unsigned long)baseline->rtprio &&
	       rtprio > task_rlimit(task, RLIMIT_RTPRIO);
}

/*
 * Likewise of a nice value: whatever is not better than that of a boost is given
 * without any privilege.
 */
bool pvsched_sched_nice_usurped(const struct task_struct *task, int nice,
				int baseline, int peak)
{
	return nice < baseline && nice >= peak &&
	       nice_to_rlimit(nice) > task_rlimit(task, RLIMIT_NICE);
}

/**
 * pvsched_sched_idle_left() - has it left SCHED_IDLE, as only a boost lets it?
 * @task: the thread, or a child
 * @baseline: without a boost
 * @peak: highest priority of any boost
 *
 * Leaving that class is refused if RLIMIT_NICE does not allow the nice value, but a
 * thread that is boosted has left it already. What is higher than @peak somebody set
 * who may. Any context.
 */
bool pvsched_sched_idle_left(struct task_struct *task,
			     const struct pvsched_sched *baseline, int peak)
{
	int policy = READ_ONCE(task->policy);

	return baseline->policy == SCHED_IDLE && policy != SCHED_IDLE &&
	       policy != SCHED_DEADLINE &&
	       READ_ONCE(task->rt_priority) <= (unsigned int)peak &&
	       nice_to_rlimit(task_nice(task)) > task_rlimit(task, RLIMIT_NICE);
}

/* As a level. */
u8 pvsched_sched_level(const struct pvsched_sched *sched)
{
	switch (sched->policy) {
	case SCHED_FIFO:
	case SCHED_RR:
		return PVSCHED_LEVEL_RT(sched->rtprio);
	case SCHED_IDLE:
		return PVSCHED_LEVEL_BATCH;
	}
	return PVSCHED_LEVEL_NICE(READ_ONCE(sched->nice));
}

/* Not read back: somebody else's change of just now is not ours. */
static int apply(struct task_struct *task, const struct sched_attr *attr,
		 struct pvsched_sched *baseline, struct pvsched_sched *applied)
{
	bool was_rt = applied->rtprio;
	int err;

	if (!was_rt && attr->sched_priority)
		ordinary_save(task, baseline);
	err = sched_setattr_nocheck(task, attr);
	if (err)
		return err;
	if (was_rt && !attr->sched_priority)
		ordinary_restore(task, baseline);
	applied->policy = attr->sched_policy;
	applied->rtprio = attr->sched_priority;
	/* A real-time thread keeps the nice value that it had. */
	if (!attr->sched_priority)
		WRITE_ONCE(applied->nice, attr->sched_nice);
	return 0;
}

/**
 * pvsched_sched_boost() - boost a thread
 * @task: the thread
 * @level: to what, of a real-time or normal class
 * @baseline: what it has without a boost
 * @applied: what pvsched set last, updated
 *
 * A child must not inherit the boost: reset-on-fork is set as long as it lasts.
 * Process context. Return: 0 or a negative error, then nothing has changed.
 */
int pvsched_sched_boost(struct task_struct *task, u8 level,
			struct pvsched_sched *baseline,
			struct pvsched_sched *applied)
{
	const struct sched_attr realtime = {
		.size = sizeof(realtime),
		.sched_policy = SCHED_FIFO,
		.sched_flags = SCHED_FLAG_RESET_ON_FORK,
		.sched_priority = level - PVSCHED_LEVEL_RT(0),
	};
	const struct sched_attr fair = {
		.size = sizeof(fair),
		.sched_policy = SCHED_NORMAL,
		.sched_flags = SCHED_FLAG_RESET_ON_FORK,
		.sched_nice = PVSCHED_LEVEL_NORMAL - level,
		.sched_runtime = baseline->fair_slice,
	};

	return apply(task, level >= PVSCHED_LEVEL_RT_MIN ? &realtime : &fair,
		     baseline, applied);
}

int pvsched_sched_restore(struct task_struct *task,
			  struct pvsched_sched *baseline,
			  struct pvsched_sched *applied)
{
	const struct sched_attr attr = {
		.size = sizeof(attr),
		.sched_policy = baseline->policy,
		.sched_flags =
			baseline->reset_on_fork ? SCHED_FLAG_RESET_ON_FORK : 0,
		.sched_nice = baseline->nice,
		.sched_priority = baseline->rtprio,
		.sched_runtime = baseline->fair_slice,
	};

	/* This class keeps whatever nice value it finds. */
	if (baseline->policy == SCHED_IDLE)
		set_user_nice(task, baseline->nice);
	return apply(task, &attr, baseline, applied);
}

/* A child's default is what its parent has, which was 0 while real-time. */
static void child_slack(struct task_struct *child,
			const struct pvsched_sched *baseline)
{
	if (!child->default_timer_slack_ns)
		child->default_timer_slack_ns =
			READ_ONCE(baseline->timer_slack);
	if (!child->timer_slack_ns)
		child->timer_slack_ns = child->default_timer_slack_ns;
}

/**
 * pvsched_sched_child() - what a child would have without a boost
 * @child: has not run yet
 * @baseline: of the parent
 * @nice: of the parent, without a boost
 * @peak: highest priority of any boost of the parent
 *
 * In an RCU read section: only a deadline thread would have to wait for a lock.
 */
void pvsched_sched_child(struct task_struct *child,
			 const struct pvsched_sched *baseline, int nice,
			 int peak)
{
	const bool reset = baseline->reset_on_fork;
	const struct sched_attr fair = {
		.size = sizeof(fair),
		.sched_policy =
			baseline->rtprio ? SCHED_NORMAL : baseline->policy,
		.sched_nice = baseline->rtprio ? 0 :
			      reset	       ? max(nice, 0) :
						 nice,
		.sched_runtime = baseline->fair_slice,
	};
	const struct sched_attr rt = {
		.size = sizeof(rt),
		.sched_policy = baseline->policy,
		.sched_priority = baseline->rtprio,
	};

	/*
	 * As reset-on-fork leaves a child of a real-time thread; or with the
	 * better nice value of a boost. Copied while a worker was just ending the
	 * boost, it may have that without reset-on-fork, and would keep it.
	 */
	if ((child->policy == SCHED_NORMAL &&
	     (!task_nice(child) || task_nice(child) < nice)) ||
	    pvsched_sched_rt_usurped(child, baseline, peak) ||
	    pvsched_sched_idle_left(child, baseline, peak))
		sched_setattr_nocheck(child,
				      baseline->rtprio && !reset ? &rt : &fair);
	if (!baseline->rtprio)
		child_slack(child, baseline);
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
