/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps the history of the VMs, if that is asked for and possible.
 */
#ifndef PVSCHEDD_KEEPER_H
#define PVSCHEDD_KEEPER_H

#include "log.h"
#include "settings.h"
#include "world.h"

struct history;

/**
 * struct keeper - who keeps the history
 * @history: NULL: there is none
 * @boot: the host's run
 * @full: it was told that there is no room for all
 */
struct keeper {
	struct history *history;
	uint64_t boot;
	bool full;
};

/* A history that cannot be kept is told, and no reason to end. */
void keeper_init(struct keeper *keeper, const struct settings *settings,
		 int root, const struct log *log);
void keeper_exit(struct keeper *keeper);

/* The world was sampled. */
void keeper_sample(struct keeper *keeper, const struct world *world,
		   const struct log *log);

#endif
