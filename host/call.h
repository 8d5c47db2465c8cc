/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PVSCHED_CALL_H
#define PVSCHED_CALL_H

struct pvsched_vcpu;

void pvsched_call_forward(struct pvsched_vcpu *caller);

#endif /* PVSCHED_CALL_H */
