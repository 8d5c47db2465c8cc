// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvtop's model, rows, recordings and screens, without a terminal.
 */
#include <check.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../tools/pvtop/batch.h"
#include "../../tools/pvtop/fields.h"
#include "../../tools/pvtop/record.h"
#include "../../tools/pvtop/ui.h"
#include "../pvtop/fake.h"
#include "write.h"
#include "check_run.h"

#define NS_PER_S 1000000000ULL

/* A snapshot of one VM with so many vCPUs, at a time; counters are set later. */
static struct snapshot snapshot(uint64_t seconds, uint32_t vcpus)
{
	struct snapshot to = { .time_ns = seconds * NS_PER_S, .cpus = 2 };
	uint32_t i;

	to.host.enabled = true;
	to.vms.vm = calloc(1, sizeof(*to.vms.vm));
	to.vcpus.vcpu = calloc(vcpus, sizeof(*to.vcpus.vcpu));
	ck_assert(to.vms.vm && to.vcpus.vcpu);
	to.vms.count = 1;
	to.vms.vm->id = 7;
	to.vms.vm->vcpus = vcpus;
	strcpy(to.vms.vm->name, "web");
	to.vcpus.count = vcpus;
	for (i = 0; i < vcpus; i++) {
		to.vcpus.vcpu[i].vm_id = 7;
		to.vcpus.vcpu[i].id = i;
		to.vcpus.vcpu[i].bound = true;
		to.vcpus.vcpu[i].cpu = i;
		to.vcpus.vcpu[i].state = PVSCHED_VCPU_STATE_RUNNING;
	}
	return to;
}

static const struct entity *vcpu_of(const struct model *model, uint32_t id)
{
	const struct entity *entity = model_find(model, 7, true, id);

	ck_assert_ptr_nonnull(entity);
	return entity;
}

START_TEST(rates)
{
	struct model model = {};
	struct snapshot first = snapshot(10, 2), second = snapshot(12, 2);
	struct pvsched_stats_info *stats = &second.vcpus.vcpu[1].stats;
	const struct figures *now;

	second.vcpus.vcpu[1].binding[PVSCHED_CAP_RUNTIME].value = 50000;
	second.vcpus.vcpu[1].binding[PVSCHED_CAP_PERIOD].value = 100000;
	stats->boosts[PVSCHED_CAUSE_INTERRUPT] = 30;
	stats->boosts[PVSCHED_CAUSE_HALT] = 10;
	stats->spurious = 10;
	stats->boosted_ns = NS_PER_S / 2;
	stats->waited_ns = NS_PER_S;
	stats->waited_urgent_ns = NS_PER_S / 5;
	stats->throttles = 4;
	stats->hist[PVSCHED_HIST_WAIT_URGENT].bucket[3] = 99;
	stats->hist[PVSCHED_HIST_WAIT_URGENT].bucket[9] = 1;
	ck_assert_int_eq(model_update(&model, &first), 0);
	ck_assert(!vcpu_of(&model, 1)->now.known);
	ck_assert_int_eq(model_update(&model, &second), 0);
	now = &vcpu_of(&model, 1)->now;
	ck_assert(now->known);
	ck_assert_double_eq_tol(now->boosts, 20, 1e-9);
	ck_assert_double_eq_tol(now->by_cause[PVSCHED_CAUSE_INTERRUPT], 15,
				1e-9);
	ck_assert_double_eq_tol(now->vain, 0.25, 1e-9);
	ck_assert_double_eq_tol(now->boosted, 0.25, 1e-9);
	ck_assert_double_eq_tol(now->ready, 0.5, 1e-9);
	ck_assert_double_eq_tol(now->urgent, 0.1, 1e-9);
	ck_assert_double_eq_tol(now->throttles, 2, 1e-9);
	ck_assert_double_eq_tol(now->budget, 0.5, 1e-9);
	ck_assert_uint_eq(now->p50, pvsched_hist_bound(3));
	ck_assert_uint_eq(now->p99, pvsched_hist_bound(3));
	/* The other one did nothing. */
	now = &vcpu_of(&model, 0)->now;
	ck_assert_double_eq(now->boosts, 0);
	ck_assert(now->vain < 0);
	ck_assert_uint_eq(now->p99, 0);
	ck_assert_double_eq_tol(model.taken[1], 0.25, 1e-9);
	ck_assert_double_eq(model.taken[0], 0);
	ck_assert_double_eq_tol(model.totals.boosts, 20, 1e-9);
	model_reset(&model);
}
END_TEST

/* The kernel says when it read a vCPU; that counts, not when it was asked. */
START_TEST(rates_by_time_of_vcpu)
{
	struct model model = {};
	struct snapshot first = snapshot(10, 1), second = snapshot(11, 1);

	first.vcpus.vcpu->time_ns = 10 * NS_PER_S;
	second.vcpus.vcpu->time_ns = 12 * NS_PER_S;
	second.vcpus.vcpu->stats.doorbells = 10;
	model_update(&model, &first);
	model_update(&model, &second);
	ck_assert_double_eq_tol(vcpu_of(&model, 0)->now.doorbells, 5, 1e-9);
	model_reset(&model);
}
END_TEST

/* A vCPU that was registered anew has no rate, rather than a wrong one. */
START_TEST(counter_goes_back)
{
	struct model model = {};
	struct snapshot first = snapshot(10, 1), second = snapshot(11, 1);
	struct snapshot third = snapshot(12, 1);

	first.vcpus.vcpu->stats.doorbells = 1000;
	second.vcpus.vcpu->stats.doorbells = 10;
	third.vcpus.vcpu->stats.doorbells = 17;
	model_update(&model, &first);
	model_update(&model, &second);
	ck_assert(!vcpu_of(&model, 0)->now.known);
	model_update(&model, &third);
	ck_assert_double_eq_tol(vcpu_of(&model, 0)->now.doorbells, 7, 1e-9);
	model_reset(&model);
}
END_TEST

