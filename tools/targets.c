// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whose caps: the targets that a command line names.
 */
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "targets.h"

void targets_free(struct targets *targets)
{
	free(targets->target);
	*targets = (struct targets){};
}

bool pattern_is(const char *text)
{
	return strpbrk(text, "*?[");
}

bool pattern_matches(const char *pattern, const char *name)
{
	return !strcmp(pattern, name) || !fnmatch(pattern, name, FNM_NOESCAPE);
}

static int add(struct targets *targets, const struct pvsched_target *target,
	       char *why)
{
	struct pvsched_target *grown = reallocarray(
		targets->target, targets->count + 1, sizeof(*grown));

	if (!grown) {
		snprintf(why, CAPSPEC_WHY_LEN, "out of memory");
		return -1;
	}
	targets->target = grown;
	grown[targets->count++] = *target;
	return 0;
}

bool vm_named(const char *name, const struct pvsched_vms *vms)
{
	size_t i;

	for (i = 0; i < vms->count; i++)
		if (!strcmp(name, vms->vm[i].name))
			return true;
	return false;
}

int targets_find(struct targets *targets, const char *text,
		 const struct pvsched_vms *vms, char *why)
{
	struct pvsched_target target;
	char pattern[PVSCHED_NAME_LEN];
	size_t i;

	*targets = (struct targets){ .pattern = pattern_is(text) };
	if (!target_parse(text, &target, why))
		return -1;
	/* A kernel that lets VMs have such names may have one that is called so. */
	if (vm_named(target.vm, vms))
		targets->pattern = false;
	if (!targets->pattern)
		return add(targets, &target, why);
	memcpy(pattern, target.vm, sizeof(pattern));
	for (i = 0; i < vms->count; i++) {
		if (!pattern_matches(pattern, vms->vm[i].name))
			continue;
		memcpy(target.vm, vms->vm[i].name, sizeof(target.vm));
		if (add(targets, &target, why))
			return -1;
	}
	if (targets->count)
		return 0;
	snprintf(why, CAPSPEC_WHY_LEN, "no VM has such a name");
	return -1;
}

/* All VMs of a process: it may have several groups of threads. */
static int add_vms(struct targets *targets, uint32_t pid,
		   const struct pvsched_vms *vms, char *why)
{
	struct pvsched_target target = {};
	size_t i;

	for (i = 0; i < vms->count; i++) {
		if (vms->vm[i].pid != pid)
			continue;
		memcpy(target.vm, vms->vm[i].name, sizeof(target.vm));
		if (add(targets, &target, why))
			return -1;
	}
	targets->pattern = targets->count > 1;
	return 0;
}

int targets_by_pid(struct targets *targets, uint32_t pid,
		   const struct pvsched_vms *vms,
		   const struct pvsched_vcpus *vcpus, char *why)
{
	struct pvsched_target target = { .has_vcpu = true };
	size_t i;

	*targets = (struct targets){};
	if (add_vms(targets, pid, vms, why))
		return -1;
	for (i = 0; i < vcpus->count && !targets->count; i++) {
		if (vcpus->vcpu[i].tid != pid)
			continue;
		memcpy(target.vm, vcpus->vcpu[i].vm, sizeof(target.vm));
		target.vcpu = vcpus->vcpu[i].id;
		if (add(targets, &target, why))
			return -1;
	}
	if (targets->count)
		return 0;
	snprintf(why, CAPSPEC_WHY_LEN,
		 "no VM or vCPU has that process or thread");
	return -1;
}
