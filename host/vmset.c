// SPDX-License-Identifier: GPL-2.0-only
/*
 * What can be set of a VM while it runs, save for its caps: its policy, and
 * whether it pays back. Both bind boosts that are under way.
 *
 * Process context, pvsched_vms_lock is held.
 */
#include <linux/moduleparam.h>

#include "compat.h"
#include "core.h"
#include "policy.h"
#include "state.h"
#include "vmset.h"
#include "worker.h"

static bool payback = PVSCHED_SLEEP_LOSES_SHARE;
module_param(payback, bool, 0644);
MODULE_PARM_DESC(
	payback,
	"VMs that come from now on repay boosted time by rests (default: on kernels since 6.6)");

/* What a VM begins with. Any context. */
bool pvsched_payback_default(void)
{
	return READ_ONCE(payback);
}

static void vcpu_policy_set(struct pvsched_vcpu *vcpu,
			    struct pvsched_plug *plug)
{
	raw_spin_lock_irq(&vcpu->lock);
	if (vcpu->attached) {
		vcpu->policy = plug;
		vcpu->observed = false;
		vcpu->interrupted = false;
	}
	raw_spin_unlock_irq(&vcpu->lock);
}

/**
 * pvsched_vm_policy_set() - give a VM another policy
 * @vm: the VM, in pvsched_vms
 * @plug: the policy, which speaks what the VM's guest does
 *
 * When it returns, the policy that the VM had is not called for it any more.
 *
 * Return: false if the module of @plug is on its way out; nothing has changed.
 */
bool pvsched_vm_policy_set(struct pvsched_vm *vm, struct pvsched_plug *plug)
{
	const struct pvsched_plug *old = vm->policy;
	struct pvsched_vcpu *vcpu;
	unsigned long id;

	if (!pvsched_policy_get(plug))
		return false;
	vm->policy = plug;
	xa_for_each(&vm->vcpus, id, vcpu) {
		vcpu_policy_set(vcpu, plug);
		pvsched_worker_post(vcpu, PVSCHED_EV_POLICY);
	}
	/* May be asked until it is stopped. */
	if (vm->leaving)
		vcpu_policy_set(vm->leaving, plug);
	pvsched_policy_put(old);
	pvsched_notify_vm(vm, PVSCHED_EVENT_POLICY);
	return true;
}

/* A policy goes: whoever still has it gets the one that never boosts. */
void pvsched_vms_policy_drop(struct pvsched_plug *plug)
{
	struct pvsched_vm *vm;

	list_for_each_entry(vm, &pvsched_vms, node)
		if (vm->policy == plug)
			pvsched_vm_policy_set(vm, pvsched_policy_none());
}

/* A debt of before is forgotten. */
static void vcpu_payback_set(struct pvsched_vcpu *vcpu)
{
	rt_mutex_lock(&vcpu->apply_lock);
	raw_spin_lock_irq(&vcpu->lock);
	if (vcpu->state != PVSCHED_VCPU_STATE_PENDING)
		pvsched_state_payback_start(vcpu);
	raw_spin_unlock_irq(&vcpu->lock);
	/* It does not owe anything any more. */
	if (READ_ONCE(vcpu->resting))
		wake_up_process(vcpu->task);
	rt_mutex_unlock(&vcpu->apply_lock);
}

/* Should the vCPUs of a VM repay what they run boosted? */
void pvsched_vm_payback_set(struct pvsched_vm *vm, bool on)
{
	struct pvsched_vcpu *vcpu;
	unsigned long id;

	if (vm->payback == on)
		return;
	WRITE_ONCE(vm->payback, on);
	xa_for_each(&vm->vcpus, id, vcpu)
		vcpu_payback_set(vcpu);
	pvsched_notify_vm(vm, PVSCHED_EVENT_PAYBACK);
}
