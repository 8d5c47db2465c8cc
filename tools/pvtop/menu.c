// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The help, and the menus of columns.
 */
#include <stdio.h>
#include <string.h>

#include "ui.h"

int menu_items(const struct ui *ui)
{
	return ui->screen == SCREEN_COLUMNS ? COLUMN_COUNT - 1 : COLUMN_COUNT;
}

static unsigned int item_column(const struct ui *ui, int item)
{
	return ui->screen == SCREEN_COLUMNS ? ui->column[item] :
					      (unsigned int)item;
}

static void item_draw(const struct ui *ui, struct grid *grid, int row, int item)
{
	unsigned int id = item_column(ui, item);
	const char *mark = "";

	if (ui->screen == SCREEN_COLUMNS)
		mark = ui->shown[id] ? "[x] " : "[ ] ";
	grid_printf(grid, row, 0, STYLE_NORMAL, " %s%-13s", mark,
		    columns[id].title);
	grid_put(grid, row, 20, grid->cols, STYLE_DIM, columns[id].help);
	if (item == ui->item)
		grid_style(grid, row, 0, -1, STYLE_SELECTED);
}

void menu_draw(struct ui *ui, struct grid *grid)
{
	int shown = grid->rows - 3, top = 0, i;

	if (ui->item >= shown)
		top = ui->item - shown + 1;
	grid_style(grid, 0, 0, -1, STYLE_HEADING);
	grid_put(
		grid, 0, 1, grid->cols, STYLE_HEADING,
		ui->screen == SCREEN_COLUMNS ?
			"Columns: Space shows or hides, F7 F8 move, Enter ends" :
			"Sort by: Enter takes it, Esc leaves it as it is");
	ui->layout.first = 1;
	for (i = top; i < menu_items(ui) && i - top < shown;
	     i++, ui->layout.shown++)
		item_draw(ui, grid, 1 + i - top, i);
}

static int bindings_draw(struct grid *grid, int row, const char *title,
			 const struct binding *binding)
{
	grid_put(grid, row++, 0, grid->cols, STYLE_TITLE, title);
	for (; binding->keys; binding++, row++) {
		grid_put(grid, row, 2, 20, STYLE_BOOSTED, binding->keys);
		grid_put(grid, row, 22, grid->cols, STYLE_NORMAL,
			 binding->help);
	}
	return row + 1;
}

static int columns_draw(struct grid *grid, int row)
{
	unsigned int i;

	grid_put(grid, row++, 0, grid->cols, STYLE_TITLE, "Columns");
	for (i = 0; i < COLUMN_COUNT; i++, row++) {
		grid_put(grid, row, 2, 20, STYLE_BOOSTED, columns[i].title);
		grid_put(grid, row, 22, grid->cols, STYLE_NORMAL,
			 columns[i].help);
	}
	return row;
}

static int states_draw(struct grid *grid, int row)
{
	int state, col = 2;

	grid_put(grid, row++, 0, grid->cols, STYLE_TITLE, "States");
	for (state = 0; state < STATE_COUNT; state++)
		col += 1 + grid_put(grid, row, col, grid->cols,
				    state_style(state), state_name(state));
	return row + 2;
}

static int help_fill(struct grid *grid)
{
	int row = 0;

	row = states_draw(grid, row);
	row = bindings_draw(grid, row, "Keys", main_keys);
	row = bindings_draw(grid, row, "Keys in the view of one", pane_keys);
	row = bindings_draw(grid, row, "Keys in menus", menu_keys);
	return columns_draw(grid, row);
}

void help_draw(struct ui *ui, struct grid *grid)
{
	struct grid all __attribute__((cleanup(grid_free))) = {};
	int lines, shown = grid->rows - 2;

	if (grid_resize(&all, 200, grid->cols))
		return;
	lines = help_fill(&all);
	if (ui->scroll > lines - shown)
		ui->scroll = lines - shown;
	if (ui->scroll < 0)
		ui->scroll = 0;
	grid_style(grid, 0, 0, -1, STYLE_HEADING);
	grid_put(
		grid, 0, 1, grid->cols, STYLE_HEADING,
		"Help: arrows and pages scroll, any other key ends. More: man pvtop");
	grid_copy_rows(grid, 1, &all, ui->scroll, shown);
}
