// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvsched stats: counters and histograms, how fast they grow, or by how much they
 * grew as pvschedd's history knows.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "ending.h"
#include "history.h"
#include "json.h"
#include "past.h"
#include "rates.h"
#include "targets.h"
#include "view.h"

static const char stats_help[] =
	"usage: pvsched stats [-j] [--watch SEC [-n COUNT] | --since SEC [-H FILE]] [VM]\n"
	"\n"
	"What VMs and vCPUs have counted and measured, since each was registered; with\n"
	"--watch, how much of it a second; with --since, how much in the last so many\n"
	"seconds, from the history of pvschedd(8), also of VMs that are gone. VM may be a\n"
	"pattern such as 'web-*'.\n"
	"\n"
	"  -j, --json         JSON; with --watch, an object a line\n"
	"  -w, --watch SEC    print what happened every SEC seconds, until interrupted\n"
	"  -n, --count COUNT  end after so many times\n"
	"  -t, --since SEC    up to 86400; beyond an hour, to the minute\n"
	"  -H, --history FILE instead of " HISTORY_PATH "\n"
	"\n"
	"  IN-VAIN     boosts for an interrupt of which nothing urgent came\n"
	"  PREEMPTED   times that the host took the CPU while the guest was urgent\n"
	"  WAITED      for a CPU; URGENT of that while the guest was urgent\n"
	"Below, how long things took, as \"pvsched show --help\" explains. A bound of a\n"
	"histogram is the next power of two: \"99% <2.1ms\" is what 99 % took less than.\n"
	"\n"
	"Example: pvsched stats --watch 1 web-1\n";

struct options {
	const char *vm;	      /* NULL: all */
	uint64_t interval_ns; /* 0: once */
	uint64_t count;
	uint64_t since_s; /* 0: not of the past */
	const char *history;
	bool json;
};

static bool interval_parse(const char *text, uint64_t *ns)
{
	char *end;
	double seconds;

	errno = 0;
	seconds = strtod(text, &end);
	/* Not so for what is no number. */
	if (end != text && !*end && !errno && seconds >= 0.1 &&
	    seconds <= 86400) {
		*ns = seconds * 1e9;
		return true;
	}
	usage_error("stats", "'%s' is not a number of seconds, 0.1 to 86400",
		    text);
	return false;
}

static bool since_parse(const char *text, uint64_t *seconds)
{
	if (!count_parse("stats", text, seconds))
		return false;
	if (*seconds <= 86400)
		return true;
	usage_error("stats", "a history has the last 86400 seconds");
	return false;
}

/* What does not go together, and which VM. */
static bool stats_operands(int argc, char **argv, struct options *o)
{
	const char *wrong = NULL;

	if (argc > 1)
		wrong = "takes one VM, or a pattern";
	else if (o->count && !o->interval_ns)
		wrong = "--count is of use with --watch only";
	else if (o->since_s && o->interval_ns)
		wrong = "--since is of the past, --watch is not";
	else if (o->history && !o->since_s)
		wrong = "--history is of use with --since only";
	if (wrong)
		usage_error("stats", "%s", wrong);
	o->vm = argv[0];
	return !wrong;
}

/* Returns true to go on; else the command ends with *status. */
static bool stats_options(int argc, char **argv, struct options *o, int *status)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "watch", required_argument, NULL, 'w' },
		{ "count", required_argument, NULL, 'n' },
		{ "since", required_argument, NULL, 't' },
		{ "history", required_argument, NULL, 'H' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	bool good = true;
	int c;

	*status = COMMAND_USAGE;
	while (good && (c = getopt_long(argc, argv, "jw:n:t:H:h", options,
					NULL)) != -1) {
		if (c == 'j') {
			o->json = true;
		} else if (c == 'w') {
			good = interval_parse(optarg, &o->interval_ns);
		} else if (c == 'n') {
			good = count_parse("stats", optarg, &o->count);
		} else if (c == 't') {
			good = since_parse(optarg, &o->since_s);
		} else if (c == 'H') {
			o->history = optarg;
		} else if (c == 'h') {
			fputs(stats_help, stdout);
			*status = output_finish("stats");
			return false;
		} else {
			usage_error("stats", NULL);
			return false;
		}
	}
	return good && stats_operands(argc - optind, argv + optind, o);
}

/* Only the VMs that were asked for: the one of that name, or those of a pattern. */
static void keep_matching(struct pvsched_vms *vms, const char *pattern)
{
	bool named = vm_named(pattern, vms);
	size_t i, kept = 0;

	for (i = 0; i < vms->count; i++)
		if (named ? !strcmp(pattern, vms->vm[i].name) :
			    pattern_matches(pattern, vms->vm[i].name))
			vms->vm[kept++] = vms->vm[i];
	vms->count = kept;
}

static int sample_get(struct pvsched_client *client, const char *vm,
		      struct sample *sample, struct pvsched_error *error)
{
	const char *one = vm && !pattern_is(vm) ? vm : NULL;
	int err;

