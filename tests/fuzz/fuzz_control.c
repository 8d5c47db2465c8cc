// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzes what anybody may send to pvschedd's control socket.
 */
#include <stdint.h>
#include <stdlib.h>

#include "answers.h"
#include "frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct daemon daemon = { .root = -1 };
	struct json_object *call, *reply;
	unsigned char *frame;
	size_t len;

	if (size > CONTROL_CALL_MAX)
		return 0;
	call = control_parse((const char *)data, size);
	/* Somebody who may not reload. */
	reply = answers_call(call, 4242, &daemon);
	frame = control_frame(reply, &len);
	if (!frame || len != CONTROL_HEAD + control_length(frame))
		abort();
	free(frame);
	json_object_put(reply);
	json_object_put(call);
	return 0;
}
