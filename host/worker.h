/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Workers: one real-time thread a CPU, which does what a notifier, a probe or
 * an interrupt may not.
 */
#ifndef PVSCHED_WORKER_H
#define PVSCHED_WORKER_H

#include <linux/types.h>

struct pvsched_vcpu;
struct task_struct;

int pvsched_workers_start(void);
void pvsched_workers_stop(void);
void pvsched_worker_post(struct pvsched_vcpu *vcpu, unsigned int events);
void pvsched_worker_post_locked(struct pvsched_vcpu *vcpu, unsigned int events);
void pvsched_worker_post_on(unsigned int cpu, struct pvsched_vcpu *vcpu);
void pvsched_worker_disturb(const struct task_struct *task);

#endif /* PVSCHED_WORKER_H */