	*sample = (struct sample){ .time_ns = ending_now_ns() };
	err = pvsched_vms_get(client, one, &sample->vms,
			      sizeof(*sample->vms.vm), error);
	if (!err)
		err = pvsched_vcpus_get(client, one, &sample->vcpus,
					sizeof(*sample->vcpus.vcpu), error);
	if (vm)
		keep_matching(&sample->vms, vm);
	return err;
}

/* interval_ns: 0 for all that was counted. */
static void sample_print(const struct sample *sample, uint64_t interval_ns,
			 const struct options *o, FILE *to)
{
	if (!o->json)
		view_stats(sample, interval_ns, to);
	else if (o->interval_ns)
		json_print_line(json_stats(sample, interval_ns), to);
	else
		json_print(json_stats(sample, interval_ns), to);
}

static int once(struct pvsched_client *client, const struct options *o)
{
	struct sample sample __attribute__((cleanup(sample_free))) = {};
	struct pvsched_error error;

	if (sample_get(client, o->vm, &sample, &error))
		return command_failed(o->vm ?: "stats", &error);
	sample_print(&sample, 0, o, stdout);
	return output_finish("stats");
}

/* Print what changed since *before, which becomes what is now. */
static enum ending again(struct pvsched_client *client, const struct options *o,
			 int ending, struct sample *before)
{
	struct sample growth __attribute__((cleanup(sample_free))) = {};
	struct sample now = {};
	struct pvsched_error error;
	struct output output;
	uint64_t interval_ns;

	if (sample_get(client, o->vm, &now, &error)) {
		sample_free(&now);
		command_failed(o->vm ?: "stats", &error);
		return ENDING_ERROR;
	}
	if (sample_copy(&growth, &now) || output_begin(&output)) {
		sample_free(&now);
		out_of_memory("stats");
		return ENDING_ERROR;
	}
	interval_ns = now.time_ns - before->time_ns;
	sample_subtract(&growth, before);
	sample_free(before);
	*before = now;
	sample_print(&growth, interval_ns, o, output.to);
	return output_end("pvsched stats", ending, &output);
}

/* Until the next time, which does not depend on how long this one took. */
static int left_ms(uint64_t next_ns)
{
	uint64_t now = ending_now_ns();

	return next_ns > now ? (int)((next_ns - now + 999999) / 1000000) : 0;
}

static void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static int watch(struct pvsched_client *client, const struct options *o)
{
	struct sample before __attribute__((cleanup(sample_free))) = {};
	int ending __attribute__((cleanup(fd_close))) =
		ending_open("pvsched stats");
	uint64_t left = o->count ?: UINT64_MAX;
	struct pvsched_error error;
	enum ending asked = ENDING_NOT;
	uint64_t next;

	if (ending < 0)
		return COMMAND_FAILED;
	if (sample_get(client, o->vm, &before, &error))
		return command_failed(o->vm ?: "stats", &error);
	next = rates_next(before.time_ns, before.time_ns, o->interval_ns);
	while (left && asked == ENDING_NOT) {
		int wait_ms = left_ms(next);

		asked = ending_wait("pvsched stats", ending, -1, wait_ms);
		if (asked != ENDING_NOT || left_ms(next))
			continue;
		asked = again(client, o, ending, &before);
		next = rates_next(next, ending_now_ns(), o->interval_ns);
		left--;
	}
	return asked == ENDING_ERROR ? COMMAND_FAILED : COMMAND_DONE;
}

static void span_print(const struct past_span *span)
{
	time_t from = (time_t)(span->begin_ns / 1000000000);
	uint64_t seconds = (span->end_ns - span->begin_ns) / 1000000000;
	char text[32] = "?";
	struct tm tm;

	if (localtime_r(&from, &tm))
		strftime(text, sizeof(text), "%F %T", &tm);
	printf("from %s, for %" PRIu64 " s\n\n", text, seconds);
}

static int past_print(const struct options *o)
{
	struct sample growth __attribute__((cleanup(sample_free))) = {};
	const char *path = o->history ?: HISTORY_PATH;
	struct past_span span;
	char why[PAST_WHY_LEN];

	if (past_growth(path, o->since_s, o->vm, &growth, &span, why)) {
		fprintf(stderr, "pvsched stats: %s\n", why);
		return COMMAND_FAILED;
	}
	if (span.damaged)
		fprintf(stderr,
			"pvsched stats: %" PRIu64
			" samples and records of the history are damaged\n",
			span.damaged);
	if (span.dropped)
		fprintf(stderr,
			"pvsched stats: the history had no room for %" PRIu32
			" VMs and vCPUs\n",
			span.dropped);
	if (o->json) {
		json_print(json_stats_since(&growth, &span), stdout);
	} else {
		span_print(&span);
		view_stats(&growth, 0, stdout);
	}
	return output_finish("stats");
}

int stats_main(int argc, char **argv)
{
	struct pvsched_client *client __attribute__((cleanup(client_close))) =
		NULL;
	struct options o = {};
	struct pvsched_error error;
	int status;

	if (!stats_options(argc, argv, &o, &status))
		return status;
	if (o.since_s)
		return past_print(&o);
	if (pvsched_client_open(&client, &error))
		return command_failed("stats", &error);
	return o.interval_ns ? watch(client, &o) : once(client, &o);
}
