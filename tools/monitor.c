// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvsched monitor: events as they happen.
 */
#include <getopt.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "ending.h"
#include "eventfilter.h"
#include "json.h"
#include "view.h"

static const char help[] =
	"usage: pvsched monitor [-j] [-n COUNT] [-t FORM] [FILTER...]\n"
	"\n"
	"Events as they happen, until interrupted. Needs CAP_NET_ADMIN. Events that\n"
	"were lost are told as a gap, whatever the filters are.\n"
	"\n"
	"  -j, --json          a JSON object a line\n"
	"  -n, --count COUNT   end after so many events\n"
	"  -t, --time FORM     of times in text: relative (to the start, default),\n"
	"                      absolute (local time), monotonic (CLOCK_MONOTONIC)\n"
	"\n"
	"  -g, --group GROUP   only these: config (VMs and vCPUs come and go, caps,\n"
	"                      throttling) or boost (boosts begin, change and end)\n"
	"  -v, --vm VM         only of this VM, or of those that a pattern matches\n"
	"  -c, --vcpu VCPU     only of vCPUs with this number\n"
	"  -k, --kind KIND     only of this kind: vm-add, vm-del, vcpu-add, vcpu-bound,\n"
	"                      vcpu-exit, vcpu-del, caps, throttle, release, owner,\n"
	"                      policy, payback, disable, enable, canary, recover; boost,\n"
	"                      deboost, level\n"
	"A filter that is there several times lets through what one of them does.\n"
	"\n"
	"Text: group, number of the event, time, what, whose.\n"
	"\n"
	"Example: pvsched monitor -j -k throttle -v 'web-*' | jq -r .vm\n";

struct monitor {
	struct pvsched_monitor *events;
	struct event_filter filter;
	struct event_clock clock;
	int signals;
	uint64_t left; /* events until the end */
	bool json;
	enum ending ending; /* of what was printed */
};

static void monitor_free(struct monitor *monitor)
{
	pvsched_monitor_close(monitor->events);
	if (monitor->signals >= 0)
		close(monitor->signals);
}

/* CLOCK_REALTIME less CLOCK_MONOTONIC; the former may be set at any time. */
static int64_t real_offset_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec - ending_now_ns();
}

/* Return: whether option c, which has an argument, makes sense. */
static bool argument_take(struct monitor *monitor, int c, const char *arg)
{
	struct event_filter *filter = &monitor->filter;
	const char *what = "";

	switch (c) {
	case 'n':
		return count_parse("monitor", arg, &monitor->left);
	case 't':
		if (event_time_parse(arg, &monitor->clock.form))
			return true;
		what = "relative, absolute or monotonic";
		break;
	case 'g':
		if (event_filter_group(filter, arg))
			return true;
		what = "config or boost";
		break;
	case 'k':
		if (event_filter_kind(filter, arg))
			return true;
		what = "a kind of event, see --help";
		break;
	case 'v':
		if (event_filter_vm(filter, arg))
			return true;
		what = "a VM, or there are more than 16";
		break;
	case 'c':
		if (event_filter_vcpu(filter, arg))
			return true;
		what = "a vCPU, 0 to 4095, or there are more than 16";
		break;
	}
	usage_error("monitor", "'%s' is not %s", arg, what);
	return false;
}

static bool monitor_options(int argc, char **argv, struct monitor *monitor,
			    int *status)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "count", required_argument, NULL, 'n' },
		{ "time", required_argument, NULL, 't' },
		{ "group", required_argument, NULL, 'g' },
		{ "vm", required_argument, NULL, 'v' },
		{ "vcpu", required_argument, NULL, 'c' },
		{ "kind", required_argument, NULL, 'k' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	int c;

	*status = COMMAND_USAGE;
	while ((c = getopt_long(argc, argv, "jn:t:g:v:c:k:h", options, NULL)) !=
	       -1) {
		if (c == 'j') {
			monitor->json = true;
		} else if (c == 'h') {
			fputs(help, stdout);
			*status = output_finish("monitor");
			return false;
		} else if (c == '?') {
			usage_error("monitor", NULL);
			return false;
		} else if (!argument_take(monitor, c, optarg)) {
			return false;
		}
	}
	if (optind < argc) {
		usage_error("monitor", "takes no '%s'", argv[optind]);
		return false;
	}
	if (event_filter_groups(&monitor->filter))
		return true;
	usage_error("monitor", "no such kind is of that group");
	return false;
}

static bool on_event(const struct pvsched_event *event, void *arg)
{
	struct monitor *monitor = arg;
	struct output output;

	if (!event_filter_passes(&monitor->filter, event))
		return true;
	if (output_begin(&output)) {
		out_of_memory("monitor");
		monitor->ending = ENDING_ERROR;
		return false;
	}
	if (monitor->json)
		json_print_line(json_event(event, &monitor->clock), output.to);
	else
		view_event(event, &monitor->clock, output.to);
	monitor->ending =
		output_end("pvsched monitor", monitor->signals, &output);
	if (!event->gap)
		monitor->left--;
	return monitor->left && monitor->ending == ENDING_NOT;
}

static int monitor_run(struct monitor *monitor)
{
	int fd = pvsched_monitor_fd(monitor->events);
	struct pvsched_error error;

	while (monitor->left && monitor->ending == ENDING_NOT) {
		monitor->ending = ending_wait("pvsched monitor",
					      monitor->signals, fd, -1);
		if (monitor->ending != ENDING_NOT)
			break;
		monitor->clock.real_ns = real_offset_ns();
		if (pvsched_monitor_read(monitor->events, on_event, monitor,
					 &error))
			return command_failed("monitor", &error);
	}
	return monitor->ending == ENDING_ERROR ? COMMAND_FAILED : COMMAND_DONE;
}

int monitor_main(int argc, char **argv)
{
	struct monitor monitor __attribute__((cleanup(monitor_free))) = {
		.signals = -1,
		.left = UINT64_MAX,
	};
	struct pvsched_error error;
	int status;

	if (!monitor_options(argc, argv, &monitor, &status))
		return status;
	monitor.signals = ending_open("pvsched monitor");
	if (monitor.signals < 0)
		return COMMAND_FAILED;
	monitor.clock.start_ns = ending_now_ns();
	if (pvsched_monitor_open(&monitor.events,
				 event_filter_groups(&monitor.filter), 0,
				 sizeof(struct pvsched_event), &error))
		return command_failed("monitor", &error);
	return monitor_run(&monitor);
}
