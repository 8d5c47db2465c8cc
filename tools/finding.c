// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvsched doctor: what was found.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "colour.h"
#include "doctor.h"
#include "json.h"

static const char *const status_names[] = {
	[FINDING_OK] = "ok",
	[FINDING_NOTE] = "note",
	[FINDING_BAD] = "bad",
};

/* Parts of it are others' words: of files, names and other programs. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if (iscntrl((unsigned char)*text))
			*text = '?';
}

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
	make_printable(finding->text);
	make_printable(finding->advice);
}

void doctor_free(struct doctor *doctor)
{
	free(doctor->finding);
	if (doctor->root >= 0)
		close(doctor->root);
}

void doctor_print(const struct doctor *doctor, FILE *to)
{
	static const enum colour colours[] = {
		[FINDING_OK] = COLOUR_GOOD,
		[FINDING_NOTE] = COLOUR_NOTE,
		[FINDING_BAD] = COLOUR_BAD,
	};
	size_t i;

	for (i = 0; i < doctor->count; i++) {
		const struct finding *finding = &doctor->finding[i];
		enum colour colour = colours[finding->status];

		fprintf(to, "%s%-4s%s  %-10s  %s\n", colour_begin(to, colour),
			finding->status == FINDING_BAD ?
				"BAD" :
				status_names[finding->status],
			colour_end(to, colour), finding->check, finding->text);
		if (*finding->advice)
			fprintf(to, "%-18s-> %s\n", "", finding->advice);
	}
}

struct json_object *doctor_json(const struct doctor *doctor)
{
	struct json_object *document = json_document();
	struct json_object *findings = json_object_new_array();
	size_t i;

	for (i = 0; i < doctor->count; i++) {
		const struct finding *finding = &doctor->finding[i];
		struct json_object *to = json_object_new_object();

		json_object_object_add(
			to, "status",
			json_object_new_string(status_names[finding->status]));
		json_object_object_add(to, "check",
				       json_object_new_string(finding->check));
		json_object_object_add(to, "text",
				       json_object_new_string(finding->text));
		json_object_object_add(
			to, "advice",
			*finding->advice ?
				json_object_new_string(finding->advice) :
				NULL);
		json_object_array_add(findings, to);
	}
	json_object_object_add(document, "findings", findings);
	return document;
}
