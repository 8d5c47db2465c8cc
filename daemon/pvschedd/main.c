// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvschedd: watches the VMs of a host.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon.h"

#ifndef PVSCHED_VERSION
#define PVSCHED_VERSION "unknown"
#endif

#define EXIT_USAGE   1
#define EXIT_REFUSED 2

static const char usage[] =
	"usage: pvschedd [OPTION...]\n"
	"\n"
	"Watch the VMs of this host.\n"
	"\n"
	"  -v, --verbose        tell of everything, not only of what is wrong\n"
	"  -V, --version\n"
	"  -h, --help\n";

struct options {
	bool verbose;
};

static int bad_usage(void)
{
	fputs("pvschedd: wrong usage (--help tells more)\n", stderr);
	return EXIT_USAGE;
}

/* -1: go on; else what to exit with. */
static int options_parse(struct options *o, int argc, char **argv)
{
	static const struct option longopts[] = {
		{ "verbose", no_argument, NULL, 'v' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	int c;

	while ((c = getopt_long(argc, argv, "vVh", longopts, NULL)) != -1) {
		switch (c) {
		case 'v':
			o->verbose = true;
			break;
		case 'V':
			puts("pvschedd " PVSCHED_VERSION);
			return 0;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			return bad_usage();
		}
	}
	return optind < argc ? bad_usage() : -1;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct daemon daemon = { 0 };
	int ret = options_parse(&o, argc, argv);

	if (ret >= 0)
		return ret;
	log_init(&daemon.log, o.verbose);
	ret = daemon_run(&daemon);
	daemon_exit(&daemon);
	return ret < 0 ? EXIT_REFUSED : EXIT_SUCCESS;
}
