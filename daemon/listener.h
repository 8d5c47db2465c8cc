/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The socket that front ends connect to: our own, or one that systemd passed.
 */
#ifndef PVSCHED_VHOST_LISTENER_H
#define PVSCHED_VHOST_LISTENER_H

#include <sys/stat.h>

#include "util.h"

struct listener {
	int fd;
	const char *path; /* NULL: it is systemd's */
	dev_t dev;	  /* what we made at path */
	ino_t ino;
};

/* Either listens at @path or, if it is NULL, takes the socket of systemd. */
int listener_init(struct listener *l, const char *path, struct reason *why);
/* Removes the socket, if it is still ours. */
void listener_exit(struct listener *l);

#endif
