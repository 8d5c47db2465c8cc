/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Boosts: a look at a vCPU, and what follows from it.
 */
#ifndef PVSCHED_BOOST_H
#define PVSCHED_BOOST_H

#include <linux/pvsched_netlink.h>

struct pvsched_vcpu;

void pvsched_boost_handle(struct pvsched_vcpu *vcpu, unsigned int events);
void pvsched_boost_evaluate(struct pvsched_vcpu *vcpu, unsigned int events);
void pvsched_boost_drop(struct pvsched_vcpu *vcpu, enum pvsched_cause cause);

#endif /* PVSCHED_BOOST_H */
