// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Changes of caps: what was, what is, and what then binds.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capchange.h"

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

static bool plan_one(struct pvsched_cap_info *cap, const char *whose,
		     const struct pvsched_cap_wish *wish,
		     struct pvsched_error *error)
{
	char hard[PVSCHED_TEXT_LEN];

	if (wish->has_soft)
		cap->soft = wish->soft;
	if (wish->has_hard)
		cap->hard = wish->hard;
	if (cap->soft <= cap->hard)
		return true;
	error->code = -EINVAL;
	error->refused = true;
	snprintf(error->text, sizeof(error->text),
		 "%s of %s: soft is above hard %s", pvsched_cap_name(wish->id),
		 whose, pvsched_cap_text(wish->id, cap->hard, hard));
	return false;
}

bool caps_plan(struct pvsched_caps_info *caps, const char *whose,
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
		if (!plan_one(&caps->cap[id], whose, &wishes[i], error))
			return false;
	}
	return true;
}

static void combine_one(struct pvsched_binding_info *by, uint64_t soft,
			enum pvsched_cap_level level)
{
	if (soft >= by->value)
		return;
	by->value = soft;
	by->level = level;
}

void caps_combine(struct pvsched_binding_info *binding,
		  const struct pvsched_cap_info *host,
		  const struct pvsched_cap_info *vm,
		  const struct pvsched_cap_info *vcpu)
{
	unsigned int id;

	for (id = 0; id < PVSCHED_CAP_COUNT; id++) {
		binding[id].value = host[id].soft;
		binding[id].level = PVSCHED_CAP_LEVEL_HOST;
		combine_one(&binding[id], vm[id].soft, PVSCHED_CAP_LEVEL_VM);
		combine_one(&binding[id], vcpu[id].soft,
			    PVSCHED_CAP_LEVEL_VCPU);
	}
}
