// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzes what pvtop makes of a recording, up to the screen and JSON.
 *
 * Input: a file as pvtop -w writes it.
 *
 * tests/fuzz/run builds and runs it. With tests/fuzz/standalone.c, a program that
 * runs the files it is given.
 */
#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../tools/pvtop/batch.h"
#include "../../tools/pvtop/record.h"
#include "../../tools/pvtop/ui.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* More of them would be slow, and tell nothing new. */
#define BLOCKS_MAX 64

static void close_file(FILE **to)
{
	fclose(*to);
}

static void show_sample(struct record_reader *reader, size_t block,
			struct ui *ui, struct grid *grid)
{
	struct snapshot snapshot;

	if (record_read_snapshot(reader, block, &snapshot) ||
	    model_update(&ui->model, &snapshot))
		return;
	ui_rows(ui);
	ui_draw(ui, grid);
	ui->order.sort = (ui->order.sort + 1) % COLUMN_COUNT;
	ui->order.tree = !ui->order.tree;
}

static void show_others(struct record_reader *reader, size_t block,
			struct log *log)
{
	static const struct pvsched_target target = { .vm = "web-1" };
	struct pvsched_caps_info caps;
	struct pvsched_event event;

	if (!record_read_event(reader, block, &event))
		log_add(log, &event);
	record_find_caps(reader, block, &target, &caps);
}

static void show(struct record_reader *reader, struct ui *ui, FILE *to)
{
	struct grid grid __attribute__((cleanup(grid_free))) = {};
	size_t block;

	if (grid_resize(&grid, 40, 200))
		abort();
	for (block = 0; block < reader->count && block < BLOCKS_MAX; block++) {
		show_sample(reader, block, ui, &grid);
		show_others(reader, block, &ui->log);
	}
	/* Backwards, too. */
	while (block--)
		show_sample(reader, block, ui, &grid);
	batch_json(ui, to);
	ui->screen = SCREEN_PANE;
	if (ui->rows.count)
		ui->pane.who = who_of(ui->rows.row[0].entity);
	ui_draw(ui, &grid);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct source_ops no_ops;
	static struct source source = { &no_ops };
	FILE *to __attribute__((cleanup(close_file))) = fopen("/dev/null", "w");
	struct ui ui __attribute__((cleanup(ui_free)));
	struct record_reader reader;
	struct pvsched_error error;
	FILE *file;

	setlocale(LC_ALL, "C.UTF-8");
	ui_init(&ui, &source);
	if (!size || !to)
		return 0;
	file = fmemopen((void *)data, size, "r");
	if (!file)
		abort();
	if (record_reader_open(&reader, file, &error))
		return 0;
	show(&reader, &ui, to);
	record_reader_close(&reader);
	return 0;
}