START_TEST(time_stands_still)
{
	struct model model = {};
	struct snapshot first = snapshot(10, 1), second = snapshot(10, 1);
	struct snapshot third = snapshot(9, 1);

	model_update(&model, &first);
	model_update(&model, &second);
	ck_assert(!vcpu_of(&model, 0)->now.known);
	model_update(&model, &third);
	ck_assert(!vcpu_of(&model, 0)->now.known);
	model_reset(&model);
}
END_TEST

START_TEST(rings)
{
	struct model model = {};
	uint64_t second;
	const struct ring *ring;

	for (second = 100; second <= 110; second++) {
		struct snapshot now = snapshot(second, 1);

		now.vcpus.vcpu->stats.boosted_ns =
			second <= 105 ? (second - 100) * NS_PER_S / 2 :
					5 * NS_PER_S / 2;
		model_update(&model, &now);
	}
	ring = &vcpu_of(&model, 0)->past.boosted;
	ck_assert_uint_eq(ring_max(&model, ring, 4, 5), 0);
	ck_assert_uint_eq(ring_max(&model, ring, 9, 5), 50);
	ck_assert_uint_eq(ring_max(&model, ring, 30, 5), RING_NONE);
	/* Half an hour later nothing of it is left. */
	{
		struct snapshot later = snapshot(110 + 1800, 1);

		later.vcpus.vcpu->stats.boosted_ns = 5 * NS_PER_S / 2;
		model_update(&model, &later);
	}
	ring = &vcpu_of(&model, 0)->past.boosted;
	ck_assert_uint_eq(ring_max(&model, ring, 59, 60), 0);
	model_reset(&model);
}
END_TEST

/* Waits of more than a minute ago are in no quantile. */
START_TEST(quantiles_forget)
{
	struct model model = {};
	uint64_t second;

	for (second = 100; second <= 200; second++) {
		struct snapshot now = snapshot(second, 1);
		struct pvsched_hist_info *hist =
			&now.vcpus.vcpu->stats.hist[PVSCHED_HIST_WAIT_URGENT];

		hist->bucket[5] = second > 100;
		model_update(&model, &now);
		if (second == 102)
			ck_assert_uint_eq(vcpu_of(&model, 0)->now.p99,
					  pvsched_hist_bound(5));
	}
	ck_assert_uint_eq(vcpu_of(&model, 0)->now.p99, 0);
	model_reset(&model);
}
END_TEST

START_TEST(states)
{
	struct model model = {};
	struct snapshot now = snapshot(10, 5);
	const struct entity *vm;

	now.vcpus.vcpu[0].state = PVSCHED_VCPU_STATE_BLOCKED;
	now.vcpus.vcpu[1].state = PVSCHED_VCPU_STATE_PREEMPTED;
	now.vcpus.vcpu[2].flags = PVSCHED_VCPU_FLAG_BOOSTED;
	now.vcpus.vcpu[3].flags =
		PVSCHED_VCPU_FLAG_BOOSTED | PVSCHED_VCPU_FLAG_OWNER_CHANGED;
	now.vcpus.vcpu[4].flags = PVSCHED_VCPU_FLAG_THROTTLED;
	model_update(&model, &now);
	ck_assert_int_eq(vcpu_of(&model, 0)->state, STATE_IDLE);
	ck_assert_int_eq(vcpu_of(&model, 1)->state, STATE_WAITING);
	ck_assert_int_eq(vcpu_of(&model, 2)->state, STATE_BOOSTED);
	ck_assert_int_eq(vcpu_of(&model, 3)->state, STATE_OWNER);
	ck_assert_int_eq(vcpu_of(&model, 4)->state, STATE_THROTTLED);
	vm = model_find(&model, 7, false, 0);
	ck_assert_int_eq(vm->state, STATE_OWNER);
	ck_assert_uint_eq(vm->in_state, 1);
	ck_assert_ptr_null(model_find(&model, 8, false, 0));
	ck_assert_ptr_null(model_find(&model, 7, true, 5));
	model_reset(&model);
}
END_TEST

/* Ids have all their digits. */
START_TEST(large_ids)
{
	struct model model = {};
	struct snapshot now = snapshot(10, 1);
	const struct column_context context = { &model, false };
	char text[CELL_TEXT_LEN];

	now.vcpus.vcpu->tid = 4294967295;
	now.vcpus.vcpu->granted = UINT32_MAX;
	now.vcpus.vcpu->sleeper = UINT32_MAX;
	model_update(&model, &now);
	columns[column_find("tid", 3)].cell(vcpu_of(&model, 0), &context, text);
	ck_assert_str_eq(text, "4294967295");
	columns[column_find("sleeper", 7)].cell(vcpu_of(&model, 0), &context,
						text);
	ck_assert_str_eq(text, "level 4294967295");
	model_reset(&model);
}
END_TEST

/* Dumps in no order, and of VMs that came or went between them. */
START_TEST(dumps_disagree)
{
	struct model model = {};
	struct snapshot now = snapshot(10, 3);

	now.vcpus.vcpu[0].id = 9;
	now.vcpus.vcpu[1].vm_id = 3;
	now.vcpus.vcpu[2].cpu = UINT32_MAX;
	model_update(&model, &now);
	ck_assert_uint_eq(model.count, 3);
	ck_assert_uint_eq(model.entities[1].vcpu->id, 2);
	ck_assert_uint_eq(model.entities[2].vcpu->id, 9);
	model_reset(&model);
}
END_TEST

/* A screen of the made-up host. */
static struct ui ui_of(const char *scene, unsigned int samples)
{
	struct ui ui;

	ui_init(&ui, fake_new(scene));
	while (samples--)
		ui_sample(&ui);
	return ui;
}

static void ui_end(struct ui *ui)
{
	ui->source->ops->close(ui->source);
	ui_free(ui);
}

