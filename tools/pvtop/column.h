/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is told of a VM or a vCPU, one column for each.
 */
#ifndef PVTOP_COLUMN_H
#define PVTOP_COLUMN_H

#include "looks.h"
#include "model.h"

#define CELL_TEXT_LEN 128

/* What a cell may depend on beside its entity. */
struct column_context {
	const struct model *model;
	bool ascii;
};

/**
 * struct column - a column
 * @name: for options and JSON
 * @title: its heading
 * @width: of its cells
 * @left: they are left-aligned
 * @shown: unless something else is asked for
 * @help: what it tells
 * @cell: text of a cell, CELL_TEXT_LEN at most; returns its style
 * @value: what is sorted by; NAN: nothing is known. NULL: by the text. In JSON, too,
 *	unless @text
 * @text: JSON has the text all the same
 */
struct column {
	const char *name;
	const char *title;
	int width;
	bool left;
	bool shown;
	const char *help;
	enum style (*cell)(const struct entity *entity,
			   const struct column_context *context, char *text);
	double (*value)(const struct entity *entity);
	bool text;
};

enum {
	COLUMN_NAME, /* always there, and to the left of all others */
	COLUMN_STATE,
	COLUMN_COUNT = 29,
};

extern const struct column columns[COLUMN_COUNT];

/* By name. Returns COLUMN_COUNT if there is none. */
unsigned int column_find(const char *name, size_t len);

/* "web-1" or "web-1/0" */
#define ENTITY_TEXT_LEN (PVSCHED_NAME_LEN + 16)
const char *entity_text(const struct entity *entity, char *text);

/* Why it is in its state, or "" if there is nothing to say. */
const char *entity_why(const struct entity *entity, const struct model *model,
		       char *text);

enum style state_style(enum state state);

/* A bar of so many columns, of which a share is full. */
void bar_text(double share, int width, bool ascii, char *text, size_t size);

/* A measured time in at most 6 columns. */
const char *short_time(uint64_t ns, char *text, size_t size);

#endif /* PVTOP_COLUMN_H */
