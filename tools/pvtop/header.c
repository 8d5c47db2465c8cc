// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is above the rows: the host.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ui.h"

/* With fewer rows there is room for less above them. */
#define ROWS_FOR_TOTALS 14
#define ROWS_FOR_CPUS	20

#define METER_WIDTH	26
#define METER_LINES	4
#define STRIP_LINES	3

/* Text that is put together from left to right. */
struct line {
	struct grid *grid;
	int row;
	int col;
};

__attribute__((format(printf, 3, 4))) static void
add(struct line *line, enum style style, const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	line->col += grid_put(line->grid, line->row, line->col,
			      line->grid->cols, style, text);
}

static void add_rate(struct line *line, double rate, const char *unit)
{
	add(line, STYLE_NORMAL, "%.*f %s", rate < 100 ? 1 : 0, rate, unit);
}

static void time_text(uint64_t real_ns, char *text, size_t size)
{
	time_t seconds = (time_t)(real_ns / 1000000000);
	struct tm tm;

	if (!localtime_r(&seconds, &tm) ||
	    !strftime(text, size, "%H:%M:%S", &tm))
		*text = '\0';
}

/* To the right: what is unusual about this pvtop. */
static void status_draw(const struct ui *ui, struct grid *grid)
{
	char text[64] = "", at[32];
	size_t len = 0;

	if (ui->source->ops->progress) {
		ui->source->ops->progress(ui->source, at, sizeof(at));
		len = (size_t)snprintf(text, sizeof(text), " %s %s ",
				       ui->ended ? "END" : "REPLAY", at);
	} else if (ui->readonly) {
		len = (size_t)snprintf(text, sizeof(text), " READ ONLY ");
	}
	if (ui->paused)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					" PAUSED ");
	if (len)
		grid_put(grid, 0, grid->cols - (int)len, (int)len, STYLE_PAUSED,
			 text);
}

static void counts_draw(const struct ui *ui, struct grid *grid)
{
	struct line line = { grid, 0, 0 };
	const struct model *model = &ui->model;
	const char *separator = ":";
	unsigned int state;
	char text[16];

	time_text(model->now.real_ns, text, sizeof(text));
	add(&line, STYLE_TITLE, "pvtop %s", text);
	add(&line, STYLE_NORMAL, "  %zu VM%s, %zu vCPU%s", model->now.vms.count,
	    model->now.vms.count == 1 ? "" : "s", model->now.vcpus.count,
	    model->now.vcpus.count == 1 ? "" : "s");
	for (state = STATE_COUNT; state-- > 0;) {
		if (!model->totals.vcpus[state])
			continue;
		add(&line, STYLE_NORMAL, "%s ", separator);
		add(&line, state_style(state), "%u %s",
		    model->totals.vcpus[state], state_name(state));
		separator = ",";
	}
}

static void meter_draw(struct grid *grid, int row, int col, uint32_t cpu,
		       double share, bool ascii)
{
	const int width = METER_WIDTH - 14;
	char bar[64];

	bar_text(share, width, ascii, bar, sizeof(bar));
	col += grid_printf(grid, row, col, STYLE_NORMAL, "%4" PRIu32 " [", cpu);
	grid_put(grid, row, col, width, STYLE_BAR, bar);
	grid_printf(grid, row, col + width, STYLE_NORMAL, "%4.0f%%]",
		    share * 100);
}

static int meters_draw(const struct ui *ui, struct grid *grid, int row,
		       int across)
{
	const struct model *model = &ui->model;
	int lines = ((int)model->cpus + across - 1) / across;
	uint32_t cpu;

	for (cpu = 0; cpu < model->cpus; cpu++)
		meter_draw(grid, row + (int)cpu % lines,
			   (int)cpu / lines * METER_WIDTH, cpu,
			   model->taken[cpu], ui->looks.ascii);
	return lines;
}

/* Many CPUs: a character for each. */
static int strip_draw(const struct ui *ui, struct grid *grid, int row)
{
	static const char *const wide[] = { "·", "▁", "▂", "▃", "▄",
					    "▅", "▆", "▇", "█" };
	static const char *const narrow[] = { ".", "_", ":", "-", "=",
					      "+", "*", "%", "#" };
	const struct model *model = &ui->model;
	int across = grid->cols - 8, lines;
	uint32_t cpu;

	lines = ((int)model->cpus + across - 1) / across;
	if (lines > STRIP_LINES)
		lines = STRIP_LINES;
	for (cpu = 0; cpu < model->cpus && (int)cpu < across * lines; cpu++) {
		double share = model->taken[cpu];
		unsigned int level = share >= 1 ? 8 : (unsigned int)(share * 8);
		int at = (int)cpu % across, line = row + (int)cpu / across;

		if (share > 0 && !level)
			level = 1;
		if (!at)
			grid_printf(grid, line, 0, STYLE_NORMAL, "%6" PRIu32,
				    cpu);
		grid_put(grid, line, 7 + at, 1, level ? STYLE_BAR : STYLE_DIM,
			 ui->looks.ascii ? narrow[level] : wide[level]);
	}
	return lines;
}