static const char *row_name(const struct ui *ui, size_t row)
{
	static char text[ENTITY_TEXT_LEN];

	ck_assert_uint_lt(row, ui->rows.count);
	return entity_text(ui->rows.row[row].entity, text);
}

START_TEST(rows_sorted)
{
	struct ui ui = ui_of("few", 3);
	double last = INFINITY;
	unsigned int id;
	size_t i;

	ui.order.tree = false;
	for (id = 0; id < COLUMN_COUNT; id++) {
		ui.order.sort = id;
		ui.order.reverse = false;
		ui_rows(&ui);
		ck_assert_uint_eq(ui.rows.count, 7);
		if (!columns[id].value)
			continue;
		last = INFINITY;
		for (i = 0; i < 7; i++) {
			double value = columns[id].value(ui.rows.row[i].entity);

			/* What is not known is last, and stays there. */
			if (isnan(value))
				last = -INFINITY;
			else
				ck_assert_double_ge(last, value);
			last = isnan(value) ? last : value;
		}
	}
	ui.order.sort = column_find("asks", 4);
	ui.order.reverse = true;
	ui_rows(&ui);
	ck_assert_str_eq(row_name(&ui, 0), "web-1/3");
	ck_assert_str_eq(row_name(&ui, 6), "win-1/0");
	ui_end(&ui);
}
END_TEST

START_TEST(rows_tree)
{
	struct ui ui = ui_of("few", 3);

	ui.order.sort = column_find("boosted", 7);
	ui_rows(&ui);
	ck_assert_str_eq(row_name(&ui, 0), "web-1");
	ck_assert_str_eq(row_name(&ui, 1), "web-1/1");
	ck_assert_str_eq(row_name(&ui, 2), "web-1/0");
	ck_assert(ui.rows.row[4].last);
	ck_assert(!ui.rows.row[3].last);
	ck_assert_uint_eq(ui.rows.count, 10);
	ui_end(&ui);
}
END_TEST

START_TEST(rows_filtered)
{
	static const struct {
		const char *filter;
		size_t flat, tree;
	} cases[] = {
		{ "", 7, 10 },		{ "web", 4, 5 },   { "WEB-1/2", 1, 2 },
		{ "throttled", 1, 2 },	{ "slice", 1, 2 }, { "web idle", 1, 2 },
		{ "db boosted", 0, 0 }, { "owner", 1, 2 }, { "数据", 2, 3 },
	};
	struct ui ui = ui_of("few", 3);
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		strcpy(ui.order.filter, cases[i].filter);
		ui.order.tree = false;
		ui_rows(&ui);
		ck_assert_uint_eq(ui.rows.count, cases[i].flat);
		ui.order.tree = true;
		ui_rows(&ui);
		ck_assert_uint_eq(ui.rows.count, cases[i].tree);
	}
	ui_end(&ui);
}
END_TEST

START_TEST(selection_stays_inside)
{
	struct ui ui = ui_of("vanish", 3);

	ui_key(&ui, UI_END);
	ck_assert_uint_eq(ui.selected, 9);
	ui_sample(&ui);
	ck_assert_uint_eq(ui.rows.count, 5);
	ck_assert_uint_eq(ui.selected, 4);
	ck_assert_ptr_nonnull(ui_selected(&ui));
	ui_end(&ui);
	ui = ui_of("none", 1);
	ui_key(&ui, UI_DOWN);
	ui_key(&ui, UI_ENTER);
	ui_key(&ui, UI_F0 + 7);
	ck_assert_ptr_null(ui_selected(&ui));
	ck_assert_int_eq(ui.screen, SCREEN_MAIN);
	ui_end(&ui);
}
END_TEST

/* The module goes while it is asked whether to end boosts. */
START_TEST(nothing_to_switch)
{
	struct ui ui = ui_of("reload", 3);

	ui_key(&ui, 'K');
	ck_assert_int_eq(ui.prompt, PROMPT_DISABLE);
	ui_sample(&ui);
	ck_assert(ui.model.now.missing);
	ui_key(&ui, 'y');
	ck_assert_int_eq(ui.prompt, PROMPT_NONE);
	ck_assert(ui.bad);
	ck_assert_str_eq(ui.message,
			 "no boosts to end: pvsched is not in this kernel");
	ui_key(&ui, 'K');
	ck_assert_int_eq(ui.prompt, PROMPT_NONE);
	ck_assert(ui.bad);
	ui_end(&ui);
}
END_TEST

/* Somebody else ends boosts while it is asked whether to. */
START_TEST(switched_by_others)
{
	struct ui ui = ui_of("switched", 5);
	char text[128];

	ui_key(&ui, 'K');
	ui_sample(&ui);
	ck_assert(!ui.model.now.host.enabled);
	ck_assert_str_eq(prompt_text(&ui, text, sizeof(text)),
			 "End all boosts of this host, and allow none? y/n");
	ui_key(&ui, 'y');
	ck_assert(!ui.model.now.host.enabled);
	ck_assert_str_eq(ui.message, "boosts are disabled; ended: 1");
	ui_end(&ui);
}
END_TEST

START_TEST(columns_chosen)
{
	struct ui ui;

	ui_init(&ui, NULL);
	ck_assert(ui_columns_set(&ui, "p99,state"));
	ck_assert_uint_eq(ui.column[0], column_find("p99", 3));
	ck_assert_uint_eq(ui.column[1], COLUMN_STATE);
	ck_assert(ui.shown[COLUMN_NAME]);
	ck_assert(!ui.shown[column_find("tid", 3)]);
	ck_assert(!ui_columns_set(&ui, "state,nonsense"));
	ck_assert(ui_columns_set(&ui, "state,state,name"));
	ck_assert_uint_eq(column_find("stat", 4), COLUMN_COUNT);
	ui_free(&ui);
}
END_TEST

