/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A vCPU: how it comes, and how it goes.
 */
#ifndef PVSCHED_VCPU_H
#define PVSCHED_VCPU_H

#include <linux/types.h>

struct pvsched_vcpu;
struct pvsched_vcpu_info;
struct pvsched_vm;

struct pvsched_vcpu *pvsched_vcpu_alloc(struct pvsched_vm *vm, u32 id);
bool pvsched_vcpu_get(struct pvsched_vcpu *vcpu);
void pvsched_vcpu_put(struct pvsched_vcpu *vcpu);
void pvsched_vcpu_stop(struct pvsched_vcpu *vcpu);

void pvsched_vcpu_exited(struct pvsched_vcpu *vcpu);
void pvsched_vcpu_snapshot(struct pvsched_vcpu *vcpu,
			   struct pvsched_vcpu_info *info);

#endif /* PVSCHED_VCPU_H */
