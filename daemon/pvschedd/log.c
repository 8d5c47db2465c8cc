// SPDX-License-Identifier: GPL-2.0-or-later
/* One call gives all fields of a message, and its place in the code is of no use. */
#define SD_JOURNAL_SUPPRESS_LOCATION

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "log.h"

/* Is standard error the stream that systemd connected to the journal? */
static bool to_journal(void)
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

void log_init(struct log *log, bool verbose)
{
	log->journal = to_journal();
	log->most = verbose ? LOG_DEBUG : LOG_NOTICE;
}

void log_about(const struct log *log, int priority, const char *event,
	       const char *vm, const char *fmt, ...)
{
	char text[640];
	va_list ap;

	if (priority > log->most)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!log->journal)
		fprintf(stderr, "pvschedd: %s\n", text);
	else if (vm)
		sd_journal_send("MESSAGE=%s", text, "PRIORITY=%d", priority,
				"PVSCHED_EVENT=%s", event, "PVSCHED_VM=%s", vm,
				NULL);
	else
		sd_journal_send("MESSAGE=%s", text, "PRIORITY=%d", priority,
				"PVSCHED_EVENT=%s", event, NULL);
}
