// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * golden [CASE] - one screen of pvtop, from a made-up host, as text
 *
 * Without CASE: the names of all cases. golden.py compares them with what they were.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "../../tools/pvtop/batch.h"
#include "../../tools/pvtop/ui.h"
#include "fake.h"

enum output {
	SCREEN_TEXT,
	SCREEN_STYLED, /* with what a terminal gets for colours */
	BATCH_TEXT,
	BATCH_JSON,
};

#define SAMPLES 15

struct case_ {
	const char *name;
	const char *scene;
	const char *keys; /* characters, and <Name> for keys that are none */
	int rows, cols;
	struct looks looks;
	enum output output;
	unsigned int samples; /* 0: SAMPLES */
	bool readonly;
};

static const struct case_ cases[] = {
	{ .name = "main-80x24", .scene = "few", .rows = 24, .cols = 80 },
	{ .name = "main-40x10", .scene = "few", .rows = 10, .cols = 40 },
	{ .name = "main-39x10", .scene = "few", .rows = 10, .cols = 39 },
	{ .name = "main-60x16", .scene = "few", .rows = 16, .cols = 60 },
	{ .name = "main-120x30", .scene = "few", .rows = 30, .cols = 120 },
	{ .name = "main-240x24", .scene = "few", .rows = 24, .cols = 240 },
	{ .name = "main-ascii",
	  .scene = "few",
	  .rows = 24,
	  .cols = 120,
	  .looks = { .ascii = true } },
	{ .name = "main-none",
	  .scene = "few",
	  .rows = 24,
	  .cols = 100,
	  .output = SCREEN_STYLED },
	{ .name = "main-8",
	  .scene = "few",
	  .rows = 24,
	  .cols = 100,
	  .looks = { COLOURS_8, false },
	  .output = SCREEN_STYLED },
	{ .name = "main-256",
	  .scene = "few",
	  .rows = 24,
	  .cols = 100,
	  .looks = { COLOURS_256, false },
	  .output = SCREEN_STYLED },
	{ .name = "main-first",
	  .scene = "few",
	  .rows = 24,
	  .cols = 120,
	  .samples = 1 },
	{ .name = "main-scrolled",
	  .scene = "few",
	  .rows = 24,
	  .cols = 80,
	  .keys = "<Right><Right><Right><Right><Right><Right>" },
	{ .name = "many", .scene = "many", .rows = 24, .cols = 120 },
	{ .name = "many-ascii",
	  .scene = "many",
	  .rows = 24,
	  .cols = 80,
	  .looks = { .ascii = true } },
	{ .name = "many-end",
	  .scene = "many",
	  .keys = "<End>",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "flat",
	  .scene = "few",
	  .keys = "t",
	  .rows = 24,
	  .cols = 100 },
	{ .name = "sorted",
	  .scene = "few",
	  .keys = "t><Home><Down><Down><Down><Down><Down><Down><Down><Enter>",
	  .rows = 24,
	  .cols = 100 },
	{ .name = "sorted-reverse",
	  .scene = "few",
	  .keys = "t><Home><Down><Down><Down><Down><Down><Down><Down><Enter>I",
	  .rows = 24,
	  .cols = 100 },
	{ .name = "sort-menu",
	  .scene = "few",
	  .keys = ">",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "columns-menu",
	  .scene = "few",
	  .keys = "S <Down><F8>",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "columns-changed",
	  .scene = "few",
	  .keys = "S <Down><F8><F8><Enter>",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "search",
	  .scene = "few",
	  .keys = "/db",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "search-none",
	  .scene = "few",
	  .keys = "/nothing<Enter>",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "filter",
	  .scene = "few",
	  .keys = "\\throttled<Enter>",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "filter-none",
	  .scene = "few",
	  .keys = "\\nothing",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "tagged",
	  .scene = "few",
	  .keys = "  /web<Enter>c",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "folded",
	  .scene = "few",
	  .keys = "/web<Enter><Backspace>",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "paused",
	  .scene = "few",
	  .keys = "Z",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "help",
	  .scene = "few",
	  .keys = "?",
	  .rows = 120,
	  .cols = 100 },
	{ .name = "help-40x10",
	  .scene = "few",
	  .keys = "?<Down>",
	  .rows = 10,
	  .cols = 40 },
	{ .name = "pane",
	  .scene = "few",
	  .keys = "/web-1/0<Enter><Enter>*",
	  .rows = 60,
	  .cols = 120 },
	{ .name = "pane-80x24",
	  .scene = "few",
	  .keys = "/web-1/0<Enter><Enter>*",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "pane-events",
	  .scene = "few",
	  .keys = "/web-1/0<Enter><Enter>*<End>",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "pane-40x10",
	  .scene = "few",
	  .keys = "/web-1/0<Enter><Enter>*<Down><Down><Left>",
	  .rows = 10,
	  .cols = 40 },
	{ .name = "pane-ascii",
	  .scene = "few",
	  .keys = "/web-1/0<Enter><Enter>*",
	  .rows = 50,
	  .cols = 80,
	  .looks = { .ascii = true } },
	{ .name = "pane-256",
	  .scene = "few",
	  .keys = "/web-1/0<Enter><Enter>*",
	  .rows = 24,
	  .cols = 80,
	  .looks = { COLOURS_256, false },
	  .output = SCREEN_STYLED },
	{ .name = "pane-vm",
	  .scene = "few",
	  .keys = "/web<Enter><Enter>*",
	  .rows = 60,
	  .cols = 100 },
	{ .name = "pane-user",
	  .scene = "user",
	  .keys = "/web-1/0<Enter><Enter>",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "pane-gone",
	  .scene = "vanish",
	  .keys = "/web<Enter><Enter>****",
	  .rows = 24,
	  .cols = 80,
	  .samples = 2 },
	{ .name = "cap-lowered",
	  .scene = "few",
	  .keys = "/web-1/0<Enter><F7>",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "cap-refused",
	  .scene = "few",
	  .keys = "/web-1/0<Enter><F8><F8>",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "cap-unlimited",
	  .scene = "few",
	  .keys = "/web<Enter><F8>",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "cap-below",
	  .scene = "few",
	  .keys = "/web-1/0<Enter><Tab><F7>",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "cap-typing",
	  .scene = "few",
	  .keys = "erun",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "cap-typed",
	  .scene = "few",
	  .keys = "/web<Enter><Enter>e12:20<Enter>",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "cap-wrong",
	  .scene = "few",
	  .keys = "especial=1<Enter>",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "cap-user",
	  .scene = "user",
	  .keys = "/web<Enter><F7>",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "throttled-vm",
	  .scene = "few",
	  .keys = "/web<Enter>k*",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "released-vm",
	  .scene = "few",
	  .keys = "/web<Enter>k*k",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "switch-asked",
	  .scene = "few",
	  .keys = "K",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "switch-no",
	  .scene = "few",
	  .keys = "Kn",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "switch-off",
	  .scene = "few",
	  .keys = "Ky*",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "switch-on",
	  .scene = "disabled",
	  .keys = "Ky",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "switch-user",
	  .scene = "user",
	  .keys = "Ky",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "readonly",
	  .scene = "few",
	  .keys = "/web-1/0<Enter><F7>",
	  .rows = 24,
	  .cols = 80,
	  .readonly = true },
	{ .name = "held", .scene = "held", .rows = 24, .cols = 80 },
	{ .name = "none", .scene = "none", .rows = 24, .cols = 80 },
	{ .name = "missing",
	  .scene = "late",
	  .rows = 24,
	  .cols = 80,
	  .samples = 2 },
	{ .name = "missing-40x10",
	  .scene = "late",
	  .rows = 10,
	  .cols = 40,
	  .samples = 2 },
	{ .name = "appeared",
	  .scene = "late",
	  .rows = 24,
	  .cols = 80,
	  .samples = 5 },
	{ .name = "reloaded",
	  .scene = "reload",
	  .rows = 24,
	  .cols = 80,
	  .samples = 7 },
	{ .name = "broken", .scene = "broken", .rows = 24, .cols = 80 },
	{ .name = "hostile", .scene = "hostile", .rows = 24, .cols = 120 },
	{ .name = "only-seek",
	  .scene = "few",
	  .keys = "{",
	  .rows = 24,
	  .cols = 80 },
	{ .name = "batch", .scene = "few", .output = BATCH_TEXT },
	{ .name = "batch-missing",
	  .scene = "late",
	  .output = BATCH_TEXT,
	  .samples = 2 },
	{ .name = "batch.json", .scene = "few", .output = BATCH_JSON },
	{ .name = "batch-missing.json",
	  .scene = "late",
	  .output = BATCH_JSON,
	  .samples = 2 },
};

