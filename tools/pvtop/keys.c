// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What keys do; the help and the manual page tell of the same tables.
 */
#include <stdio.h>
#include <string.h>

#include "ui.h"

#define MINUTE_NS 60000000000LL

static void page(struct ui *ui, int direction)
{
	size_t shown = ui->layout.shown > 1 ? (size_t)ui->layout.shown - 1 : 1;

	if (direction > 0)
		ui_select(ui, ui->selected + shown);
	else
		ui_select(ui, ui->selected > shown ? ui->selected - shown : 0);
}

static void run_up(struct ui *ui)
{
	if (ui->selected)
		ui_select(ui, ui->selected - 1);
}

static void run_down(struct ui *ui)
{
	ui_select(ui, ui->selected + 1);
}

static void run_page_up(struct ui *ui)
{
	page(ui, -1);
}

static void run_page_down(struct ui *ui)
{
	page(ui, 1);
}

static void run_home(struct ui *ui)
{
	ui_select(ui, 0);
}

static void run_end(struct ui *ui)
{
	ui_select(ui, SIZE_MAX);
}

static unsigned int columns_shown(const struct ui *ui)
{
	unsigned int i, count = 0;

	for (i = 1; i < COLUMN_COUNT; i++)
		count += ui->shown[i];
	return count;
}

static void run_left(struct ui *ui)
{
	if (ui->left)
		ui->left--;
}

static void run_right(struct ui *ui)
{
	if (ui->left + 1 < columns_shown(ui))
		ui->left++;
}

static void run_help(struct ui *ui)
{
	ui->screen = SCREEN_HELP;
	ui->scroll = 0;
}

static void run_columns(struct ui *ui)
{
	ui->screen = SCREEN_COLUMNS;
	ui->item = 0;
}

static void run_search(struct ui *ui)
{
	prompt_begin(ui, PROMPT_SEARCH, "");
}

static void run_filter(struct ui *ui)
{
	prompt_begin(ui, PROMPT_FILTER, ui->order.filter);
}

static void run_tree(struct ui *ui)
{
	ui->order.tree = !ui->order.tree;
	ui_rows(ui);
}

static void run_sort(struct ui *ui)
{
	ui->screen = SCREEN_SORT;
	ui->item = (int)ui->order.sort;
}

static void run_reverse(struct ui *ui)
{
	ui->order.reverse = !ui->order.reverse;
	ui_rows(ui);
}

static void run_lower(struct ui *ui)
{
	action_cap_step(ui, -1);
}

static void run_raise(struct ui *ui)
{
	action_cap_step(ui, 1);
}

static void run_which_cap(struct ui *ui)
{
	ui->cap = (ui->cap + 1) % PVSCHED_CAP_COUNT;
	ui_say(ui, false, "F7 and F8 now change %s", pvsched_cap_name(ui->cap));
}

static void run_type_caps(struct ui *ui)
{
	char input[64] = "";

	if (ui->readonly) {
		action_caps_typed(ui, input);
		return;
	}
	if (ui->screen == SCREEN_PANE)
		snprintf(input, sizeof(input),
			 "%s=", pvsched_cap_name(ui->pane.cap));
	prompt_begin(ui, PROMPT_CAPS, input);
}

static void run_switch(struct ui *ui)
{
	if (action_may_switch(ui))
		prompt_begin(ui,
			     ui->model.now.host.enabled ? PROMPT_DISABLE :
							  PROMPT_ENABLE,
			     "");
}

static void run_quit(struct ui *ui)
{
	ui->quit = true;
}

static void run_tag(struct ui *ui)
{
	const struct entity *entity = ui_selected(ui);
	struct who who;

	if (!entity)
		return;
	who = who_of(entity);
	whos_set(&ui->tagged, &who, !whos_has(&ui->tagged, &who));
	run_down(ui);
}

/* The VM itself, and the vCPUs that it has now. */
static void run_tag_vm(struct ui *ui)
{
	const struct entity *entity = ui_selected(ui);
	uint32_t vm_id;
	size_t i;

	if (!entity)
		return;
	vm_id = entity->vm->id;
	for (i = 0; i < ui->model.count; i++) {
		struct who who = who_of(&ui->model.entities[i]);

		if (who.vm_id == vm_id)
			whos_set(&ui->tagged, &who, true);
	}
}

static void run_untag(struct ui *ui)
{
	whos_free(&ui->tagged);
}

