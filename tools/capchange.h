/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes of caps: what was, what is, and what then binds.
 */
#ifndef PVSCHED_TOOLS_CAPCHANGE_H
#define PVSCHED_TOOLS_CAPCHANGE_H

#include <pvsched/client.h>

/* So many vCPUs are bound by that value of that level's cap. */
struct bind {
	enum pvsched_cap_id id;
	struct pvsched_binding_info by;
	uint32_t vcpus;
};

struct binds {
	struct bind *bind;
	size_t count;
};

/**
 * struct cap_change - what became of a request to set caps
 * @target: whose
 * @caps: as they are and as they were; only those that were to be set
 * @binds: what now binds the vCPUs of @target
 * @binds_unknown: they were set, but the kernel did not tell what binds
 * @failed: nothing was set
 * @error: only if @failed
 */
struct cap_change {
	struct pvsched_target target;
	struct pvsched_caps_info caps;
	struct binds binds;
	bool binds_unknown;
	bool failed;
	struct pvsched_error error;
};

struct cap_changes {
	struct cap_change *change;
	size_t count;
	bool pattern; /* the command line might have named any number */
	bool dry_run; /* nothing was set: it is what would be */
};

/* One for each target. Returns 0, or -1 without memory. */
int cap_changes_init(struct cap_changes *changes,
		     const struct pvsched_target *targets, size_t count);
/* For cleanup attributes, too. */
void cap_changes_free(struct cap_changes *changes);

/* One more vCPU, with what binds it. Returns 0, or -1 without memory. */
int binds_add(struct binds *binds, const struct cap_change *change,
	      const struct pvsched_binding_info *binding);

/*
 * What caps would become: those of the wishes, present in caps, with what they
 * are now as old. Returns false with the reason in error for what the kernel
 * refuses to anybody.
 */
bool caps_plan(struct pvsched_caps_info *caps,
	       const struct pvsched_target *target,
	       const struct pvsched_cap_wish *wishes, size_t count,
	       struct pvsched_error *error);

/* What binds a vCPU of these caps; PVSCHED_CAP_COUNT of each. */
void caps_combine(struct pvsched_binding_info *binding,
		  const struct pvsched_cap_info *host,
		  const struct pvsched_cap_info *vm,
		  const struct pvsched_cap_info *vcpu);

/*
 * capset.c: set them, or find out what that would do. Returns whether all went
 * well, having printed what did not.
 */
bool cap_changes_make(struct pvsched_client *client,
		      struct cap_changes *changes,
		      const struct pvsched_cap_wish *wishes, size_t count);

#endif /* PVSCHED_TOOLS_CAPCHANGE_H */