#define CASES (sizeof(cases) / sizeof(cases[0]))

static int key_named(const char *name, size_t len)
{
	static const struct {
		const char *name;
		int key;
	} keys[] = {
		{ "Up", UI_UP },
		{ "Down", UI_DOWN },
		{ "Left", UI_LEFT },
		{ "Right", UI_RIGHT },
		{ "Home", UI_HOME },
		{ "End", UI_END },
		{ "Enter", UI_ENTER },
		{ "Escape", UI_ESCAPE },
		{ "Backspace", UI_BACKSPACE },
		{ "Tab", UI_TAB },
		{ "F7", UI_F0 + 7 },
		{ "F8", UI_F0 + 8 },
	};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strlen(keys[i].name) == len &&
		    !memcmp(keys[i].name, name, len))
			return keys[i].key;
	abort();
}

/* '*' stands for another sample. */
static void keys_type(struct ui *ui, struct grid *grid, const char *keys)
{
	for (; keys && *keys; keys++) {
		if (*keys == '*') {
			ui_sample(ui);
		} else if (*keys == '<') {
			size_t len = strcspn(keys + 1, ">");

			ui_key(ui, key_named(keys + 1, len));
			keys += len + 1;
		} else {
			ui_key(ui, *keys);
		}
		ui_draw(ui, grid);
	}
}