static void run_follow(struct ui *ui)
{
	ui->follow = !ui->follow;
	ui_select(ui, ui->selected);
	ui_say(ui, false,
	       ui->follow ? "following the selected row" :
			    "no longer following");
}

static void run_pause(struct ui *ui)
{
	ui->paused = !ui->paused;
}

static void run_fold(struct ui *ui)
{
	const struct entity *entity = ui_selected(ui);
	struct who who;

	if (!entity || !ui->order.tree)
		return;
	who = (struct who){ .vm_id = entity->vm->id };
	whos_set(&ui->order.folded, &who, !whos_has(&ui->order.folded, &who));
	ui->followed = who;
	ui_rows(ui);
}

static void run_fold_all(struct ui *ui)
{
	bool fold = !ui->order.folded.count;
	size_t i;

	whos_free(&ui->order.folded);
	for (i = 0; fold && i < ui->model.count; i++) {
		struct who who = who_of(&ui->model.entities[i]);

		if (!who.is_vcpu)
			whos_set(&ui->order.folded, &who, true);
	}
	ui_rows(ui);
}

static void run_redraw(struct ui *ui)
{
	ui->redraw = true;
}

static void run_back(struct ui *ui)
{
	ui_step(ui, -1);
}

static void run_forth(struct ui *ui)
{
	ui_step(ui, 1);
}

static void run_minute_back(struct ui *ui)
{
	ui_seek(ui, -MINUTE_NS);
}

static void run_minute_forth(struct ui *ui)
{
	ui_seek(ui, MINUTE_NS);
}

#define CTRL(letter) ((letter)&0x1f)

const struct binding main_keys[] = {
	{ { UI_UP }, "Up", "select the row above", run_up },
	{ { UI_DOWN }, "Down", "select the row below", run_down },
	{ { UI_PAGE_UP }, "PgUp", "one page up", run_page_up },
	{ { UI_PAGE_DOWN }, "PgDn", "one page down", run_page_down },
	{ { UI_HOME }, "Home", "the first row", run_home },
	{ { UI_END }, "End", "the last row", run_end },
	{ { UI_LEFT }, "Left", "show columns further left", run_left },
	{ { UI_RIGHT }, "Right", "show columns further right", run_right },
	{ { UI_ENTER, '\n' }, "Enter", "the vCPU or VM in detail", pane_open },
	{ { UI_F0 + 1, 'h', '?' }, "F1 h ?", "this help", run_help },
	{ { UI_F0 + 2, 'S' }, "F2 S", "choose and move columns", run_columns },
	{ { UI_F0 + 3, '/' },
	  "F3 /",
	  "search for a name, state or reason",
	  run_search },
	{ { 'n' }, "n", "the next that matches", search_next },
	{ { UI_F0 + 4, '\\' },
	  "F4 \\",
	  "show only what matches; Esc ends it",
	  run_filter },
	{ { UI_F0 + 5, 't' },
	  "F5 t",
	  "VMs with their vCPUs, or vCPUs only",
	  run_tree },
	{ { UI_F0 + 6, '>', '.', '<', ',' },
	  "F6 > . < ,",
	  "choose the column to sort by",
	  run_sort },
	{ { 'I' }, "I", "sort the other way round", run_reverse },
	{ { UI_F0 + 7, '[', '-' },
	  "F7 [ -",
	  "lower the soft cap of the row, or of those tagged",
	  run_lower },
	{ { UI_F0 + 8, ']', '+' }, "F8 ] +", "raise it", run_raise },
	{ { UI_TAB },
	  "Tab",
	  "choose the cap that F7 and F8 change",
	  run_which_cap },
	{ { 'e' },
	  "e",
	  "type caps, as for pvsched set-cap: rtprio=10:20 slice=2ms:",
	  run_type_caps },
	{ { UI_F0 + 9, 'k' },
	  "F9 k",
	  "throttle the VM, so that no vCPU of it is boosted, or release it",
	  action_throttle },
	{ { 'K' },
	  "K",
	  "kill switch: end all boosts of the host, or allow them",
	  run_switch },
	{ { ' ' }, "Space", "tag the row, or no longer", run_tag },
	{ { 'c' }, "c", "tag the VM and its vCPUs", run_tag_vm },
	{ { 'U' }, "U", "tag nothing", run_untag },
	{ { 'F' },
	  "F",
	  "follow the selected row wherever it goes",
	  run_follow },
	{ { 'Z', 'p' }, "Z p", "pause, or go on", run_pause },
	{ { UI_BACKSPACE }, "Backspace", "fold or unfold the VM", run_fold },
	{ { '*' }, "*", "fold or unfold all VMs", run_fold_all },
	{ { '{' },
	  "{",
	  "of a recording: pause, and the sample before",
	  run_back },
	{ { '}' },
	  "}",
	  "of a recording: pause, and the next sample",
	  run_forth },
	{ { '(' }, "(", "of a recording: a minute back", run_minute_back },
	{ { ')' }, ")", "of a recording: a minute forth", run_minute_forth },
	{ { CTRL('L') }, "Ctrl-L", "draw the screen anew", run_redraw },
	{ { UI_F0 + 10, 'q' }, "F10 q", "quit", run_quit },
	{},
};

