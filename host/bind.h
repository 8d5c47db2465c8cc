/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which thread runs a vCPU: found when it enters the guest, or named by whoever
 * attaches it; let go when it is switched out.
 */
#ifndef PVSCHED_BIND_H
#define PVSCHED_BIND_H

#include <linux/types.h>

struct pid;
struct pvsched_vcpu;
struct task_struct;
struct tracepoint;

struct tracepoint *pvsched_tracepoint_find(const char *name);
int pvsched_bind_init(void);
void pvsched_bind_exit(void);
int pvsched_bind_start(struct pvsched_vcpu *vcpu);
int pvsched_bind_thread(struct pvsched_vcpu *vcpu, struct task_struct *task);
void pvsched_bind_again(struct pvsched_vcpu *vcpu);
void pvsched_bind_done(struct pvsched_vcpu *vcpu);
void pvsched_bind_stop(struct pvsched_vcpu *vcpu);
void pvsched_bind_gone(struct pvsched_vcpu *vcpu, bool exited);
struct pvsched_vcpu *pvsched_bind_find(const struct pid *pid);

#endif /* PVSCHED_BIND_H */
