/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A socket that knows the family.
 */
#ifndef PVSCHED_LIB_SOCKET_H
#define PVSCHED_LIB_SOCKET_H

#include <pvsched/client.h>

struct nl_sock;

int socket_open(struct nl_sock **sock, int *family,
		struct pvsched_error *error);

#endif /* PVSCHED_LIB_SOCKET_H */
