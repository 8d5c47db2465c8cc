// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which urgent (real-time, deadline) tasks sleep, and on which CPU they went to
 * sleep: an interrupt of that CPU may wake them.
 *
 * A hash table of fixed size, in buckets of one cache line, so that the search
 * that every wake-up needs (a task's priority may have changed while it slept)
 * looks at one line and nothing is ever moved. No locks:
 *
 * - A task is added in the context switch that takes it off its CPU, and
 *   removed when it is woken. The scheduler orders the two: a wake-up waits
 *   until the switch is over. So nobody looks for a task that is just being
 *   added or removed, and only the claim of a free slot is a race.
 * - Adding to a CPU's counts is serialised by its run-queue lock. Removing is
 *   not: the task may be woken on another CPU. Who changes whether a level has
 *   sleepers updates the bitmap until that agrees with the count.
 *
 * A task pointer is never followed here: it is a name.
 */
#include <linux/bitops.h>
#include <linux/cache.h>
#include <linux/hash.h>
#include <linux/string.h>

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
	unsigned int i = level - PVSCHED_LEVEL_RT_MIN;

	if (atomic_inc_return(&s->count[i]) == 1)
		level_update(s, i);
}

static void count_remove(struct pvsched_sleepers *s, u8 level)
{
	unsigned int i = level - PVSCHED_LEVEL_RT_MIN;

	if (atomic_dec_and_test(&s->count[i]))
		level_update(s, i);
}

/*
 * Whether a sleeping task counts. A CPU's stopper, migration/N, is the most
 * urgent task there is and sleeps nearly always, but it is other tasks that
 * wake it, not interrupts: it would only hide who else sleeps. No other
 * per-CPU kernel thread has its priority.
 */
bool pvsched_sleepers_take(const struct task_struct *p)
{
	const unsigned int stopper = PF_KTHREAD | PF_NO_SETAFFINITY;

	return pvsched_level_urgent(pvsched_task_level(p)) &&
	       !(p->prio == 0 && (p->flags & stopper) == stopper);
}

/*
 * Context: the switch that takes p off this CPU, which is this CPU's; run-queue
 * lock held, interrupts off. If the bucket is full, the level is announced as
 * asleep until the driver is started again: that costs the host some boosts,
 * which is better than to miss one.
 */
void pvsched_sleepers_add(struct task_struct *p)
{
	struct pvsched_cpu *c = this_cpu_ptr(&pvsched_cpus);
	unsigned int b = hash_ptr(p, BUCKET_BITS), i;
	u8 level = pvsched_task_level(p);

	for (i = 0; i < BUCKET_SLOTS; i++) {
		if (READ_ONCE(tasks[b][i]) || cmpxchg(&tasks[b][i], NULL, p))
			continue;
		places[b][i].cpu = smp_processor_id();
		places[b][i].level = level;
		count_add(&c->sleepers, level);
		return;
	}
	c->overflows++;
	if (level > c->sleepers.lost)
		WRITE_ONCE(c->sleepers.lost, level);
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

/* The most urgent level of which a task sleeps on that CPU, or 0. Any context. */
u8 pvsched_sleepers_max(const struct pvsched_cpu *c)
{
	const struct pvsched_sleepers *s = &c->sleepers;
	unsigned int i = find_last_bit(s->levels, PVSCHED_URGENT_LEVELS);
	u8 level = i < PVSCHED_URGENT_LEVELS ? PVSCHED_LEVEL_RT_MIN + i : 0;

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
