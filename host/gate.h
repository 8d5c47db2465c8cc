/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The gate: may there be boosts at all, and who has one?
 */
#ifndef PVSCHED_GATE_H
#define PVSCHED_GATE_H

#include <linux/compiler.h>
#include <linux/types.h>

struct pvsched_vcpu;

/* Who keeps it closed: bits of pvsched_gate_closed. */
#define PVSCHED_GATE_OPERATOR 0
#define PVSCHED_GATE_CANARY   1

extern unsigned long pvsched_gate_closed;

/* Any context. */
static inline bool pvsched_gate_is_open(void)
{
	return !READ_ONCE(pvsched_gate_closed);
}

void pvsched_gate_init(void);
bool pvsched_gate_close(unsigned int who, unsigned int *count);
bool pvsched_gate_open(unsigned int who);
u64 pvsched_gate_wait(void);
unsigned int pvsched_gate_boosted(void);

/* vcpu->apply_lock is held. */
void pvsched_gate_enter(struct pvsched_vcpu *vcpu);
void pvsched_gate_leave(struct pvsched_vcpu *vcpu);

#endif /* PVSCHED_GATE_H */
