// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvsched daemon: what pvschedd knows, and that it take its settings anew.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "capspec.h"
#include "command.h"
#include "control.h"
#include "frame.h"
#include "json.h"

static const char daemon_help[] =
	"usage: pvsched daemon [-j] [-s PATH] status|rules|reload\n"
	"       pvsched daemon [-j] [-s PATH] history [-m] [-t SEC] VM[/VCPU]\n"
	"\n"
	"Asks pvschedd(8): which VMs it knows and what it has set of them, its rules, or\n"
	"what a VM has counted in the last hour, by seconds. \"reload\" has it read its\n"
	"settings anew, which needs root; if they are wrong, nothing changes.\n"
	"\n"
	"  -j, --json         JSON\n"
	"  -m, --minutes      history: of the last day, by minutes\n"
	"  -t, --since SEC    history: of so many seconds only\n"
	"  -s, --socket PATH  instead of " CONTROL_PATH "\n"
	"\n"
	"Without root, one's own VMs only.\n"
	"\n"
	"Example: pvsched daemon history -t 60 web-1\n";

struct options {
	const char *socket;
	bool json;
	bool minutes;
	uint64_t seconds; /* 0: all there is */
	struct pvsched_target target;
};

static const char *text_of(struct json_object *from, const char *key)
{
	struct json_object *member =
		control_member(from, key, json_type_string);

	return member ? json_object_get_string(member) : "-";
}

static uint64_t number_of(struct json_object *from, const char *key)
{
	struct json_object *member = control_member(from, key, json_type_int);

	return member ? json_object_get_uint64(member) : 0;
}

/* An item of a list, or NULL behind its end. */
static struct json_object *item_of(struct json_object *from, const char *key,
				   size_t index)
{
	struct json_object *list = control_member(from, key, json_type_array);

	return list && index < json_object_array_length(list) ?
		       json_object_array_get_idx(list, index) :
		       NULL;
}

static void words_print(struct json_object *from, const char *key)
{
	struct json_object *word;
	size_t i;

	for (i = 0; (word = item_of(from, key, i)); i++)
		printf("%s%s", i ? "," : "", json_object_get_string(word));
	if (!i)
		putchar('-');
}

static void status_print(struct json_object *answer)
{
	struct json_object *vm;
	size_t i;

	printf("rules %" PRIu64 ", losses of events %" PRIu64 ", history %s\n",
	       number_of(answer, "rules"), number_of(answer, "losses"),
	       text_of(answer, "history"));
	printf("%-20s %5s %-16s %-16s %-16s %s\n", "VM", "VCPUS", "OWNER",
	       "KNOWN-AS", "RULE", "BY-HAND");
	for (i = 0; (vm = item_of(answer, "vms", i)); i++) {
		printf("%-20s %5" PRIu64 " %-16s %-16s %-16s ",
		       text_of(vm, "name"), number_of(vm, "vcpus"),
		       text_of(vm, "owner"), text_of(vm, "known_as"),
		       text_of(vm, "rule"));
		words_print(vm, "by_hand");
		putchar('\n');
	}
}

static void caps_print(struct json_object *rule)
{
	struct json_object *caps =
		control_member(rule, "caps", json_type_object);

	if (!caps)
		return;
	json_object_object_foreach(caps, name, cap) {
		const char *soft = text_of(cap, "soft");
		const char *hard = text_of(cap, "hard");

		printf(" %s=%s:%s", name, strcmp(soft, "-") ? soft : "",
		       strcmp(hard, "-") ? hard : "");
	}
}

static void match_print(struct json_object *rule)
{
	struct json_object *match =
		control_member(rule, "match", json_type_object);

	if (!match)
		return;
	json_object_object_foreach(match, name, pattern)
		if (pattern)
			printf(" %s=%s", name, json_object_get_string(pattern));
}

static void rules_print(struct json_object *answer)
{
	struct json_object *rule, *payback;
	size_t i;

	for (i = 0; (rule = item_of(answer, "rules", i)); i++) {
		printf("%s (%s:%" PRIu64 ")\n  for", text_of(rule, "name"),
		       text_of(rule, "file"), number_of(rule, "line"));
		match_print(rule);
		printf("\n  set");
		caps_print(rule);
		if (strcmp(text_of(rule, "policy"), "-"))
			printf(" policy=%s", text_of(rule, "policy"));
		payback = control_member(rule, "payback", json_type_boolean);
		if (payback)
			printf(" payback=%s",
			       json_object_get_boolean(payback) ? "on" : "off");
		printf("\n  VMs ");
		words_print(rule, "vms");
		putchar('\n');
	}
}

static void reload_print(struct json_object *answer)
{
	printf("%" PRIu64 " rules\n", number_of(answer, "rules"));
}

