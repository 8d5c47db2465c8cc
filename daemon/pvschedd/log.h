/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages: to the journal with fields, so that they can be asked for by VM or by
 * what happened, else to standard error.
 *
 * The fields are PVSCHED_EVENT, what happened in one word, and PVSCHED_VM.
 */
#ifndef PVSCHEDD_LOG_H
#define PVSCHEDD_LOG_H

#include <stdbool.h>
#include <syslog.h>

struct log {
	bool journal; /* standard error is its stream */
	int most;     /* the least urgent priority that is told */
};

/* Tells what is worth somebody's time only, or everything. */
void log_init(struct log *log, bool verbose);

/* vm may be NULL. */
void log_about(const struct log *log, int priority, const char *event,
	       const char *vm, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

#define log_error(log, event, ...) \
	log_about(log, LOG_ERR, event, NULL, __VA_ARGS__)
#define log_warn(log, event, ...) \
	log_about(log, LOG_WARNING, event, NULL, __VA_ARGS__)
#define log_info(log, event, ...) \
	log_about(log, LOG_INFO, event, NULL, __VA_ARGS__)

#endif
