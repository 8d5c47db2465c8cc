// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU: how it comes, and how it goes.
 */
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "account.h"
#include "bind.h"
#include "boost.h"
#include "core.h"
#include "gate.h"
#include "late.h"
#include "policy.h"
#include "sched.h"
#include "slots.h"
#include "state.h"
#include "vcpu.h"
#include "watch.h"

/**
 * pvsched_vcpu_exited() - the thread exited, and the notifier with it
 * @vcpu: referenced
 *
 * Process context. Another thread may come for the vCPU, unless it is being
 * detached or was attached by hand.
 */
void pvsched_vcpu_exited(struct pvsched_vcpu *vcpu)
{
	rt_mutex_lock(&vcpu->apply_lock);
	pvsched_boost_drop(vcpu, PVSCHED_CAUSE_DETACH);
	raw_spin_lock_irq(&vcpu->lock);
	pvsched_slot_forget(vcpu);
	pvsched_account_exited(vcpu);
	vcpu->since = 0;
	pvsched_state_publish(vcpu);
	raw_spin_unlock_irq(&vcpu->lock);
	pvsched_gate_leave(vcpu);
	pvsched_slots_pass(vcpu->vm);
	pvsched_notify_vcpu(vcpu, PVSCHED_EVENT_VCPU_EXIT);
	put_task_struct(vcpu->task);
	vcpu->task = NULL;
	put_pid(vcpu->pid);
	vcpu->pid = NULL;
	if (vcpu->attached && !vcpu->by_hand)
		pvsched_bind_again(vcpu);
	rt_mutex_unlock(&vcpu->apply_lock);
}

/**
 * pvsched_vcpu_snapshot() - a vCPU at one moment
 * @vcpu: referenced, or in its VM's table under pvsched_vms_lock
 * @info: filled in; the caller puts its pid
 *
 * Process context.
 */
void pvsched_vcpu_snapshot(struct pvsched_vcpu *vcpu,
			   struct pvsched_vcpu_info *info)
{
	bool bound;

	memset(info, 0, sizeof(*info));
	rt_mutex_lock(&vcpu->apply_lock);
	raw_spin_lock_irq(&vcpu->lock);
	info->time = pvsched_state_now();
	bound = vcpu->task && vcpu->state != PVSCHED_VCPU_STATE_PENDING;
	info->cpu = bound ? task_cpu(vcpu->task) : -1;
	info->nice = bound ? pvsched_state_nice(vcpu) : 0;
	info->pid = get_pid(vcpu->pid);
	info->guest_word = pvsched_state_guest_word(vcpu);
	info->state = vcpu->state;
	info->granted = vcpu->granted;
	info->owner_changed = vcpu->owner_changed;
	info->rttime_short =
		vcpu->task && pvsched_sched_rttime_short(
				      vcpu->task, &vcpu->baseline,
				      vcpu->limits.value[PVSCHED_CAP_SLICE]);
	info->throttled = vcpu->throttled;
	info->payback = vcpu->payback;
	info->debt = max_t(s64, vcpu->debt, 0);
	info->share = vcpu->share;
	info->baseline = vcpu->baseline;
	info->limits = vcpu->limits;
	pvsched_account_sum(vcpu, &info->stats);
	raw_spin_unlock_irq(&vcpu->lock);
	rt_mutex_unlock(&vcpu->apply_lock);
}

struct pvsched_vcpu *pvsched_vcpu_alloc(struct pvsched_vm *vm, u32 id)
{
	struct pvsched_vcpu *vcpu = kzalloc(sizeof(*vcpu), GFP_KERNEL_ACCOUNT);

	if (!vcpu)
		return NULL;
	/* Held for the caller's file by the VFS, so this cannot be the first. */
	__module_get(THIS_MODULE);
	kref_get(&vm->ref);
	vcpu->vm = vm;
	vcpu->id = id;
	vcpu->attached = true;
	vcpu->state = PVSCHED_VCPU_STATE_PENDING;
	vcpu->policy = pvsched_policy_none();
	kref_init(&vcpu->ref);
	raw_spin_lock_init(&vcpu->lock);
	INIT_LIST_HEAD(&vcpu->slot_node);
	rt_mutex_init(&vcpu->apply_lock);
	pvsched_watch_init(vcpu);
	pvsched_caps_unlimited(&vcpu->caps);
	return vcpu;
}

/**
 * pvsched_vcpu_stop() - end a vCPU: no boost, no access to the page any more
 * @vcpu: referenced; already taken from its VM's table
 *
 * The mirror of attaching, save for the notifier, which only the thread itself
 * can unregister. Process context.
 */
void pvsched_vcpu_stop(struct pvsched_vcpu *vcpu)
{
	rt_mutex_lock(&vcpu->apply_lock);
	raw_spin_lock_irq(&vcpu->lock);
	vcpu->attached = false;
	pvsched_slot_forget(vcpu);
	if (vcpu->shared)
		WRITE_ONCE(vcpu->shared->host_word, 0);
	vcpu->shared = NULL;
	vcpu->count = NULL;
	/* From here on its VM does not pin the policy's module for it. */
	vcpu->policy = pvsched_policy_none();
	raw_spin_unlock_irq(&vcpu->lock);
	if (vcpu->task &&
	    READ_ONCE(vcpu->state) != PVSCHED_VCPU_STATE_PENDING) {
		pvsched_boost_evaluate(vcpu, 0);
		if (!vcpu->owner_changed)
			pvsched_late_add(vcpu);
	}
	pvsched_notify_vcpu(vcpu, PVSCHED_EVENT_VCPU_DEL);
	rt_mutex_unlock(&vcpu->apply_lock);
	hrtimer_cancel(&vcpu->timer);
	pvsched_bind_stop(vcpu);
}

static void vcpu_free(struct work_struct *work)
{
	struct pvsched_vcpu *vcpu =
		container_of(to_rcu_work(work), struct pvsched_vcpu, free_work);

	if (vcpu->task)
		put_task_struct(vcpu->task);
	put_pid(vcpu->pid);
	pvsched_vm_put(vcpu->vm);
	kfree(vcpu);
	/* Workqueue items are waited for when the module is removed. */
	module_put(THIS_MODULE);
}

static void vcpu_release(struct kref *ref)
{
	struct pvsched_vcpu *vcpu = container_of(ref, struct pvsched_vcpu, ref);

	INIT_RCU_WORK(&vcpu->free_work, vcpu_free);
	queue_rcu_work(pvsched_wq, &vcpu->free_work);
}

/* Any context. False for one that was found under RCU and is being freed. */
bool pvsched_vcpu_get(struct pvsched_vcpu *vcpu)
{
	return kref_get_unless_zero(&vcpu->ref);
}

/* Any context. */
void pvsched_vcpu_put(struct pvsched_vcpu *vcpu)
{
	kref_put(&vcpu->ref, vcpu_release);
}
