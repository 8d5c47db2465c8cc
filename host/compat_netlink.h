/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Differences in netlink between the supported kernels, 6.1 to 7.3.
 */
#ifndef PVSCHED_COMPAT_NETLINK_H
#define PVSCHED_COMPAT_NETLINK_H

#include <linux/version.h>
#include <net/genetlink.h>

/* Kernels before it was split off check the same for the older flag. */
#ifndef GENL_MCAST_CAP_NET_ADMIN
#define GENL_MCAST_CAP_NET_ADMIN GENL_UNS_ADMIN_PERM
#endif

/* The attributes of a dump's request. */
static inline struct nlattr **pvsched_dump_attrs(struct netlink_callback *cb)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	return genl_info_dump(cb)->attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

#endif /* PVSCHED_COMPAT_NETLINK_H */
