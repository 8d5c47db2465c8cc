/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PVSCHED_PLACE_H
#define PVSCHED_PLACE_H

#include <linux/types.h>

struct pvsched_vcpu;

/**
 * struct pvsched_place - what a guest was told of where its vCPU runs
 * @cpu: the CPU plus 1; 0: nothing yet
 * @throttled_us: as told
 * @looked: when it was last looked at, jiffies
 * @ran: of the thread, when the current window began, ns
 * @waited: likewise
 *
 * Guarded by pvsched_vcpu.lock; used by the vCPU's thread only.
 */
struct pvsched_place {
	u32 cpu;
	u32 throttled_us;
	unsigned long looked;
	u64 ran;
	u64 waited;
};

void pvsched_place_init(void);
void pvsched_place_bound(struct pvsched_vcpu *vcpu);
void pvsched_place_tell(struct pvsched_vcpu *vcpu, unsigned int cpu);

#endif /* PVSCHED_PLACE_H */
