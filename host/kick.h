/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hooks where KVM has an interrupt for a vCPU.
 */
#ifndef PVSCHED_KICK_H
#define PVSCHED_KICK_H

int pvsched_kick_get(void);
void pvsched_kick_put(void);

#endif /* PVSCHED_KICK_H */
