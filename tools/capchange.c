// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Changes of caps: what was, what is, and what then binds.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capchange.h"
#include "capspec.h"

int cap_changes_init(struct cap_changes *changes,
		     const struct pvsched_target *targets, size_t count)
{
	size_t i;

	*changes = (struct cap_changes){};
	changes->change = calloc(count, sizeof(*changes->change));
	if (!changes->change)
		return -1;
	for (i = 0; i < count; i++)
		changes->change[i].target = targets[i];
	changes->count = count;
	return 0;
}

void cap_changes_free(struct cap_changes *changes)
{
	size_t i;

	for (i = 0; i < changes->count; i++)
		free(changes->change[i].binds.bind);
	free(changes->change);
	*changes = (struct cap_changes){};
}

static int bind_count(struct binds *binds, enum pvsched_cap_id id,
		      const struct pvsched_binding_info *by)
{
	struct bind *grown;
	size_t i;

	for (i = 0; i < binds->count; i++) {
		struct bind *bind = &binds->bind[i];

		if (bind->id != id || bind->by.value != by->value ||
		    bind->by.level != by->level)
			continue;
		bind->vcpus++;
		return 0;
	}
	grown = reallocarray(binds->bind, binds->count + 1, sizeof(*grown));
	if (!grown)
		return -1;
	binds->bind = grown;
	grown[binds->count++] = (struct bind){
		.id = id,
		.by = *by,
		.vcpus = 1,
	};
	return 0;
}

int binds_add(struct binds *binds, const struct cap_change *change,
	      const struct pvsched_binding_info *binding)
{
	unsigned int id;

	for (id = 0; id < PVSCHED_CAP_COUNT; id++)
		if (change->caps.cap[id].present &&
		    bind_count(binds, id, &binding[id]))
			return -1;
	return 0;
}

/*
 * What the kernel takes, as host/caps.c has it; smaller ones than min only period
 * knows. tests/unit/test_capchange.c compares.
 */
static const struct {
	uint64_t min, max;
	bool host_only;
} ranges[PVSCHED_CAP_COUNT] = {
	[PVSCHED_CAP_RTPRIO] = { .max = 98 },
	[PVSCHED_CAP_RUNTIME] = { .max = 1000000 },
	[PVSCHED_CAP_PERIOD] = { 1000, 1000000, true },
	[PVSCHED_CAP_SLICE] = { .max = 1000000 },
	[PVSCHED_CAP_NICE] = { .max = 40 },
	[PVSCHED_CAP_KICKS] = { .max = 1000000 },
	[PVSCHED_CAP_SECTION] = { .max = 1000000 },
	[PVSCHED_CAP_VCPUS] = { .max = 4096 },
};

/* What the kernel would say. bound: set if why is about one. */
static const char *refusal(const struct pvsched_cap_info *cap,
			   enum pvsched_cap_id id, bool of_host,
			   const uint64_t **bound)
{
	const uint64_t values[] = { cap->soft, cap->hard };
	size_t i;

	*bound = NULL;
	if (!cap->present)
		return "no such cap";
	if (ranges[id].host_only && !of_host)
		return "can be set for the host only";
	if (cap->soft > cap->hard) {
		*bound = &cap->hard;
		return "soft is above hard";
	}
	for (i = 0; i < 2; i++) {
		if (values[i] == PVSCHED_UNLIMITED)
			continue;
		if (values[i] < ranges[id].min) {
			*bound = &ranges[id].min;
			return "is below the smallest value";
		}
		if (values[i] > ranges[id].max) {
			*bound = &ranges[id].max;
			return "is above the largest value";
		}
	}
	return NULL;
}

static bool plan_one(struct pvsched_cap_info *cap,
		     const struct pvsched_target *target,
		     const struct pvsched_cap_wish *wish,
		     struct pvsched_error *error)
{
	char whose[TARGET_TEXT_LEN], text[PVSCHED_TEXT_LEN];
	const uint64_t *bound;
	const char *why;

	if (wish->has_soft)
		cap->soft = wish->soft;
	if (wish->has_hard)
		cap->hard = wish->hard;
	why = refusal(cap, wish->id, !target->vm[0], &bound);
	if (!why)
		return true;
	error->code = -EINVAL;
	error->refused = true;
	snprintf(error->text, sizeof(error->text), "%s of %s: %s%s%s",
		 pvsched_cap_name(wish->id), target_text(target, whose), why,
		 bound ? " " : "",
		 bound ? pvsched_cap_text(wish->id, *bound, text) : "");
	return false;
}

bool caps_plan(struct pvsched_caps_info *caps,
	       const struct pvsched_target *target,
	       const struct pvsched_cap_wish *wishes, size_t count,
	       struct pvsched_error *error)
{
	struct pvsched_caps_info now = *caps;
	size_t i;

	memset(caps, 0, sizeof(*caps));
	for (i = 0; i < count; i++) {
		enum pvsched_cap_id id = wishes[i].id;

		caps->old[id] = now.cap[id];
		caps->cap[id] = now.cap[id];
		if (!plan_one(&caps->cap[id], target, &wishes[i], error))
			return false;
	}
	return true;
}

static void combine_one(struct pvsched_binding_info *by,
			const struct pvsched_cap_info *cap,
			enum pvsched_cap_level level)
{
	/* One that the kernel does not tell binds nobody. */
	if (!cap->present || cap->soft >= by->value)
		return;
	by->value = cap->soft;
	by->level = level;
}

void caps_combine(struct pvsched_binding_info *binding,
		  const struct pvsched_cap_info *host,
		  const struct pvsched_cap_info *vm,
		  const struct pvsched_cap_info *vcpu)
{
	unsigned int id;

	for (id = 0; id < PVSCHED_CAP_COUNT; id++) {
		binding[id].value = PVSCHED_UNLIMITED;
		binding[id].level = PVSCHED_CAP_LEVEL_HOST;
		combine_one(&binding[id], &host[id], PVSCHED_CAP_LEVEL_HOST);
		combine_one(&binding[id], &vm[id], PVSCHED_CAP_LEVEL_VM);
		combine_one(&binding[id], &vcpu[id], PVSCHED_CAP_LEVEL_VCPU);
		if (binding[id].value > ranges[id].max)
			binding[id].value = ranges[id].max;
	}
}
