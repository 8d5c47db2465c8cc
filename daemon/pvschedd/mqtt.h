/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Publishes to an MQTT 5 broker, which may not be there at times.
 *
 * Messages wait in a queue of bounded length; if it is full, the oldest is dropped,
 * and counted. Each is handed over exactly once (QoS 2), whatever becomes of the
 * connection meanwhile; if the broker loses its memory, maybe not at all.
 */
#ifndef PVSCHEDD_MQTT_H
#define PVSCHEDD_MQTT_H

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-event.h>

#include "log.h"

/**
 * struct mqtt_settings - where to
 * @broker: "HOST:PORT"; empty: nowhere
 * @topic: what topics begin with
 * @ca: file that has who signs for the broker; empty: no TLS
 * @cert: ours, or empty
 * @key: its key, or empty
 * @user: or empty
 * @password_file: its first line is the password, or empty
 * @queue: messages that may wait
 * @summary_s: seconds between summaries
 */
struct mqtt_settings {
	char broker[256];
	char topic[128];
	char ca[256];
	char cert[256];
	char key[256];
	char user[64];
	char password_file[256];
	unsigned int queue;
	unsigned int summary_s;
};

struct mqtt;

/* Is that HOST:PORT? */
bool mqtt_broker_valid(const char *broker);

/* Return: 0 or a negative errno value; it was told why. The broker may come later. */
int mqtt_start(struct mqtt **mqtt, sd_event *event,
	       const struct mqtt_settings *settings, const struct log *log);
void mqtt_stop(struct mqtt *mqtt);

/* To @topic below the one of the settings; copies both. NULL: to nowhere. */
void mqtt_publish(struct mqtt *mqtt, const char *topic, const char *text);

/* Messages that were dropped so far. */
uint64_t mqtt_dropped(const struct mqtt *mqtt);

#endif