/* Steps of a cap: what F7 and F8 make of a value. */
START_TEST(cap_steps)
{
	static const struct {
		const char *set;
		unsigned int id;
		int key;
		uint64_t then;
	} cases[] = {
		{ "slice=10ms:1s", PVSCHED_CAP_SLICE, UI_F0 + 8, 20000 },
		{ "slice=10ms:1s", PVSCHED_CAP_SLICE, UI_F0 + 7, 9000 },
		{ "slice=9ms:1s", PVSCHED_CAP_SLICE, UI_F0 + 8, 10000 },
		{ "slice=50ms:1s", PVSCHED_CAP_SLICE, UI_F0 + 7, 40000 },
		{ "slice=1us:1s", PVSCHED_CAP_SLICE, UI_F0 + 7, 0 },
		{ "slice=0:1s", PVSCHED_CAP_SLICE, UI_F0 + 7, 0 },
		{ "slice=0:1s", PVSCHED_CAP_SLICE, UI_F0 + 8, 1 },
		{ "rtprio=10:20", PVSCHED_CAP_RTPRIO, UI_F0 + 8, 11 },
		{ "rtprio=20:20", PVSCHED_CAP_RTPRIO, UI_F0 + 8, 20 },
		{ "rtprio=0:20", PVSCHED_CAP_RTPRIO, UI_F0 + 7, 0 },
		{ "nice=-10:-20", PVSCHED_CAP_NICE, UI_F0 + 8, 31 },
		{ "kicks=1000:2000", PVSCHED_CAP_KICKS, UI_F0 + 7, 900 },
	};
	const struct pvsched_target vm = { .vm = "web-1" };
	struct ui ui = ui_of("few", 2);
	struct pvsched_caps_info caps;
	struct pvsched_error error;
	size_t i;

	strcpy(ui.search, "web-1");
	search_next(&ui);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		action_caps_typed(&ui, cases[i].set);
		ck_assert_msg(!ui.bad, "%s", ui.message);
		ui.cap = cases[i].id;
		ui_key(&ui, cases[i].key);
		ui.source->ops->caps_get(ui.source, &vm, &caps, &error);
		ck_assert_uint_eq(caps.cap[cases[i].id].soft, cases[i].then);
	}
	ui_end(&ui);
}
END_TEST

/* What is lowered from "unlimited" begins with what binds. */
START_TEST(cap_from_unlimited)
{
	const struct pvsched_target vm = { .vm = "web-1" };
	struct ui ui = ui_of("few", 2);
	struct pvsched_caps_info caps;
	struct pvsched_error error;

	strcpy(ui.search, "web-1");
	search_next(&ui);
	ui_key(&ui, '+');
	ck_assert(ui.bad);
	ui_key(&ui, '-');
	ck_assert(!ui.bad);
	ui.source->ops->caps_get(ui.source, &vm, &caps, &error);
	ck_assert_uint_eq(caps.cap[PVSCHED_CAP_RTPRIO].soft, 9);
	ui_end(&ui);
}
END_TEST

START_TEST(caps_of_all_tagged)
{
	const struct pvsched_target vcpu = { "web-1", true, 0 };
	struct ui ui = ui_of("few", 2);
	struct pvsched_caps_info caps;
	struct pvsched_error error;

	strcpy(ui.search, "web-1/0");
	search_next(&ui);
	ui_key(&ui, ' ');
	strcpy(ui.search, "db");
	search_next(&ui);
	ui_key(&ui, ' ');
	ck_assert_uint_eq(ui.tagged.count, 2);
	/* The second one is refused, and that is told. */
	ui_key(&ui, '-');
	ck_assert(ui.bad);
	ck_assert_ptr_nonnull(strstr(ui.message, "db-数据库"));
	ui.source->ops->caps_get(ui.source, &vcpu, &caps, &error);
	ck_assert_uint_eq(caps.cap[PVSCHED_CAP_RTPRIO].soft, 7);
	ui_end(&ui);
}
END_TEST

START_TEST(throttled_and_released)
{
	const struct pvsched_target vm = { .vm = "web-1" };
	struct ui ui = ui_of("few", 2);
	struct pvsched_caps_info caps;
	struct pvsched_error error;

	strcpy(ui.search, "web-1");
	search_next(&ui);
	action_caps_typed(&ui, "vcpus=3:8");
	ui_key(&ui, 'k');
	ui.source->ops->caps_get(ui.source, &vm, &caps, &error);
	ck_assert_uint_eq(caps.cap[PVSCHED_CAP_VCPUS].soft, 0);
	ui_key(&ui, 'k');
	ui.source->ops->caps_get(ui.source, &vm, &caps, &error);
	ck_assert_uint_eq(caps.cap[PVSCHED_CAP_VCPUS].soft, 3);
	/* By somebody else: back to what it may have. */
	action_caps_typed(&ui, "vcpus=0:");
	free(ui.throttled);
	ui.throttled = NULL;
	ui.throttled_count = 0;
	ui_key(&ui, 'k');
	ui.source->ops->caps_get(ui.source, &vm, &caps, &error);
	ck_assert_uint_eq(caps.cap[PVSCHED_CAP_VCPUS].soft, 8);
	ui_end(&ui);
}
END_TEST

/* With any keys, in any order, at any size. */
START_TEST(random_keys)
{
	static const char *const scenes[] = { "few",	"many", "vanish",
					      "reload", "user", "hostile" };
	static const int sizes[][2] = {
		{ 10, 40 }, { 24, 80 }, { 60, 200 }, { 1, 1 }, { 10, 400 }
	};
	static const int named[] = {
		UI_UP,	      UI_DOWN,	 UI_LEFT,   UI_RIGHT,  UI_PAGE_UP,
		UI_PAGE_DOWN, UI_HOME,	 UI_END,    UI_ENTER,  UI_ESCAPE,
		UI_BACKSPACE, UI_TAB,	 UI_F0 + 1, UI_F0 + 2, UI_F0 + 5,
		UI_F0 + 7,    UI_F0 + 8, UI_F0 + 9, 0x6570,    0x1f600
	};
	struct grid grid = {};
	unsigned int i;
	struct ui ui = ui_of(scenes[_i], 1);

	srand(_i);
	for (i = 0; i < 3000; i++) {
		const int *size = sizes[rand() % 5];
		int key = rand() % 3 ? named[rand() % 20] : 1 + rand() % 126;

		if (!(i % 50))
			ck_assert_int_eq(grid_resize(&grid, size[0], size[1]),
					 0);
		ui_key(&ui, key);
		ui_mouse(&ui, rand() % 62, rand() % 402, rand() % 4);
		if (!(rand() % 10))
			ui_sample(&ui);
		ui_draw(&ui, &grid);
		ui.quit = false;
	}
	grid_free(&grid);
	ui_end(&ui);
}
END_TEST

