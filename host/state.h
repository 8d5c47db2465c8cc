/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of a vCPU: what its guest says, what it should have, and how its
 * time is accounted.
 */
#ifndef PVSCHED_STATE_H
#define PVSCHED_STATE_H

#include <linux/types.h>

struct pvsched_vcpu;

u64 pvsched_state_now(void);
u64 pvsched_state_guest_word(const struct pvsched_vcpu *vcpu);
void pvsched_state_publish(struct pvsched_vcpu *vcpu);
bool pvsched_state_in_charge(const struct pvsched_vcpu *vcpu);
u8 pvsched_state_policy_level(const struct pvsched_vcpu *vcpu, u64 guest);
bool pvsched_state_policy_urgent(const struct pvsched_vcpu *vcpu);
u8 pvsched_state_wanted(struct pvsched_vcpu *vcpu, u64 now);
bool pvsched_state_timed(const struct pvsched_vcpu *vcpu);
void pvsched_state_charge(struct pvsched_vcpu *vcpu, u64 now);
void pvsched_state_window_close(struct pvsched_vcpu *vcpu);
void pvsched_state_timer_arm(struct pvsched_vcpu *vcpu, u64 now);

#endif /* PVSCHED_STATE_H */
