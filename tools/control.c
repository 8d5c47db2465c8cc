// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvschedd, asked over its control socket.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "control.h"
#include "frame.h"

#define PATIENCE_S 10

__attribute__((format(printf, 2, 3))) static int fail(char *why,
						      const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, CONTROL_WHY_LEN, fmt, args);
	va_end(args);
	return -1;
}

static int socket_open(const char *path, char *why)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(to.sun_path))
		return fail(why, "%.64s: the path is too long", path);
	strcpy(to.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail(why, "socket: %s", strerror(errno));
	if (!setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
			sizeof(patience)) &&
	    !setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience,
			sizeof(patience)) &&
	    !connect(fd, (struct sockaddr *)&to, sizeof(to)))
		return fd;
	fail(why, "pvschedd cannot be asked, %s: %s; does it run?", path,
	     strerror(errno));
	close(fd);
	return -1;
}

static int call_send(int fd, struct json_object *call, char *why)
{
	size_t size = 0, sent = 0;
	unsigned char *frame = control_frame(call, &size);
	ssize_t n = 0;

	while (frame && sent < size && n >= 0) {
		n = send(fd, frame + sent, size - sent, MSG_NOSIGNAL);
		sent += n > 0 ? n : 0;
	}
	free(frame);
	if (!frame)
		return fail(why, "out of memory");
	return n < 0 ? fail(why, "asking pvschedd: %s", strerror(errno)) : 0;
}

static int take(int fd, void *to, size_t size, char *why)
{
	ssize_t n = recv(fd, to, size, MSG_WAITALL);

	if (n < 0)
		return fail(why, "pvschedd's answer: %s", strerror(errno));
	return (size_t)n == size ? 0 : fail(why, "pvschedd did not answer");
}

static struct json_object *reply_take(int fd, char *why)
{
	unsigned char head[CONTROL_HEAD];
	struct json_object *reply = NULL;
	size_t len;
	char *text;

	if (take(fd, head, sizeof(head), why))
		return NULL;
	len = control_length(head);
	text = len <= CONTROL_MAX ? malloc(len + 1) : NULL;
	if (!text) {
		fail(why, "pvschedd's answer has %zu bytes", len);
		return NULL;
	}
	if (!take(fd, text, len, why)) {
		reply = control_parse(text, len);
		if (!reply)
			fail(why, "pvschedd's answer is not understood");
	}
	free(text);
	return reply;
}

static void reason_take(struct json_object *reply, struct json_object *error,
			char *why)
{
	struct json_object *parameters =
		control_member(reply, "parameters", json_type_object);
	struct json_object *reason =
		control_member(parameters, "reason", json_type_string);

	fail(why, "%s", json_object_get_string(reason ? reason : error));
}

static struct json_object *ask(const char *path, struct json_object *call,
			       char *why)
{
	int fd = socket_open(path, why);
	struct json_object *reply = NULL;

	if (fd < 0)
		return NULL;
	if (!call_send(fd, call, why))
		reply = reply_take(fd, why);
	close(fd);
	return reply;
}

struct json_object *control_call(const char *path, const char *method,
				 struct json_object *parameters, char *why)
{
	struct json_object *call = json_object_new_object();
	struct json_object *reply, *error, *answer = NULL;
	char name[64];

	snprintf(name, sizeof(name), CONTROL_NAME "%s", method);
	json_object_object_add(call, "method", json_object_new_string(name));
	if (parameters)
		json_object_object_add(call, "parameters", parameters);
	reply = ask(path, call, why);
	json_object_put(call);
	if (!reply)
		return NULL;
	error = control_member(reply, "error", json_type_string);
	if (error)
		reason_take(reply, error, why);
	else
		answer = control_member(reply, "parameters", json_type_object);
	if (!error && !answer)
		fail(why, "pvschedd's answer is not understood");
	json_object_get(answer);
	json_object_put(reply);
	return answer;
}
