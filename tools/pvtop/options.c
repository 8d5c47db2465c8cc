// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The command line.
 */
#include <errno.h>
#include <getopt.h>
#include <langinfo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../command.h"
#include "options.h"

static const char help[] =
	"usage: pvtop [OPTION...]\n"
	"\n"
	"Which vCPU waits, which is boosted, and why.\n"
	"\n"
	"  -d, --delay SECONDS    between samples, 0.1 to 3600; 1 unless it is set\n"
	"  -s, --sort COLUMN      sort by this column; -COLUMN: the other way round\n"
	"  -F, --filter WORDS     only what has these words in name, state or reason\n"
	"  -o, --columns COLUMN,...  show these columns, in this order\n"
	"  -f, --flat             vCPUs only, not below their VMs\n"
	"  -R, --readonly         nothing can be changed\n"
	"  -b, --batch            text, without a terminal; also if output is no terminal\n"
	"  -j, --json             in batch mode: JSON, a line for each sample\n"
	"  -n, --count COUNT      in batch mode: end after so many samples\n"
	"  -w, --write FILE       record to FILE what is shown\n"
	"  -r, --read FILE        show what is recorded in FILE, or a history of pvschedd\n"
	"  -a, --ascii            only characters that any terminal has\n"
	"      --colour WHICH     auto, none, 8 or 256\n"
	"  -h, --help\n"
	"  -V, --version\n"
	"\n"
	"Columns:";

static int usage(const char *fmt, const char *what)
{
	if (fmt) {
		fputs("pvtop: ", stderr);
		fprintf(stderr, fmt, what);
		fputc('\n', stderr);
	}
	fputs("Try: pvtop --help\n", stderr);
	return COMMAND_USAGE;
}

static int help_print(void)
{
	int col = 8;
	unsigned int i;

	fputs(help, stdout);
	for (i = 0; i < COLUMN_COUNT; i++) {
		col += 1 + (int)strlen(columns[i].name);
		if (col > 76) {
			fputs("\n ", stdout);
			col = 2 + (int)strlen(columns[i].name);
		}
		printf(" %s", columns[i].name);
	}
	putchar('\n');
	return fflush(stdout) ? COMMAND_FAILED : COMMAND_DONE;
}

static bool delay_parse(const char *text, int *delay_ms)
{
	char *end;
	double seconds;

	errno = 0;
	seconds = strtod(text, &end);
	if (end == text || *end || errno || !(seconds >= 0.1) ||
	    !(seconds <= 3600))
		return false;
	*delay_ms = (int)(seconds * 1000 + 0.5);
	return true;
}

static bool samples_parse(const char *text, unsigned long *count)
{
	char *end;

	errno = 0;
	*count = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno && *count;
}

static bool sort_parse(const char *text, struct options *options)
{
	options->reverse = *text == '-';
	text += options->reverse;
	options->sort = column_find(text, strlen(text));
	return options->sort < COLUMN_COUNT;
}

static bool colours_parse(const char *text, struct options *options)
{
	static const char *const names[] = { "none", "8", "256" };
	unsigned int i;

	options->colours_set = strcmp(text, "auto") != 0;
	for (i = 0; options->colours_set && i < 3; i++)
		if (!strcmp(text, names[i])) {
			options->colours = i;
			return true;
		}
	return !options->colours_set;
}

static bool columns_known(const char *names)
{
	struct ui ui;

	ui_init(&ui, NULL);
	return ui_columns_set(&ui, names);
}

/* Returns what is wrong with an argument, or NULL. */
static const char *argument_take(int c, struct options *options)
{
	switch (c) {
	case 'd':
		return delay_parse(optarg, &options->delay_ms) ?
			       NULL :
			       "'%s' is not a time from 0.1 to 3600 seconds";
	case 's':
		return sort_parse(optarg, options) ? NULL :
						     "no column is called '%s'";
	case 'o':
		options->columns = optarg;
		return columns_known(optarg) ?
			       NULL :
			       "'%s' has a name that no column has";
	case 'n':
		return samples_parse(optarg, &options->count) ?
			       NULL :
			       "'%s' is not a number of samples";
	case 'F':
		options->filter = optarg;
		return NULL;
	case 'w':
		options->record = optarg;
		return NULL;
	case 'r':
		options->replay = optarg;
		return NULL;
	default:
		return colours_parse(optarg, options) ?
			       NULL :
			       "'%s' is not auto, none, 8 or 256";
	}
}

static void flag_take(int c, struct options *options)
{
	switch (c) {
	case 'b':
		options->batch = true;
		break;
	case 'j':
		options->json = true;
		break;
	case 'f':
		options->flat = true;
		break;
	case 'R':
		options->readonly = true;
		break;
	case 'a':
		options->ascii = true;
		break;
	}
}

/* Returns whether what is asked for goes together. */
static bool options_agree(const struct options *options, int *status)
{
	if (options->record && options->replay)
		*status = usage("-w and -r do not go together%s", "");
	else if (options->json && !options->batch)
		*status = usage("-j is for batch mode: -b%s", "");
	else if (options->count && !options->batch)
		*status = usage("-n is for batch mode: -b%s", "");
	else
		return true;
	return false;
}

bool options_get(int argc, char **argv, struct options *options, int *status)
{
	static const struct option names[] = {
		{ "delay", required_argument, NULL, 'd' },
		{ "sort", required_argument, NULL, 's' },
		{ "filter", required_argument, NULL, 'F' },
		{ "columns", required_argument, NULL, 'o' },
		{ "flat", no_argument, NULL, 'f' },
		{ "readonly", no_argument, NULL, 'R' },
		{ "batch", no_argument, NULL, 'b' },
		{ "json", no_argument, NULL, 'j' },
		{ "count", required_argument, NULL, 'n' },
		{ "write", required_argument, NULL, 'w' },
		{ "read", required_argument, NULL, 'r' },
		{ "ascii", no_argument, NULL, 'a' },
		{ "colour", required_argument, NULL, 'C' },
		{ "color", required_argument, NULL, 'C' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{}
	};
	const char *wrong;
	int c;

	*options = (struct options){ .delay_ms = 1000, .filter = "" };
	while ((c = getopt_long(argc, argv, "d:s:F:o:fRbjn:w:r:ahV", names,
				NULL)) != -1) {
		if (c == 'h' || c == '?') {
			*status = c == 'h' ? help_print() : usage(NULL, NULL);
			return false;
		}
		if (c == 'V') {
			puts("pvtop " PVSCHED_VERSION);
			*status =
				fflush(stdout) ? COMMAND_FAILED : COMMAND_DONE;
			return false;
		}
		flag_take(c, options);
		wrong = optarg ? argument_take(c, options) : NULL;
		if (wrong) {
			*status = usage(wrong, optarg);
			return false;
		}
		optarg = NULL;
	}
	if (optind < argc) {
		*status = usage("takes no '%s'", argv[optind]);
		return false;
	}
	options->batch |= !isatty(STDOUT_FILENO);
	return options_agree(options, status);
}

void options_apply(const struct options *options, struct ui *ui)
{
	ui->readonly = options->readonly;
	ui->order.sort = options->sort;
	ui->order.reverse = options->reverse;
	ui->order.tree = !options->flat;
	ui->looks.colours = options->colours;
	/* What is no UTF-8 cannot show anything else. */
	ui->looks.ascii =
		options->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	snprintf(ui->order.filter, sizeof(ui->order.filter), "%s",
		 options->filter);
	if (options->columns)
		ui_columns_set(ui, options->columns);
}
