// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The terminal, by ncurses.
 */
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#include "term.h"

/* Two clicks within that time are one double click. */
#define DOUBLE_MS 400

/* What ncurses waits for the rest of a key that begins with Esc. */
#define ESCAPE_MS 25

struct term {
	SCREEN *screen;
	struct grid grid;
	struct grid shown;
	enum colours colours;
	struct timespec clicked;
	int clicked_row;
};

static enum colours colours_get(void)
{
	const char *no = getenv("NO_COLOR");

	if ((no && *no) || !has_colors() || COLORS < 8)
		return COLOURS_NONE;
	return COLORS >= 256 ? COLOURS_256 : COLOURS_8;
}

static void pairs_init(enum colours colours)
{
	unsigned int style;
	bool own;

	if (colours == COLOURS_NONE || start_color() == ERR)
		return;
	/* Where there is no way back to the terminal's own: white on black. */
	own = use_default_colors() == OK;
	for (style = 0; style < STYLE_COUNT; style++) {
		struct look look = look_of(style, colours);

		if (!own && look.fg < 0)
			look.fg = COLOR_WHITE;
		if (!own && look.bg < 0)
			look.bg = COLOR_BLACK;
		init_pair((short)(style + 1), look.fg, look.bg);
	}
}

/* Pressing is enough, and nothing is waited for. */
static void mouse_init(void)
{
	mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
	mouseinterval(0);
}

struct term *term_open(struct ui *ui, bool force)
{
	struct term *term = calloc(1, sizeof(*term));

	if (!term)
		return NULL;
	term->screen = newterm(NULL, stdout, stdin);
	if (!term->screen) {
		free(term);
		return NULL;
	}
	set_escdelay(ESCAPE_MS);
	cbreak();
	noecho();
	nonl();
	curs_set(0);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	mouse_init();
	/* Before start_color() COLORS is not known. */
	if (has_colors())
		start_color();
	if (!force)
		ui->looks.colours = colours_get();
	term->colours = ui->looks.colours;
	pairs_init(term->colours);
	return term;
}

void term_close(struct term *term)
{
	if (!term)
		return;
	endwin();
	delscreen(term->screen);
	grid_free(&term->grid);
	grid_free(&term->shown);
	free(term);
}

static void cell_show(const struct term *term, const struct cell *cell)
{
	struct look look = look_of(cell->style, term->colours);
	wchar_t text[2] = { (wchar_t)cell->ch, L'\0' };
	attr_t attributes = A_NORMAL;
	short pair = 0;
	cchar_t ch;

	if (look.bold)
		attributes |= A_BOLD;
	if (look.reverse)
		attributes |= A_REVERSE;
	if (look.underline)
		attributes |= A_UNDERLINE;
	if (term->colours != COLOURS_NONE)
		pair = (short)(cell->style + 1);
	if (setcchar(&ch, text, attributes, pair, NULL) == OK)
		add_wch(&ch);
}

static void row_show(struct term *term, int row)
{
	size_t cols = (size_t)term->grid.cols, at = (size_t)row * cols, col;
	const struct cell *cells = &term->grid.cells[at];

	if (!memcmp(cells, &term->shown.cells[at], cols * sizeof(*cells)))
		return;
	memcpy(&term->shown.cells[at], cells, cols * sizeof(*cells));
	move(row, 0);
	/* The right half of a wide character comes with the left one. */
	for (col = 0; col < cols; col++)
		if (cells[col].ch)
			cell_show(term, &cells[col]);
}

static bool size_follow(struct term *term)
{
	int rows, cols;

	getmaxyx(stdscr, rows, cols);
	if (term->grid.rows == rows && term->grid.cols == cols)
		return true;
	if (grid_resize(&term->grid, rows, cols) ||
	    grid_resize(&term->shown, rows, cols))
		return false;
	/* As nothing that is drawn: so all of it differs. */
	memset(term->shown.cells, 0xff,
	       (size_t)rows * (size_t)cols * sizeof(*term->shown.cells));
	erase();
	return true;
}

void term_show(struct term *term, struct ui *ui)
{
	int row;

	if (!size_follow(term))
		return;
	if (ui->redraw)
		clearok(stdscr, TRUE);
	ui->redraw = false;
	ui_draw(ui, &term->grid);
	for (row = 0; row < term->grid.rows; row++)
		row_show(term, row);
	refresh();
}

static int key_of(wint_t code)
{
	static const struct {
		wint_t code;
		int key;
	} keys[] = {
		{ KEY_UP, UI_UP },	   { KEY_DOWN, UI_DOWN },
		{ KEY_LEFT, UI_LEFT },	   { KEY_RIGHT, UI_RIGHT },
		{ KEY_PPAGE, UI_PAGE_UP }, { KEY_NPAGE, UI_PAGE_DOWN },
		{ KEY_HOME, UI_HOME },	   { KEY_END, UI_END },
		{ KEY_ENTER, UI_ENTER },   { KEY_BACKSPACE, UI_BACKSPACE },
		{ KEY_DC, UI_BACKSPACE },
	};
	size_t i;

	if (code >= KEY_F(1) && code <= KEY_F(10))
		return UI_F0 + (int)(code - KEY_F(0));
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].code == code)
			return keys[i].key;
	return 0;
}

static int character_of(wint_t ch)
{
	switch (ch) {
	case L'\r':
	case L'\n':
		return UI_ENTER;
	case L'\033':
		return UI_ESCAPE;
	case L'\t':
		return UI_TAB;
	case L'\b':
	case 0x7f:
		return UI_BACKSPACE;
	default:
		return (int)ch;
	}
}

static bool is_double(struct term *term, int row)
{
	struct timespec now;
	long ms;
	bool twice;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = (long)(now.tv_sec - term->clicked.tv_sec) * 1000 +
	     (now.tv_nsec - term->clicked.tv_nsec) / 1000000;
	twice = term->clicked.tv_sec && ms < DOUBLE_MS &&
		term->clicked_row == row;
	term->clicked = twice ? (struct timespec){} : now;
	term->clicked_row = row;
	return twice;
}

static void mouse_read(struct term *term, struct ui *ui)
{
	MEVENT event;

	if (getmouse(&event) != OK)
		return;
	if (event.bstate & BUTTON4_PRESSED)
		ui_mouse(ui, event.y, event.x, MOUSE_WHEEL_UP);
	else if (event.bstate & BUTTON5_PRESSED)
		ui_mouse(ui, event.y, event.x, MOUSE_WHEEL_DOWN);
	else if (event.bstate & BUTTON1_PRESSED)
		ui_mouse(ui, event.y, event.x,
			 is_double(term, event.y) ? MOUSE_DOUBLE : MOUSE_CLICK);
}

void term_read(struct term *term, struct ui *ui)
{
	wint_t code;
	int kind;

	while (!ui->quit && (kind = get_wch(&code)) != ERR) {
		ui->touched = true;
		if (kind != KEY_CODE_YES)
			ui_key(ui, character_of(code));
		else if (code == KEY_MOUSE)
			mouse_read(term, ui);
		else if (key_of(code))
			ui_key(ui, key_of(code));
		/* What KEY_RESIZE means is seen when it is shown. */
	}
}