START_TEST(grid_clips)
{
	struct grid grid = {};

	ck_assert_int_eq(grid_resize(&grid, 2, 5), 0);
	ck_assert_int_eq(grid_put(&grid, 0, 3, 10, STYLE_NORMAL, "abc"), 2);
	ck_assert_int_eq(grid_put(&grid, 2, 0, 10, STYLE_NORMAL, "abc"), 0);
	ck_assert_int_eq(grid_put(&grid, -1, 0, 10, STYLE_NORMAL, "abc"), 0);
	/* A wide character that has no room is left out, as is a half of one. */
	ck_assert_int_eq(grid_put(&grid, 1, 0, 3, STYLE_NORMAL, "数据"), 2);
	ck_assert_uint_eq(grid.cells[5].ch, 0x6570);
	ck_assert_uint_eq(grid.cells[6].ch, 0);
	grid_put(&grid, 1, 1, 3, STYLE_NORMAL, "x");
	ck_assert_uint_eq(grid.cells[5].ch, ' ');
	grid_put(&grid, 1, 0, 3, STYLE_NORMAL, "数");
	grid_put(&grid, 1, 0, 3, STYLE_NORMAL, "y");
	ck_assert_uint_eq(grid.cells[6].ch, ' ');
	/* Nothing that would move a cursor. */
	grid_put(&grid, 0, 0, 5, STYLE_NORMAL, "\033[2J\n");
	ck_assert_uint_eq(grid.cells[0].ch, '?');
	ck_assert_uint_eq(grid.cells[4].ch, '?');
	ck_assert_int_eq(grid_width("a\xff\xe2\x82\xc0\x80"), 6);
	grid_free(&grid);
}
END_TEST

struct sample_struct {
	uint64_t wide;
	uint32_t narrow;
	bool truth;
	char text[8];
};

START_TEST(fields_unknown_are_skipped)
{
	static const struct field new[] = {
		{ 1, FIELD_U64, offsetof(struct sample_struct, wide), 1, 8 },
		{ 2, FIELD_U32, offsetof(struct sample_struct, narrow), 1, 4 },
		{ 3, FIELD_TEXT, offsetof(struct sample_struct, text), 1, 8 },
		{ 4, FIELD_BOOL, offsetof(struct sample_struct, truth), 1, 1 },
	};
	const struct sample_struct from = { UINT64_MAX, 5, true, "seven!!" };
	const struct sample_struct nothing = {};
	struct sample_struct to = {};
	struct bytes bytes = {};
	struct reading reading;

	fields_put(&bytes, new, 4, &from, &nothing);
	reading = (struct reading){ bytes.data, bytes.size, 0, false };
	fields_get(&reading, &new[3], 1, &to);
	ck_assert(!reading.bad && to.truth && !to.wide && !*to.text);
	reading = (struct reading){ bytes.data, bytes.size, 0, false };
	fields_get(&reading, new, 4, &to);
	ck_assert(!reading.bad && to.wide == UINT64_MAX && to.narrow == 5);
	ck_assert_str_eq(to.text, "seven!!");
	/* Cut anywhere, it is bad, and nothing beyond is read. */
	while (bytes.size--) {
		uint8_t *copy = malloc(bytes.size + 1);

		memcpy(copy, bytes.data, bytes.size);
		reading = (struct reading){ copy, bytes.size, 0, false };
		fields_get(&reading, new, 4, &to);
		ck_assert(reading.bad);
		free(copy);
	}
	bytes_free(&bytes);
}
END_TEST

static FILE *recording(const char *scene, unsigned int samples, int damage)
{
	struct source *source = fake_new(scene);
	FILE *file = tmpfile(), *copy = fdopen(dup(fileno(file)), "r+");
	struct record_writer *writer = record_writer_new(copy);
	const struct pvsched_target web = { .vm = "web-1" };
	struct pvsched_event event = { .vm = "web-1",
				       .vm_id = 3,
				       .time_ns = 5 };
	struct pvsched_caps_info caps;
	struct pvsched_error error;
	unsigned int i;

	ck_assert_ptr_nonnull(writer);
	for (i = 0; i < samples; i++) {
		struct snapshot now;

		ck_assert_int_eq(source->ops->sample(source, &now, &error), 0);
		ck_assert_int_eq(record_snapshot(writer, &now), 0);
		snapshot_free(&now);
		ck_assert_int_eq(record_event(writer, &event), 0);
	}
	source->ops->caps_get(source, &web, &caps, &error);
	ck_assert_int_eq(record_caps(writer, &web, &caps), 0);
	ck_assert_int_eq(record_writer_close(writer), 0);
	source->ops->close(source);
	if (damage >= 0) {
		fseek(file, damage, SEEK_SET);
		fputc(0xff, file);
	}
	rewind(file);
	return file;
}

static void snapshots_same(const struct snapshot *a, const struct snapshot *b)
{
	ck_assert_uint_eq(a->time_ns, b->time_ns);
	ck_assert_uint_eq(a->real_ns, b->real_ns);
	ck_assert_uint_eq(a->missing, b->missing);
	ck_assert_uint_eq(a->lost, b->lost);
	ck_assert_uint_eq(a->host.enabled, b->host.enabled);
	ck_assert_uint_eq(a->vms.count, b->vms.count);
	ck_assert_uint_eq(a->vcpus.count, b->vcpus.count);
	if (a->vms.count)
		ck_assert_mem_eq(a->vms.vm, b->vms.vm,
				 a->vms.count * sizeof(*a->vms.vm));
	if (a->vcpus.count)
		ck_assert_mem_eq(a->vcpus.vcpu, b->vcpus.vcpu,
				 a->vcpus.count * sizeof(*a->vcpus.vcpu));
}

