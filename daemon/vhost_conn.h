/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One connection: whole messages out of a non-blocking stream socket, which
 * may deliver them in pieces, and replies into it.
 */
#ifndef PVSCHED_VHOST_CONN_H
#define PVSCHED_VHOST_CONN_H

#include "util.h"
#include "vhost_proto.h"

struct vhost_conn {
	int fd;
	size_t have; /* bytes of the message so far */
	struct vhost_user_msg msg;
};

void vhost_conn_init(struct vhost_conn *conn, int fd);
void vhost_conn_exit(struct vhost_conn *conn);

/*
 * 1: conn->msg is complete; valid until vhost_conn_done(). 0: more has to
 * arrive. -ENOTCONN: closed between two messages. Else a negative errno.
 */
int vhost_conn_read(struct vhost_conn *conn, struct reason *why);
/* Forget the message and close what descriptors of it were not taken. */
void vhost_conn_done(struct vhost_conn *conn);
/* Send header and payload of conn->msg. */
int vhost_conn_reply(struct vhost_conn *conn, struct reason *why);

#endif
