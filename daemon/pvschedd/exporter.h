/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metrics over HTTP, for who is on this host.
 */
#ifndef PVSCHEDD_EXPORTER_H
#define PVSCHEDD_EXPORTER_H

#include <stdbool.h>
#include <stdio.h>
#include <systemd/sd-event.h>

#define EXPORTER_WHY_LEN 256

struct exporter;

/* Print a page of metrics, in one of the two formats. */
typedef void (*exporter_fn)(bool openmetrics, FILE *to, void *arg);

/* Is that "127.0.0.1:PORT", "[::1]:PORT" or a path? */
bool exporter_address_valid(const char *address);

/*
 * Serve there. Return: 0 or a negative errno value, and why, in EXPORTER_WHY_LEN.
 */
int exporter_start(struct exporter **exporter, sd_event *event,
		   const char *address, exporter_fn fn, void *arg, char *why);
void exporter_stop(struct exporter *exporter);

#endif
