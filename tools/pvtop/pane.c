// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One vCPU or VM in detail: its caps and what binds, how long things took, and its
 * last events.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ui.h"

#define LINES_MAX  300
#define EVENTS_MAX 60
#define NAME_COLS  9
#define HIST_COLS  50 /* two of them side by side, if there is room */
#define HIST_LABEL 10
#define COUNT_COLS 9

const struct entity *pane_entity(const struct ui *ui)
{
	return model_find(&ui->model, ui->pane.who.vm_id, ui->pane.who.is_vcpu,
			  ui->pane.who.vcpu);
}

static struct pvsched_target target_of(const struct entity *entity,
				       unsigned int level)
{
	struct pvsched_target target = {};

	if (level == PVSCHED_CAP_LEVEL_HOST)
		return target;
	memcpy(target.vm, entity->vm->name, sizeof(target.vm));
	target.has_vcpu = level == PVSCHED_CAP_LEVEL_VCPU;
	target.vcpu = target.has_vcpu ? entity->vcpu->id : 0;
	return target;
}

struct pvsched_target pane_target(const struct ui *ui)
{
	return target_of(pane_entity(ui), ui->pane.level);
}

void pane_update(struct ui *ui)
{
	const struct entity *entity = pane_entity(ui);
	struct pane *pane = &ui->pane;
	struct pvsched_error error;
	unsigned int level;

	pane->gone = !entity;
	if (!entity)
		return;
	for (level = 0; level < PANE_LEVELS; level++) {
		struct pvsched_target target;

		pane->has[level] = false;
		if (level == PVSCHED_CAP_LEVEL_VCPU && !entity->vcpu)
			break;
		target = target_of(entity, level);
		pane->has[level] = !ui->source->ops->caps_get(
			ui->source, &target, &pane->caps[level], &error);
	}
}

void pane_open(struct ui *ui)
{
	const struct entity *entity = ui_selected(ui);
	struct pvsched_target target;
	struct pvsched_error error;

	if (!entity)
		return;
	memset(&ui->pane, 0, sizeof(ui->pane));
	ui->pane.who = who_of(entity);
	ui->pane.cap = ui->cap;
	ui->pane.level =
		entity->vcpu ? PVSCHED_CAP_LEVEL_VCPU : PVSCHED_CAP_LEVEL_VM;
	ui->screen = SCREEN_PANE;
	pane_update(ui);
	if (!entity->vcpu)
		return;
	target = target_of(entity, PVSCHED_CAP_LEVEL_VCPU);
	if (ui->source->ops->watch(ui->source, &target, &error))
		ui_say(ui, true, "boosts are not shown: %s", error.text);
}

void pane_close(struct ui *ui)
{
	struct pvsched_error error;

	ui->source->ops->watch(ui->source, NULL, &error);
	ui->screen = SCREEN_MAIN;
}

/* A column's cell behind its heading. */
static int fact_draw(const struct ui *ui, struct grid *grid, int row, int col,
		     const struct entity *entity, const char *name)
{
	const struct column_context context = { &ui->model, ui->looks.ascii };
	const struct column *column = &columns[column_find(name, strlen(name))];
	char text[CELL_TEXT_LEN];
	enum style style = column->cell(entity, &context, text);
	int width = (int)strlen(column->title) + 3 + grid_width(text);

	/* Not half of one at the end of a row. */
	if (col && col + width > grid->cols)
		return -1;
	col += grid_printf(grid, row, col, STYLE_DIM, "%s ", column->title);
	col += grid_put(grid, row, col, grid->cols, style, text);
	return col + 2;
}

static int facts_draw(const struct ui *ui, struct grid *grid,
		      const struct entity *entity)
{
	static const char *const of_vcpu[] = {
		"asks",		 "granted",   "baseline",
		"sleeper",	 "cpu",	      "tid",
		"boosted",	 "urgent",    "ready",
		"boosts",	 "interrupt", "preempted",
		"halt",		 "section",   "throttles",
		"doorbells",	 "vain",      "budget",
		"debt",		 "share",     "boosted-minute",
		"urgent-minute", "policy",
	};
	static const char *const of_vm[] = {
		"tid",		 "policy",  "boosted",	 "urgent",
		"ready",	 "boosts",  "interrupt", "preempted",
		"halt",		 "section", "throttles", "doorbells",
		"vain",		 "would",   "debt",	 "boosted-minute",
		"urgent-minute",
	};
	const char *const *names = entity->vcpu ? of_vcpu : of_vm;
	size_t i, count = entity->vcpu ? sizeof(of_vcpu) / sizeof(*of_vcpu) :
					 sizeof(of_vm) / sizeof(*of_vm);
	int row = 0, col = 0;

	for (i = 0; i < count; i++) {
		int next = fact_draw(ui, grid, row, col, entity, names[i]);

		if (next < 0)
			next = fact_draw(ui, grid, ++row, 0, entity, names[i]);
		col = next;
	}
	return row + 2;
}

