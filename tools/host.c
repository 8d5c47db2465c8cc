// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvsched disable, pvsched enable, pvsched set-canary: may there be boosts on
 * this host?
 */
#include <getopt.h>
#include <stdio.h>

#include "capspec.h"
#include "command.h"
#include "json.h"
#include "view.h"

static const char disable_help[] =
	"usage: pvsched disable [-j]\n"
	"\n"
	"End all boosts of this host at once, and allow no others. VMs stay registered.\n"
	"It is done when the command returns. Needs CAP_SYS_RESOURCE.\n"
	"\n"
	"  -j, --json  JSON\n"
	"\n"
	"Example: pvsched disable\n";

static const char enable_help[] =
	"usage: pvsched enable [-j]\n"
	"\n"
	"Allow boosts again, also if the canary holds them back. Needs CAP_SYS_RESOURCE.\n"
	"\n"
	"  -j, --json  JSON\n"
	"\n"
	"Example: pvsched enable\n";

static const char canary_help[] =
	"usage: pvsched set-canary [-j] TIME\n"
	"\n"
	"Take all boosts back if ordinary work that has to run on some CPU has waited\n"
	"while boosted vCPUs ran there for TIME. There are no boosts for 1 s then; if it\n"
	"happens again within a minute, for twice as long each time, up to a minute.\n"
	"Needs CAP_SYS_RESOURCE.\n"
	"\n"
	"  -j, --json  JSON\n"
	"\n"
	"  TIME        10ms to 60s, or 0 for no such limit; 500ms unless it was set\n"
	"\n"
	"Example: pvsched set-canary 200ms\n";

static int set_main(int argc, char **argv, bool enabled, const char *help)
{
	struct pvsched_client *client __attribute__((cleanup(client_close))) =
		NULL;
	struct pvsched_host_info host;
	struct pvsched_error error;
	bool json;
	int status;

	if (!options_parse(argc, argv, help, &json, &status))
		return status;
	if (optind < argc)
		return usage_error(argv[0], "takes no '%s'", argv[optind]);
	if (pvsched_client_open(&client, &error) ||
	    pvsched_host_enable(client, enabled, &host, sizeof(host), &error))
		return command_failed(argv[0], &error);
	if (json)
		json_print(json_host_set(&host), stdout);
	else
		view_host_set(&host, stdout);
	return output_finish(argv[0]);
}

static bool limit_parse(const char *text, uint32_t *ms)
{
	uint64_t us;

	if (!time_parse(text, &us) || us % 1000 || us / 1000 > UINT32_MAX)
		return false;
	*ms = us / 1000;
	return true;
}

int set_canary_main(int argc, char **argv)
{
	struct pvsched_client *client __attribute__((cleanup(client_close))) =
		NULL;
	struct pvsched_host_info host;
	struct pvsched_error error;
	uint32_t ms;
	bool json;
	int status;

	if (!options_parse(argc, argv, canary_help, &json, &status))
		return status;
	if (argc - optind != 1)
		return usage_error("set-canary", "takes one TIME");
	if (!limit_parse(argv[optind], &ms))
		return usage_error("set-canary",
				   "'%s' is not a time such as 500ms or 1s",
				   argv[optind]);
	if (pvsched_client_open(&client, &error) ||
	    pvsched_host_canary(client, ms, &host, sizeof(host), &error))
		return command_failed("set-canary", &error);
	if (json)
		json_print(json_host_set(&host), stdout);
	else
		view_canary(&host, stdout);
	return output_finish("set-canary");
}

int disable_main(int argc, char **argv)
{
	return set_main(argc, argv, false, disable_help);
}

int enable_main(int argc, char **argv)
{
	return set_main(argc, argv, true, enable_help);
}
