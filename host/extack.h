/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The reason of a refusal, for a person to read.
 */
#ifndef PVSCHED_EXTACK_H
#define PVSCHED_EXTACK_H

#include <linux/compiler_attributes.h>

struct netlink_ext_ack;
struct nlattr;

__printf(4, 5) int pvsched_refuse(struct netlink_ext_ack *extack,
				  const struct nlattr *attr, int err,
				  const char *fmt, ...);
void pvsched_extack_exit(void);

#endif /* PVSCHED_EXTACK_H */