/* "10:49"; where neither bounds anything, one word. */
static void cap_text(const struct pvsched_cap_info *cap, unsigned int id,
		     char *text, size_t size)
{
	char soft[PVSCHED_TEXT_LEN], hard[PVSCHED_TEXT_LEN];

	pvsched_cap_text(id, cap->soft, soft);
	if (cap->soft == PVSCHED_UNLIMITED && cap->hard == PVSCHED_UNLIMITED)
		snprintf(text, size, "%s", soft);
	else
		snprintf(text, size, "%s:%s", soft,
			 pvsched_cap_text(id, cap->hard, hard));
}

static void cap_draw(const struct ui *ui, struct grid *grid, int row, int width,
		     const struct entity *entity, unsigned int id)
{
	const struct pane *pane = &ui->pane;
	const struct pvsched_binding_info *binding;
	unsigned int level;
	char text[80];

	grid_put(grid, row, 0, NAME_COLS, STYLE_NORMAL, pvsched_cap_name(id));
	for (level = 0; level < PANE_LEVELS; level++) {
		const struct pvsched_cap_info *cap = &pane->caps[level].cap[id];
		bool selected = level == pane->level && id == pane->cap;
		int col = NAME_COLS + (int)level * width;

		if (level == PVSCHED_CAP_LEVEL_VCPU && !entity->vcpu)
			break;
		if (selected)
			grid_style(grid, row, col, width - 1, STYLE_SELECTED);
		if (pane->has[level] && cap->present)
			cap_text(cap, id, text, sizeof(text));
		else
			snprintf(text, sizeof(text), "-");
		grid_put(grid, row, col, width - 1,
			 selected ? STYLE_SELECTED : STYLE_NORMAL, text);
	}
	if (!entity->vcpu)
		return;
	binding = &entity->vcpu->binding[id];
	grid_printf(grid, row, NAME_COLS + PANE_LEVELS * width, STYLE_TITLE,
		    "%s (%s)", pvsched_cap_text(id, binding->value, text),
		    pvsched_cap_level_name(binding->level));
}

static int caps_draw(struct ui *ui, struct grid *grid, int row,
		     const struct entity *entity)
{
	static const char *const levels[] = { "HOST", "VM", "VCPU", "BINDS" };
	int width = (grid->cols - NAME_COLS) / 4, level;
	unsigned int id;

	if (width > 18)
		width = 18;
	grid_put(grid, row, 0, NAME_COLS, STYLE_DIM, "CAP");
	for (level = 0; level < (entity->vcpu ? 4 : 2); level++)
		grid_put(grid, row, NAME_COLS + level * width, width, STYLE_DIM,
			 levels[level]);
	for (id = 0; id < PVSCHED_CAP_COUNT; id++) {
		row++;
		if (id == ui->pane.cap)
			ui->pane.cap_line = row;
		cap_draw(ui, grid, row, width, entity, id);
	}
	return row + 2;
}

/* "< 2.1ms", or what the last bucket begins with. */
static void bucket_label(unsigned int bucket, char *text, size_t size)
{
	bool last = bucket == PVSCHED_HIST_BUCKETS - 1;
	char bound[16];

	short_time(pvsched_hist_bound(last ? bucket - 1 : bucket), bound,
		   sizeof(bound));
	snprintf(text, size, "%c %s", last ? '>' : '<', bound);
}

static int buckets_draw(const struct ui *ui, struct grid *grid, int row,
			int col, int width,
			const struct pvsched_hist_info *hist)
{
	unsigned int first = 0, last = PVSCHED_HIST_BUCKETS, i;
	uint64_t most = 1;
	char text[3 * 128];

	while (first < last && !hist->bucket[first])
		first++;
	while (last > first && !hist->bucket[last - 1])
		last--;
	for (i = first; i < last; i++)
		if (hist->bucket[i] > most)
			most = hist->bucket[i];
	width -= HIST_LABEL + COUNT_COLS + 2;
	if (width > 100)
		width = 100;
	for (i = first; i < last; i++, row++) {
		bucket_label(i, text, sizeof(text));
		grid_put(grid, row, col, HIST_LABEL, STYLE_DIM, text);
		bar_text((double)hist->bucket[i] / (double)most, width,
			 ui->looks.ascii, text, sizeof(text));
		grid_put(grid, row, col + HIST_LABEL, width, STYLE_BAR, text);
		snprintf(text, sizeof(text), "%*" PRIu64, COUNT_COLS,
			 hist->bucket[i]);
		grid_put(grid, row, col + HIST_LABEL + width, COUNT_COLS + 1,
			 STYLE_NORMAL, text);
	}
	return row;
}

