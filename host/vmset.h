/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What can be set of a VM while it runs, save for its caps.
 */
#ifndef PVSCHED_VMSET_H
#define PVSCHED_VMSET_H

#include <linux/types.h>

struct pvsched_plug;
struct pvsched_vm;

bool pvsched_vm_policy_set(struct pvsched_vm *vm, struct pvsched_plug *plug);
void pvsched_vms_policy_drop(struct pvsched_plug *plug);
bool pvsched_payback_default(void);
void pvsched_vm_payback_set(struct pvsched_vm *vm, bool on);

#endif /* PVSCHED_VMSET_H */
