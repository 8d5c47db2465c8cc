// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The whole screen, as a grid.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ui.h"

#define NAME_MIN 10
#define NAME_MAX 26

/* In front of each row: is it tagged? */
#define MARK_WIDTH 1

/* As wide as the longest name, but not more than a third of the screen. */
static int name_width(const struct ui *ui, const struct grid *grid)
{
	int width = NAME_MIN, most = grid->cols / 3;
	size_t i;

	for (i = 0; i < ui->rows.count; i++) {
		const struct entity *entity = ui->rows.row[i].entity;
		int here = 0;

		if (!ui->order.tree)
			here = grid_width(entity->vm->name) + 5;
		else if (!entity->vcpu)
			here = grid_width(entity->vm->name) + 2;
		if (here > width)
			width = here;
	}
	if (width > NAME_MAX)
		width = NAME_MAX;
	return width < most ? width : most;
}

static void heading_cell(struct ui *ui, struct grid *grid, unsigned int id,
			 int col, int width)
{
	const struct column *column = &columns[id];
	bool sorted = ui->order.sort == id;
	enum style style = sorted ? STYLE_SORTED : STYLE_HEADING;
	int len = (int)strlen(column->title);
	int at = column->left || len > width ? col : col + width - len;

	grid_style(grid, ui->layout.heading, col, width, style);
	grid_put(grid, ui->layout.heading, at, col + width - at, style,
		 column->title);
	ui->layout.columns[id] = col + 1;
	ui->layout.ends[id] = col + width;
}

/* Calls for each column that has room; the first one stays where it is. */
struct place {
	unsigned int id;
	int col;
	int width;
};

static size_t places_get(const struct ui *ui, const struct grid *grid,
			 struct place *places)
{
	size_t count = 0, shown = 0;
	unsigned int i;
	int col = MARK_WIDTH;

	places[count++] =
		(struct place){ COLUMN_NAME, col, name_width(ui, grid) };
	col += places[0].width + 1;
	for (i = 0; i < COLUMN_COUNT - 1 && col < grid->cols; i++) {
		unsigned int id = ui->column[i];
		int width = columns[id].width;

		if (!ui->shown[id] || shown++ < ui->left)
			continue;
		/* Half a number is another one, so is half a bar. */
		if (col + width > grid->cols)
			break;
		places[count++] = (struct place){ id, col, width };
		col += width + 1;
	}
	return count;
}

static void heading_draw(struct ui *ui, struct grid *grid,
			 const struct place *places, size_t count)
{
	size_t i;

	grid_style(grid, ui->layout.heading, 0, -1, STYLE_HEADING);
	for (i = 0; i < count; i++)
		heading_cell(ui, grid, places[i].id, places[i].col,
			     places[i].width);
}

static void name_draw(const struct ui *ui, struct grid *grid, int row,
		      const struct row *what, const struct place *place)
{
	const struct entity *entity = what->entity;
	struct who who = who_of(entity);
	bool tagged = whos_has(&ui->tagged, &who);
	enum style style = tagged	? STYLE_TAGGED :
			   entity->vcpu ? STYLE_NORMAL :
					  STYLE_TITLE;
	char name[ENTITY_TEXT_LEN];
	int col = place->col, end = place->col + place->width;

	if (tagged)
		grid_put(grid, row, 0, 1, style, "*");
	if (!ui->order.tree) {
		grid_put(grid, row, col, place->width, style,
			 entity_text(entity, name));
		return;
	}
	if (entity->vcpu) {
		const char *branch = what->last ? "└─ " : "├─ ";

		if (ui->looks.ascii)
			branch = what->last ? "`- " : "|- ";
		col += grid_put(grid, row, col, end - col, STYLE_TREE, branch);
		snprintf(name, sizeof(name), "%" PRIu32, entity->vcpu->id);
		grid_put(grid, row, col, end - col, style, name);
		return;
	}
	if (whos_has(&ui->order.folded, &who))
		col += grid_put(grid, row, col, 2, STYLE_TREE, "+ ");
	grid_put(grid, row, col, end - col, style, entity->vm->name);
}

static void row_draw(const struct ui *ui, struct grid *grid, int row,
		     const struct row *what, const struct place *places,
		     size_t count)
{
	const struct column_context context = { &ui->model, ui->looks.ascii };
	char text[CELL_TEXT_LEN];
	size_t i;

	name_draw(ui, grid, row, what, &places[0]);
	for (i = 1; i < count; i++) {
		const struct column *column = &columns[places[i].id];
		enum style style = column->cell(what->entity, &context, text);
		int width = grid_width(text), col = places[i].col;

		if (!column->left && width < places[i].width)
			col += places[i].width - width;
		grid_put(grid, row, col, places[i].col + places[i].width - col,
			 style, text);
	}
}

/* Bring the selected row into view. */
static void rows_scroll(struct ui *ui)
{
	size_t shown = ui->layout.shown > 0 ? (size_t)ui->layout.shown : 1;

	if (ui->selected < ui->top)
		ui->top = ui->selected;
	if (ui->selected >= ui->top + shown)
		ui->top = ui->selected - shown + 1;
	if (ui->top && ui->top + shown > ui->rows.count)
		ui->top = ui->rows.count > shown ? ui->rows.count - shown : 0;
}