/* What is read is what was written, whole ones and differences, in any order. */
START_TEST(record_round_trip)
{
	static const char *const scenes[] = { "few", "many", "reload",
					      "vanish" };
	struct source *source = fake_new(scenes[_i]);
	struct snapshot written[70];
	struct record_reader reader;
	struct pvsched_error error;
	unsigned int i, samples = _i == 1 ? 5 : 70;
	size_t at, number = 0;

	for (i = 0; i < samples; i++) {
		source->ops->sample(source, &written[i], &error);
		snapshot_sort(&written[i]);
	}
	ck_assert_int_eq(record_reader_open(&reader,
					    recording(scenes[_i], samples, -1),
					    &error),
			 0);
	ck_assert_uint_eq(reader.count, 2 * samples + 1);
	for (at = 0; at < reader.count; at += 2) {
		struct snapshot read;

		if (at + 1 == reader.count)
			break;
		ck_assert_int_eq(record_read_snapshot(&reader, at, &read), 0);
		snapshots_same(&written[number++], &read);
		snapshot_free(&read);
	}
	for (i = 0; i < 40; i++) {
		struct snapshot read;

		number = i * 37 % samples;
		ck_assert_int_eq(
			record_read_snapshot(&reader, 2 * number, &read), 0);
		snapshots_same(&written[number], &read);
		snapshot_free(&read);
	}
	for (i = 0; i < samples; i++)
		snapshot_free(&written[i]);
	record_reader_close(&reader);
	source->ops->close(source);
}
END_TEST

START_TEST(record_events_and_caps)
{
	const struct pvsched_target web = { .vm = "web-1" };
	const struct pvsched_target other = { .vm = "web-2" };
	struct record_reader reader;
	struct pvsched_caps_info caps;
	struct pvsched_event event;
	struct pvsched_error error;

	ck_assert_int_eq(
		record_reader_open(&reader, recording("few", 2, -1), &error),
		0);
	ck_assert_int_eq(record_read_event(&reader, 1, &event), 0);
	ck_assert_str_eq(event.vm, "web-1");
	ck_assert_uint_eq(event.time_ns, 5);
	ck_assert_int_eq(record_read_event(&reader, 0, &event), -1);
	ck_assert_int_eq(record_read_event(&reader, 99, &event), -1);
	ck_assert_int_eq(record_find_caps(&reader, 99, &web, &caps), 0);
	ck_assert_uint_eq(caps.cap[PVSCHED_CAP_SLICE].soft, 5000);
	ck_assert_uint_eq(caps.cap[PVSCHED_CAP_RTPRIO].hard, PVSCHED_UNLIMITED);
	ck_assert_int_eq(record_find_caps(&reader, 2, &web, &caps), -1);
	ck_assert_int_eq(record_find_caps(&reader, 99, &other, &caps), -1);
	record_reader_close(&reader);
}
END_TEST

static bool unheard(const struct pvsched_event *event, void *arg)
{
	(void)event;
	(void)arg;
	return true;
}

static int events_lost(struct source *source, pvsched_event_fn fn, void *arg,
		       struct pvsched_error *error)
{
	const struct pvsched_event gap = { .gap = true };

	(void)source;
	(void)error;
	fn(&gap, arg);
	return 0;
}

static int no_module(struct source *source, struct snapshot *snapshot,
		     struct pvsched_error *error)
{
	(void)source;
	(void)error;
	*snapshot = (struct snapshot){ .missing = -ENOENT };
	return 0;
}

/*
 * Caps that somebody else changes are in the recording from the next sample on; also if
 * what told so was lost (1), or there was no module at that time (2).
 */
START_TEST(record_changed_caps)
{
	const struct pvsched_target web = { .vm = "web-1" };
	const struct pvsched_cap_wish wish = { .id = PVSCHED_CAP_SLICE,
					       .has_soft = true,
					       .soft = 1234 };
	char path[] = "/tmp/test_pvtop.XXXXXX";
	int fd = mkstemp(path);
	struct source *inner = fake_new("few");
	struct pvsched_error error;
	struct source *recorder = recorder_open(inner, path, &error);
	const struct source_ops *ops = inner->ops;
	struct source_ops odd = *ops;
	struct record_reader reader;
	struct pvsched_caps_info caps;
	unsigned int i;

	if (_i == 1)
		odd.events = events_lost;
	if (_i == 2)
		odd.sample = no_module;
	ck_assert_int_ge(fd, 0);
	ck_assert_ptr_nonnull(recorder);
	for (i = 0; i < 3; i++) {
		struct snapshot now;

		if (i == 1)
			ck_assert_int_eq(inner->ops->caps_set(inner, &web,
							      &wish, 1, &error),
					 0);
		inner->ops = i == 1 ? &odd : ops;
		/* What it tells then is not heard, but for the gap. */
		if (i == 2 && _i)
			inner->ops->events(inner, unheard, NULL, &error);
		ck_assert_int_eq(
			recorder->ops->events(recorder, unheard, NULL, &error),
			0);
		ck_assert_int_eq(recorder->ops->sample(recorder, &now, &error),
				 0);
		snapshot_free(&now);
	}
	recorder->ops->close(recorder);
	ck_assert_int_eq(record_reader_open(&reader, fdopen(fd, "r"), &error),
			 0);
	ck_assert_int_eq(record_find_caps(&reader, SIZE_MAX, &web, &caps), 0);
	ck_assert_uint_eq(caps.cap[PVSCHED_CAP_SLICE].soft, 1234);
	record_reader_close(&reader);
	unlink(path);
}
END_TEST

