// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvsched get-cap, pvsched set-cap: how far boosts may go.
 */
#include <getopt.h>
#include <stdio.h>

#include "capspec.h"
#include "command.h"
#include "json.h"
#include "view.h"

#define TARGET_HELP                                                                       \
	"TARGET is host, a VM's name, or VM/VCPU. The smallest soft value of the three\n" \
	"levels binds a vCPU.\n"

static const char get_help[] =
	"usage: pvsched get-cap [-j] [TARGET]\n"
	"\n"
	"The caps of TARGET (host if there is none) and, for a vCPU, what binds it.\n" TARGET_HELP
	"\n"
	"  -j, --json  JSON; times in microseconds, null for unlimited\n"
	"\n"
	"Example: pvsched get-cap web-1/0\n";

static const char set_help[] =
	"usage: pvsched set-cap [-j] TARGET CAP=VALUE...\n"
	"\n"
	"Set caps of TARGET: all that are named, or none. Prints old and new values.\n" TARGET_HELP
	"\n"
	"  -j, --json  JSON; times in microseconds, null for unlimited\n"
	"\n"
	"  CAP\n"
	"  rtprio      real-time priority that a boost may reach, 0 to 98; 0: none\n"
	"  nice        nice value that a boost may reach where there is no real-time\n"
	"              boost, -20 to 19; 20: none\n"
	"  runtime     boosted time of a vCPU per period, up to 1s\n"
	"  period      1ms to 1s; of the host only\n"
	"  slice       longest boost without a pause, up to 1s\n"
	"  kicks       doorbells of a vCPU heard in each second, up to 1000000\n"
	"  section     longest boost for a critical section of the guest, up to 1s\n"
	"  vcpus       vCPUs of a VM boosted at the same time, up to 4096\n"
	"\n"
	"  VALUE       as for prlimit(1)\n"
	"  10          soft and hard\n"
	"  10:49       soft, hard\n"
	"  10:         soft only\n"
	"  :49         hard only\n"
	"Each may be unlimited: no bound at this level. Times are in microseconds, or\n"
	"have one of us, ms, s behind.\n"
	"\n"
	"The owner of a VM may set its caps. Raising hard, and the host's caps, need\n"
	"CAP_SYS_RESOURCE.\n"
	"\n"
	"Example: pvsched set-cap web-1 rtprio=20: slice=5ms:20ms\n";

static bool target_from(const char *command, const char *text,
			struct pvsched_target *target)
{
	char why[CAPSPEC_WHY_LEN];

	if (target_parse(text, target, why))
		return true;
	usage_error(command, "'%s': %s", text, why);
	return false;
}

int get_cap_main(int argc, char **argv)
{
	struct pvsched_client *client __attribute__((cleanup(client_close))) =
		NULL;
	struct pvsched_target target = {};
	struct pvsched_caps_info caps;
	struct pvsched_error error;
	char text[TARGET_TEXT_LEN];
	bool json;
	int status;

	if (!options_parse(argc, argv, get_help, &json, &status))
		return status;
	if (argc - optind > 1)
		return usage_error("get-cap", "takes one TARGET");
	if (optind < argc && !target_from("get-cap", argv[optind], &target))
		return COMMAND_USAGE;
	if (pvsched_client_open(&client, &error) ||
	    pvsched_caps_get(client, &target, &caps, sizeof(caps), &error))
		return command_failed(target_text(&target, text), &error);
	if (json)
		json_print(json_caps_get(&target, &caps), stdout);
	else
		view_caps(&caps, stdout);
	return output_finish("get-cap");
}

/* Returns how many, or -1 after saying what is wrong. */
static int wishes_from(int count, char **texts, struct pvsched_cap_wish *wishes)
{
	bool seen[PVSCHED_CAP_COUNT] = {};
	char why[CAPSPEC_WHY_LEN];
	int i;

	for (i = 0; i < count; i++) {
		struct pvsched_cap_wish wish;

		if (!wish_parse(texts[i], &wish, why)) {
			usage_error("set-cap", "%s", why);
			return -1;
		}
		if (seen[wish.id]) {
			usage_error("set-cap", "%s is there twice",
				    pvsched_cap_name(wish.id));
			return -1;
		}
		seen[wish.id] = true;
		wishes[i] = wish;
	}
	return count;
}

int set_cap_main(int argc, char **argv)
{
	struct pvsched_client *client __attribute__((cleanup(client_close))) =
		NULL;
	struct pvsched_cap_wish wishes[PVSCHED_CAP_COUNT];
	struct pvsched_target target;
	struct pvsched_caps_info caps;
	struct pvsched_error error;
	char text[TARGET_TEXT_LEN];
	int status, count;
	bool json;

	if (!options_parse(argc, argv, set_help, &json, &status))
		return status;
	if (argc - optind < 2)
		return usage_error("set-cap",
				   "takes a TARGET and at least one CAP=VALUE");
	if (!target_from("set-cap", argv[optind], &target))
		return COMMAND_USAGE;
	count = wishes_from(argc - optind - 1, argv + optind + 1, wishes);
	if (count < 0)
		return COMMAND_USAGE;
	if (pvsched_client_open(&client, &error) ||
	    pvsched_caps_set(client, &target, wishes, count, &caps,
			     sizeof(caps), &error))
		return command_failed(target_text(&target, text), &error);
	if (json)
		json_print(json_caps_set(&target, &caps), stdout);
	else
		view_caps_change(&caps, stdout);
	return output_finish("set-cap");
}
