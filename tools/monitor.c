// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvsched monitor: events as they happen.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "json.h"
#include "view.h"

static const char help[] =
	"usage: pvsched monitor [-j] [-n COUNT] [-g GROUP]\n"
	"\n"
	"Events as they happen, until interrupted. Needs CAP_NET_ADMIN. Events that\n"
	"were lost are told as a gap.\n"
	"\n"
	"  -j, --json         a JSON object a line\n"
	"  -n, --count COUNT  end after so many events\n"
	"  -g, --group GROUP  only these: config (VMs and vCPUs come and go, caps,\n"
	"                     throttling) or boost (boosts begin, change and end)\n"
	"\n"
	"Text: group, number of the event, seconds since the start, what, whose.\n"
	"\n"
	"Example: pvsched monitor -j -g config | jq -r 'select(.kind == \"throttle\").vm'\n";

struct monitor {
	struct pvsched_monitor *events;
	int signals;
	uint64_t start_ns;
	uint64_t left; /* events until the end */
	unsigned int groups;
	bool json;
	bool output_failed;
};

static void monitor_free(struct monitor *monitor)
{
	pvsched_monitor_close(monitor->events);
	if (monitor->signals >= 0)
		close(monitor->signals);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static bool groups_parse(const char *text, unsigned int *groups)
{
	unsigned int i;

	for (i = 0; i < PVSCHED_GROUP_COUNT; i++) {
		if (!strcmp(text, pvsched_group_name(i))) {
			*groups |= 1U << i;
			return true;
		}
	}
	usage_error("monitor", "there is no group '%s', but config and boost",
		    text);
	return false;
}

static bool count_parse(const char *text, uint64_t *count)
{
	char *end;

	errno = 0;
	*count = strtoull(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !*end && !errno && *count)
		return true;
	usage_error("monitor", "'%s' is not a number of events", text);
	return false;
}

static bool monitor_options(int argc, char **argv, struct monitor *monitor,
			    int *status)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "count", required_argument, NULL, 'n' },
		{ "group", required_argument, NULL, 'g' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	int c;

	*status = COMMAND_USAGE;
	while ((c = getopt_long(argc, argv, "jn:g:h", options, NULL)) != -1) {
		switch (c) {
		case 'j':
			monitor->json = true;
			break;
		case 'n':
			if (!count_parse(optarg, &monitor->left))
				return false;
			break;
		case 'g':
			if (!groups_parse(optarg, &monitor->groups))
				return false;
			break;
		case 'h':
			fputs(help, stdout);
			*status = output_finish("monitor");
			return false;
		default:
			usage_error("monitor", NULL);
			return false;
		}
	}
	if (optind < argc)
		usage_error("monitor", "takes no '%s'", argv[optind]);
	return optind == argc;
}

/* SIGINT and SIGTERM end the command, as a closed pipe does: all is well then. */
static int signals_open(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static bool on_event(const struct pvsched_event *event, void *arg)
{
	struct monitor *monitor = arg;
	int err;

	if (monitor->json)
		err = json_print_line(json_event(event, monitor->start_ns),
				      stdout);
	else
		err = view_event(event, monitor->start_ns, stdout);
	/* Without a terminal as output, too, each event is seen at once. */
	if (err || fflush(stdout)) {
		monitor->output_failed = true;
		return false;
	}
	if (!event->gap)
		monitor->left--;
	return monitor->left;
}

static int output_ended(void)
{
	if (errno == EPIPE)
		return COMMAND_DONE;
	fprintf(stderr, "pvsched monitor: writing the output: %s\n",
		strerror(errno));
	return COMMAND_FAILED;
}

static int monitor_run(struct monitor *monitor)
{
	struct pollfd polled[] = {
		{ .fd = pvsched_monitor_fd(monitor->events), .events = POLLIN },
		{ .fd = monitor->signals, .events = POLLIN },
		{ .fd = STDOUT_FILENO },
	};
	struct pvsched_error error;

	while (monitor->left) {
		if (poll(polled, 3, -1) < 0 && errno != EINTR) {
			fprintf(stderr,
				"pvsched monitor: waiting for events: %s\n",
				strerror(errno));
			return COMMAND_FAILED;
		}
		if (polled[1].revents ||
		    polled[2].revents & (POLLERR | POLLHUP))
			return COMMAND_DONE;
		if (!polled[0].revents)
			continue;
		if (pvsched_monitor_read(monitor->events, on_event, monitor,
					 &error))
			return command_failed("monitor", &error);
		if (monitor->output_failed)
			return output_ended();
	}
	return COMMAND_DONE;
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
	if (!monitor.groups)
		monitor.groups = (1U << PVSCHED_GROUP_COUNT) - 1;
	monitor.signals = signals_open();
	if (monitor.signals < 0) {
		fprintf(stderr, "pvsched monitor: taking signals: %s\n",
			strerror(errno));
		return COMMAND_FAILED;
	}
	monitor.start_ns = now_ns();
	if (pvsched_monitor_open(&monitor.events, monitor.groups, 0,
				 sizeof(struct pvsched_event), &error))
		return command_failed("monitor", &error);
	return monitor_run(&monitor);
}
