// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is asked in the last row.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "../capspec.h"
#include "ui.h"

void prompt_begin(struct ui *ui, enum prompt prompt, const char *input)
{
	ui->prompt = prompt;
	snprintf(ui->input, sizeof(ui->input), "%s", input);
}

static bool is_yes_or_no(enum prompt prompt)
{
	return prompt == PROMPT_DISABLE || prompt == PROMPT_ENABLE;
}

const char *prompt_text(const struct ui *ui, char *text, size_t size)
{
	static const char *const questions[] = {
		[PROMPT_SEARCH] = "Search: ",
		[PROMPT_FILTER] = "Filter: ",
		[PROMPT_CAPS] = "Caps, such as rtprio=10:20 slice=2ms: ",
		[PROMPT_DISABLE] =
			"End all boosts of this host, and allow none? y/n",
		[PROMPT_ENABLE] = "Allow boosts on this host again? y/n",
	};

	if (is_yes_or_no(ui->prompt))
		snprintf(text, size, "%s", questions[ui->prompt]);
	else
		snprintf(text, size, "%s%s_", questions[ui->prompt], ui->input);
	return text;
}

/* The first row from there on that matches, going round. */
static void search_from(struct ui *ui, size_t from)
{
	size_t i;

	for (i = 0; i < ui->rows.count; i++) {
		size_t row = (from + i) % ui->rows.count;

		if (row_matches(ui->rows.row[row].entity, &ui->model,
				ui->search)) {
			ui_select(ui, row);
			return;
		}
	}
	ui_say(ui, true, "nothing matches '%s'", ui->search);
}

void search_next(struct ui *ui)
{
	if (*ui->search)
		search_from(ui, ui->selected + 1);
	else
		prompt_begin(ui, PROMPT_SEARCH, "");
}

/* Search and filter do what they can while they are typed. */
static void input_changed(struct ui *ui)
{
	if (ui->prompt == PROMPT_SEARCH) {
		snprintf(ui->search, sizeof(ui->search), "%.63s", ui->input);
		search_from(ui, ui->selected);
	} else if (ui->prompt == PROMPT_FILTER) {
		snprintf(ui->order.filter, sizeof(ui->order.filter), "%.63s",
			 ui->input);
		ui_rows(ui);
	}
}

static void input_add(struct ui *ui, unsigned int ch)
{
	size_t len = strlen(ui->input);
	char text[5] = "";

	if (ch < 0x80)
		text[0] = (char)ch;
	else if (ch < 0x800)
		snprintf(text, sizeof(text), "%c%c", 0xc0 | ch >> 6,
			 0x80 | (ch & 0x3f));
	else if (ch < 0x10000)
		snprintf(text, sizeof(text), "%c%c%c", 0xe0 | ch >> 12,
			 0x80 | (ch >> 6 & 0x3f), 0x80 | (ch & 0x3f));
	else
		snprintf(text, sizeof(text), "%c%c%c%c", 0xf0 | ch >> 18,
			 0x80 | (ch >> 12 & 0x3f), 0x80 | (ch >> 6 & 0x3f),
			 0x80 | (ch & 0x3f));
	if (len + strlen(text) < sizeof(ui->input))
		memcpy(ui->input + len, text, strlen(text) + 1);
}

/* The last character, of however many bytes. */
static void input_cut(struct ui *ui)
{
	size_t len = strlen(ui->input);

	while (len && ((uint8_t)ui->input[len - 1] & 0xc0) == 0x80)
		len--;
	ui->input[len ? len - 1 : 0] = '\0';
}

static void prompt_end(struct ui *ui)
{
	enum prompt prompt = ui->prompt;

	ui->prompt = PROMPT_NONE;
	if (prompt == PROMPT_CAPS)
		action_caps_typed(ui, ui->input);
	/* Says so if there is none; the row that matches stays. */
	if (prompt == PROMPT_SEARCH && *ui->search)
		search_from(ui, ui->selected);
}

static void prompt_cancel(struct ui *ui)
{
	if (ui->prompt == PROMPT_FILTER) {
		ui->order.filter[0] = '\0';
		ui_rows(ui);
	}
	ui->prompt = PROMPT_NONE;
}

/* What was asked is done, whatever others have switched meanwhile. */
static void answered(struct ui *ui, bool yes)
{
	bool enable = ui->prompt == PROMPT_ENABLE;

	ui->prompt = PROMPT_NONE;
	if (yes)
		action_switch(ui, enable);
}

void prompt_key(struct ui *ui, int key)
{
	if (is_yes_or_no(ui->prompt)) {
		answered(ui, key == 'y' || key == 'Y');
	} else if (key == UI_ENTER) {
		prompt_end(ui);
	} else if (key == UI_ESCAPE) {
		prompt_cancel(ui);
	} else if (key == UI_F0 + 3 && ui->prompt == PROMPT_SEARCH) {
		search_next(ui);
	} else if (key == UI_BACKSPACE) {
		input_cut(ui);
		input_changed(ui);
	} else if (key == ('U' & 0x1f)) {
		ui->input[0] = '\0';
		input_changed(ui);
	} else if (key >= ' ' && key < UI_UP && key != 0x7f) {
		input_add(ui, (unsigned int)key);
		input_changed(ui);
	}
}
