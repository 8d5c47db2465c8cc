/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What goes over pvschedd's control socket: frames of four bytes that have the
 * length, the highest first, and so many bytes of JSON.
 *
 *	{"method": NAME, "parameters": {...}}
 *	{"parameters": {...}}
 *	{"error": NAME, "parameters": {"reason": TEXT}}
 */
#ifndef PVSCHED_CONTROL_FRAME_H
#define PVSCHED_CONTROL_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

#define CONTROL_PATH	 "/run/pvschedd.sock"
#define CONTROL_NAME	 "io.github.pvsched."
#define CONTROL_HEAD	 4
#define CONTROL_CALL_MAX 4096
#define CONTROL_MAX	 (4U << 20) /* of a reply */
#define CONTROL_SAMPLES	 3600	    /* in one reply, at most */

static inline size_t control_length(const unsigned char *head)
{
	return (size_t)head[0] << 24 | head[1] << 16 | head[2] << 8 | head[3];
}

static inline void control_length_put(unsigned char *head, size_t length)
{
	head[0] = length >> 24;
	head[1] = length >> 16;
	head[2] = length >> 8;
	head[3] = length;
}

/* An object, or NULL if the text is not just that. To be released by the caller. */
struct json_object *control_parse(const char *text, size_t len);

/* A member that has that type, or NULL. The object's. */
struct json_object *control_member(struct json_object *object, const char *key,
				   enum json_type type);

/* A frame to be freed, or NULL without memory. Does not release the object. */
unsigned char *control_frame(struct json_object *object, size_t *size);

#endif
