// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands that go on until they are told to end.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "ending.h"

/* Until it is tried again to write what there seemed to be room for. */
#define ROOM_MS 10

int ending_open(const char *command)
{
	sigset_t set;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		fprintf(stderr, "%s: taking signals: %s\n", command,
			strerror(errno));
	return fd;
}

enum ending ending_wait(const char *command, int ending, int fd, int timeout_ms)
{
	struct pollfd polled[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = ending, .events = POLLIN },
		{ .fd = STDOUT_FILENO },
	};

	if (poll(polled, 3, timeout_ms) < 0 && errno != EINTR) {
		fprintf(stderr, "%s: waiting: %s\n", command, strerror(errno));
		return ENDING_ERROR;
	}
	if (polled[1].revents ||
	    polled[2].revents & (POLLERR | POLLHUP | POLLNVAL))
		return ENDING_ASKED;
	return ENDING_NOT;
}

int output_begin(struct output *output)
{
	*output = (struct output){ .to = stdout };
	if (isatty(STDOUT_FILENO))
		return 0;
	output->to = open_memstream(&output->text, &output->len);
	return output->to ? 0 : -errno;
}

static enum ending write_failed(const char *command, int err)
{
	if (err == EPIPE)
		return ENDING_ASKED;
	fprintf(stderr, "%s: writing the output: %s\n", command, strerror(err));
	return ENDING_ERROR;
}

/* Until there is room. ENDING_ASKED: it shall end; *room tells all the same. */
static enum ending wait_room(const char *command, int ending, bool *room)
{
	struct pollfd polled[] = {
		{ .fd = STDOUT_FILENO, .events = POLLOUT },
		{ .fd = ending, .events = POLLIN },
	};

	*room = false;
	while (poll(polled, 2, -1) < 0)
		if (errno != EINTR)
			return write_failed(command, errno);
	/* Whatever else is the matter, writing tells. */
	*room = polled[0].revents;
	return polled[1].revents ? ENDING_ASKED : ENDING_NOT;
}

/* Others write there too, and were quicker. Not for ever: room need not be enough. */
static void wait_others(int ending)
{
	struct pollfd polled = { .fd = ending, .events = POLLIN };

	poll(&polled, 1, ROOM_MS);
}

/* A pipe that has room at all has it for that much, so writing does not wait. */
static enum ending write_all(const char *command, int ending, const char *text,
			     size_t len)
{
	enum ending asked = ENDING_NOT;
	bool room;

	while (len && asked != ENDING_ERROR) {
		ssize_t written;

		asked = wait_room(command, ending, &room);
		if (!room)
			break;
		written = write(STDOUT_FILENO, text,
				len < PIPE_BUF ? len : PIPE_BUF);
		if (written < 0 && errno != EAGAIN)
			return write_failed(command, errno);
		if (written >= 0) {
			text += written;
			len -= written;
		} else if (asked == ENDING_ASKED) {
			break;
		} else {
			wait_others(ending);
		}
	}
	return asked;
}

enum ending output_end(const char *command, int ending, struct output *output)
{
	enum ending asked = ENDING_NOT;
	bool room;

	if (output->to == stdout) {
		asked = wait_room(command, ending, &room);
		if (room && fflush(stdout))
			return write_failed(command, errno);
		return asked;
	}
	if (fclose(output->to))
		asked = write_failed(command, errno);
	else
		asked = write_all(command, ending, output->text, output->len);
	free(output->text);
	return asked;
}

uint64_t ending_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}
