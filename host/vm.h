/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VMs: their vCPUs come and go.
 */
#ifndef PVSCHED_VM_H
#define PVSCHED_VM_H

#include <linux/types.h>

struct pvsched_vm;
struct task_struct;

/**
 * struct pvsched_hand - a thread that is attached by hand
 * @task: the thread, referenced by the caller
 * @within_rlimits: see struct pvsched_vcpu
 */
struct pvsched_hand {
	struct task_struct *task;
	bool within_rlimits;
};

bool pvsched_vm_may(struct task_struct *task);
int pvsched_vm_attach(struct pvsched_vm *vm, u32 id, u64 addr,
		      const struct pvsched_hand *hand);
int pvsched_vm_atomic(struct pvsched_vm *vm,
		      const struct pvsched_vcpu_atomic *args);
int pvsched_vm_detach(struct pvsched_vm *vm, u32 id);

int pvsched_vm_rlimit(const struct pvsched_vm *vm, kuid_t uid,
		      enum pvsched_cap_id id, u64 *limit);

#endif /* PVSCHED_VM_H */
