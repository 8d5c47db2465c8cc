// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What there was at one moment.
 */
#include <stdlib.h>
#include <string.h>

#include "snapshot.h"

void snapshot_free(struct snapshot *snapshot)
{
	pvsched_vms_free(&snapshot->vms);
	pvsched_vcpus_free(&snapshot->vcpus);
	memset(snapshot, 0, sizeof(*snapshot));
}

static int vm_compare(const void *a, const void *b)
{
	const struct pvsched_vm_info *left = a, *right = b;

	return (left->id > right->id) - (left->id < right->id);
}

static int vcpu_compare(const void *a, const void *b)
{
	const struct pvsched_vcpu_info *left = a, *right = b;

	if (left->vm_id != right->vm_id)
		return left->vm_id < right->vm_id ? -1 : 1;
	return (left->id > right->id) - (left->id < right->id);
}

/* As the kernel dumps them, they mostly are: so it is worth looking first. */
static void sort(void *items, size_t count, size_t size,
		 int (*compare)(const void *a, const void *b))
{
	const char *bytes = items;
	size_t i;

	for (i = 1; i < count; i++)
		if (compare(bytes + (i - 1) * size, bytes + i * size) > 0)
			break;
	if (i < count)
		qsort(items, count, size, compare);
}

void snapshot_sort(struct snapshot *snapshot)
{
	sort(snapshot->vms.vm, snapshot->vms.count, sizeof(*snapshot->vms.vm),
	     vm_compare);
	sort(snapshot->vcpus.vcpu, snapshot->vcpus.count,
	     sizeof(*snapshot->vcpus.vcpu), vcpu_compare);
}
