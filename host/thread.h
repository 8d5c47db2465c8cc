/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads that are attached by hand.
 */
#ifndef PVSCHED_THREAD_H
#define PVSCHED_THREAD_H

struct pvsched_thread_attach;
struct pvsched_vm;

int pvsched_thread_attach(struct pvsched_vm *vm,
			  const struct pvsched_thread_attach *args);
int pvsched_thread_ring(const struct pvsched_vm *vm);

#endif /* PVSCHED_THREAD_H */
