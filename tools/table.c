// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Text in columns, each as wide as its widest cell.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

#define COLUMNS_MAX 20

struct table {
	size_t columns;
	bool right[COLUMNS_MAX];
	char **cells;
	size_t count;
	bool failed;
};

struct table *table_new(const char *headings)
{
	struct table *table = calloc(1, sizeof(*table));
	size_t len;

	if (!table)
		return NULL;
	for (; *headings && table->columns < COLUMNS_MAX; headings += len) {
		bool right = *headings == '>';

		headings += right;
		len = strcspn(headings, " ");
		table->right[table->columns++] = right;
		table_cell(table, "%.*s", (int)len, headings);
		headings += strspn(headings + len, " ");
	}
	return table;
}

void table_free(struct table *table)
{
	size_t i;

	if (!table)
		return;
	for (i = 0; i < table->count; i++)
		free(table->cells[i]);
	free(table->cells);
	free(table);
}

size_t table_rows(const struct table *table)
{
	return table->count / table->columns - 1;
}

void table_fail(struct table *table)
{
	table->failed = true;
}

void table_cell(struct table *table, const char *fmt, ...)
{
	char **grown =
		reallocarray(table->cells, table->count + 1, sizeof(*grown));
	char *text;
	va_list args;
	int len;

	if (!grown) {
		table->failed = true;
		return;
	}
	table->cells = grown;
	va_start(args, fmt);
	len = vasprintf(&text, fmt, args);
	va_end(args);
	if (len < 0) {
		table->failed = true;
		return;
	}
	table->cells[table->count++] = text;
}

static void widths_get(const struct table *table, int *widths)
{
	size_t i;

	memset(widths, 0, COLUMNS_MAX * sizeof(*widths));
	for (i = 0; i < table->count; i++) {
		int len = strlen(table->cells[i]);

		if (len > widths[i % table->columns])
			widths[i % table->columns] = len;
	}
}

int table_print(const struct table *table, FILE *to)
{
	int widths[COLUMNS_MAX];
	size_t i;

	if (table->failed)
		return -1;
	widths_get(table, widths);
	for (i = 0; i < table->count; i++) {
		size_t column = i % table->columns;
		bool last = column == table->columns - 1;
		int width = widths[column];

		if (table->right[column])
			fprintf(to, "%*s", width, table->cells[i]);
		else
			fprintf(to, "%-*s", last ? 0 : width, table->cells[i]);
		fputs(last ? "\n" : "  ", to);
	}
	return ferror(to) ? -1 : 0;
}
