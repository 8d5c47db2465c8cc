/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Setting something of one VM and of no other. Requests have its name, which another
 * VM may have by the time that the kernel gets them; the id it never has.
 */
#ifndef PVSCHEDD_SETTER_H
#define PVSCHEDD_SETTER_H

#include <pvsched/client.h>

/*
 * Return: 0 or a negative errno value: -ESTALE if another VM has the name by now. If
 * that one was set, it was undone, or error says why not.
 */
int setter_caps(struct pvsched_client *client, const struct pvsched_vm_info *vm,
		const struct pvsched_cap_wish *wish, size_t count,
		struct pvsched_error *error);

/*
 * Likewise, but what another VM had before is not known, so it keeps what was set,
 * which error tells. vm: as it is then.
 */
int setter_vm(struct pvsched_client *client, struct pvsched_vm_info *vm,
	      const struct pvsched_vm_wish *wish, struct pvsched_error *error);

#endif
