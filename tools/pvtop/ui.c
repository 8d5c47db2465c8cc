// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a user sees: taking samples, and moving in time.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui.h"

/* To know the last minute, and what came before it. */
#define PREROLL_NS ((RING_SECONDS + 2) * 1000000000ULL)

void ui_init(struct ui *ui, struct source *source)
{
	unsigned int i;

	memset(ui, 0, sizeof(*ui));
	ui->source = source;
	ui->order.tree = true;
	for (i = 0; i < COLUMN_COUNT; i++)
		ui->shown[i] = columns[i].shown;
	for (i = 1; i < COLUMN_COUNT; i++)
		ui->column[i - 1] = i;
}

void ui_free(struct ui *ui)
{
	model_reset(&ui->model);
	rows_free(&ui->rows);
	whos_free(&ui->tagged);
	whos_free(&ui->order.folded);
	free(ui->throttled);
}

/* Those that are named, in that order, and then the others, which are hidden. */
bool ui_columns_set(struct ui *ui, const char *names)
{
	unsigned int order[COLUMN_COUNT - 1], count = 0, i;
	bool shown[COLUMN_COUNT] = { [COLUMN_NAME] = true };

	while (*names) {
		size_t len = strcspn(names, ",");
		unsigned int column = column_find(names, len);

		if (column == COLUMN_COUNT)
			return false;
		if (!shown[column])
			order[count++] = column;
		shown[column] = true;
		names += len;
		names += *names == ',';
	}
	for (i = 1; i < COLUMN_COUNT; i++)
		if (!shown[i])
			order[count++] = i;
	memcpy(ui->column, order, sizeof(order));
	memcpy(ui->shown, shown, sizeof(shown));
	return true;
}

void ui_say(struct ui *ui, bool bad, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(ui->message, sizeof(ui->message), fmt, args);
	va_end(args);
	ui->bad = bad;
}

const struct entity *ui_selected(const struct ui *ui)
{
	return ui->selected < ui->rows.count ?
		       ui->rows.row[ui->selected].entity :
		       NULL;
}

void ui_select(struct ui *ui, size_t row)
{
	const struct entity *entity;

	ui->selected = row < ui->rows.count ? row :
		       ui->rows.count	    ? ui->rows.count - 1 :
					      0;
	entity = ui_selected(ui);
	if (entity)
		ui->followed = who_of(entity);
}

void ui_rows(struct ui *ui)
{
	size_t i;

	if (rows_build(&ui->rows, &ui->model, &ui->order))
		ui_say(ui, true, "out of memory");
	for (i = 0; ui->follow && i < ui->rows.count; i++) {
		struct who who = who_of(ui->rows.row[i].entity);

		if (who_same(&who, &ui->followed)) {
			ui->selected = i;
			return;
		}
	}
	if (!ui->follow || ui->selected >= ui->rows.count)
		ui_select(ui, ui->selected);
}

static bool on_event(const struct pvsched_event *event, void *arg)
{
	log_add(arg, event);
	return true;
}

void ui_events(struct ui *ui)
{
	struct pvsched_error error;

	if (ui->source->ops->events(ui->source, on_event, &ui->log, &error))
		ui_say(ui, true, "events: %s", error.text);
}

/* Returns whether there is a new one. */
static bool sample_take(struct ui *ui)
{
	struct snapshot snapshot = {};
	struct pvsched_error error;
	int err = ui->source->ops->sample(ui->source, &snapshot, &error);

	ui->asked = true;
	ui->ended = err > 0;
	if (err < 0)
		snprintf(ui->failed, sizeof(ui->failed), "%s", error.text);
	if (err)
		return false;
	ui->failed[0] = '\0';
	if (model_update(&ui->model, &snapshot)) {
		snprintf(ui->failed, sizeof(ui->failed), "out of memory");
		return false;
	}
	ui_events(ui);
	return true;
}

/* What was shown may be of entities that are gone. */
static void sample_show(struct ui *ui)
{
	ui_rows(ui);
	if (ui->screen == SCREEN_PANE)
		pane_update(ui);
}

void ui_sample(struct ui *ui)
{
	if (ui->paused)
		return;
	sample_take(ui);
	sample_show(ui);
}

/*
 * Begin a minute earlier, with nothing known, and go on while the next sample is
 * not too late.
 */
static void play(struct ui *ui, uint64_t until, bool inclusive)
{
	const struct source_ops *ops = ui->source->ops;
	bool any = false;
	uint64_t next;

	while ((next = ops->next_ns(ui->source)) &&
	       (next < until || (inclusive && next == until) || !any)) {
		if (!sample_take(ui) && ui->ended)
			break;
		any = true;
	}
	sample_show(ui);
}

static void rewind_to(struct ui *ui, uint64_t time_ns)
{
	/* Rows are of the model, which is gone then. */
	rows_free(&ui->rows);
	model_reset(&ui->model);
	log_clear(&ui->log);
	ui->source->ops->seek(ui->source,
			      time_ns > PREROLL_NS ? time_ns - PREROLL_NS : 0);
}

static bool can_seek(struct ui *ui)
{
	if (!ui->source->ops->seek)
		ui_say(ui, true, "only a recording (-r) has another time");
	return ui->source->ops->seek;
}

void ui_seek(struct ui *ui, int64_t delta_ns)
{
	uint64_t now = ui->model.now.time_ns, until = now + (uint64_t)delta_ns;

	if (!can_seek(ui))
		return;
	if (delta_ns > 0) {
		play(ui, until, true);
		return;
	}
	if (until > now)
		until = 0;
	rewind_to(ui, until);
	play(ui, until, true);
}

void ui_step(struct ui *ui, int samples)
{
	uint64_t now = ui->model.now.time_ns;

	if (!can_seek(ui))
		return;
	/* Else the next sample would come by itself, and be this one. */
	ui->paused = true;
	if (samples > 0) {
		sample_take(ui);
		sample_show(ui);
		return;
	}
	rewind_to(ui, now);
	play(ui, now, false);
}
