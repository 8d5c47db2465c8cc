/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages to standard error. Under systemd each line starts with its priority
 * (sd-daemon(3)); elsewhere with the name of the program.
 */
#ifndef PVSCHED_VHOST_LOG_H
#define PVSCHED_VHOST_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <syslog.h>

void log_msg(int priority, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#define log_error(...) log_msg(LOG_ERR, __VA_ARGS__)
#define log_warn(...)  log_msg(LOG_WARNING, __VA_ARGS__)
#define log_info(...)  log_msg(LOG_INFO, __VA_ARGS__)

/*
 * Bounds what a guest or a front end can make us write: a burst, then silence
 * until the interval is over.
 */
struct log_limit {
	uint64_t start_us;
	unsigned int used;
	unsigned int dropped;
};

bool log_allowed(struct log_limit *limit);

#define log_limited(limit, priority, ...)               \
	do {                                            \
		if (log_allowed(limit))                 \
			log_msg(priority, __VA_ARGS__); \
	} while (0)

#endif
