/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What statistics have grown by, and how fast.
 */
#ifndef PVSCHED_TOOLS_RATES_H
#define PVSCHED_TOOLS_RATES_H

#include <stdbool.h>
#include <string.h>

#include <pvsched/client.h>

/* What the kernel has told at one time. */
struct sample {
	uint64_t time_ns; /* CLOCK_MONOTONIC */
	struct pvsched_vms vms;
	struct pvsched_vcpus vcpus;
};

/* Whose numbers are of several runs of the module need their names as well. */
static inline bool vcpu_is_of(const struct pvsched_vcpu_info *vcpu,
			      const struct pvsched_vm_info *vm)
{
	return vcpu->vm_id == vm->id && !strcmp(vcpu->vm, vm->name);
}

/* For cleanup attributes, too. */
void sample_free(struct sample *sample);

/* Returns 0, or -1 without memory. */
int sample_copy(struct sample *to, const struct sample *from);

/*
 * Make of the statistics in now what they have grown by since before. Of what was
 * not there before, or has begun anew, everything. debt_ns stays: it is no counter.
 */
void sample_subtract(struct sample *now, const struct sample *before);

/*
 * The same for one of them. Returns false if it has begun anew: now stays then.
 */
bool stats_subtract(struct pvsched_stats_info *now,
		    const struct pvsched_stats_info *before);

/* Growth per second, and of a time its share of the time. */
double rate_of(uint64_t growth, uint64_t interval_ns);
double share_of(uint64_t growth_ns, uint64_t interval_ns);

/*
 * When the next sample is due, every interval_ns since last_ns, one that was due:
 * those that were missed, as the command stood still, are left out.
 */
uint64_t rates_next(uint64_t last_ns, uint64_t now_ns, uint64_t interval_ns);

#endif /* PVSCHED_TOOLS_RATES_H */
