// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A socket that knows the family.
 */
#include <errno.h>
#include <stdlib.h>

#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <sys/socket.h>

#include "error.h"
#include "socket.h"

static int family_missing(struct pvsched_error *error)
{
	return error_set(
		error, -ENOENT,
		"the kernel has no netlink family \"%s\": its module is not loaded, or this is another network namespace; try: modprobe pvsched",
		PVSCHED_FAMILY_NAME);
}

static int socket_open(struct nl_sock **sock, int *family,
		       struct pvsched_error *error)
{
	struct nl_sock *new = nl_socket_alloc();
	int one = 1;
	int err;

	if (!new)
		return error_set(error, -ENOMEM, "out of memory");
	err = genl_connect(new);
	if (err < 0) {
		err = error_set(error, error_from_nl(err),
				"opening a netlink socket: %s",
				nl_geterror(err));
		goto free;
	}
	*family = genl_ctrl_resolve(new, PVSCHED_FAMILY_NAME);
	if (*family < 0) {
		err = *family == -NLE_OBJ_NOTFOUND ?
			      family_missing(error) :
			      error_set(error, error_from_nl(*family),
					"looking up netlink family \"%s\": %s",
					PVSCHED_FAMILY_NAME,
					nl_geterror(*family));
		goto free;
	}
	/* Without it there is no reason to a refusal; all else works. */
	setsockopt(nl_socket_get_fd(new), SOL_NETLINK, NETLINK_EXT_ACK, &one,
		   sizeof(one));
	*sock = new;
	return 0;
free:
	nl_socket_free(new);
	return err;
}

int pvsched_client_open(struct pvsched_client **client,
			struct pvsched_error *error)
{
	struct pvsched_client *new = calloc(1, sizeof(*new));
	int err;

	*client = NULL;
	if (!new)
		return error_set(error, -ENOMEM, "out of memory");
	err = socket_open(&new->sock, &new->family, error);
	if (err) {
		free(new);
		return err;
	}
	*client = new;
	return 0;
}

void pvsched_client_close(struct pvsched_client *client)
{
	if (!client)
		return;
	nl_socket_free(client->sock);
	free(client);
}
