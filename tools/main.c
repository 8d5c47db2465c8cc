// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvsched - see and bound the paravirtual scheduling of virtual CPUs
 */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "system.h"

struct command {
	const char *name;
	int (*main)(int argc, char **argv);
	const char *arguments;
	const char *summary;
};

static const struct command commands[] = {
	{ "list", list_main, "", "VMs and their vCPUs" },
	{ "show", show_main, "VM", "one VM in detail" },
	{ "stats", stats_main, "[VM]",
	  "what was counted, or happens a second" },
	{ "get-cap", get_cap_main, "[TARGET]",
	  "caps of the host, a VM or a vCPU" },
	{ "set-cap", set_cap_main, "TARGET CAP=VALUE...", "change caps" },
	{ "disable", disable_main, "", "end all boosts, and allow none" },
	{ "enable", enable_main, "", "allow boosts again" },
	{ "set-canary", set_canary_main, "TIME",
	  "how long boosts may starve ordinary work" },
	{ "policy", policy_main, "list|set VM POLICY",
	  "what decides on boosts" },
	{ "payback", payback_main, "VM on|off", "repay boosted time" },
	{ "attach", attach_main, "VM PID",
	  "a VM whose guest has no driver, or threads" },
	{ "detach", detach_main, "NAME[/NUMBER]",
	  "give back what attach or run holds" },
	{ "run", run_main, "[--] COMMAND...",
	  "a command whose threads are boosted" },
	{ "monitor", monitor_main, "", "events as they happen" },
	{ "daemon", daemon_main, "status|history VM...",
	  "what pvschedd knows, rules and history" },
	{ "doctor", doctor_main, "", "is this host ready, and what is to do?" },
	{ "guest", guest_main, "[place COMMAND...]",
	  "in a guest: its vCPUs, or a command on the best" },
};

static const size_t commands_count = sizeof(commands) / sizeof(commands[0]);

static void usage(FILE *to)
{
	size_t i;

	fputs("usage: pvsched COMMAND [OPTION...] [ARGUMENT...]\n\n", to);
	for (i = 0; i < commands_count; i++)
		fprintf(to, "  %-10s %-20s  %s\n", commands[i].name,
			commands[i].arguments, commands[i].summary);
	fputs("\nEach command has --help, and most have -j for JSON.\n"
	      "Exit status: 0 done, 1 wrong usage, 2 refused by the kernel.\n",
	      to);
}

int main(int argc, char **argv)
{
	size_t i;

	system_fds_occupy();
	system_output_wait();
	if (argc < 2) {
		usage(stderr);
		return COMMAND_USAGE;
	}
	for (i = 0; i < commands_count; i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].main(argc - 1, argv + 1);
	if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help") ||
	    !strcmp(argv[1], "-h")) {
		usage(stdout);
		return output_finish("help");
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts("pvsched " PVSCHED_VERSION);
		return output_finish("version");
	}
	fprintf(stderr, "pvsched: there is no command '%s'\n", argv[1]);
	usage(stderr);
	return COMMAND_USAGE;
}
