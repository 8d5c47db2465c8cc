/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text of statistics, for people.
 */
#ifndef PVSCHED_TOOLS_VIEWSTATS_H
#define PVSCHED_TOOLS_VIEWSTATS_H

#include "rates.h"
#include "table.h"

/*
 * A row for each histogram that is not empty. vm: in a column of its own; NULL:
 * there is no such column.
 */
#define VIEW_HIST_HEADINGS ">VCPU TIME >COUNT >AVERAGE >50% >99% >MAX"
void view_hist_rows(struct table *table, const char *vm, const char *whose,
		    const struct pvsched_stats_info *stats);

#endif /* PVSCHED_TOOLS_VIEWSTATS_H */
