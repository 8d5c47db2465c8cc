/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which VMs and vCPUs are shown, in which order.
 */
#ifndef PVTOP_ROWS_H
#define PVTOP_ROWS_H

#include "column.h"

/* Whom a row is about, also when it is gone. */
struct who {
	uint32_t vm_id;
	bool is_vcpu;
	uint32_t vcpu;
};

struct who who_of(const struct entity *entity);
bool who_same(const struct who *a, const struct who *b);

/* A set of them. */
struct whos {
	struct who *who;
	size_t count;
};

void whos_free(struct whos *whos);
bool whos_has(const struct whos *whos, const struct who *who);
/* Put it in, or take it out. Without memory it stays as it is. */
void whos_set(struct whos *whos, const struct who *who, bool in);

#define FILTER_LEN 64

/**
 * struct order - what is shown, and how
 * @sort: column by which it is sorted
 * @reverse: the other way round
 * @tree: VMs with their vCPUs; else vCPUs only
 * @filter: words, each of which has to be in a row's name, state or reason
 * @folded: VMs whose vCPUs are not shown
 */
struct order {
	unsigned int sort;
	bool reverse;
	bool tree;
	char filter[FILTER_LEN];
	struct whos folded;
};

/**
 * struct row - a row
 * @entity: the model's
 * @last: the last vCPU of its VM
 */
struct row {
	const struct entity *entity;
	bool last;
};

struct rows {
	struct row *row;
	size_t count;
};

void rows_free(struct rows *rows);

/* Returns 0, or -1 without memory: there are none then. */
int rows_build(struct rows *rows, const struct model *model,
	       const struct order *order);

bool row_matches(const struct entity *entity, const struct model *model,
		 const char *filter);

#endif /* PVTOP_ROWS_H */
