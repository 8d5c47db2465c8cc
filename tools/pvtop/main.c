// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvtop - which vCPU waits, which is boosted, and why
 */
#include <locale.h>
#include <stdio.h>

#include "../command.h"
#include "../system.h"
#include "options.h"

int main(int argc, char **argv)
{
	struct options options;
	struct source *live;
	int status;

	system_fds_occupy();
	system_output_wait();
	setlocale(LC_CTYPE, "");
	if (!options_get(argc, argv, &options, &status))
		return status;
	live = live_new(NULL);
	if (!live) {
		fputs("pvtop: out of memory\n", stderr);
		return COMMAND_FAILED;
	}
	return app_run(&options, live);
}
