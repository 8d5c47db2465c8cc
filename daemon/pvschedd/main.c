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
	"Watch the VMs of this host, and set what rules say of them.\n"
	"\n"
	"  -c, --config FILE    instead of " SETTINGS_PATH ";\n"
	"                       and FILE.d/*.conf\n"
	"      --check-config   say what is wrong there, and end\n"
	"  -v, --verbose        tell of everything, not only of what is wrong\n"
	"  -V, --version\n"
	"  -h, --help\n";

struct options {
	const char *config; /* NULL: where it is, if it is */
	bool check;
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
	enum { OPTION_CHECK = 256 };
	static const struct option longopts[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check-config", no_argument, NULL, OPTION_CHECK },
		{ "verbose", no_argument, NULL, 'v' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	int c;

	while ((c = getopt_long(argc, argv, "c:vVh", longopts, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->config = optarg;
			break;
		case OPTION_CHECK:
			o->check = true;
			break;
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

static int config_check(const struct daemon *daemon)
{
	struct settings settings;
	struct problem why;

	if (!settings_load(&settings, daemon->path, daemon->optional, &why)) {
		fprintf(stderr, "pvschedd: %s\n", why.text);
		return EXIT_USAGE;
	}
	printf("%zu rules\n", settings.rules);
	settings_free(&settings);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct daemon daemon = { .root = -1 };
	int ret = options_parse(&o, argc, argv);

	if (ret >= 0)
		return ret;
	daemon.path = o.config ?: SETTINGS_PATH;
	daemon.optional = !o.config;
	if (o.check)
		return config_check(&daemon);
	log_init(&daemon.log, o.verbose);
	ret = daemon_run(&daemon);
	daemon_exit(&daemon);
	return ret < 0 ? EXIT_REFUSED : EXIT_SUCCESS;
}