static int cpus_draw(const struct ui *ui, struct grid *grid, int row)
{
	int across = grid->cols / METER_WIDTH;

	grid_printf(grid, row, 0, STYLE_DIM, "CPUs taken by boosts");
	row++;
	if (!ui->model.cpus)
		return 1;
	if ((int)ui->model.cpus <= across * METER_LINES)
		return 1 + meters_draw(ui, grid, row, across);
	return 1 + strip_draw(ui, grid, row);
}

/* How many VMs have which policy; so many policies are told, others are "...". */
#define POLICIES_MAX 4

static void policies_draw(const struct ui *ui, struct line *line)
{
	const struct pvsched_vms *vms = &ui->model.now.vms;
	const char *names[POLICIES_MAX];
	size_t counts[POLICIES_MAX], count = 0, i, at;
	bool more = false;

	for (i = 0; i < vms->count; i++) {
		for (at = 0; at < count; at++)
			if (!strcmp(names[at], vms->vm[i].policy))
				break;
		if (at == POLICIES_MAX) {
			more = true;
			continue;
		}
		if (at == count) {
			names[count] = vms->vm[i].policy;
			counts[count++] = 0;
		}
		counts[at]++;
	}
	for (i = 0; i < count; i++)
		add(line, STYLE_NORMAL, "%s %s (%zu)", i ? "," : "  policy",
		    names[i], counts[i]);
	if (more)
		add(line, STYLE_NORMAL, ", ...");
}

static void switch_draw(const struct ui *ui, struct grid *grid, int row)
{
	const struct pvsched_host_info *host = &ui->model.now.host;
	struct line line = { grid, row, 0 };

	if (ui->model.now.counters_only) {
		add(&line, STYLE_DIM, "a history: it has counters only");
		return;
	}
	if (!host->enabled)
		add(&line, STYLE_ERROR, "boosts disabled");
	else if (host->held)
		add(&line, STYLE_WAITING, "boosts held back by the canary");
	else
		add(&line, STYLE_RUNNING, "boosts allowed");
	if (host->canary_ms)
		add(&line, STYLE_NORMAL, "  canary %" PRIu32 " ms",
		    host->canary_ms);
	else
		add(&line, STYLE_WAITING, "  canary off");
	if (host->canary_trips)
		add(&line, STYLE_WAITING, ", tripped %" PRIu64,
		    host->canary_trips);
	policies_draw(ui, &line);
}

static void totals_draw(const struct ui *ui, struct grid *grid, int row)
{
	const struct model *model = &ui->model;
	struct line line = { grid, row, 0 };

	if (model->now.has_pressure)
		add(&line, STYLE_NORMAL, "PSI cpu %.2f%%  ",
		    model->now.pressure / 100.0);
	if (model->now.counters_only)
		;
	else if (!model->now.listening)
		add(&line, STYLE_DIM, "events not heard  ");
	else
		add(&line, model->now.lost ? STYLE_THROTTLED : STYLE_DIM,
		    "events lost %" PRIu64 "  ", model->now.lost);
	if (!model->interval_ns)
		return;
	add_rate(&line, model->totals.boosts, "boosts/s  ");
	add_rate(&line, model->totals.urgent * 1000,
		 "ms/s waiting while urgent  ");
	add_rate(&line, model->totals.throttles, "throttles/s  ");
	add_rate(&line, model->totals.doorbells, "doorbells/s");
}

int header_draw(const struct ui *ui, struct grid *grid)
{
	int row = 1;

	counts_draw(ui, grid);
	status_draw(ui, grid);
	if (ui->model.now.missing)
		return row;
	if (grid->rows >= ROWS_FOR_CPUS && !ui->model.now.counters_only)
		row += cpus_draw(ui, grid, row);
	switch_draw(ui, grid, row++);
	if (grid->rows >= ROWS_FOR_TOTALS)
		totals_draw(ui, grid, row++);
	return row;
}