static void pane_up(struct ui *ui)
{
	if (ui->pane.cap)
		ui->pane.cap--;
	ui->pane.moved = true;
}

static void pane_down(struct ui *ui)
{
	if (ui->pane.cap + 1 < PVSCHED_CAP_COUNT)
		ui->pane.cap++;
	ui->pane.moved = true;
}

static void pane_left(struct ui *ui)
{
	if (ui->pane.level)
		ui->pane.level--;
	ui->pane.moved = true;
}

static void pane_right(struct ui *ui)
{
	if (ui->pane.level < (ui->pane.who.is_vcpu ? PVSCHED_CAP_LEVEL_VCPU :
						     PVSCHED_CAP_LEVEL_VM))
		ui->pane.level++;
	ui->pane.moved = true;
}

static void pane_page_up(struct ui *ui)
{
	ui->pane.top -= 8;
}

static void pane_page_down(struct ui *ui)
{
	ui->pane.top += 8;
}

static void pane_home(struct ui *ui)
{
	ui->pane.top = 0;
}

static void pane_end(struct ui *ui)
{
	ui->pane.top = ui->pane.lines;
}

const struct binding pane_keys[] = {
	{ { UI_UP }, "Up", "select the cap above", pane_up },
	{ { UI_DOWN }, "Down", "select the cap below", pane_down },
	{ { UI_LEFT },
	  "Left",
	  "select the cap of the level to the left",
	  pane_left },
	{ { UI_RIGHT },
	  "Right",
	  "select the cap of the level to the right",
	  pane_right },
	{ { UI_PAGE_UP }, "PgUp", "scroll up", pane_page_up },
	{ { UI_PAGE_DOWN }, "PgDn", "scroll down", pane_page_down },
	{ { UI_HOME }, "Home", "scroll to the top", pane_home },
	{ { UI_END }, "End", "scroll to the last event", pane_end },
	{ { UI_F0 + 7, '[', '-' },
	  "F7 [ -",
	  "lower the selected cap",
	  run_lower },
	{ { UI_F0 + 8, ']', '+' },
	  "F8 ] +",
	  "raise the selected cap",
	  run_raise },
	{ { UI_ENTER, '\n', 'e' },
	  "Enter e",
	  "type the selected cap",
	  run_type_caps },
	{ { UI_F0 + 9, 'k' },
	  "F9 k",
	  "throttle the VM, or release it",
	  action_throttle },
	{ { 'K' }, "K", "kill switch", run_switch },
	{ { 'Z', 'p' }, "Z p", "pause, or go on", run_pause },
	{ { '{' },
	  "{",
	  "of a recording: pause, and the sample before",
	  run_back },
	{ { '}' },
	  "}",
	  "of a recording: pause, and the next sample",
	  run_forth },
	{ { '(' }, "(", "of a recording: a minute back", run_minute_back },
	{ { ')' }, ")", "of a recording: a minute forth", run_minute_forth },
	{ { CTRL('L') }, "Ctrl-L", "draw the screen anew", run_redraw },
	{ { UI_ESCAPE, UI_BACKSPACE, 'q', UI_F0 + 10 },
	  "Esc q F10",
	  "back to the list",
	  pane_close },
	{},
};

static void menu_up(struct ui *ui)
{
	if (ui->item)
		ui->item--;
}

static void menu_down(struct ui *ui)
{
	if (ui->item + 1 < menu_items(ui))
		ui->item++;
}

static void menu_home(struct ui *ui)
{
	ui->item = 0;
}

static void menu_end(struct ui *ui)
{
	ui->item = menu_items(ui) - 1;
}

