// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The buckets of a histogram, which are most of what "pvsched list -j" prints: written
 * as text when the document is, since an object for each costs far more than that. Those that
 * are empty are left out.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

#define PART_LEN   160
#define NUMBER_LEN 24

/*
 * What is around the numbers, as json-c has it: documents are printed pretty and
 * spaced, or neither.
 */
struct parts {
	char bound[PART_LEN]; /* before the bound of a bucket */
	char count[PART_LEN]; /* before its count */
	char end[PART_LEN];   /* behind it */
	char last[PART_LEN];  /* behind all of them */
};

static void parts_get(struct parts *parts, int level, int flags)
{
	const char *line = flags & JSON_C_TO_STRING_PRETTY ? "\n" : "";
	const char *colon = flags & JSON_C_TO_STRING_SPACED ? ": " : ":";
	int indent = flags & JSON_C_TO_STRING_PRETTY ? 2 : 0;

	snprintf(parts->bound, PART_LEN, "%s%*s{%s%*s\"below_ns\"%s", line,
		 indent * (level + 1), "", line, indent * (level + 2), "",
		 colon);
	snprintf(parts->count, PART_LEN, ",%s%*s\"count\"%s", line,
		 indent * (level + 2), "", colon);
	snprintf(parts->end, PART_LEN, "%s%*s}", line, indent * (level + 1),
		 "");
	snprintf(parts->last, PART_LEN, "%s%*s]", line, indent * level, "");
}

static void append(struct printbuf *to, const char *text)
{
	printbuf_memappend(to, text, (int)strlen(text));
}

static void append_u64(struct printbuf *to, uint64_t value)
{
	char text[NUMBER_LEN];

	printbuf_memappend(to, text,
			   snprintf(text, sizeof(text), "%" PRIu64, value));
}

/* Without memory it is cut, as all that json-c prints. */
static int buckets_print(struct json_object *of, struct printbuf *to, int level,
			 int flags)
{
	const uint64_t *bucket = json_object_get_userdata(of);
	const char *before = "[";
	struct parts parts;
	unsigned int i;

	parts_get(&parts, level, flags);
	for (i = 0; i < PVSCHED_HIST_BUCKETS; i++) {
		uint64_t bound = pvsched_hist_bound(i);

		if (!bucket[i])
			continue;
		append(to, before);
		append(to, parts.bound);
		if (bound == UINT64_MAX)
			append(to, "null");
		else
			append_u64(to, bound);
		append(to, parts.count);
		append_u64(to, bucket[i]);
		append(to, parts.end);
		before = ",";
	}
	append(to, parts.last);
	return 0;
}

struct json_object *json_buckets(const struct pvsched_hist_info *hist)
{
	struct json_object *to = json_object_new_array();
	uint64_t *bucket;

	if (!to || !pvsched_hist_count(hist))
		return to;
	bucket = malloc(sizeof(hist->bucket));
	if (!bucket) {
		json_object_put(to);
		return NULL;
	}
	memcpy(bucket, hist->bucket, sizeof(hist->bucket));
	json_object_set_serializer(to, buckets_print, bucket,
				   json_object_free_userdata);
	return to;
}
