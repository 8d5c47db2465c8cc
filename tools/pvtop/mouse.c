// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the mouse does: a click selects, on a heading it sorts, on a label it is that
 * key; a double click opens; the wheel scrolls.
 */
#include "ui.h"

#define WHEEL_ROWS 3

static void label_click(struct ui *ui, int col)
{
	int number, found = 0;

	for (number = 1; number <= 10; number++)
		if (ui->layout.labels[number] &&
		    col >= ui->layout.labels[number] - 1)
			found = number;
	if (found)
		ui_key(ui, UI_F0 + found);
}

static void heading_click(struct ui *ui, int col)
{
	unsigned int id;

	for (id = 0; id < COLUMN_COUNT; id++) {
		if (!ui->layout.columns[id] ||
		    col < ui->layout.columns[id] - 1 ||
		    col > ui->layout.ends[id])
			continue;
		ui->order.reverse = ui->order.sort == id && !ui->order.reverse;
		ui->order.sort = id;
		ui_rows(ui);
		return;
	}
}

static void row_click(struct ui *ui, int row, bool twice)
{
	size_t at;

	if (row < ui->layout.first ||
	    row >= ui->layout.first + ui->layout.shown)
		return;
	at = ui->top + (size_t)(row - ui->layout.first);
	if (at >= ui->rows.count)
		return;
	ui_select(ui, at);
	if (twice)
		pane_open(ui);
}

static void main_click(struct ui *ui, int row, int col, bool twice)
{
	if (row == ui->layout.heading)
		heading_click(ui, col);
	else
		row_click(ui, row, twice);
}

static void wheel(struct ui *ui, int direction)
{
	int i;

	if (ui->screen == SCREEN_PANE) {
		ui->pane.top += direction * WHEEL_ROWS;
		return;
	}
	for (i = 0; i < WHEEL_ROWS; i++)
		ui_key(ui, direction < 0 ? UI_UP : UI_DOWN);
}

void ui_mouse(struct ui *ui, int row, int col, int what)
{
	bool click = what == MOUSE_CLICK || what == MOUSE_DOUBLE;

	if (ui->prompt)
		return;
	if (!click) {
		wheel(ui, what == MOUSE_WHEEL_UP ? -1 : 1);
		return;
	}
	if (row == ui->layout.last)
		label_click(ui, col);
	else if (ui->screen == SCREEN_MAIN)
		main_click(ui, row, col, what == MOUSE_DOUBLE);
}
