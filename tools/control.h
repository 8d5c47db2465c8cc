/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pvschedd, asked over its control socket. */
#ifndef PVSCHED_TOOLS_CONTROL_H
#define PVSCHED_TOOLS_CONTROL_H

#include <json-c/json.h>

#define CONTROL_WHY_LEN 512

/*
 * Call a method, named without its prefix. Takes parameters over, which may be NULL.
 * Returns the parameters of the reply, to be released by the caller, or NULL and why
 * not, in CONTROL_WHY_LEN.
 */
struct json_object *control_call(const char *path, const char *method,
				 struct json_object *parameters, char *why);

#endif /* PVSCHED_TOOLS_CONTROL_H */