static void menu_toggle(struct ui *ui)
{
	unsigned int id;

	if (ui->screen != SCREEN_COLUMNS)
		return;
	id = ui->column[ui->item];
	ui->shown[id] = !ui->shown[id];
	ui->left = 0;
}

static void menu_move(struct ui *ui, int by)
{
	int to = ui->item + by;
	unsigned int id;

	if (ui->screen != SCREEN_COLUMNS || to < 0 || to >= menu_items(ui))
		return;
	id = ui->column[ui->item];
	ui->column[ui->item] = ui->column[to];
	ui->column[to] = id;
	ui->item = to;
}

static void menu_earlier(struct ui *ui)
{
	menu_move(ui, -1);
}

static void menu_later(struct ui *ui)
{
	menu_move(ui, 1);
}

static void menu_cancel(struct ui *ui)
{
	ui->screen = SCREEN_MAIN;
}

static void menu_take(struct ui *ui)
{
	if (ui->screen == SCREEN_SORT) {
		ui->order.sort = (unsigned int)ui->item;
		ui->order.reverse = false;
		ui_rows(ui);
	}
	ui->screen = SCREEN_MAIN;
}

const struct binding menu_keys[] = {
	{ { UI_UP }, "Up", "select the entry above", menu_up },
	{ { UI_DOWN }, "Down", "select the entry below", menu_down },
	{ { UI_HOME }, "Home", "the first entry", menu_home },
	{ { UI_END }, "End", "the last entry", menu_end },
	{ { ' ' }, "Space", "show or hide the column", menu_toggle },
	{ { UI_F0 + 7, '[', '-' },
	  "F7 [ -",
	  "move the column to the left",
	  menu_earlier },
	{ { UI_F0 + 8, ']', '+' },
	  "F8 ] +",
	  "move the column to the right",
	  menu_later },
	{ { UI_ENTER, '\n' }, "Enter", "take it", menu_take },
	{ { UI_ESCAPE, 'q', UI_F0 + 10 },
	  "Esc q F10",
	  "leave it as it is",
	  menu_cancel },
	{},
};

const char *key_label(const struct ui *ui, unsigned int number)
{
	static const char *const list[] = {
		"",	"Help",	 "Setup", "Search",   "Filter", "Tree",
		"Sort", "Cap -", "Cap +", "Throttle", "Quit",
	};
	static const char *const pane[] = {
		"", "",	     "",      "",	  "",	  "",
		"", "Cap -", "Cap +", "Throttle", "Back",
	};
	static const char *const columns[] = {
		"", "", "", "", "", "", "", "Earlier", "Later", "", "Back",
	};

	switch (ui->screen) {
	case SCREEN_MAIN:
		return number == 5 && ui->order.tree ? "Flat" : list[number];
	case SCREEN_PANE:
		return pane[number];
	case SCREEN_COLUMNS:
		return columns[number];
	default:
		return number == 10 ? "Back" : "";
	}
}

static void binding_run(struct ui *ui, const struct binding *binding, int key)
{
	size_t i;

	for (; binding->keys; binding++)
		for (i = 0; i < sizeof(binding->codes) / sizeof(int); i++)
			if (binding->codes[i] == key) {
				binding->run(ui);
				return;
			}
}

static void help_key(struct ui *ui, int key)
{
	int page = 10;

	switch (key) {
	case UI_UP:
		ui->scroll--;
		break;
	case UI_DOWN:
		ui->scroll++;
		break;
	case UI_PAGE_UP:
		ui->scroll -= page;
		break;
	case UI_PAGE_DOWN:
		ui->scroll += page;
		break;
	case UI_HOME:
		ui->scroll = 0;
		break;
	case UI_END:
		ui->scroll = 1000;
		break;
	default:
		ui->screen = SCREEN_MAIN;
	}
}

void ui_key(struct ui *ui, int key)
{
	ui->message[0] = '\0';
	ui->bad = false;
	if (ui->prompt) {
		prompt_key(ui, key);
		return;
	}
	switch (ui->screen) {
	case SCREEN_MAIN:
		if (key == UI_ESCAPE && ui->order.filter[0]) {
			ui->order.filter[0] = '\0';
			ui_rows(ui);
			return;
		}
		binding_run(ui, main_keys, key);
		break;
	case SCREEN_PANE:
		binding_run(ui, pane_keys, key);
		break;
	case SCREEN_HELP:
		help_key(ui, key);
		break;
	default:
		binding_run(ui, menu_keys, key);
	}
}