START_TEST(record_refused)
{
	static const struct {
		const char *bytes;
		size_t size;
	} cases[] = { { "", 0 },
		      { "PVSREC", 6 },
		      { "nonsense", 8 },
		      { "PVSREC\0\2", 8 } };
	struct record_reader reader;
	struct pvsched_error error;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		FILE *file = tmpfile();

		fwrite(cases[i].bytes, 1, cases[i].size, file);
		rewind(file);
		ck_assert_int_eq(record_reader_open(&reader, file, &error), -1);
		ck_assert_ptr_nonnull(strstr(error.text, "recording"));
	}
	ck_assert_ptr_null(replay_open("/nonexistent", &error));
	ck_assert_int_eq(error.code, -ENOENT);
}
END_TEST

/* Any byte may be wrong: what is read then is something, or nothing. */
START_TEST(record_damaged)
{
	long size, at;
	FILE *file = recording("few", 2, -1);

	fseek(file, 0, SEEK_END);
	size = ftell(file);
	fclose(file);
	for (at = 8; at < size; at += 7) {
		struct record_reader reader;
		struct pvsched_error error;
		size_t block;

		ck_assert_int_eq(
			record_reader_open(
				&reader, recording("few", 2, (int)at), &error),
			0);
		for (block = 0; block < reader.count; block++) {
			struct snapshot read = {};

			record_read_snapshot(&reader, block, &read);
			snapshot_free(&read);
		}
		record_reader_close(&reader);
	}
}
END_TEST

static void *plain(size_t *size)
{
	FILE *file = recording("few", 75, -1);
	void *bytes;

	fseek(file, 0, SEEK_END);
	*size = (size_t)ftell(file);
	bytes = malloc(*size);
	rewind(file);
	ck_assert_uint_eq(fread(bytes, 1, *size, file), *size);
	fclose(file);
	return bytes;
}

/* pvschedd's history of a VM that boosts ten times a second. */
static void history_make(const char *path, unsigned int seconds)
{
	struct history_time time = { .real_ns = 1700000000 * NS_PER_S,
				     .mono_ns = 100 * NS_PER_S,
				     .boot = 1 };
	struct pvsched_vcpu_info vcpu = { .vm_id = 7, .id = 3 };
	struct pvsched_vm_info vm = { .id = 7, .uid = 107 };
	struct history *history;
	char why[HISTORY_WHY_LEN];
	unsigned int i;

	strcpy(vm.name, "web");
	strcpy(vcpu.vm, "web");
	ck_assert_int_eq(history_start(&history, path, 2, why), 0);
	for (i = 0; i < seconds; i++) {
		vm.stats.boosts[0] = vcpu.stats.boosts[0] = 10 * i;
		history_begin(history, &time);
		history_add_vm(history, &vm);
		history_add_vcpu(history, &vcpu);
		history_end(history);
		time.real_ns += NS_PER_S;
		time.mono_ns += NS_PER_S;
	}
	history_stop(history);
}

/* The same keys as for a recording; what it does not have is not made up. */
START_TEST(history_replay)
{
	char path[] = "/tmp/pvtop-test-XXXXXX", text[CELL_TEXT_LEN];
	int fd = mkstemp(path);
	struct pvsched_error error;
	const struct entity *vcpu;
	uint64_t first;
	struct ui ui;
	int i;

	close(fd);
	ck_assert(!history_is(path));
	unlink(path);
	/* Nobody writes to it: that would be waited for. */
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert(!history_is(path));
	unlink(path);
	history_make(path, 75);
	ck_assert(history_is(path));
	ui_init(&ui, chronicle_open(path, &error));
	unlink(path);
	ck_assert_ptr_nonnull(ui.source);
	ui_sample(&ui);
	first = ui.model.now.time_ns;
	for (i = 0; i < 100; i++)
		ui_sample(&ui);
	ck_assert(ui.ended);
	ck_assert_uint_eq(ui.model.now.time_ns, first + 74 * NS_PER_S);
	ui_seek(&ui, -60LL * (int64_t)NS_PER_S);
	ck_assert_uint_eq(ui.model.now.time_ns, first + 14 * NS_PER_S);
	ck_assert_uint_eq(ui.model.now.vms.vm[0].vcpus, 1);
	vcpu = model_find(&ui.model, 7, true, 3);
	ck_assert_ptr_nonnull(vcpu);
	ck_assert_str_eq(vcpu->vm->name, "web");
	ck_assert_double_eq_tol(vcpu->now.boosts, 10, 1e-6);
	ck_assert(vcpu->now.by_cause[PVSCHED_CAUSE_HALT] < 0);
	ck_assert_str_eq(state_name(vcpu->state), "unknown");
	ck_assert_str_eq(entity_why(vcpu, &ui.model, text), "");
	ui_step(&ui, -1);
	ck_assert_uint_eq(ui.model.now.time_ns, first + 13 * NS_PER_S);
	ui_end(&ui);
	ck_assert_ptr_null(chronicle_open("/nonexistent", &error));
	ck_assert_int_eq(error.code, -ENOENT);
}
END_TEST

