// SPDX-License-Identifier: GPL-2.0-only
/*
 * Slots: how many vCPUs of a VM are boosted at the same time.
 *
 * Each boosted vCPU has a slot. One that does not get any waits in a queue, and
 * does not ask again until it is told: who gives a slot back wakes the first
 * in the queue, and one that was woken for nothing the next. So the work is
 * bounded by the number of boosts that were asked for.
 *
 * The cap may differ between vCPUs: it says how many, itself included, may be
 * boosted when this one is.
 */
#include "core.h"
#include "slots.h"
#include "vcpu.h"
#include "worker.h"

void pvsched_slots_init(struct pvsched_vm *vm)
{
	raw_spin_lock_init(&vm->slots.lock);
	INIT_LIST_HEAD(&vm->slots.queue);
}

/* vm->slots.lock is held. */
static bool slot_take(struct pvsched_vcpu *vcpu, u64 limit)
{
	struct pvsched_slots *slots = &vcpu->vm->slots;

	if (vcpu->slot)
		return slots->taken <= limit;
	if (slots->taken >= limit)
		return false;
	slots->taken++;
	vcpu->slot = true;
	return true;
}

/* Likewise. */
static void slot_give(struct pvsched_vcpu *vcpu)
{
	if (vcpu->slot)
		vcpu->vm->slots.taken--;
	vcpu->slot = false;
}

/**
 * pvsched_slot_ask() - take a slot, keep it, or give it back
 * @vcpu: its lock is held
 * @wanted: is there to be a boost?
 *
 * Return: true if it has one. If it does not get any it waits for one, and
 * pvsched_slots_pass() posts PVSCHED_EV_SLOT: to be called, with no lock held,
 * whenever one was given back or not taken.
 */
bool pvsched_slot_ask(struct pvsched_vcpu *vcpu, bool wanted)
{
	struct pvsched_slots *slots = &vcpu->vm->slots;
	u64 limit = vcpu->limits.value[PVSCHED_CAP_VCPUS];
	bool has;

	if (!wanted && !vcpu->slot)
		return false;
	raw_spin_lock(&slots->lock);
	has = wanted && slot_take(vcpu, limit);
	if (!has)
		slot_give(vcpu);
	if (wanted && !has && list_empty(&vcpu->slot_node))
		list_add_tail(&vcpu->slot_node, &slots->queue);
	raw_spin_unlock(&slots->lock);
	return has;
}

/* Does it wait for one? vcpu->lock is held. */
bool pvsched_slot_awaited(const struct pvsched_vcpu *vcpu)
{
	return !list_empty(&vcpu->slot_node);
}

/* It no longer waits, and has to ask anew. vcpu->lock is held. */
void pvsched_slot_forget(struct pvsched_vcpu *vcpu)
{
	if (list_empty(&vcpu->slot_node))
		return;
	raw_spin_lock(&vcpu->vm->slots.lock);
	list_del_init(&vcpu->slot_node);
	raw_spin_unlock(&vcpu->vm->slots.lock);
}

/* Of those that wait; whose own cap is smaller must not hold up others. */
static struct pvsched_vcpu *first_to_fit(const struct pvsched_slots *slots)
{
	struct pvsched_vcpu *vcpu;

	list_for_each_entry(vcpu, &slots->queue, slot_node)
		if (slots->taken <
		    READ_ONCE(vcpu->limits.value[PVSCHED_CAP_VCPUS]))
			return vcpu;
	return NULL;
}

/**
 * pvsched_slots_pass() - wake the vCPU that waits longest, if it can have a slot
 * @vm: the VM
 *
 * Process context, no lock inside of pvsched_vcpu.apply_lock held.
 */
void pvsched_slots_pass(struct pvsched_vm *vm)
{
	struct pvsched_slots *slots = &vm->slots;
	struct pvsched_vcpu *next;

	if (list_empty(&slots->queue))
		return;
	raw_spin_lock_irq(&slots->lock);
	next = first_to_fit(slots);
	if (next && !pvsched_vcpu_get(next))
		next = NULL;
	if (next)
		list_del_init(&next->slot_node);
	raw_spin_unlock_irq(&slots->lock);
	if (!next)
		return;
	pvsched_worker_post(next, PVSCHED_EV_SLOT);
	pvsched_vcpu_put(next);
}
