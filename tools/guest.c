// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvsched guest: in a guest, what its vCPUs and their host tell each other, and
 * a command on the vCPU that can get the most done.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "guestinfo.h"
#include "json.h"

static const char guest_help[] =
	"usage: pvsched guest [-j]\n"
	"       pvsched guest place [--] COMMAND [ARGUMENT...]\n"
	"\n"
	"In a guest with virtio_pvsched: what each vCPU tells the host and what the\n"
	"host tells it; or run a command on the vCPU that can get the most done now,\n"
	"of those that the caller may use.\n"
	"\n"
	"  -j, --json  JSON\n"
	"\n"
	"  RUNNING, WAITER, SLEEPER   the most urgent task that does so there\n"
	"  GRANTED     what the host has boosted the vCPU to\n"
	"  STATE       what the host does with it\n"
	"  CAPACITY    of the CPU under it, of 1024 for the host's biggest\n"
	"  TAKEN       how much of its recent time others have had\n"
	"  LEFT        capacity less that, of 1024\n"
	"  CORE, CACHE vCPUs with the same value share it\n"
	"\n"
	"Example: pvsched guest place -- make\n";

static int failed(const char *what, const char *why)
{
	fprintf(stderr, "pvsched guest: %s: %s\n", what, why);
	return COMMAND_FAILED;
}

/* Where this process may run, of what the driver shows. */
static int place(const struct guest_cpus *cpus)
{
	const struct guest_cpu *best;
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return failed("sched_getaffinity", strerror(errno));
	best = guest_cpu_best(cpus, &set);
	if (!best)
		return failed(
			"no vCPU to use",
			"none that the host knows is in the caller's affinity; see taskset(1)");
	CPU_ZERO(&set);
	CPU_SET(best->cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		return failed("sched_setaffinity", strerror(errno));
	return COMMAND_DONE;
}

static int place_main(char **command)
{
	struct guest_cpus cpus __attribute__((cleanup(guest_cpus_free))) = {};
	char why[GUESTINFO_WHY_LEN];
	int status;

	if (*command && !strcmp(*command, "--"))
		command++;
	if (!*command)
		return usage_error("guest", "place takes a command");
	if (guest_cpus_read(GUESTINFO_DIR, &cpus, why))
		return failed("place", why);
	status = place(&cpus);
	if (status)
		return status;
	execvp(*command, command);
	return failed(*command, strerror(errno));
}

int guest_main(int argc, char **argv)
{
	struct guest_cpus cpus __attribute__((cleanup(guest_cpus_free))) = {};
	char why[GUESTINFO_WHY_LEN];
	bool json;
	int status;

	/* What follows is another program's. */
	if (argc > 1 && !strcmp(argv[1], "place"))
		return place_main(argv + 2);
	if (!options_parse(argc, argv, guest_help, &json, &status))
		return status;
	if (optind < argc)
		return usage_error("guest", "takes no '%s'", argv[optind]);
	if (guest_cpus_read(GUESTINFO_DIR, &cpus, why))
		return failed("cannot read " GUESTINFO_DIR, why);
	if (json)
		json_print(guest_cpus_json(&cpus), stdout);
	else
		guest_cpus_print(&cpus, stdout);
	return output_finish("guest");
}
