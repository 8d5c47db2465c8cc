// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

#define LOG_BURST	40
#define LOG_INTERVAL_US 10000000ULL

/* Is standard error the stream that systemd connected to the journal? */
static bool log_to_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char mine[64];
	struct stat st;

	if (!stream || fstat(STDERR_FILENO, &st))
		return false;
	snprintf(mine, sizeof(mine), "%llu:%llu", (unsigned long long)st.st_dev,
		 (unsigned long long)st.st_ino);
	return !strcmp(stream, mine);
}

void log_msg(int priority, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (log_to_journal())
		fprintf(stderr, "<%d>%s\n", priority, text);
	else
		fprintf(stderr, "pvsched-vhost: %s\n", text);
}

static uint64_t now_us(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts))
		return 0;
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

bool log_allowed(struct log_limit *limit)
{
	uint64_t now = now_us();

	if (!limit->start_us || now - limit->start_us > LOG_INTERVAL_US) {
		if (limit->dropped)
			log_warn("%u messages were dropped", limit->dropped);
		limit->start_us = now;
		limit->used = 0;
		limit->dropped = 0;
	}
	if (limit->used++ < LOG_BURST)
		return true;
	limit->dropped++;
	return false;
}
