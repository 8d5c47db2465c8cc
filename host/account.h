/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What goes into the statistics of a vCPU, and when.
 */
#ifndef PVSCHED_ACCOUNT_H
#define PVSCHED_ACCOUNT_H

#include <linux/types.h>

#include "stats.h"

struct pvsched_vcpu;

void pvsched_account_bound(struct pvsched_vcpu *vcpu);
void pvsched_account_exited(struct pvsched_vcpu *vcpu);
void pvsched_account_preempted(struct pvsched_vcpu *vcpu, u64 now);
void pvsched_account_event(struct pvsched_vcpu *vcpu, u64 now);
void pvsched_account_run(struct pvsched_vcpu *vcpu, u64 now);
void pvsched_account_boost(struct pvsched_vcpu *vcpu, enum pvsched_cause cause,
			   u64 now);
void pvsched_account_ending(struct pvsched_vcpu *vcpu, u64 now);
u64 pvsched_account_deboost(struct pvsched_vcpu *vcpu, enum pvsched_cause cause,
			    u64 now);
void pvsched_account_restored(struct pvsched_vcpu *vcpu, u64 from);
void pvsched_account_sum(struct pvsched_vcpu *vcpu, struct pvsched_stats *sum);

#endif /* PVSCHED_ACCOUNT_H */
