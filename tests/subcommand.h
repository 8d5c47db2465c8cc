/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Test programs that do one of several things: PROGRAM COMMAND ARGUMENT...
 */
#ifndef PVSCHED_TESTS_SUBCOMMAND_H
#define PVSCHED_TESTS_SUBCOMMAND_H

#include <err.h>
#include <stddef.h>
#include <string.h>

struct subcommand {
	const char *name;
	int args;
	int (*run)(char **argv);
};

/* Returns the exit status of the command named, which has to have all its arguments. */
static inline int subcommand_run(const struct subcommand *commands,
				 size_t count, int argc, char **argv)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (argc > 1 && !strcmp(argv[1], commands[i].name) &&
		    argc == commands[i].args + 2)
			return commands[i].run(argv + 2);
	errx(2, "unknown command, or wrong number of arguments");
}

#endif /* PVSCHED_TESTS_SUBCOMMAND_H */
