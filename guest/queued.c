// SPDX-License-Identifier: GPL-2.0-only
/*
 * Wake-ups that are left to the CPU on which the task is to run: the waker puts it on
 * a list of that CPU's, and the CPU queues it when it reads the list, in an interrupt
 * or where it idles. Until then nothing tells the CPU to reschedule, so its own
 * switches and interrupts must be told that somebody waits.
 *
 * One task a CPU is remembered, the most urgent one, with its level: in one word, so
 * that nobody needs a lock. The CPU tells of each task on the list when it queues it,
 * so none is remembered for good. One that is less urgent than who is remembered is
 * not, and may be dropped between the two being queued; it is then told of as if it
 * had not been announced.
 *
 * A task pointer is never followed here: it is a name.
 */
#include <linux/atomic.h>

#include "guest.h"

#define LEVEL_SHIFT 56
#define NAME_MASK   ((1ULL << LEVEL_SHIFT) - 1)

static u64 name_of(const struct task_struct *p)
{
	return (uintptr_t)p & NAME_MASK;
}

/* Any context. */
u8 pvsched_queued_level(const struct pvsched_cpu *c)
{
	return READ_ONCE(c->queued) >> LEVEL_SHIFT;
}

/*
 * p is on the list of that CPU, or about to be, and worth that much; 0: nothing that
 * counts. A full barrier, to be followed by a look at the guest word: the CPU, which
 * changes that, looks here afterwards. Context: p's pi_lock held.
 */
void pvsched_queued_set(struct pvsched_cpu *c, const struct task_struct *p,
			u8 level)
{
	u64 new = level ? (u64)level << LEVEL_SHIFT | name_of(p) : 0;
	u64 old = READ_ONCE(c->queued);

	do {
		if ((old & NAME_MASK) != name_of(p) &&
		    level < old >> LEVEL_SHIFT)
			break;
	} while (!try_cmpxchg(&c->queued, &old, new));
	/* Also if it was left as it is: the other one may not have looked yet. */
	smp_mb();
}

/*
 * That CPU has queued p. Context: c's run-queue lock held, unless p is current.
 */
void pvsched_queued_forget(struct pvsched_cpu *c, const struct task_struct *p)
{
	u64 old = READ_ONCE(c->queued);

	while ((old & NAME_MASK) == name_of(p))
		if (try_cmpxchg(&c->queued, &old, 0))
			return;
}

/* Context: the probes are off. */
void pvsched_queued_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		per_cpu(pvsched_cpus, cpu).queued = 0;
}
