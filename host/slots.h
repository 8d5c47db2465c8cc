/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slots: how many vCPUs of a VM are boosted at the same time.
 */
#ifndef PVSCHED_SLOTS_H
#define PVSCHED_SLOTS_H

#include <linux/types.h>

struct pvsched_vcpu;
struct pvsched_vm;

void pvsched_slots_init(struct pvsched_vm *vm);
bool pvsched_slot_ask(struct pvsched_vcpu *vcpu, bool wanted);
bool pvsched_slot_awaited(const struct pvsched_vcpu *vcpu);
void pvsched_slot_forget(struct pvsched_vcpu *vcpu);
void pvsched_slots_pass(struct pvsched_vm *vm);

#endif /* PVSCHED_SLOTS_H */