/* What was counted between two samples; everything in one of another VM. */
static void sample_print(struct json_object *sample, struct json_object *before)
{
	static const char *const counters[] = { "boosts", "throttles",
						"preempted_urgent" };
	static const char *const times[] = { "boosted_ns", "waited_ns",
					     "waited_urgent_ns" };
	time_t seconds = number_of(sample, "time_ns") / 1000000000;
	char text[PVSCHED_TEXT_LEN] = "-";
	struct tm tm;
	size_t i;

	if (localtime_r(&seconds, &tm))
		strftime(text, sizeof(text), "%F %T", &tm);
	fputs(text, stdout);
	for (i = 0; i < 3; i++)
		printf(" %9" PRIu32,
		       (uint32_t)(number_of(sample, counters[i]) -
				  number_of(before, counters[i])));
	for (i = 0; i < 3; i++)
		printf(" %9s",
		       pvsched_time_text(number_of(sample, times[i]) -
						 number_of(before, times[i]),
					 text));
	putchar('\n');
}

static void history_print(struct json_object *answer)
{
	struct json_object *sample, *before = NULL;
	size_t i;

	printf("%-19s %9s %9s %9s %9s %9s %9s\n", "TIME", "BOOSTS", "THROTTLES",
	       "PREEMPTED", "BOOSTED", "WAITED", "URGENT");
	for (i = 0; (sample = item_of(answer, "samples", i)); i++) {
		if (before &&
		    number_of(before, "vm_id") == number_of(sample, "vm_id"))
			sample_print(sample, before);
		before = sample;
	}
	if (number_of(answer, "damaged"))
		fprintf(stderr,
			"pvsched daemon: %" PRIu64 " records are damaged\n",
			number_of(answer, "damaged"));
}

static struct json_object *history_parameters(const struct options *o)
{
	struct json_object *to = json_object_new_object();

	json_object_object_add(to, "vm", json_object_new_string(o->target.vm));
	if (o->target.has_vcpu)
		json_object_object_add(to, "vcpu",
				       json_object_new_int(o->target.vcpu));
	if (o->minutes)
		json_object_object_add(to, "ring",
				       json_object_new_string("minutes"));
	if (o->seconds)
		json_object_object_add(to, "seconds",
				       json_object_new_int64(o->seconds));
	return to;
}

static const struct question {
	const char *verb;
	const char *method;
	void (*print)(struct json_object *answer);
	bool target;
} questions[] = {
	{ "status", "Status", status_print, false },
	{ "rules", "Rules", rules_print, false },
	{ "reload", "Reload", reload_print, false },
	{ "history", "History", history_print, true },
};

static int question_ask(const struct question *question,
			const struct options *o)
{
	struct json_object *answer, *parameters = NULL;
	char why[CONTROL_WHY_LEN] = "";

	if (question->target)
		parameters = history_parameters(o);
	answer = control_call(o->socket, question->method, parameters, why);
	if (!answer) {
		fprintf(stderr, "pvsched daemon %s: %s\n", question->verb, why);
		return COMMAND_FAILED;
	}
	if (o->json) {
		json_object_object_add(answer, "schema",
				       json_object_new_int(JSON_SCHEMA));
		json_print(answer, stdout);
	} else {
		question->print(answer);
		json_object_put(answer);
	}
	return output_finish("daemon");
}

/* Returns true to go on with the operands; else the command ends with *status. */
static bool daemon_options(int argc, char **argv, struct options *o,
			   int *status)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "minutes", no_argument, NULL, 'm' },
		{ "since", required_argument, NULL, 't' },
		{ "socket", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	int c;

	*status = COMMAND_USAGE;
	while ((c = getopt_long(argc, argv, "jmt:s:h", options, NULL)) != -1) {
		if (c == 'j') {
			o->json = true;
		} else if (c == 'm') {
			o->minutes = true;
		} else if (c == 't') {
			if (!count_parse("daemon", optarg, &o->seconds))
				return false;
		} else if (c == 's') {
			o->socket = optarg;
		} else if (c == 'h') {
			fputs(daemon_help, stdout);
			*status = output_finish("daemon");
			return false;
		} else {
			usage_error("daemon", NULL);
			return false;
		}
	}
	return true;
}

static const struct question *question_find(const char *verb)
{
	size_t i;

	for (i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		if (!strcmp(questions[i].verb, verb))
			return &questions[i];
	return NULL;
}

int daemon_main(int argc, char **argv)
{
	struct options o = { .socket = CONTROL_PATH };
	const struct question *question;
	char why[CAPSPEC_WHY_LEN];
	int status;

	if (!daemon_options(argc, argv, &o, &status))
		return status;
	argv += optind;
	argc -= optind;
	if (!argc)
		return usage_error("daemon",
				   "status, rules, reload or history?");
	question = question_find(argv[0]);
	if (!question)
		return usage_error("daemon", "there is no '%s'", argv[0]);
	if (argc != 1 + question->target)
		return usage_error("daemon",
				   question->target ? "of which VM?" :
						      "%s takes nothing more",
				   argv[0]);
	if (question->target && !target_parse(argv[1], &o.target, why))
		return usage_error("daemon", "%s", why);
	if (question->target && !o.target.vm[0])
		return usage_error("daemon", "the host has no history");
	return question_ask(question, &o);
}
