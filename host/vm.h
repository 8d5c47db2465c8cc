/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VMs: their vCPUs come and go.
 */
#ifndef PVSCHED_VM_H
#define PVSCHED_VM_H

#include <linux/types.h>

struct pvsched_vm;

int pvsched_vm_attach(struct pvsched_vm *vm, u32 id, u64 addr);
int pvsched_vm_detach(struct pvsched_vm *vm, u32 id);

#endif /* PVSCHED_VM_H */
