// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzes what pvschedd reads: its settings and, behind a byte 1, the command line of
 * a VMM.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "identity.h"
#include "settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void settings_try(const char *text, size_t size)
{
	struct settings settings;
	struct problem why = { "" };
	size_t i;

	settings_init(&settings);
	if (settings_parse(&settings, "fuzz.conf", text, size, &why)) {
		for (i = 0; i < settings.rules; i++)
			if (!settings.rule[i].name[0])
				abort();
	} else if (!strstr(why.text, "fuzz.conf:")) {
		abort();
	}
	settings_free(&settings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct identity id = { 0 };

	if (!size || data[0] != 1) {
		settings_try((const char *)data, size);
		return 0;
	}
	identity_cmdline(&id, (const char *)data + 1, size - 1);
	if (strlen(id.name) >= sizeof(id.name) ||
	    strlen(id.uuid) >= sizeof(id.uuid))
		abort();
	return 0;
}
