// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Without a terminal: the same as text or as JSON, one sample after the other.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "../command.h"
#include "../ending.h"
#include "../json.h"
#include "batch.h"
#include "options.h"

/* Beside the rows: the header of the screen, and the last row. */
#define OTHER_ROWS 12

static int width_needed(const struct ui *ui)
{
	int width = 30;
	unsigned int i;

	for (i = 1; i < COLUMN_COUNT; i++)
		if (ui->shown[i])
			width += columns[i].width + 1;
	return width > 80 ? width : 80;
}

/* Without the blanks at the end. */
static void row_print(const struct grid *grid, int row, FILE *to)
{
	const struct cell *cells =
		&grid->cells[(size_t)row * (size_t)grid->cols];
	int end = grid->cols, col;

	while (end && cells[end - 1].ch == ' ')
		end--;
	for (col = 0; col < end; col++)
		if (cells[col].ch)
			fprintf(to, "%lc", (wint_t)cells[col].ch);
	fputc('\n', to);
}

int batch_text(struct ui *ui, FILE *to)
{
	struct grid grid __attribute__((cleanup(grid_free))) = {};
	int row, end;

	if (grid_resize(&grid, (int)ui->rows.count + OTHER_ROWS + 10,
			width_needed(ui)))
		return -1;
	ui_draw(ui, &grid);
	end = ui->layout.heading >= 0 ? ui->layout.first + (int)ui->rows.count +
						!ui->rows.count * 2 :
					OTHER_ROWS;
	for (row = 0; row < end; row++)
		row_print(&grid, row, to);
	fputc('\n', to);
	return ferror(to) ? -1 : 0;
}

static void add(struct json_object *to, const char *key,
		struct json_object *value)
{
	json_object_object_add(to, key, value);
}

static struct json_object *text_or_null(const char *text)
{
	return *text && strcmp(text, "-") != 0 ? json_object_new_string(text) :
						 NULL;
}

/* A number to three digits behind the point, which is more than it is worth. */
static struct json_object *number_or_null(double value)
{
	char text[32];

	if (isnan(value))
		return NULL;
	if (value == floor(value) && fabs(value) < 1e15)
		return json_object_new_int64((int64_t)value);
	snprintf(text, sizeof(text), "%.3f", value);
	return json_object_new_double_s(value, text);
}

static struct json_object *row_json(const struct ui *ui,
				    const struct entity *entity)
{
	const struct column_context context = { &ui->model, true };
	struct json_object *to = json_object_new_object();
	char text[CELL_TEXT_LEN];
	unsigned int i;

	add(to, "vm", json_object_new_string(entity->vm->name));
	add(to, "vcpu",
	    entity->vcpu ? json_object_new_int64(entity->vcpu->id) : NULL);
	for (i = 1; i < COLUMN_COUNT; i++) {
		if (columns[i].value && !columns[i].text) {
			add(to, columns[i].name,
			    number_or_null(columns[i].value(entity)));
			continue;
		}
		/* Sparklines are for the eye. */
		if (strstr(columns[i].name, "-minute"))
			continue;
		columns[i].cell(entity, &context, text);
		add(to, columns[i].name, text_or_null(text));
	}
	return to;
}

static struct json_object *taken_json(const struct model *model)
{
	struct json_object *to = json_object_new_array();
	uint32_t cpu;

	for (cpu = 0; cpu < model->cpus; cpu++)
		json_object_array_add(to,
				      number_or_null(model->taken[cpu] * 100));
	return to;
}

static struct json_object *document(const struct ui *ui)
{
	const struct snapshot *now = &ui->model.now;
	struct json_object *to = json_document();
	struct json_object *rows = json_object_new_array();
	size_t i;

	add(to, "time_ns", json_object_new_uint64(now->real_ns));
	add(to, "interval_ns", json_object_new_uint64(ui->model.interval_ns));
	add(to, "missing", json_object_new_boolean(now->missing));
	add(to, "host",
	    now->missing || now->counters_only ? NULL : json_host(&now->host));
	add(to, "pressure",
	    now->has_pressure ? number_or_null(now->pressure / 100.0) : NULL);
	add(to, "lost",
	    now->listening ? json_object_new_uint64(now->lost) : NULL);
	add(to, "cpus_boosted", taken_json(&ui->model));
	for (i = 0; i < ui->rows.count; i++)
		json_object_array_add(rows,
				      row_json(ui, ui->rows.row[i].entity));
	add(to, "rows", rows);
	return to;
}

int batch_json(struct ui *ui, FILE *to)
{
	return json_print_line(document(ui), to);
}

static enum ending print(struct ui *ui, const struct options *options,
			 int ending)
{
	struct output output;

	if (output_begin(&output)) {
		fputs("pvtop: out of memory\n", stderr);
		return ENDING_ERROR;
	}
	if (options->json)
		batch_json(ui, output.to);
	else
		batch_text(ui, output.to);
	return output_end("pvtop", ending, &output);
}

/* A recording is not waited for. Returns false when it is to end. */
static bool wait_next(const struct ui *ui, const struct options *options,
		      int ending)
{
	int ms = ui->source->ops->seek ? 0 : options->delay_ms;

	return ending_wait("pvtop", ending, -1, ms) == ENDING_NOT;
}

/* Rates need two samples; the first one is shown if there is no other. */
static bool first_take(struct ui *ui, const struct options *options, int ending)
{
	ui_sample(ui);
	if (ui->source->ops->seek && !ui->source->ops->next_ns(ui->source))
		return true;
	if (!wait_next(ui, options, ending))
		return false;
	ui_sample(ui);
	return true;
}

static int loop(struct ui *ui, const struct options *options, int ending)
{
	unsigned long left = options->count;

	if (!first_take(ui, options, ending))
		return COMMAND_DONE;
	while (!ui->ended) {
		if (ui->failed[0]) {
			fprintf(stderr, "pvtop: %s\n", ui->failed);
			return COMMAND_FAILED;
		}
		switch (print(ui, options, ending)) {
		case ENDING_ERROR:
			return COMMAND_FAILED;
		case ENDING_ASKED:
			return COMMAND_DONE;
		case ENDING_NOT:
			break;
		}
		if (left && !--left)
			break;
		if (!wait_next(ui, options, ending))
			break;
		ui_sample(ui);
	}
	return ui->model.now.missing ? COMMAND_FAILED : COMMAND_DONE;
}

int batch_run(struct ui *ui, const struct options *options)
{
	int ending = ending_open("pvtop");
	int status;

	if (ending < 0)
		return COMMAND_FAILED;
	status = loop(ui, options, ending);
	close(ending);
	return status;
}
