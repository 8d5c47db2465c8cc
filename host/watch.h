/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What happens to a vCPU's thread.
 */
#ifndef PVSCHED_WATCH_H
#define PVSCHED_WATCH_H

#include <linux/types.h>

struct pvsched_vcpu;
struct task_struct;

void pvsched_watch_init(struct pvsched_vcpu *vcpu);
void pvsched_watch_bound(struct pvsched_vcpu *vcpu);
void pvsched_watch_kick(struct pvsched_vcpu *vcpu);
void pvsched_watch_ring(struct pvsched_vcpu *vcpu);
bool pvsched_watch_thread_work(struct pvsched_vcpu *vcpu,
			       struct task_struct *task);

#endif /* PVSCHED_WATCH_H */
