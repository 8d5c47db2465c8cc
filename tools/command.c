// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the commands of pvsched(8) share.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

bool options_parse(int argc, char **argv, const char *help, bool *json,
		   int *status)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	int c;

	*json = false;
	while ((c = getopt_long(argc, argv, "jh", options, NULL)) != -1) {
		switch (c) {
		case 'j':
			*json = true;
			break;
		case 'h':
			fputs(help, stdout);
			*status = output_finish(argv[0]);
			return false;
		default:
			*status = usage_error(argv[0], NULL);
			return false;
		}
	}
	return true;
}

void client_close(struct pvsched_client **client)
{
	pvsched_client_close(*client);
}

int usage_error(const char *command, const char *fmt, ...)
{
	va_list args;

	if (fmt) {
		fprintf(stderr, "pvsched %s: ", command);
		va_start(args, fmt);
		vfprintf(stderr, fmt, args);
		va_end(args);
		fputc('\n', stderr);
	}
	fprintf(stderr, "Try: pvsched %s --help\n", command);
	return COMMAND_USAGE;
}

int command_failed(const char *what, const struct pvsched_error *error)
{
	fprintf(stderr, "pvsched: %s: %s%s\n", what,
		error->refused ? "refused: " : "", error->text);
	return COMMAND_FAILED;
}

/* Digits only; 0 if it is none, or larger than that. */
static unsigned long number_parse(const char *text, unsigned long max)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno && value <= max ?
		       value :
		       0;
}

bool count_parse(const char *command, const char *text, uint64_t *count)
{
	*count = number_parse(text, ULONG_MAX);
	if (!*count)
		usage_error(command, "'%s' is not a number of times", text);
	return *count;
}

int id_parse(const char *command, const char *text)
{
	unsigned long id = number_parse(text, INT32_MAX);

	if (!id)
		usage_error(command, "'%s' is no process or thread id", text);
	return id;
}

unsigned int rtprio_parse(const char *command, const char *text)
{
	unsigned long prio = number_parse(text, 99);

	if (!prio)
		usage_error(command, "'%s' is no real-time priority, 1 to 99",
			    text);
	return prio;
}

int out_of_memory(const char *command)
{
	fprintf(stderr, "pvsched %s: out of memory\n", command);
	return COMMAND_FAILED;
}

int output_finish(const char *command)
{
	if (!fflush(stdout) && !ferror(stdout))
		return COMMAND_DONE;
	fprintf(stderr, "pvsched %s: writing the output: %s\n", command,
		strerror(errno));
	return COMMAND_FAILED;
}
