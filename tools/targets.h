/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose caps: the targets that a command line names.
 */
#ifndef PVSCHED_TOOLS_TARGETS_H
#define PVSCHED_TOOLS_TARGETS_H

#include "capspec.h"

struct targets {
	struct pvsched_target *target;
	size_t count;
	bool pattern; /* there may be any number */
};

/* For cleanup attributes, too. */
void targets_free(struct targets *targets);

/* Has text one of the characters that make it a pattern, see glob(7)? */
bool pattern_is(const char *text);
/* Does it stand for this name, or is it just that? */
bool pattern_matches(const char *pattern, const char *name);

/* Is one of them called so? */
bool vm_named(const char *name, const struct pvsched_vms *vms);

/*
 * "host", VM, VM/VCPU, or a pattern for VMs in place of VM, which stands for those
 * of vms, unless one of them has just that name. Each returns 0, or -1 with the reason in why, which has room for
 * CAPSPEC_WHY_LEN.
 */
int targets_find(struct targets *targets, const char *text,
		 const struct pvsched_vms *vms, char *why);

/* The VM of that process or, if it is none's, the vCPU that is that thread. */
int targets_by_pid(struct targets *targets, uint32_t pid,
		   const struct pvsched_vms *vms,
		   const struct pvsched_vcpus *vcpus, char *why);

#endif /* PVSCHED_TOOLS_TARGETS_H */
