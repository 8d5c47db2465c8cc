// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"
#include "world.h"

struct vm *world_find(const struct world *world, uint32_t id)
{
	size_t i;

	for (i = 0; i < world->count; i++)
		if (world->vm[i]->info.id == id)
			return world->vm[i];
	return NULL;
}

struct vm *world_named(const struct world *world, const char *name)
{
	size_t i;

	for (i = 0; i < world->count; i++)
		if (!strcmp(world->vm[i]->info.name, name))
			return world->vm[i];
	return NULL;
}

static int memory_error(struct pvsched_error *error)
{
	error->code = -ENOMEM;
	strcpy(error->text, "out of memory");
	return -ENOMEM;
}

static struct vm *vm_add(struct world *world,
			 const struct pvsched_vm_info *info)
{
	struct vm **list =
		reallocarray(world->vm, world->count + 1, sizeof(*list));
	struct vm *vm;

	if (!list)
		return NULL;
	world->vm = list;
	vm = calloc(1, sizeof(*vm));
	if (!vm)
		return NULL;
	vm->info = *info;
	list[world->count++] = vm;
	return vm;
}

static void vm_remove(struct world *world, size_t at)
{
	struct vm *vm = world->vm[at];

	world->vm[at] = world->vm[--world->count];
	world->gone(vm, world->arg);
	free(vm);
}

void world_remove(struct world *world, uint32_t id)
{
	size_t i;

	for (i = 0; i < world->count; i++)
		if (world->vm[i]->info.id == id)
			return vm_remove(world, i);
}

static int vm_take(struct world *world, const struct pvsched_vm_info *info,
		   struct pvsched_error *error)
{
	struct vm *vm = world_find(world, info->id);

	if (vm) {
		vm->info = *info;
		vm->seen = true;
		return 0;
	}
	vm = vm_add(world, info);
	if (!vm)
		return memory_error(error);
	vm->seen = true;
	world->appeared(vm, world->arg);
	return 0;
}

/* Those that are not in the answer are gone. First, as another may have the name. */
static void vms_sweep(struct world *world, const struct pvsched_vms *vms)
{
	size_t i;

	for (i = 0; i < world->count; i++)
		world->vm[i]->seen = false;
	for (i = 0; i < vms->count; i++) {
		struct vm *vm = world_find(world, vms->vm[i].id);

		if (vm)
			vm->seen = true;
	}
	for (i = world->count; i-- > 0;)
		if (!world->vm[i]->seen)
			vm_remove(world, i);
}

static int vcpu_compare(const void *a, const void *b)
{
	const struct pvsched_vcpu_info *left = a, *right = b;

	if (left->vm_id != right->vm_id)
		return left->vm_id < right->vm_id ? -1 : 1;
	return (left->id > right->id) - (left->id < right->id);
}

static void vcpus_take(struct world *world, struct pvsched_vcpus vcpus)
{
	pvsched_vcpus_free(&world->vcpus);
	world->vcpus = vcpus;
	if (vcpus.count)
		qsort(vcpus.vcpu, vcpus.count, sizeof(*vcpus.vcpu),
		      vcpu_compare);
}

static int world_take(struct world *world, const struct pvsched_vms *vms,
		      struct pvsched_vcpus vcpus, struct pvsched_error *error)
{
	size_t i;
	int err = 0;

	vcpus_take(world, vcpus);
	world->sampled_ns = clock_ns(CLOCK_MONOTONIC);
	vms_sweep(world, vms);
	for (i = 0; i < vms->count && !err; i++)
		err = vm_take(world, &vms->vm[i], error);
	return err;
}

int world_sample(struct world *world, struct pvsched_client *client,
		 struct pvsched_error *error)
{
	struct pvsched_vcpus vcpus;
	struct pvsched_vms vms;
	int err = pvsched_vms_get(client, NULL, &vms, sizeof(*vms.vm), error);

	if (err)
		return err;
	err = pvsched_vcpus_get(client, NULL, &vcpus, sizeof(*vcpus.vcpu),
				error);
	if (!err)
		err = world_take(world, &vms, vcpus, error);
	pvsched_vms_free(&vms);
	return err   ?:
		       pvsched_host_get(client, &world->host,
					sizeof(world->host), error);
}

int world_resync(struct world *world, struct pvsched_client *client,
		 const struct pvsched_monitor *monitor,
		 struct pvsched_error *error)
{
	struct pvsched_vcpus vcpus;
	struct pvsched_vms vms;
	int err = pvsched_monitor_vms(monitor, &vms, sizeof(*vms.vm), error);

	if (err)
		return err;
	err = pvsched_monitor_vcpus(monitor, &vcpus, sizeof(*vcpus.vcpu),
				    error);
	if (!err)
		err = world_take(world, &vms, vcpus, error);
	pvsched_vms_free(&vms);
	return err   ?:
		       pvsched_host_get(client, &world->host,
					sizeof(world->host), error);
}

int world_sample_vm(struct world *world, struct pvsched_client *client,
		    const char *name, struct pvsched_error *error)
{
	struct pvsched_vms vms;
	int err = pvsched_vms_get(client, name, &vms, sizeof(*vms.vm), error);

	if (!err && vms.count)
		err = vm_take(world, &vms.vm[0], error);
	pvsched_vms_free(&vms);
	return err;
}

void world_exit(struct world *world)
{
	size_t i;

	for (i = 0; i < world->count; i++)
		free(world->vm[i]);
	free(world->vm);
	pvsched_vcpus_free(&world->vcpus);
}
