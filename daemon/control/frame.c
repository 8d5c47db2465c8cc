// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "frame.h"

#define DEPTH 8

struct json_object *control_parse(const char *text, size_t len)
{
	struct json_tokener *tokener = json_tokener_new_ex(DEPTH);
	struct json_object *object;

	if (!tokener)
		return NULL;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT |
						JSON_TOKENER_VALIDATE_UTF8);
	object = json_tokener_parse_ex(tokener, text, len);
	if (json_tokener_get_error(tokener) != json_tokener_success ||
	    json_tokener_get_parse_end(tokener) != len ||
	    !json_object_is_type(object, json_type_object)) {
		json_object_put(object);
		object = NULL;
	}
	json_tokener_free(tokener);
	return object;
}

struct json_object *control_member(struct json_object *object, const char *key,
				   enum json_type type)
{
	struct json_object *member;

	if (!json_object_object_get_ex(object, key, &member) ||
	    !json_object_is_type(member, type))
		return NULL;
	return member;
}

unsigned char *control_frame(struct json_object *object, size_t *size)
{
	size_t len;
	const char *text = json_object_to_json_string_length(
		object, JSON_C_TO_STRING_PLAIN, &len);
	unsigned char *frame = text ? malloc(CONTROL_HEAD + len) : NULL;

	if (!frame)
		return NULL;
	control_length_put(frame, len);
	memcpy(frame + CONTROL_HEAD, text, len);
	*size = CONTROL_HEAD + len;
	return frame;
}