/* What begins a style on a terminal that does as ECMA-48 says. */
static void style_print(enum style style, enum colours colours)
{
	struct look look = look_of(style, colours);
	bool wide = colours == COLOURS_256;

	printf("\033[0%s%s%s", look.bold ? ";1" : "",
	       look.underline ? ";4" : "", look.reverse ? ";7" : "");
	if (look.fg >= 0)
		printf(wide ? ";38;5;%d" : ";3%d", look.fg);
	if (look.bg >= 0)
		printf(wide ? ";48;5;%d" : ";4%d", look.bg);
	printf("m");
}

static void row_print(const struct grid *grid, int row, bool styled,
		      enum colours colours)
{
	const struct cell *cells =
		&grid->cells[(size_t)row * (size_t)grid->cols];
	int col, style = STYLE_NORMAL;

	for (col = 0; col < grid->cols; col++) {
		if (styled && cells[col].style != style) {
			style = cells[col].style;
			style_print(style, colours);
		}
		if (cells[col].ch)
			printf("%lc", (wint_t)cells[col].ch);
	}
	if (styled && style != STYLE_NORMAL)
		printf("\033[0m");
	/* So that blanks at the end count, and are seen. */
	puts("|");
}

static int run(const struct case_ *what)
{
	struct source *source __attribute__((cleanup(source_close))) =
		fake_new(what->scene);
	struct grid grid __attribute__((cleanup(grid_free))) = {};
	struct ui ui __attribute__((cleanup(ui_free)));
	unsigned int i;
	int row;

	ui_init(&ui, source);
	ui.looks = what->looks;
	ui.readonly = what->readonly;
	for (i = 0; i < (what->samples ?: SAMPLES); i++)
		ui_sample(&ui);
	if (what->output == BATCH_TEXT)
		return batch_text(&ui, stdout);
	if (what->output == BATCH_JSON)
		return batch_json(&ui, stdout);
	if (grid_resize(&grid, what->rows, what->cols))
		abort();
	ui_draw(&ui, &grid);
	keys_type(&ui, &grid, what->keys);
	for (row = 0; row < grid.rows; row++)
		row_print(&grid, row, what->output == SCREEN_STYLED,
			  what->looks.colours);
	return 0;
}

/* What the manual page has to have, as it has it. */
static int manual_keys(const struct binding *binding)
{
	for (; binding->keys; binding++) {
		const char *at;

		putchar('*');
		for (at = binding->keys; *at; at++)
			printf("%s%c", strchr("\\*_", *at) ? "\\" : "", *at);
		printf("*\n\t");
		for (at = binding->help; *at; at++)
			printf("%s%c", strchr("\\*_", *at) ? "\\" : "", *at);
		puts("\n");
	}
	return 0;
}

static int manual_columns(void)
{
	unsigned int i;

	for (i = 0; i < COLUMN_COUNT; i++)
		printf("*%s*, %s\n\t%s\n\n", columns[i].name, columns[i].title,
		       columns[i].help);
	return 0;
}

int main(int argc, char **argv)
{
	size_t i;

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 77;
	setenv("TZ", "UTC", 1);
	for (i = 0; i < CASES; i++) {
		if (argc < 2)
			puts(cases[i].name);
		else if (!strcmp(argv[1], cases[i].name))
			return run(&cases[i]) ? 1 : 0;
	}
	if (argc < 2)
		return 0;
	if (!strcmp(argv[1], "manual-keys"))
		return manual_keys(main_keys);
	if (!strcmp(argv[1], "manual-pane"))
		return manual_keys(pane_keys);
	if (!strcmp(argv[1], "manual-menus"))
		return manual_keys(menu_keys);
	if (!strcmp(argv[1], "manual-columns"))
		return manual_columns();
	fprintf(stderr, "golden: no case '%s'\n", argv[1]);
	return 1;
}
