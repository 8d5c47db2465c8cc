/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket: who may connect, and that nobody keeps the daemon from its
 * work. What is asked and answered is answers.c's.
 */
#ifndef PVSCHEDD_CONTROL_H
#define PVSCHEDD_CONTROL_H

#include <stdbool.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "log.h"

struct control;
struct json_object;

/* Root, or who the daemon runs as. */
bool control_privileged(uid_t uid);

/* Answer a call of a user; see frame.h. Return: a reply, or NULL without memory. */
typedef struct json_object *(*control_fn)(struct json_object *call, uid_t uid,
					  void *arg);

/*
 * Serve the socket that systemd passed, if it did: *control stays NULL otherwise.
 * Return: 0 or a negative errno value.
 */
int control_start(struct control **control, sd_event *event, control_fn fn,
		  void *arg);
void control_stop(struct control *control);

#endif
