// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "setter.h"

__attribute__((format(printf, 2, 3))) static int
stale(struct pvsched_error *error, const char *fmt, ...)
{
	va_list args;

	*error = (struct pvsched_error){ .code = -ESTALE };
	va_start(args, fmt);
	vsnprintf(error->text, sizeof(error->text), fmt, args);
	va_end(args);
	return -ESTALE;
}

/* Where nobody has the name any more, nobody else was set. */
static bool other_has_name(struct pvsched_client *client,
			   const struct pvsched_vm_info *vm)
{
	struct pvsched_error unknown;
	struct pvsched_vms vms;
	bool other;

	if (pvsched_vms_get(client, vm->name, &vms, sizeof(*vms.vm), &unknown))
		return false;
	other = vms.count && vms.vm[0].id != vm->id;
	pvsched_vms_free(&vms);
	return other;
}

/* The answer to a request has the name only: was it this one that was set? */
static bool has_all(const struct pvsched_caps_info *now,
		    const struct pvsched_caps_info *set,
		    const struct pvsched_cap_wish *wish, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const struct pvsched_cap_info *a = &now->cap[wish[i].id];
		const struct pvsched_cap_info *b = &set->cap[wish[i].id];

		if (a->soft != b->soft || a->hard != b->hard)
			return false;
	}
	return true;
}

static int caps_restore(struct pvsched_client *client,
			const struct pvsched_target *target,
			const struct pvsched_caps_info *set,
			const struct pvsched_cap_wish *wish, size_t count,
			struct pvsched_error *error)
{
	struct pvsched_cap_wish before[PVSCHED_CAP_COUNT];
	struct pvsched_caps_info now;
	size_t i;

	for (i = 0; i < count; i++) {
		const struct pvsched_cap_info *old = &set->old[wish[i].id];

		before[i] = (struct pvsched_cap_wish){
			.id = wish[i].id,
			.has_soft = true,
			.soft = old->soft,
			.has_hard = true,
			.hard = old->hard,
		};
	}
	return pvsched_caps_set(client, target, before, count, &now,
				sizeof(now), error);
}

static int caps_undo(struct pvsched_client *client,
		     const struct pvsched_target *target,
		     const struct pvsched_caps_info *set,
		     const struct pvsched_cap_wish *wish, size_t count,
		     struct pvsched_error *error)
{
	struct pvsched_caps_info now;
	struct pvsched_error why;

	if (pvsched_caps_get(client, target, &now, sizeof(now), &why))
		return stale(
			error,
			"another VM has its name by now, and its caps, maybe: %.200s",
			why.text);
	if (!has_all(&now, set, wish, count))
		return stale(
			error,
			"it has ended, and another VM has its name by now");
	if (caps_restore(client, target, set, wish, count, &why))
		return stale(
			error,
			"another VM took its name over and got its caps, which cannot be undone: %.200s",
			why.text);
	return stale(
		error,
		"another VM took its name over and got its caps; that was undone");
}

int setter_caps(struct pvsched_client *client, const struct pvsched_vm_info *vm,
		const struct pvsched_cap_wish *wish, size_t count,
		struct pvsched_error *error)
{
	struct pvsched_target target = { 0 };
	struct pvsched_caps_info set;
	int err;

	strcpy(target.vm, vm->name);
	err = pvsched_caps_set(client, &target, wish, count, &set, sizeof(set),
			       error);
	if (err || !other_has_name(client, vm))
		return err;
	return caps_undo(client, &target, &set, wish, count, error);
}

int setter_vm(struct pvsched_client *client, struct pvsched_vm_info *vm,
	      const struct pvsched_vm_wish *wish, struct pvsched_error *error)
{
	struct pvsched_vm_info info;
	int err = pvsched_vm_set(client, vm->name, wish, sizeof(*wish), &info,
				 sizeof(info), error);

	if (err)
		return err;
	if (info.id != vm->id)
		return stale(
			error,
			"another VM took its name over and got its policy or payback: it has policy %s and payback %s now",
			info.policy, info.payback ? "on" : "off");
	*vm = info;
	return 0;
}
