/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A screen that is no terminal's: characters in rows and columns, each with a
 * style. What they look like, looks.c says.
 */
#ifndef PVTOP_GRID_H
#define PVTOP_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "looks.h"

/* ch 0: the right half of the character to the left. */
struct cell {
	uint32_t ch;
	uint8_t style;
};

struct grid {
	int rows;
	int cols;
	struct cell *cells;
};

/* Returns 0, or -1 without memory. All is blank then. */
int grid_resize(struct grid *grid, int rows, int cols);
/* For cleanup attributes, too. */
void grid_free(struct grid *grid);
void grid_clear(struct grid *grid);

/*
 * Put text there, as far as there is room, and at most width columns. What is not
 * printable is a '?'. Returns how many columns it took. Nothing happens outside
 * of the grid.
 */
int grid_put(struct grid *grid, int row, int col, int width, enum style style,
	     const char *text);
__attribute__((format(printf, 5, 6))) int grid_printf(struct grid *grid,
						      int row, int col,
						      enum style style,
						      const char *fmt, ...);

/* Give cells another style; a width below 0: up to the end of the row. */
void grid_style(struct grid *grid, int row, int col, int width,
		enum style style);

/* How many columns text takes in a grid. */
int grid_width(const char *text);

/* Copy rows of another grid of the same width. */
void grid_copy_rows(struct grid *to, int row, const struct grid *from,
		    int from_row, int count);

#endif /* PVTOP_GRID_H */
