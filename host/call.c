// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU that rings on behalf of another one: the guest has made that one more
 * or less urgent, and no interrupt for it passes through the host.
 */
#include <linux/xarray.h>

#include "call.h"
#include "core.h"
#include "state.h"
#include "worker.h"

/* Whom a vCPU rings for, as an id plus 1; 0: for itself. */
static u32 called(struct pvsched_vcpu *caller)
{
	u32 call = 0;

	raw_spin_lock(&caller->lock);
	if (caller->shared)
		call = le32_to_cpu(READ_ONCE(caller->shared->call));
	raw_spin_unlock(&caller->lock);
	return call;
}

/* The vCPU is protected by RCU. */
static unsigned int call_events(struct pvsched_vcpu *vcpu)
{
	unsigned int events = 0;
	u8 wanted;

	raw_spin_lock(&vcpu->lock);
	if (pvsched_state_in_charge(vcpu)) {
		wanted = pvsched_state_wanted(vcpu, pvsched_state_now());
		if (wanted > vcpu->granted)
			events = PVSCHED_EV_INTERRUPT;
		else if (wanted < vcpu->granted)
			events = PVSCHED_EV_DOORBELL;
	}
	raw_spin_unlock(&vcpu->lock);
	return events;
}

/* A call is a doorbell, for cap kicks too. The caller is protected by RCU. */
static bool heard(struct pvsched_vcpu *caller)
{
	bool heard;

	raw_spin_lock(&caller->lock);
	heard = pvsched_state_kick_take(caller);
	raw_spin_unlock(&caller->lock);
	return heard;
}

/**
 * pvsched_call_forward() - look at the vCPU for which another one rings
 * @caller: the one that rings, protected by RCU
 *
 * In the caller's thread, under the eventfd's lock, irqs off. The id is the
 * guest's: it finds vCPUs of the caller's VM, or none.
 */
void pvsched_call_forward(struct pvsched_vcpu *caller)
{
	u32 call = called(caller);
	struct pvsched_vcpu *vcpu;
	unsigned int events;

	if (!call)
		return;
	vcpu = xa_load(&caller->vm->vcpus, call - 1);
	if (!vcpu || vcpu == caller)
		return;
	events = call_events(vcpu);
	if (events && heard(caller))
		pvsched_worker_post(vcpu, events);
}
