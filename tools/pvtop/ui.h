/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a user sees and does, without a terminal: keys come in, a grid goes out.
 */
#ifndef PVTOP_UI_H
#define PVTOP_UI_H

#include "grid.h"
#include "log.h"
#include "rows.h"
#include "source.h"

/* Keys that are no characters. */
enum {
	UI_UP = 0x200000,
	UI_DOWN,
	UI_LEFT,
	UI_RIGHT,
	UI_PAGE_UP,
	UI_PAGE_DOWN,
	UI_HOME,
	UI_END,
	UI_ENTER,
	UI_ESCAPE,
	UI_BACKSPACE,
	UI_TAB,
	UI_F0, /* UI_F0 + n is Fn */
};

enum {
	MOUSE_CLICK,
	MOUSE_DOUBLE,
	MOUSE_WHEEL_UP,
	MOUSE_WHEEL_DOWN,
};

/* Below that, a screen says no more than that. */
#define UI_ROWS_MIN 10
#define UI_COLS_MIN 40

enum ui_screen {
	SCREEN_MAIN,
	SCREEN_PANE,
	SCREEN_HELP,
	SCREEN_COLUMNS,
	SCREEN_SORT,
};

enum prompt {
	PROMPT_NONE,
	PROMPT_SEARCH,
	PROMPT_FILTER,
	PROMPT_CAPS,
	PROMPT_DISABLE, /* of the whole host, to be confirmed */
	PROMPT_ENABLE,	/* likewise */
};

/* Levels of caps that a pane shows. */
#define PANE_LEVELS 3

/**
 * struct pane - one vCPU or VM in detail
 * @who: which
 * @gone: it is no longer there
 * @cap: that is selected, enum pvsched_cap_id
 * @level: likewise, enum pvsched_cap_level
 * @caps: by level
 * @has: caps of that level are known
 * @top: first line that is shown
 * @lines: that there are
 * @cap_line: the line of the selected cap
 * @moved: the selected cap has to be brought into view
 */
struct pane {
	struct who who;
	bool gone;
	unsigned int cap;
	unsigned int level;
	struct pvsched_caps_info caps[PANE_LEVELS];
	bool has[PANE_LEVELS];
	int top;
	int lines;
	int cap_line;
	bool moved;
};

/* A VM that was throttled from here, and what its cap vcpus was. */
struct throttled {
	char vm[PVSCHED_NAME_LEN];
	uint64_t vcpus;
};

/* Where things were drawn, for the mouse. */
struct layout {
	int heading; /* row; -1: not drawn */
	int first;   /* row */
	int shown;   /* rows */
	int last;    /* row of the labels */
	/* Columns from 1, 0: not drawn: where labels and headings begin. */
	int labels[11];
	int columns[COLUMN_COUNT];
	int ends[COLUMN_COUNT];
};

/**
 * struct ui - all of it
 * @source: where figures come from; not owned
 * @model: what they tell
 * @log: events
 * @looks: of the terminal
 * @readonly: nothing can be changed
 * @asked: no sample was taken, so there is nothing yet
 * @failed: why the last sample failed; empty: it did not
 * @ended: the recording is over
 * @column: all columns but the first in the order of the screen
 * @shown: by column
 * @left: first entry of @column that is drawn
 * @order: of rows
 * @rows: that there are
 * @selected: row
 * @top: first row that is drawn
 * @follow: @selected stays with @followed, wherever it goes
 * @followed: whom
 * @paused: no samples are taken
 * @tagged: what actions are for, if there are any
 * @cap: that F7 and F8 change, enum pvsched_cap_id
 * @throttled: VMs
 * @throttled_count: of these
 * @screen: what is shown
 * @item: selected one of a menu
 * @scroll: of the help
 * @pane: of SCREEN_PANE
 * @prompt: what is asked
 * @input: answer so far
 * @search: what was searched for last
 * @message: what became of the last key
 * @bad: it went wrong
 * @layout: of what was drawn last
 * @quit: the user wants to
 * @touched: a key or click came since it was drawn
 * @redraw: the terminal is to be drawn from scratch
 */
struct ui {
	struct source *source;
	struct model model;
	struct log log;
	struct looks looks;
	bool readonly;
	bool asked;
	char failed[512];
	bool ended;
	unsigned int column[COLUMN_COUNT - 1];
	bool shown[COLUMN_COUNT];
	unsigned int left;
	struct order order;
	struct rows rows;
	size_t selected;
	size_t top;
	bool follow;
	struct who followed;
	bool paused;
	struct whos tagged;
	unsigned int cap;
	struct throttled *throttled;
	size_t throttled_count;
	enum ui_screen screen;
	int item;
	int scroll;
	struct pane pane;
	enum prompt prompt;
	char input[128];
	char search[FILTER_LEN];
	char message[600];
	bool bad;
	struct layout layout;
	bool quit;
	bool touched;
	bool redraw;
};

/* ui.c */
void ui_init(struct ui *ui, struct source *source);
void ui_free(struct ui *ui);
/* Columns by name, separated by commas. Returns false if one is not known. */
bool ui_columns_set(struct ui *ui, const char *names);
/* Take the next sample, unless paused. */
void ui_sample(struct ui *ui);
/* Take events that have arrived. */
void ui_events(struct ui *ui);
/* Rows anew, after model or order have changed. */
void ui_rows(struct ui *ui);
/* The selected row's, or NULL. */
const struct entity *ui_selected(const struct ui *ui);
void ui_select(struct ui *ui, size_t row);
/* Go back or forth in a recording, or by whole samples. */
void ui_seek(struct ui *ui, int64_t delta_ns);
void ui_step(struct ui *ui, int samples);
/* Say something in the last row. */
__attribute__((format(printf, 3, 4))) void ui_say(struct ui *ui, bool bad,
						  const char *fmt, ...);

/* keys.c: what keys do. */
struct binding {
	int codes[5];
	const char *keys;
	const char *help;
	void (*run)(struct ui *ui);
};

extern const struct binding main_keys[], pane_keys[], menu_keys[];
/* Of F1 to F10, by the screen. */
const char *key_label(const struct ui *ui, unsigned int number);
void ui_key(struct ui *ui, int key);

/* mouse.c */
void ui_mouse(struct ui *ui, int row, int col, int what);

/* prompt.c */
void prompt_begin(struct ui *ui, enum prompt prompt, const char *input);
void prompt_key(struct ui *ui, int key);
const char *prompt_text(const struct ui *ui, char *text, size_t size);
void search_next(struct ui *ui);

/* action.c */
void action_cap_step(struct ui *ui, int direction);
void action_caps_typed(struct ui *ui, const char *text);
void action_throttle(struct ui *ui);
/* Is there something to switch? If not, it is said why. */
bool action_may_switch(struct ui *ui);
void action_switch(struct ui *ui, bool enable);

/* pane.c */
void pane_open(struct ui *ui);
void pane_close(struct ui *ui);
/* Ask for the caps that it shows. */
void pane_update(struct ui *ui);
void pane_draw(struct ui *ui, struct grid *grid);
/* Whose caps are selected. */
struct pvsched_target pane_target(const struct ui *ui);
const struct entity *pane_entity(const struct ui *ui);

/* header.c: returns how many rows it took. */
int header_draw(const struct ui *ui, struct grid *grid);

/* menu.c */
int menu_items(const struct ui *ui);
void menu_draw(struct ui *ui, struct grid *grid);
void help_draw(struct ui *ui, struct grid *grid);

/* frame.c: the whole screen. */
void ui_draw(struct ui *ui, struct grid *grid);

#endif /* PVTOP_UI_H */
