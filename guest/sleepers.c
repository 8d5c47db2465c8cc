// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which urgent tasks sleep, and on which CPU they went to sleep: an interrupt of
 * that CPU may wake them.
 *
 * A hash table of fixed size, in buckets of one cache line, so that the search
 * that every wake-up needs (a task's priority may have changed while it slept)
 * looks at one line and nothing is ever moved. No locks:
 *
 * - A task is added in the context switch that takes it off its CPU, and
 *   removed when it is woken. The scheduler orders the two: a wake-up waits
 *   until the switch is over. In between it is changed, or added, only under its
 *   pi_lock, which a wake-up needs, too; one that is queued, because it is not
 *   asleep but throttled, only under its run-queue lock. So nobody looks for a
 *   task that is just being added or removed, and only the claim of a free slot is
 *   a race.
 * - A CPU's counts are changed by any CPU. Who changes whether a level has
 *   sleepers updates the bitmap until that agrees with the count.
 *
 * A task pointer is never followed here: it is a name.
 */
#include <linux/bitops.h>
#include <linux/cache.h>
#include <linux/hash.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/string.h>

#include "compat.h"
#include "guest.h"

#define BUCKET_BITS  8
#define BUCKET_SLOTS 8

static struct task_struct
	*tasks[1 << BUCKET_BITS][BUCKET_SLOTS] __cacheline_aligned;

/* Of the task in the same slot. */
static struct {
	u16 cpu;
	u8 level;
} places[1 << BUCKET_BITS][BUCKET_SLOTS];

/*
 * Makes the bitmap agree with the count. Two may be here for the same level:
 * whoever changes the bit last also looks at the count after that.
 */
static void level_update(struct pvsched_sleepers *s, unsigned int i)
{
	bool any;

	do {
		any = atomic_read(&s->count[i]);
		if (any)
			set_bit(i, s->levels);
		else
			clear_bit(i, s->levels);
		/* The bit before the second look at the count. */
		smp_mb__after_atomic();
	} while (any != !!atomic_read(&s->count[i]));
}

static void count_add(struct pvsched_sleepers *s, u8 level)
{
	unsigned int i = level - PVSCHED_LEVEL_URGENT_MIN;

	if (atomic_inc_return(&s->count[i]) == 1)
		level_update(s, i);
}

static void count_remove(struct pvsched_sleepers *s, u8 level)
{
	unsigned int i = level - PVSCHED_LEVEL_URGENT_MIN;

	if (atomic_dec_and_test(&s->count[i]))
		level_update(s, i);
}

/*
 * Whether a sleeping task counts. A CPU's stopper, migration/N, is the most
 * urgent task there is and sleeps nearly always, but it is other tasks that
 * wake it, not interrupts: it would only hide who else sleeps. No other
 * per-CPU kernel thread has its priority.
 */
bool pvsched_sleepers_take(const struct task_struct *p, u8 level)
{
	const unsigned int stopper = PF_KTHREAD | PF_NO_SETAFFINITY;

	return pvsched_level_urgent(level) &&
	       !(p->prio == 0 && (p->flags & stopper) == stopper);
}

static void lost_raise(struct pvsched_sleepers *s, u8 level)
{
	u8 old = READ_ONCE(s->lost);

	while (level > old && !try_cmpxchg(&s->lost, &old, level))
		;
}

/*
 * Context: the switch that takes p off that CPU, which is this one, its
 * run-queue lock held; or p sleeps and its pi_lock is held. Interrupts off. If
 * the bucket is full, the level is announced as asleep until the driver is
 * started again: that costs the host some boosts, which is better than to miss
 * one.
 */
void pvsched_sleepers_add(struct task_struct *p, unsigned int cpu, u8 level)
{
	struct pvsched_cpu *c = per_cpu_ptr(&pvsched_cpus, cpu);
	unsigned int b = hash_ptr(p, BUCKET_BITS), i;

	for (i = 0; i < BUCKET_SLOTS; i++) {
		if (READ_ONCE(tasks[b][i]) || cmpxchg(&tasks[b][i], NULL, p))
			continue;
		places[b][i].cpu = cpu;
		places[b][i].level = level;
		count_add(&c->sleepers, level);
		return;
	}
	c->overflows++;
	lost_raise(&c->sleepers, level);
}

/*
 * Returns the CPU on which p had gone to sleep, or NULL if it is no sleeper.
 * Context: p is being woken; interrupts off, in any context.
 */
struct pvsched_cpu *pvsched_sleepers_remove(struct task_struct *p)
{
	unsigned int b = hash_ptr(p, BUCKET_BITS), i;
	struct pvsched_cpu *c;

	for (i = 0; i < BUCKET_SLOTS; i++) {
		if (READ_ONCE(tasks[b][i]) != p)
			continue;
		c = per_cpu_ptr(&pvsched_cpus, places[b][i].cpu);
		count_remove(&c->sleepers, places[b][i].level);
		/* Pairs with cmpxchg(): the place was read before it is reused. */
		smp_store_release(&tasks[b][i], NULL);
		return c;
	}
	return NULL;
}

/*
 * p does not sleep, and nobody has woken it: it was throttled. Context: its
 * run-queue lock held, interrupts off.
 */
void pvsched_sleepers_forget(struct task_struct *p)
{
	struct pvsched_cpu *home = pvsched_sleepers_remove(p);

	if (home)
		pvsched_publish_sleeper(home);
}

/*
 * A task that sleeps has another level now. Context: its pi_lock is held, so that
 * it is not woken meanwhile.
 */
void pvsched_sleepers_change(struct task_struct *p, u8 level)
{
	struct pvsched_cpu *home = pvsched_sleepers_remove(p);
	unsigned int cpu = task_cpu(p);
	struct pvsched_cpu *c = per_cpu_ptr(&pvsched_cpus, cpu);

	if (pvsched_sleepers_take(p, level))
		pvsched_sleepers_add(p, cpu, level);
	pvsched_publish_sleeper(c);
	if (home && home != c)
		pvsched_publish_sleeper(home);
}

/*
 * Asleep, rather than new, dead, or woken but not queued yet? Context: pi_lock
 * held, which keeps it so.
 */
static bool asleep(struct task_struct *p)
{
	unsigned int state = READ_ONCE(p->__state);

	if (state == TASK_RUNNING ||
	    (state & (TASK_WAKING | TASK_DEAD | TASK_NEW)))
		return false;
	/* It may still be on its way off its CPU, as in try_to_wake_up(). */
	smp_rmb();
	if (pvsched_task_queued(p))
		return false;
	smp_cond_load_acquire(&p->on_cpu, !VAL);
	return true;
}

static bool recorded(const struct task_struct *p)
{
	unsigned int b = hash_ptr(p, BUCKET_BITS), i;

	for (i = 0; i < BUCKET_SLOTS; i++)
		if (READ_ONCE(tasks[b][i]) == p)
			return true;
	return false;
}

/*
 * Look at every task that sleeps: those who did before the driver started, and
 * all of them when other tasks count as urgent. The kernel has real-time threads
 * that never run, one a CPU: its threads count when they have run once. Context:
 * the probes are on; may sleep.
 */
void pvsched_sleepers_scan(void)
{
	struct task_struct *process, *p;
	unsigned long flags;

	rcu_read_lock();
	for_each_process_thread(process, p) {
		raw_spin_lock_irqsave(&p->pi_lock, flags);
		if (asleep(p) && (!(p->flags & PF_KTHREAD) || recorded(p)))
			pvsched_sleepers_change(p, pvsched_task_level(p));
		raw_spin_unlock_irqrestore(&p->pi_lock, flags);
	}
	rcu_read_unlock();
}

/* The most urgent level of which a task sleeps on that CPU, or 0. Any context. */
u8 pvsched_sleepers_max(const struct pvsched_cpu *c)
{
	const struct pvsched_sleepers *s = &c->sleepers;
	unsigned int i = find_last_bit(s->levels, PVSCHED_URGENT_LEVELS);
	u8 level = i < PVSCHED_URGENT_LEVELS ? PVSCHED_LEVEL_URGENT_MIN + i : 0;

	return max(level, READ_ONCE(s->lost));
}

/* Context: the probes are off. */
void pvsched_sleepers_init(void)
{
	int cpu;

	memset(tasks, 0, sizeof(tasks));
	for_each_possible_cpu(cpu)
		memset(&per_cpu(pvsched_cpus, cpu).sleepers, 0,
		       sizeof(struct pvsched_sleepers));
}
