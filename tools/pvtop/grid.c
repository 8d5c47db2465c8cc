// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A screen that is no terminal's.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "grid.h"

int grid_resize(struct grid *grid, int rows, int cols)
{
	struct cell *cells =
		calloc((size_t)rows * (size_t)cols + 1, sizeof(*cells));

	if (!cells)
		return -1;
	free(grid->cells);
	*grid = (struct grid){ rows, cols, cells };
	grid_clear(grid);
	return 0;
}

void grid_free(struct grid *grid)
{
	free(grid->cells);
	memset(grid, 0, sizeof(*grid));
}

void grid_clear(struct grid *grid)
{
	size_t i, count = (size_t)grid->rows * (size_t)grid->cols;

	for (i = 0; i < count; i++)
		grid->cells[i] = (struct cell){ ' ', STYLE_NORMAL };
}

static struct cell *cell_at(struct grid *grid, int row, int col)
{
	if (row < 0 || row >= grid->rows || col < 0 || col >= grid->cols)
		return NULL;
	return &grid->cells[(size_t)row * (size_t)grid->cols + (size_t)col];
}

/* One character; bytes that are no UTF-8 are taken one by one, as '?'. */
static uint32_t character(const char **text)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	const uint8_t *at = (const uint8_t *)*text;
	unsigned int i, more;
	uint32_t ch = *at;

	++*text;
	if (ch < 0x80)
		return ch;
	more = ch >= 0xf0 && ch < 0xf8 ? 3 : ch >= 0xe0 && ch < 0xf0 ? 2 : 1;
	if (ch < 0xc0 || ch >= 0xf8)
		return '?';
	ch &= 0x3fU >> more;
	for (i = 1; i <= more; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return '?';
		ch = ch << 6 | (at[i] & 0x3f);
	}
	if (ch < least[more] || ch > 0x10ffff || (ch >= 0xd800 && ch < 0xe000))
		return '?';
	*text += more;
	return ch;
}

/* Control characters, which a name may have, are not for the terminal. */
static int character_width(uint32_t *ch)
{
	int width = wcwidth((wchar_t)*ch);

	if (width >= 0)
		return width;
	*ch = '?';
	return 1;
}

int grid_width(const char *text)
{
	int width = 0;

	while (*text) {
		uint32_t ch = character(&text);

		width += character_width(&ch);
	}
	return width;
}

/* Overwriting one half of a wide character leaves no other half. */
static void cell_set(struct grid *grid, int row, int col, uint32_t ch,
		     enum style style)
{
	struct cell *cell = cell_at(grid, row, col);
	struct cell *left = cell_at(grid, row, col - 1);
	struct cell *right = cell_at(grid, row, col + 1);

	if (!cell->ch && ch && left)
		left->ch = ' ';
	if (right && !right->ch)
		right->ch = ' ';
	*cell = (struct cell){ ch, style };
}

int grid_put(struct grid *grid, int row, int col, int width, enum style style,
	     const char *text)
{
	int used = 0;

	if (row < 0 || row >= grid->rows)
		return 0;
	while (*text) {
		uint32_t ch = character(&text);
		int wide = character_width(&ch);

		if (used + wide > width || col + used + wide > grid->cols)
			break;
		if (!wide || col + used < 0)
			continue;
		cell_set(grid, row, col + used, ch, style);
		if (wide == 2)
			cell_set(grid, row, col + used + 1, 0, style);
		used += wide;
	}
	return used;
}

int grid_printf(struct grid *grid, int row, int col, enum style style,
		const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return grid_put(grid, row, col, grid->cols, style, text);
}

void grid_style(struct grid *grid, int row, int col, int width,
		enum style style)
{
	struct cell *cell;

	for (; width; col++, width--) {
		cell = cell_at(grid, row, col);
		if (!cell)
			return;
		cell->style = style;
	}
}

void grid_copy_rows(struct grid *to, int row, const struct grid *from,
		    int from_row, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		if (row + i >= to->rows || from_row + i >= from->rows ||
		    to->cols != from->cols)
			return;
		memcpy(cell_at(to, row + i, 0),
		       &from->cells[(size_t)(from_row + i) *
				    (size_t)from->cols],
		       (size_t)to->cols * sizeof(*to->cells));
	}
}
