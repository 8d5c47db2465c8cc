/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One front end being served: its connection, its device and its VM on the
 * host, hooked into the event loop.
 */
#ifndef PVSCHED_VHOST_SESSION_H
#define PVSCHED_VHOST_SESSION_H

#include <systemd/sd-event.h>

#include "host.h"
#include "log.h"

struct session;

/* Takes @fd. @host is copied; @ended is called when the session is over. */
struct session *session_alloc(sd_event *event, int fd, const struct host *host,
			      struct log_limit *limit, void (*ended)(void *arg),
			      void *arg);
void session_free(struct session *s);

#endif
