/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The doorbell: an eventfd that is listened to in the kernel.
 */
#ifndef PVSCHED_DOORBELL_H
#define PVSCHED_DOORBELL_H

struct pvsched_vm;

int pvsched_doorbell_set(struct pvsched_vm *vm, int fd);
void pvsched_doorbell_clear(struct pvsched_vm *vm);

#endif /* PVSCHED_DOORBELL_H */
