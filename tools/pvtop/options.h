/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line.
 */
#ifndef PVTOP_OPTIONS_H
#define PVTOP_OPTIONS_H

#include "ui.h"

/**
 * struct options - what the command line asks for
 * @batch: no terminal
 * @json: in batch mode: JSON, a line for each sample
 * @count: in batch mode: samples; 0: no end
 * @delay_ms: between samples
 * @replay: file to be shown; NULL: the kernel
 * @record: file to be written; NULL: none
 * @columns: names; NULL: as they are
 * @sort: column
 * @reverse: the other way round
 * @filter: or ""
 * @flat: vCPUs only
 * @readonly: nothing can be changed
 * @ascii: no other characters
 * @colours: of which there are to be
 * @colours_set: @colours counts
 */
struct options {
	bool batch;
	bool json;
	unsigned long count;
	int delay_ms;
	const char *replay;
	const char *record;
	const char *columns;
	unsigned int sort;
	bool reverse;
	const char *filter;
	bool flat;
	bool readonly;
	bool ascii;
	enum colours colours;
	bool colours_set;
};

/* Returns true to go on; else pvtop ends with *status. */
bool options_get(int argc, char **argv, struct options *options, int *status);

/* What they mean for the screen. */
void options_apply(const struct options *options, struct ui *ui);

/* app.c: with this source for the kernel, which it takes over. Exit status. */
int app_run(const struct options *options, struct source *live);

/* batch.c: return an exit status. */
int batch_run(struct ui *ui, const struct options *options);

#endif /* PVTOP_OPTIONS_H */
