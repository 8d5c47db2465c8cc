/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The canary: boosts must not keep the host's own work from running.
 */
#ifndef PVSCHED_CANARY_H
#define PVSCHED_CANARY_H

#include <linux/types.h>

/* The limit, in ms; 0: off. */
#define PVSCHED_CANARY_MIN 10U
#define PVSCHED_CANARY_MAX 60000U

void pvsched_canary_init(void);
void pvsched_canary_exit(void);
bool pvsched_canary_limit_ok(unsigned int ms);
void pvsched_canary_limit_set(unsigned int ms);
unsigned int pvsched_canary_limit(void);
u64 pvsched_canary_trips(void);
void pvsched_canary_release(void);

/* Any context. */
void pvsched_canary_charge(unsigned int cpu, u64 time);
u64 pvsched_canary_step(void);

#endif /* PVSCHED_CANARY_H */
