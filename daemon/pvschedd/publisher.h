/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is published: events of group config as they happen, changes by tuning, and
 * each minute, say, what every VM has counted in it. pvschedd.conf(5) has the topics.
 */
#ifndef PVSCHEDD_PUBLISHER_H
#define PVSCHEDD_PUBLISHER_H

#include "mqtt.h"
#include "world.h"

/**
 * struct publisher - who publishes
 * @mqtt: NULL: nothing is
 * @run: when it began, nanoseconds of CLOCK_REALTIME; with the number of a message,
 *	there is no other like it
 * @number: of the last message
 * @summary_ns: when the last summary was, CLOCK_MONOTONIC
 * @interval_ns: between summaries
 */
struct publisher {
	struct mqtt *mqtt;
	uint64_t run;
	uint64_t number;
	uint64_t summary_ns;
	uint64_t interval_ns;
};

int publisher_init(struct publisher *publisher, sd_event *event,
		   const struct mqtt_settings *settings, const struct log *log);
/* Go on with others; on failure with those that held. What waits for a broker is lost. */
int publisher_change(struct publisher *publisher, sd_event *event,
		     const struct mqtt_settings *settings,
		     const struct log *log);
void publisher_exit(struct publisher *publisher);

void publisher_event(struct publisher *publisher,
		     const struct pvsched_event *event);
void publisher_tuned(struct publisher *publisher, const struct vm *vm,
		     uint64_t before_us, const char *reason);

/* The world was sampled. */
void publisher_sample(struct publisher *publisher, struct world *world);

#endif
