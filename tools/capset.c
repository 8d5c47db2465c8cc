// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Changes of caps, asked of the kernel or only planned.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "capchange.h"
#include "capspec.h"
#include "command.h"

static int memory_error(struct pvsched_error *error)
{
	*error = (struct pvsched_error){ .code = -ENOMEM,
					 .text = "out of memory" };
	return -ENOMEM;
}

static bool target_same(const struct pvsched_target *a,
			const struct pvsched_target *b)
{
	return !strcmp(a->vm, b->vm) && a->has_vcpu == b->has_vcpu &&
	       a->vcpu == b->vcpu;
}

/* Those of vcpus that are the target's. */
static bool target_has(const struct pvsched_target *target,
		       const struct pvsched_vcpu_info *vcpu)
{
	return (!target->vm[0] || !strcmp(target->vm, vcpu->vm)) &&
	       (!target->has_vcpu || target->vcpu == vcpu->id);
}

/* What binds the vCPUs of a target, as the kernel has it. */
static int binds_get(struct pvsched_client *client, struct cap_change *change,
		     struct pvsched_error *error)
{
	struct pvsched_vcpus vcpus
		__attribute__((cleanup(pvsched_vcpus_free))) = {};
	const char *vm = change->target.vm[0] ? change->target.vm : NULL;
	int err = pvsched_vcpus_get(client, vm, &vcpus, sizeof(*vcpus.vcpu),
				    error);
	size_t i;

	for (i = 0; i < vcpus.count && !err; i++)
		if (target_has(&change->target, &vcpus.vcpu[i]) &&
		    binds_add(&change->binds, change, vcpus.vcpu[i].binding))
			err = memory_error(error);
	return err;
}

/* As a target's caps would be, if it is the one to be changed. */
static int caps_would(struct pvsched_client *client,
		      const struct cap_change *change,
		      const struct pvsched_target *target,
		      struct pvsched_cap_info *cap, struct pvsched_error *error)
{
	struct pvsched_caps_info caps;
	unsigned int i;
	int err = pvsched_caps_get(client, target, &caps, sizeof(caps), error);

	if (err)
		return err;
	memcpy(cap, caps.cap, PVSCHED_CAP_COUNT * sizeof(*cap));
	if (!target_same(target, &change->target))
		return 0;
	for (i = 0; i < PVSCHED_CAP_COUNT; i++)
		if (change->caps.cap[i].present)
			cap[i] = change->caps.cap[i];
	return 0;
}

/* What a plan goes by: asked for once, where several vCPUs have it in common. */
struct plan {
	struct pvsched_client *client;
	struct cap_change *change;
	struct pvsched_cap_info host[PVSCHED_CAP_COUNT];
	struct pvsched_target
		vm; /* whose caps of_vm are; the host: nobody's yet */
	struct pvsched_cap_info of_vm[PVSCHED_CAP_COUNT];
};

static int vm_plan(struct plan *plan, const char *vm,
		   struct pvsched_error *error)
{
	struct pvsched_target target = {};
	int err;

	if (!strcmp(plan->vm.vm, vm))
		return 0;
	snprintf(target.vm, sizeof(target.vm), "%s", vm);
	err = caps_would(plan->client, plan->change, &target, plan->of_vm,
			 error);
	if (!err)
		plan->vm = target;
	return err;
}

/* What would bind a vCPU. One that went meanwhile, or its VM, is bound by nothing. */
static int bind_plan(struct plan *plan, const struct pvsched_vcpu_info *vcpu,
		     struct pvsched_error *error)
{
	struct pvsched_cap_info of_vcpu[PVSCHED_CAP_COUNT];
	struct pvsched_binding_info binding[PVSCHED_CAP_COUNT];
	struct pvsched_target target = {
		.has_vcpu = true,
		.vcpu = vcpu->id,
	};
	int err = vm_plan(plan, vcpu->vm, error);

	memcpy(target.vm, vcpu->vm, sizeof(target.vm));
	if (!err)
		err = caps_would(plan->client, plan->change, &target, of_vcpu,
				 error);
	if (err)
		return err == -ENOENT ? 0 : err;
	caps_combine(binding, plan->host, plan->of_vm, of_vcpu);
	return binds_add(&plan->change->binds, plan->change, binding) ?
		       memory_error(error) :
		       0;
}

static int binds_plan(struct pvsched_client *client, struct cap_change *change,
		      struct pvsched_error *error)
{
	static const struct pvsched_target host = {};
	struct plan plan = { .client = client, .change = change };
	struct pvsched_vcpus vcpus
		__attribute__((cleanup(pvsched_vcpus_free))) = {};
	const char *vm = change->target.vm[0] ? change->target.vm : NULL;
	int err = caps_would(client, change, &host, plan.host, error);
	size_t i;

	if (!err)
		err = pvsched_vcpus_get(client, vm, &vcpus, sizeof(*vcpus.vcpu),
					error);
	for (i = 0; i < vcpus.count && !err; i++)
		if (target_has(&change->target, &vcpus.vcpu[i]))
			err = bind_plan(&plan, &vcpus.vcpu[i], error);
	return err;
}

static int change_plan(struct pvsched_client *client, struct cap_change *change,
		       const struct pvsched_cap_wish *wishes, size_t count)
{
	struct pvsched_error *error = &change->error;
	int err = pvsched_caps_get(client, &change->target, &change->caps,
				   sizeof(change->caps), error);

	if (err)
		return err;
	if (!caps_plan(&change->caps, &change->target, wishes, count, error))
		return -1;
	return binds_plan(client, change, error);
}

static int change_make(struct pvsched_client *client, struct cap_change *change,
		       const struct pvsched_cap_wish *wishes, size_t count)
{
	int err = pvsched_caps_set(client, &change->target, wishes, count,
				   &change->caps, sizeof(change->caps),
				   &change->error);
	struct pvsched_error error;

	if (err)
		return err;
	if (binds_get(client, change, &error)) {
		change->binds_unknown = true;
		command_failed("set; what binds now is not known", &error);
	}
	return 0;
}

bool cap_changes_make(struct pvsched_client *client,
		      struct cap_changes *changes,
		      const struct pvsched_cap_wish *wishes, size_t count)
{
	char text[TARGET_TEXT_LEN];
	bool good = true;
	size_t i;

	for (i = 0; i < changes->count; i++) {
		struct cap_change *change = &changes->change[i];

		change->failed =
			changes->dry_run ?
				change_plan(client, change, wishes, count) :
				change_make(client, change, wishes, count);
		if (!change->failed)
			continue;
		good = false;
		command_failed(target_text(&change->target, text),
			       &change->error);
	}
	return good;
}
