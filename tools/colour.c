// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Colour for people: only on a terminal, and not with NO_COLOR.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "colour.h"

/* https://no-color.org: set and not empty. A memstream has no descriptor. */
static bool coloured(FILE *to)
{
	const char *no = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	int fd = fileno(to);

	return fd >= 0 && isatty(fd) && !(no && *no) && term &&
	       strcmp(term, "dumb");
}

const char *colour_begin(FILE *to, enum colour colour)
{
	static const char *const codes[] = {
		[COLOUR_NONE] = "",
		[COLOUR_GOOD] = "\033[32m",
		[COLOUR_NOTE] = "\033[33m",
		[COLOUR_BAD] = "\033[1;31m",
	};

	return coloured(to) ? codes[colour] : "";
}

const char *colour_end(FILE *to, enum colour colour)
{
	return colour != COLOUR_NONE && coloured(to) ? "\033[0m" : "";
}
