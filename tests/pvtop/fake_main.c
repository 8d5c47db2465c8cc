// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvtop-fake SCENE [OPTION...] - pvtop of a made-up host, for tests of the terminal
 */
#include <locale.h>
#include <stdio.h>

#include "../../tools/pvtop/options.h"
#include "fake.h"

int main(int argc, char **argv)
{
	struct source *source = argc > 1 ? fake_new(argv[1]) : NULL;
	struct options options;
	int status;

	if (!source) {
		fputs("usage: pvtop-fake SCENE [OPTION...]\n", stderr);
		return 1;
	}
	setlocale(LC_CTYPE, "");
	if (options_get(argc - 1, argv + 1, &options, &status))
		return app_run(&options, source);
	source->ops->close(source);
	return status;
}
