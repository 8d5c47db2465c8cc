/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What pvschedd answers over its control socket: Status, Rules, History, Reload.
 *
 * Root sees all, everybody else the VMs that are his.
 */
#ifndef PVSCHEDD_ANSWERS_H
#define PVSCHEDD_ANSWERS_H

#include <json-c/json.h>

#include "daemon.h"

struct json_object *answers_call(struct json_object *call, uid_t uid,
				 void *daemon);

#endif
