/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon as a whole: what its parts are, and who calls whom when.
 */
#ifndef PVSCHEDD_DAEMON_H
#define PVSCHEDD_DAEMON_H

#include <systemd/sd-event.h>

#include "control.h"
#include "exporter.h"
#include "keeper.h"
#include "kernel.h"
#include "log.h"
#include "publisher.h"
#include "rules.h"
#include "settings.h"
#include "tuner.h"
#include "world.h"

/**
 * struct daemon - all that there is
 * @log: where it tells
 * @path: of the settings
 * @optional: they need not be there
 * @root: directory below which are proc and run
 * @settings: as they were when they were right last
 * @rules: what is set of which VM
 * @tuner: of those whose rules say so
 * @keeper: the history
 * @control: its socket, or NULL
 * @exporter: of metrics, or NULL
 * @publisher: to a broker
 * @event: the loop
 * @kernel: where VMs are seen and set
 * @world: the VMs
 * @timer: for the next sample
 * @status: as systemd knows it; empty: it does not know that everything is ready
 * @tunings: how often runtime was changed
 * @losses: how often events of the kernel were lost
 */
struct daemon {
	struct log log;
	const char *path;
	bool optional;
	int root;
	struct settings settings;
	struct rules rules;
	struct tuner tuner;
	struct keeper keeper;
	struct control *control;
	struct exporter *exporter;
	struct publisher publisher;
	sd_event *event;
	struct kernel kernel;
	struct world world;
	sd_event_source *timer;
	char status[96];
	uint64_t tunings;
	uint64_t losses;
};

/* Serve until a signal. Return: 0 or a negative errno value; it was told why. */
int daemon_run(struct daemon *daemon);

/* Take the settings anew; what is wrong with them changes nothing. */
bool daemon_reload(struct daemon *daemon, struct problem *why);

/* Give everything back. */
void daemon_exit(struct daemon *daemon);

#endif
