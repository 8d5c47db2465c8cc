/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text in columns, each as wide as its widest cell.
 */
#ifndef PVSCHED_TOOLS_TABLE_H
#define PVSCHED_TOOLS_TABLE_H

#include <stdio.h>

struct table;

/* headings: separated by spaces; one that begins with '>' is right-aligned. */
struct table *table_new(const char *headings);
void table_free(struct table *table);

/* Cells are added from left to right, then from top to bottom. */
__attribute__((format(printf, 2, 3))) void table_cell(struct table *table,
						      const char *fmt, ...);

/* How many rows there are below the headings. */
size_t table_rows(const struct table *table);

/* Memory ran out for a cell: table_print() will fail. */
void table_fail(struct table *table);

/* Returns 0, or -1 if memory ran out anywhere on the way or printing failed. */
int table_print(const struct table *table, FILE *to);

#endif /* PVSCHED_TOOLS_TABLE_H */
