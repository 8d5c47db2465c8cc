/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the messages of a front end do to the device. Each message is checked
 * here, whatever the transport was.
 */
#ifndef PVSCHED_VHOST_MSG_H
#define PVSCHED_VHOST_MSG_H

#include "vhost_dev.h"
#include "vhost_proto.h"

/*
 * Handle @msg. 1: it was turned into the reply to send; 0: nothing to send;
 * negative: the connection cannot go on. Refusals are logged here unless
 * the connection ends by them.
 */
int vhost_msg_handle(struct vhost_dev *dev, struct vhost_user_msg *msg,
		     struct reason *why);

#endif
