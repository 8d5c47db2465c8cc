/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What styles look like with many colours, with few, and without.
 */
#ifndef PVTOP_LOOKS_H
#define PVTOP_LOOKS_H

#include <stdbool.h>

enum style {
	STYLE_NORMAL,
	STYLE_DIM,
	STYLE_TITLE,
	STYLE_IDLE,
	STYLE_RUNNING,
	STYLE_WAITING,
	STYLE_BOOSTED,
	STYLE_THROTTLED,
	STYLE_OWNER,
	STYLE_BAR, /* of meters and histograms */
	STYLE_TREE,
	STYLE_TAGGED,
	STYLE_HEADING,
	STYLE_SORTED,	/* the heading by which rows are sorted */
	STYLE_SELECTED, /* a row, or a cap */
	STYLE_LABEL,	/* what a key does */
	STYLE_PAUSED,
	STYLE_ERROR,
	STYLE_COUNT,
};

enum colours {
	COLOURS_NONE,
	COLOURS_8,
	COLOURS_256,
};

/* ascii: only characters that any terminal has. */
struct looks {
	enum colours colours;
	bool ascii;
};

/* fg, bg: number of a colour; -1: the terminal's own. */
struct look {
	short fg;
	short bg;
	bool bold;
	bool reverse;
	bool underline;
};

struct look look_of(enum style style, enum colours colours);

#endif /* PVTOP_LOOKS_H */
