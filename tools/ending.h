/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands that go on until they are told to end: by SIGINT or SIGTERM, or as
 * nobody reads their output any more. command is what messages begin with.
 */
#ifndef PVSCHED_TOOLS_ENDING_H
#define PVSCHED_TOOLS_ENDING_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* A descriptor for ending_wait(), or -1 after saying why. */
int ending_open(const char *command);

enum ending {
	ENDING_NOT,   /* the time is over, or there is something to read */
	ENDING_ASKED, /* the command shall end */
	ENDING_ERROR, /* it cannot go on; this was said */
};

/*
 * Wait until there is something to read from fd, which may be -1, or the time
 * is over; timeout_ms -1: never.
 */
enum ending ending_wait(const char *command, int ending, int fd,
			int timeout_ms);

/*
 * What is printed at a time. It goes to standard output when it is whole, so that a
 * reader who does not read keeps nobody from ending the command.
 */
struct output {
	FILE *to;
	char *text; /* unless "to" is standard output itself, a terminal */
	size_t len;
};

/* Returns 0, or a negative errno value. */
int output_begin(struct output *output);

/*
 * Print it. ENDING_ASKED: the command shall end, or nobody reads any more. A text of
 * which some was taken is printed whole as long as there is room for it.
 */
enum ending output_end(const char *command, int ending, struct output *output);

/* CLOCK_MONOTONIC */
uint64_t ending_now_ns(void);

#endif /* PVSCHED_TOOLS_ENDING_H */
