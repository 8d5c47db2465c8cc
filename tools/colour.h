/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Colour for people: only on a terminal, and not with NO_COLOR.
 */
#ifndef PVSCHED_TOOLS_COLOUR_H
#define PVSCHED_TOOLS_COLOUR_H

#include <stdio.h>

enum colour {
	COLOUR_NONE,
	COLOUR_GOOD,
	COLOUR_NOTE,
	COLOUR_BAD,
};

/* What to print before and after; empty where there is no colour. */
const char *colour_begin(FILE *to, enum colour colour);
const char *colour_end(FILE *to, enum colour colour);

#endif /* PVSCHED_TOOLS_COLOUR_H */
