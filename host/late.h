/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads that are let alone, while a call that was allowed during a boost may still
 * take effect.
 */
#ifndef PVSCHED_LATE_H
#define PVSCHED_LATE_H

struct pvsched_vcpu;

void pvsched_late_add(const struct pvsched_vcpu *vcpu);
void pvsched_late_adopt(struct pvsched_vcpu *vcpu);
void pvsched_late_settle(void);
void pvsched_late_exit(void);

#endif /* PVSCHED_LATE_H */
