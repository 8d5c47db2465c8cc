/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A socket that knows the family.
 */
#ifndef PVSCHED_LIB_SOCKET_H
#define PVSCHED_LIB_SOCKET_H

#include <pvsched/client.h>

struct nl_sock;

struct pvsched_client {
	struct nl_sock *sock;
	int family;
};

#endif /* PVSCHED_LIB_SOCKET_H */
