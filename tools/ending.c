// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands that go on until they are told to end.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "ending.h"

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
	if (polled[1].revents || polled[2].revents & (POLLERR | POLLHUP))
		return ENDING_ASKED;
	return ENDING_NOT;
}

int ending_output(const char *command)
{
	if (errno == EPIPE)
		return COMMAND_DONE;
	fprintf(stderr, "%s: writing the output: %s\n", command,
		strerror(errno));
	return COMMAND_FAILED;
}

uint64_t ending_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}
