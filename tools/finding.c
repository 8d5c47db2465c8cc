// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvsched doctor: what was found.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "doctor.h"

void doctor_add(struct doctor *doctor, enum finding_status status,
		const char *check, const char *advice, const char *fmt, ...)
{
	struct finding *all =
		reallocarray(doctor->finding, doctor->count + 1, sizeof(*all));
	struct finding *finding;
	va_list args;

	if (!all) {
		doctor->incomplete = true;
		return;
	}
	doctor->finding = all;
	finding = &all[doctor->count++];
	*finding = (struct finding){ .status = status };
	snprintf(finding->check, sizeof(finding->check), "%s", check);
	snprintf(finding->advice, sizeof(finding->advice), "%s",
		 advice ? advice : "");
	va_start(args, fmt);
	vsnprintf(finding->text, sizeof(finding->text), fmt, args);
	va_end(args);
}

void doctor_free(struct doctor *doctor)
{
	free(doctor->finding);
	if (doctor->root >= 0)
		close(doctor->root);
}
