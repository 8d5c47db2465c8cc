// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which VMs and vCPUs are shown, in which order.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"

struct who who_of(const struct entity *entity)
{
	return (struct who){
		.vm_id = entity->vm->id,
		.is_vcpu = entity->vcpu,
		.vcpu = entity->vcpu ? entity->vcpu->id : 0,
	};
}

bool who_same(const struct who *a, const struct who *b)
{
	return a->vm_id == b->vm_id && a->is_vcpu == b->is_vcpu &&
	       a->vcpu == b->vcpu;
}

void whos_free(struct whos *whos)
{
	free(whos->who);
	memset(whos, 0, sizeof(*whos));
}

static size_t whos_find(const struct whos *whos, const struct who *who)
{
	size_t i;

	for (i = 0; i < whos->count; i++)
		if (who_same(&whos->who[i], who))
			break;
	return i;
}

bool whos_has(const struct whos *whos, const struct who *who)
{
	return whos_find(whos, who) < whos->count;
}

void whos_set(struct whos *whos, const struct who *who, bool in)
{
	size_t at = whos_find(whos, who);
	struct who *grown;

	if ((at < whos->count) == in)
		return;
	if (!in) {
		whos->who[at] = whos->who[--whos->count];
		return;
	}
	grown = reallocarray(whos->who, whos->count + 1, sizeof(*grown));
	if (!grown)
		return;
	whos->who = grown;
	whos->who[whos->count++] = *who;
}

void rows_free(struct rows *rows)
{
	free(rows->row);
	memset(rows, 0, sizeof(*rows));
}

bool row_matches(const struct entity *entity, const struct model *model,
		 const char *filter)
{
	char name[ENTITY_TEXT_LEN], why[CELL_TEXT_LEN], text[512], word[64];
	int used;

	if (!*filter)
		return true;
	snprintf(text, sizeof(text), "%s %s %s", entity_text(entity, name),
		 state_name(entity->state), entity_why(entity, model, why));
	for (; sscanf(filter, "%63s%n", word, &used) == 1; filter += used)
		if (!strcasestr(text, word))
			return false;
	return true;
}

/* What qsort_r() hands on. */
struct sorting {
	const struct order *order;
	struct column_context context;
};

static int name_compare(const struct entity *a, const struct entity *b)
{
	int order = strverscmp(a->vm->name, b->vm->name);

	if (order || !a->vcpu || !b->vcpu)
		return order ?: !!a->vcpu - !!b->vcpu;
	return (a->vcpu->id > b->vcpu->id) - (a->vcpu->id < b->vcpu->id);
}

static int text_compare(const struct entity *a, const struct entity *b,
			const struct column *column,
			const struct column_context *context)
{
	char left[CELL_TEXT_LEN], right[CELL_TEXT_LEN];

	column->cell(a, context, left);
	column->cell(b, context, right);
	return strverscmp(left, right);
}

/* The larger comes first, and what is not known last, whatever the direction. */
static int entity_order(const struct entity *a, const struct entity *b,
			const struct sorting *sorting)
{
	const struct column *column = &columns[sorting->order->sort];
	int sign = sorting->order->reverse ? -1 : 1;
	double left, right;
	int order;

	if (sorting->order->sort == COLUMN_NAME)
		return sign * name_compare(a, b);
	if (!column->value) {
		order = text_compare(a, b, column, &sorting->context);
		return order ? sign * order : name_compare(a, b);
	}
	left = column->value(a);
	right = column->value(b);
	if (isnan(left) || isnan(right))
		order = isnan(left) - isnan(right);
	else
		order = sign * ((left < right) - (left > right));
	return order ?: name_compare(a, b);
}

static int row_compare(const void *a, const void *b, void *arg)
{
	const struct row *left = a, *right = b;

	return entity_order(left->entity, right->entity, arg);
}

/* The vCPUs that follow a VM in the model, if they are to be shown. */
static size_t vcpus_add(struct row *row, const struct model *model, size_t vm,
			const struct sorting *sorting)
{
	const struct who who = who_of(&model->entities[vm]);
	size_t i, count = 0;

	if (sorting->order->tree && whos_has(&sorting->order->folded, &who))
		return 0;
	for (i = vm + 1; i < model->count && model->entities[i].vcpu; i++)
		if (row_matches(&model->entities[i], model,
				sorting->order->filter))
			row[count++].entity = &model->entities[i];
	return count;
}

static size_t tree_build(struct row *row, const struct model *model,
			 struct sorting *sorting)
{
	struct row *vms = calloc(model->count + 1, sizeof(*vms));
	size_t i, vm_count = 0, count = 0;

	if (!vms)
		return 0;
	for (i = 0; i < model->count; i++)
		if (!model->entities[i].vcpu)
			vms[vm_count++].entity = &model->entities[i];
	qsort_r(vms, vm_count, sizeof(*vms), row_compare, sorting);
	for (i = 0; i < vm_count; i++) {
		size_t at = (size_t)(vms[i].entity - model->entities);
		size_t vcpus = vcpus_add(&row[count + 1], model, at, sorting);

		if (!vcpus &&
		    !row_matches(vms[i].entity, model, sorting->order->filter))
			continue;
		row[count] = vms[i];
		qsort_r(&row[count + 1], vcpus, sizeof(*row), row_compare,
			sorting);
		count += 1 + vcpus;
		row[count - 1].last = vcpus;
	}
	free(vms);
	return count;
}

static size_t flat_build(struct row *row, const struct model *model,
			 struct sorting *sorting)
{
	size_t i, count = 0;

	for (i = 0; i < model->count; i++)
		if (!model->entities[i].vcpu)
			count += vcpus_add(&row[count], model, i, sorting);
	qsort_r(row, count, sizeof(*row), row_compare, sorting);
	return count;
}

int rows_build(struct rows *rows, const struct model *model,
	       const struct order *order)
{
	struct sorting sorting = { .order = order,
				   .context = { .model = model } };

	rows_free(rows);
	rows->row = calloc(model->count + 1, sizeof(*rows->row));
	if (!rows->row)
		return -1;
	rows->count = order->tree ? tree_build(rows->row, model, &sorting) :
				    flat_build(rows->row, model, &sorting);
	return 0;
}