static void nothing_draw(const struct ui *ui, struct grid *grid)
{
	const char *text = "No VM is registered, or none that you may see.";

	if (ui->order.filter[0])
		text = "Nothing matches the filter.";
	grid_put(grid, ui->layout.first + 1, 2, grid->cols, STYLE_DIM, text);
}

static void list_draw(struct ui *ui, struct grid *grid)
{
	struct place places[COLUMN_COUNT];
	size_t i, count = places_get(ui, grid, places);

	ui->layout.first = ui->layout.heading + 1;
	ui->layout.shown = grid->rows - ui->layout.first - 1;
	heading_draw(ui, grid, places, count);
	rows_scroll(ui);
	if (!ui->rows.count)
		nothing_draw(ui, grid);
	for (i = ui->top; i < ui->rows.count; i++) {
		int row = ui->layout.first + (int)(i - ui->top);

		if (row >= ui->layout.first + ui->layout.shown)
			break;
		row_draw(ui, grid, row, &ui->rows.row[i], places, count);
		if (i == ui->selected)
			grid_style(grid, row, 0, -1, STYLE_SELECTED);
	}
}

/* Nothing to show, and what to do about it. */
static void missing_draw(const struct ui *ui, struct grid *grid, int row)
{
	static const char *const lines[] = {
		"pvsched is not in this kernel.",
		"",
		"Load its module, as root:",
		"    modprobe pvsched",
		"This screen changes when it is there.",
		"",
		"\"pvsched doctor\" says more.",
	};
	size_t i;

	if (!ui->model.now.missing) {
		grid_put(grid, row + 1, 2, grid->cols - 2, STYLE_ERROR,
			 ui->failed[0] ? ui->failed : "Nothing is known yet.");
		return;
	}
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		grid_put(grid, row + 1 + (int)i, 2, grid->cols - 2,
			 i ? STYLE_NORMAL : STYLE_ERROR, lines[i]);
}

static void main_draw(struct ui *ui, struct grid *grid)
{
	int row = header_draw(ui, grid);

	if (ui->model.now.missing || !ui->model.now.time_ns) {
		missing_draw(ui, grid, row);
		return;
	}
	ui->layout.heading = row;
	list_draw(ui, grid);
}

static void labels_draw(struct ui *ui, struct grid *grid)
{
	static const unsigned int all[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
	static const unsigned int few[] = { 1, 3, 4, 6, 10 };
	bool narrow = grid->cols < 80;
	size_t i, count = narrow ? sizeof(few) / sizeof(few[0]) :
				   sizeof(all) / sizeof(all[0]);
	int width = grid->cols / (int)count, row = grid->rows - 1;

	if (width > 12)
		width = 12;
	for (i = 0; i < count; i++) {
		unsigned int number = narrow ? few[i] : all[i];
		const char *label = key_label(ui, number);
		int col = (int)i * width, used, room;

		if (!*label)
			continue;
		ui->layout.labels[number] = col + 1;
		used = grid_printf(grid, row, col, STYLE_NORMAL, "F%u", number);
		room = width - used;
		grid_style(grid, row, col + used, room, STYLE_LABEL);
		/* One that is cut does not run into the next one. */
		if ((int)strlen(label) > room)
			room--;
		grid_put(grid, row, col + used, room, STYLE_LABEL, label);
	}
}

/* What is asked, what became of the last key, or what keys there are. */
static void last_draw(struct ui *ui, struct grid *grid)
{
	int row = grid->rows - 1;
	char text[256];

	if (ui->prompt) {
		grid_put(grid, row, 0, grid->cols, STYLE_TITLE,
			 prompt_text(ui, text, sizeof(text)));
	} else if (ui->message[0]) {
		grid_put(grid, row, 0, grid->cols,
			 ui->bad ? STYLE_ERROR : STYLE_TITLE, ui->message);
	} else if (ui->failed[0]) {
		grid_put(grid, row, 0, grid->cols, STYLE_ERROR, ui->failed);
	} else {
		labels_draw(ui, grid);
	}
}

void ui_draw(struct ui *ui, struct grid *grid)
{
	grid_clear(grid);
	memset(&ui->layout, 0, sizeof(ui->layout));
	ui->layout.heading = -1;
	ui->layout.last = grid->rows - 1;
	if (grid->rows < UI_ROWS_MIN || grid->cols < UI_COLS_MIN) {
		grid_printf(grid, 0, 0, STYLE_NORMAL, "needs %dx%d",
			    UI_COLS_MIN, UI_ROWS_MIN);
		return;
	}
	switch (ui->screen) {
	case SCREEN_MAIN:
		main_draw(ui, grid);
		break;
	case SCREEN_PANE:
		pane_draw(ui, grid);
		break;
	case SCREEN_HELP:
		help_draw(ui, grid);
		break;
	default:
		menu_draw(ui, grid);
	}
	last_draw(ui, grid);
}