static int hist_draw(const struct ui *ui, struct grid *grid, int row, int col,
		     int width, const struct pvsched_stats_info *stats,
		     unsigned int id)
{
	static const char *const titles[] = {
		[PVSCHED_HIST_WAIT_URGENT] = "Waits while urgent",
		[PVSCHED_HIST_EVENT_LATENCY] = "Interrupt until it ran",
		[PVSCHED_HIST_BOOST_LENGTH] = "Length of boosts",
		[PVSCHED_HIST_DEBOOST_LATENCY] = "Until boosts were undone",
	};
	const struct pvsched_hist_info *hist = &stats->hist[id];
	uint64_t count = pvsched_hist_count(hist);
	char text[128], average[16];

	if (count)
		snprintf(text, sizeof(text), ": %" PRIu64 ", average %s", count,
			 short_time(pvsched_hist_average(hist), average,
				    sizeof(average)));
	else
		snprintf(text, sizeof(text), ": none");
	grid_put(grid, row, col, width, STYLE_TITLE, titles[id]);
	grid_put(grid, row, col + (int)strlen(titles[id]),
		 width - (int)strlen(titles[id]), STYLE_NORMAL, text);
	return buckets_draw(ui, grid, row + 1, col, width, hist);
}

static int hists_draw(const struct ui *ui, struct grid *grid, int row,
		      const struct entity *entity)
{
	const struct pvsched_stats_info *stats =
		entity->vcpu ? &entity->vcpu->stats : &entity->vm->stats;
	bool two = grid->cols >= 2 * HIST_COLS;
	int width = two ? grid->cols / 2 : grid->cols;
	unsigned int id;

	for (id = 0; id < PVSCHED_HIST_COUNT; id += two ? 2 : 1) {
		int left = hist_draw(ui, grid, row, 0, width, stats, id);
		int right = two ? hist_draw(ui, grid, row, width, width, stats,
					    id + 1) :
				  0;

		row = (left > right ? left : right) + 1;
	}
	return row;
}

static int events_draw(const struct ui *ui, struct grid *grid, int row,
		       const struct entity *entity)
{
	const struct log_event *event;
	unsigned int i;

	grid_put(grid, row++, 0, grid->cols, STYLE_TITLE,
		 "Last events, seconds ago");
	for (i = 0; i < EVENTS_MAX; i++, row++) {
		double ago;
		int col;

		event = log_find(&ui->log, entity->vm->id, entity->vcpu,
				 entity->vcpu ? entity->vcpu->id : 0, i);
		if (!event)
			break;
		ago = (double)(int64_t)(ui->model.now.time_ns -
					event->time_ns) /
		      1e9;
		col = grid_printf(grid, row, 0, STYLE_DIM, "%10.3f ", ago);
		if (!event->vm[0])
			col += grid_put(grid, row, col, 6, STYLE_DIM, "host ");
		else if (!entity->vcpu && event->has_vcpu)
			col += grid_printf(grid, row, col, STYLE_DIM,
					   "/%" PRIu32 " ", event->vcpu);
		grid_put(grid, row, col, grid->cols, STYLE_NORMAL, event->text);
	}
	if (!i)
		grid_put(grid, row++, 2, grid->cols, STYLE_DIM,
			 ui->model.now.listening ? "none yet" :
						   "events are not heard");
	return row;
}

static void title_draw(const struct ui *ui, struct grid *grid,
		       const struct entity *entity)
{
	char name[ENTITY_TEXT_LEN], why[CELL_TEXT_LEN];
	int col = 1;

	grid_style(grid, 0, 0, -1, STYLE_HEADING);
	col += grid_put(grid, 0, col, grid->cols, STYLE_HEADING,
			entity_text(entity, name));
	entity_why(entity, &ui->model, why);
	grid_printf(grid, 0, col, STYLE_HEADING, ": %s%s%s%s",
		    state_name(entity->state), *why ? ", " : "", why,
		    ui->paused ? "  PAUSED" : "");
}

/* Bring the selected cap into view, and do not go beyond the end. */
static void pane_scroll(struct pane *pane, int shown)
{
	if (pane->moved && pane->cap_line < pane->top)
		pane->top = pane->cap_line;
	if (pane->moved && pane->cap_line >= pane->top + shown)
		pane->top = pane->cap_line - shown + 1;
	pane->moved = false;
	if (pane->top > pane->lines - shown)
		pane->top = pane->lines - shown;
	if (pane->top < 0)
		pane->top = 0;
}

void pane_draw(struct ui *ui, struct grid *grid)
{
	struct grid all __attribute__((cleanup(grid_free))) = {};
	const struct entity *entity = pane_entity(ui);
	int row, shown = grid->rows - 2;

	if (!entity || grid_resize(&all, LINES_MAX, grid->cols)) {
		grid_put(grid, 1, 2, grid->cols, STYLE_ERROR,
			 "It is gone. Esc goes back.");
		return;
	}
	title_draw(ui, grid, entity);
	row = facts_draw(ui, &all, entity);
	row = caps_draw(ui, &all, row, entity);
	row = hists_draw(ui, &all, row, entity);
	ui->pane.lines = events_draw(ui, &all, row, entity);
	pane_scroll(&ui->pane, shown);
	grid_copy_rows(grid, 1, &all, ui->pane.top, shown);
}