START_TEST(replay_time)
{
	char path[] = "/tmp/pvtop-test-XXXXXX";
	int fd = mkstemp(path);
	struct pvsched_error error;
	struct ui ui;
	char text[32];
	uint64_t first;
	size_t size;
	void *bytes = plain(&size);
	int i;

	ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
	free(bytes);
	close(fd);
	ui_init(&ui, replay_open(path, &error));
	unlink(path);
	ck_assert_ptr_nonnull(ui.source);
	ui_sample(&ui);
	first = ui.model.now.time_ns;
	for (i = 0; i < 100; i++)
		ui_sample(&ui);
	ck_assert(ui.ended);
	ck_assert_uint_eq(ui.model.now.time_ns, first + 74 * NS_PER_S);
	ui_step(&ui, -1);
	ck_assert_uint_eq(ui.model.now.time_ns, first + 73 * NS_PER_S);
	ui_seek(&ui, -60LL * (int64_t)NS_PER_S);
	ck_assert_uint_eq(ui.model.now.time_ns, first + 13 * NS_PER_S);
	ck_assert(ui.model.entities[1].now.known);
	ui_seek(&ui, -60LL * (int64_t)NS_PER_S);
	ck_assert_uint_eq(ui.model.now.time_ns, first);
	ui_step(&ui, -1);
	ck_assert_uint_eq(ui.model.now.time_ns, first);
	ui_step(&ui, 1);
	ck_assert_uint_eq(ui.model.now.time_ns, first + NS_PER_S);
	ui_seek(&ui, 60LL * (int64_t)NS_PER_S);
	ck_assert_uint_eq(ui.model.now.time_ns, first + 61 * NS_PER_S);
	ui.source->ops->progress(ui.source, text, sizeof(text));
	ck_assert_str_eq(text, "62/75");
	ck_assert_int_eq(ui.source->ops->enable(ui.source, true, NULL, &error),
			 -EROFS);
	ui_end(&ui);
}
END_TEST

START_TEST(log_keeps_the_last)
{
	static struct log log;
	struct pvsched_event event = { .vm_id = 3,
				       .vm = "a",
				       .has_vcpu = true };
	unsigned int i;

	for (i = 0; i < 2 * LOG_EVENTS; i++) {
		event.time_ns = i;
		event.vcpu = i % 2;
		log_add(&log, &event);
	}
	ck_assert_uint_eq(log_find(&log, 3, true, 1, 0)->time_ns,
			  2 * LOG_EVENTS - 1);
	ck_assert_uint_eq(log_find(&log, 3, true, 0, 0)->time_ns,
			  2 * LOG_EVENTS - 2);
	ck_assert_uint_eq(log_find(&log, 3, false, 0, 1)->time_ns,
			  2 * LOG_EVENTS - 2);
	ck_assert_ptr_nonnull(log_find(&log, 3, true, 1, LOG_EVENTS / 2 - 1));
	ck_assert_ptr_null(log_find(&log, 3, true, 1, LOG_EVENTS / 2));
	ck_assert_ptr_null(log_find(&log, 4, true, 1, 0));
	event = (struct pvsched_event){ .gap = true, .lost = 5 };
	log_add(&log, &event);
	ck_assert_uint_eq(log.count, 2 * LOG_EVENTS);
	/* What is about the host is about all. */
	event = (struct pvsched_event){ .kind = PVSCHED_EVENT_DISABLE };
	log_add(&log, &event);
	ck_assert_str_eq(log_find(&log, 4, true, 1, 0)->text, "disable");
}
END_TEST

START_TEST(bars)
{
	char text[64];

	bar_text(0.5, 4, true, text, sizeof(text));
	ck_assert_str_eq(text, "##");
	bar_text(0.5, 4, false, text, sizeof(text));
	ck_assert_str_eq(text, "██");
	bar_text(0.47, 2, false, text, sizeof(text));
	ck_assert_str_eq(text, "█");
	bar_text(0.1, 2, false, text, sizeof(text));
	ck_assert_str_eq(text, "▎");
	bar_text(17, 2, false, text, sizeof(text));
	ck_assert_str_eq(text, "██");
	bar_text(NAN, 2, false, text, sizeof(text));
	ck_assert_str_eq(text, "");
	bar_text(-1, 2, true, text, sizeof(text));
	ck_assert_str_eq(text, "");
	ck_assert_str_eq(short_time(1023, text, sizeof(text)), "1.0us");
	ck_assert_str_eq(short_time(999, text, sizeof(text)), "1.0us");
	ck_assert_str_eq(short_time(123456789, text, sizeof(text)), "123ms");
	ck_assert_str_eq(short_time(4300000000, text, sizeof(text)), "4.3s");
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("pvtop");
	TCase *model = tcase_create("model");
	TCase *screen = tcase_create("screen");
	TCase *record = tcase_create("record");

	tcase_add_test(model, rates);
	tcase_add_test(model, rates_by_time_of_vcpu);
	tcase_add_test(model, counter_goes_back);
	tcase_add_test(model, time_stands_still);
	tcase_add_test(model, rings);
	tcase_add_test(model, quantiles_forget);
	tcase_add_test(model, states);
	tcase_add_test(model, large_ids);
	tcase_add_test(model, dumps_disagree);
	tcase_add_test(model, rows_sorted);
	tcase_add_test(model, rows_tree);
	tcase_add_test(model, rows_filtered);
	tcase_add_test(model, log_keeps_the_last);
	tcase_add_test(model, bars);
	suite_add_tcase(suite, model);
	tcase_add_test(screen, selection_stays_inside);
	tcase_add_test(screen, nothing_to_switch);
	tcase_add_test(screen, switched_by_others);
	tcase_add_test(screen, columns_chosen);
	tcase_add_test(screen, cap_steps);
	tcase_add_test(screen, cap_from_unlimited);
	tcase_add_test(screen, caps_of_all_tagged);
	tcase_add_test(screen, throttled_and_released);
	tcase_add_loop_test(screen, random_keys, 0, 6);
	tcase_add_test(screen, grid_clips);
	tcase_set_timeout(screen, 60);
	suite_add_tcase(suite, screen);
	tcase_add_test(record, fields_unknown_are_skipped);
	tcase_add_loop_test(record, record_round_trip, 0, 4);
	tcase_add_test(record, record_events_and_caps);
	tcase_add_loop_test(record, record_changed_caps, 0, 3);
	tcase_add_test(record, record_refused);
	tcase_add_test(record, record_damaged);
	tcase_add_test(record, history_replay);
	tcase_add_test(record, replay_time);
	tcase_set_timeout(record, 60);
	suite_add_tcase(suite, record);
	return suite;
}

int main(void)
{
	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 77;
	return check_run(suite());
}
