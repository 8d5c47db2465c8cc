/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of VMs, for the kernel and those who attach VMs. They end up in terminals, logs, shells and patterns, and in targets
 * such as name/vcpu, and whoever may attach a VM chooses one.
 */
#ifndef _PVSCHED_NAME_H
#define _PVSCHED_NAME_H

#ifdef __KERNEL__
#include <linux/ctype.h>
#include <linux/string.h>
#else
#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#endif

#include <linux/pvsched.h>

/* In words. */
#define PVSCHED_NAME_RULE \
	"1 to 63 letters, digits and . _ - : @ +, not beginning with -, and not \"host\""

static inline bool pvsched_name_has(char c)
{
	return ((unsigned char)c < 0x80 && isalnum((unsigned char)c)) ||
	       (c && strchr("._-:@+", c));
}

/* As far as name has PVSCHED_NAME_LEN bytes. See struct pvsched_vm_create. */
static inline bool pvsched_name_ok(const char *name)
{
	size_t i, len = strnlen(name, PVSCHED_NAME_LEN);

	/* A '-' in front would make it an option. */
	if (!len || len == PVSCHED_NAME_LEN || name[0] == '-')
		return false;
	for (i = 0; i < len; i++)
		if (!pvsched_name_has(name[i]))
			return false;
	return strcmp(name, "host");
}

#endif /* _PVSCHED_NAME_H */
