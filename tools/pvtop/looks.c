// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What styles look like.
 */
#include "looks.h"

enum { BLACK, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, WHITE };

static const struct look few[] = {
	[STYLE_NORMAL] = { -1, -1, false, false, false },
	[STYLE_DIM] = { -1, -1, false, false, false },
	[STYLE_TITLE] = { -1, -1, true, false, false },
	[STYLE_IDLE] = { -1, -1, false, false, false },
	[STYLE_RUNNING] = { GREEN, -1, false, false, false },
	[STYLE_WAITING] = { YELLOW, -1, true, false, false },
	[STYLE_BOOSTED] = { CYAN, -1, true, false, false },
	[STYLE_THROTTLED] = { RED, -1, true, false, false },
	[STYLE_OWNER] = { MAGENTA, -1, true, false, false },
	[STYLE_BAR] = { CYAN, -1, false, false, false },
	[STYLE_TREE] = { BLUE, -1, false, false, false },
	[STYLE_TAGGED] = { YELLOW, -1, true, false, false },
	[STYLE_HEADING] = { BLACK, GREEN, false, false, false },
	[STYLE_SORTED] = { BLACK, CYAN, false, false, false },
	[STYLE_SELECTED] = { BLACK, CYAN, false, false, false },
	[STYLE_LABEL] = { BLACK, CYAN, false, false, false },
	[STYLE_PAUSED] = { BLACK, YELLOW, false, false, false },
	[STYLE_ERROR] = { WHITE, RED, true, false, false },
};

static const struct look many[] = {
	[STYLE_NORMAL] = { -1, -1, false, false, false },
	[STYLE_DIM] = { 244, -1, false, false, false },
	[STYLE_TITLE] = { -1, -1, true, false, false },
	[STYLE_IDLE] = { 244, -1, false, false, false },
	[STYLE_RUNNING] = { 71, -1, false, false, false },
	[STYLE_WAITING] = { 220, -1, true, false, false },
	[STYLE_BOOSTED] = { 45, -1, true, false, false },
	[STYLE_THROTTLED] = { 203, -1, true, false, false },
	[STYLE_OWNER] = { 177, -1, true, false, false },
	[STYLE_BAR] = { 38, -1, false, false, false },
	[STYLE_TREE] = { 60, -1, false, false, false },
	[STYLE_TAGGED] = { 220, -1, true, false, false },
	[STYLE_HEADING] = { 16, 71, false, false, false },
	[STYLE_SORTED] = { 16, 45, true, false, false },
	[STYLE_SELECTED] = { 16, 45, false, false, false },
	[STYLE_LABEL] = { 16, 38, false, false, false },
	[STYLE_PAUSED] = { 16, 220, false, false, false },
	[STYLE_ERROR] = { 231, 160, true, false, false },
};

static const struct look none[] = {
	[STYLE_NORMAL] = { -1, -1, false, false, false },
	[STYLE_DIM] = { -1, -1, false, false, false },
	[STYLE_TITLE] = { -1, -1, true, false, false },
	[STYLE_IDLE] = { -1, -1, false, false, false },
	[STYLE_RUNNING] = { -1, -1, false, false, false },
	[STYLE_WAITING] = { -1, -1, false, false, false },
	[STYLE_BOOSTED] = { -1, -1, true, false, false },
	[STYLE_THROTTLED] = { -1, -1, true, false, true },
	[STYLE_OWNER] = { -1, -1, true, false, true },
	[STYLE_BAR] = { -1, -1, false, false, false },
	[STYLE_TREE] = { -1, -1, false, false, false },
	[STYLE_TAGGED] = { -1, -1, true, false, false },
	[STYLE_HEADING] = { -1, -1, false, true, false },
	[STYLE_SORTED] = { -1, -1, true, true, true },
	[STYLE_SELECTED] = { -1, -1, false, true, false },
	[STYLE_LABEL] = { -1, -1, false, true, false },
	[STYLE_PAUSED] = { -1, -1, true, true, false },
	[STYLE_ERROR] = { -1, -1, true, true, false },
};

struct look look_of(enum style style, enum colours colours)
{
	switch (colours) {
	case COLOURS_256:
		return many[style];
	case COLOURS_8:
		return few[style];
	default:
		return none[style];
	}
}
