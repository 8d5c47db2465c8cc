// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the sources share.
 */
#include <stdarg.h>
#include <stdio.h>

#include "source.h"

int source_error(struct pvsched_error *error, int code, const char *fmt, ...)
{
	va_list args;

	error->code = code;
	error->refused = false;
	va_start(args, fmt);
	vsnprintf(error->text, sizeof(error->text), fmt, args);
	va_end(args);
	return code;
}
