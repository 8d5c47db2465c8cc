// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gate: may there be boosts at all, and who has one?
 *
 * Every boosted vCPU is on one of these lists, so that to take all boosts back
 * costs what there is of them, however many VMs there are. A vCPU is entered
 * before its thread is boosted and leaves when that has its baseline again. It
 * is on the list of the CPU that boosted it, only to keep the lists' locks
 * apart.
 *
 * A list's lock nests inside apply_lock, and outside of a run queue's lock.
 */
#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/percpu.h>
#include <linux/wait.h>

#include "core.h"
#include "gate.h"
#include "state.h"
#include "worker.h"

/* Longer than any worker is kept from running, save by a fault. */
#define WAIT_TIME HZ

struct pvsched_boosted {
	raw_spinlock_t lock;
	struct list_head vcpus;
};

static DEFINE_PER_CPU(struct pvsched_boosted, boosted);

unsigned long pvsched_gate_closed;

/* Whoever closed the gate waits here for the last one to leave, */
static DECLARE_WAIT_QUEUE_HEAD(left_wait);
/* and learns when that was; ns. */
static u64 left_at;

/**
 * pvsched_gate_enter() - a boost begins
 * @vcpu: whose thread is boosted next
 *
 * Whether the gate is open has to be looked at after this.
 */
void pvsched_gate_enter(struct pvsched_vcpu *vcpu)
{
	struct pvsched_boosted *list = raw_cpu_ptr(&boosted);

	if (vcpu->boosted_on)
		return;
	vcpu->boosted_on = list;
	raw_spin_lock_irq(&list->lock);
	list_add_tail(&vcpu->boosted_node, &list->vcpus);
	raw_spin_unlock_irq(&list->lock);
	/* Pairs with the barrier in pvsched_gate_close(). */
	smp_mb();
}

/**
 * pvsched_gate_leave() - a boost has ended
 * @vcpu: whose thread has its baseline again, or is not ours any more
 */
void pvsched_gate_leave(struct pvsched_vcpu *vcpu)
{
	struct pvsched_boosted *list = vcpu->boosted_on;

	if (!list)
		return;
	raw_spin_lock_irq(&list->lock);
	list_del(&vcpu->boosted_node);
	raw_spin_unlock_irq(&list->lock);
	vcpu->boosted_on = NULL;
	if (pvsched_gate_is_open())
		return;
	WRITE_ONCE(left_at, pvsched_state_now());
	wake_up(&left_wait);
}

/* Spread over the workers of all CPUs. Preemption is off. */
static unsigned int list_end(struct pvsched_boosted *list, unsigned int *cpu)
{
	struct pvsched_vcpu *vcpu;
	unsigned int count = 0;
	unsigned long flags;

	raw_spin_lock_irqsave(&list->lock, flags);
	list_for_each_entry(vcpu, &list->vcpus, boosted_node) {
		*cpu = cpumask_next(*cpu, cpu_active_mask);
		if (*cpu >= nr_cpu_ids)
			*cpu = cpumask_first(cpu_active_mask);
		pvsched_worker_post_on(*cpu, vcpu);
		count++;
	}
	raw_spin_unlock_irqrestore(&list->lock, flags);
	return count;
}

/**
 * pvsched_gate_close() - no boost any more, and those that are end
 * @who: PVSCHED_GATE_*
 * @count: how many boosts are being ended
 *
 * Any context that holds no run queue's lock and no vCPU's lock. The workers
 * do the rest: nothing ordinary has to run for it. Return: whether @who had it
 * open.
 */
bool pvsched_gate_close(unsigned int who, unsigned int *count)
{
	unsigned int cpu, to, ended = 0;
	bool was_open;

	/* Whom it is closed against must not get in between. */
	preempt_disable();
	to = smp_processor_id();
	was_open = !test_and_set_bit(who, &pvsched_gate_closed);
	/* Who enters from here on sees that, the others are on a list. */
	smp_mb();
	for_each_possible_cpu(cpu)
		ended += list_end(per_cpu_ptr(&boosted, cpu), &to);
	preempt_enable();
	*count = ended;
	return was_open;
}

/**
 * pvsched_gate_open() - @who has nothing against boosts any more
 * @who: PVSCHED_GATE_*
 *
 * Any context. The next look at a vCPU may boost it. Return: whether @who had
 * it closed.
 */
bool pvsched_gate_open(unsigned int who)
{
	return test_and_clear_bit(who, &pvsched_gate_closed);
}

/* How many are boosted now. Process context. */
unsigned int pvsched_gate_boosted(void)
{
	unsigned int cpu, count = 0;

	for_each_possible_cpu(cpu) {
		struct pvsched_boosted *list = per_cpu_ptr(&boosted, cpu);
		struct list_head *node;

		raw_spin_lock_irq(&list->lock);
		list_for_each(node, &list->vcpus) count++;
		raw_spin_unlock_irq(&list->lock);
	}
	return count;
}

static bool nobody_boosted(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		if (!list_empty(&per_cpu_ptr(&boosted, cpu)->vcpus))
			return false;
	return true;
}

/**
 * pvsched_gate_wait() - wait until nobody is boosted any more
 *
 * Process context, after the gate was closed. Return: when the last thread had
 * its baseline again, CLOCK_MONOTONIC, ns.
 */
u64 pvsched_gate_wait(void)
{
	wait_event_timeout(left_wait, nobody_boosted(), WAIT_TIME);
	return READ_ONCE(left_at);
}

void pvsched_gate_init(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct pvsched_boosted *list = per_cpu_ptr(&boosted, cpu);

		raw_spin_lock_init(&list->lock);
		INIT_LIST_HEAD(&list->vcpus);
	}
}
