// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exporter.h"
#include "format.h"
#include "history.h"
#include "ini.h"
#include "settings.h"
#include "util.h"

#include "../../tools/capspec.h"

#define FILE_MAX      (1 << 20)
#define KEYS_MAX      32
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* A key of a section that there is once. */
typedef bool (*section_fn)(struct settings *s, const char *key,
			   const char *value, char *why);

/* The file that is being read. */
struct reading {
	struct settings *settings;
	const char *file;
	struct rule *rule;	 /* the section is this one's */
	section_fn section;	 /* else this one's */
	char seen[KEYS_MAX][32]; /* keys of the section */
	unsigned int keys;
};

__attribute__((format(printf, 2, 3))) static bool fail(char *why,
						       const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, INI_WHY_LEN, fmt, args);
	va_end(args);
	return false;
}

static bool text_set(const char *value, char *to, size_t size, char *why)
{
	if (strlen(value) >= size)
		return fail(why, "the value has more than %zu characters",
			    size - 1);
	strcpy(to, value);
	return true;
}

static bool path_set(const char *value, char *to, char *why)
{
	if (value[0] && value[0] != '/')
		return fail(why, "'%.64s' is no path that begins with /",
			    value);
	return text_set(value, to, TEXT_LEN, why);
}

static bool number_set(const char *value, unsigned int *to, unsigned int min,
		       unsigned int max, char *why)
{
	char *end;
	unsigned long number;

	errno = 0;
	number = strtoul(value, &end, 10);
	if (value[0] < '0' || value[0] > '9' || *end || errno || number < min ||
	    number > max)
		return fail(why, "'%.32s' is not a number from %u to %u", value,
			    min, max);
	*to = number;
	return true;
}

static bool bool_parse(const char *value, bool *to, char *why)
{
	static const char *const words[][2] = { { "off", "on" },
						{ "no", "yes" } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(value, words[i][0]) && strcmp(value, words[i][1]))
			continue;
		*to = !strcmp(value, words[i][1]);
		return true;
	}
	return fail(why, "'%.32s' is neither on nor off", value);
}

/* A cap, written as for "pvsched set-cap". Returns 1, 0 if the key is none, or -1. */
static int cap_parse(struct rule *rule, const char *key, const char *value,
		     char *why)
{
	char text[TEXT_LEN + 40], reason[CAPSPEC_WHY_LEN];
	unsigned int id;

	for (id = 0; id < PVSCHED_CAP_COUNT; id++)
		if (!strcmp(pvsched_cap_name(id), key))
			break;
	if (id == PVSCHED_CAP_COUNT)
		return 0;
	if (id == PVSCHED_CAP_PERIOD)
		return fail(why, "period is a cap of the host only"), -1;
	snprintf(text, sizeof(text), "%s=%s", key, value);
	if (!wish_parse(text, &rule->wish[rule->wishes], reason))
		return fail(why, "%s", reason), -1;
	rule->wishes++;
	return 1;
}

static bool policy_set(struct rule *rule, const char *value, char *why)
{
	if (!value[0])
		return fail(why, "a policy has a name");
	return text_set(value, rule->policy, sizeof(rule->policy), why);
}

static bool rule_key(struct rule *rule, const char *key, const char *value,
		     char *why)
{
	int cap;

	if (!strcmp(key, "name"))
		return text_set(value, rule->match_name, TEXT_LEN, why);
	if (!strcmp(key, "uuid"))
		return text_set(value, rule->match_uuid, TEXT_LEN, why);
	if (!strcmp(key, "owner"))
		return text_set(value, rule->match_owner, TEXT_LEN, why);
	if (!strcmp(key, "cgroup"))
		return text_set(value, rule->match_cgroup, TEXT_LEN, why);
	if (!strcmp(key, "policy"))
		return policy_set(rule, value, why);
	if (!strcmp(key, "payback")) {
		rule->has_payback = true;
		return bool_parse(value, &rule->payback, why);
	}
	if (!strcmp(key, "tune"))
		return bool_parse(value, &rule->tune, why);
	if (!strcmp(key, "tune-floor"))
		return time_parse(value, &rule->floor_us) && rule->floor_us ?
			       true :
			       fail(why, "'%.32s' is no time such as 5ms",
				    value);
	cap = cap_parse(rule, key, value, why);
	if (cap)
		return cap > 0;
	return fail(why, "a rule has no key '%s'", key);
}

static bool daemon_key(struct settings *s, const char *key, const char *value,
		       char *why)
{
	if (!strcmp(key, "history"))
		return path_set(value, s->history, why);
	if (!strcmp(key, "history-entries"))
		return number_set(value, &s->history_entries, 1,
				  HISTORY_ENTRIES_MAX, why);
	if (!strcmp(key, "tune-pressure"))
		return number_set(value, &s->tune_pressure, 2, 100, why);
	return fail(why, "[daemon] has no key '%s'", key);
}

static bool exporter_key(struct settings *s, const char *key, const char *value,
			 char *why)
{
	if (!strcmp(key, "vcpus"))
		return number_set(value, &s->exporter_vcpus, 0, 16384, why);
	if (strcmp(key, "listen"))
		return fail(why, "[exporter] has no key '%s'", key);
	if (value[0] && !exporter_address_valid(value))
		return fail(
			why,
			"'%.64s' is neither 127.0.0.1:PORT, [::1]:PORT nor a path",
			value);
	return text_set(value, s->exporter, TEXT_LEN, why);
}

/* A topic without what would make it a pattern. */
static bool topic_set(const char *value, char *to, size_t size, char *why)
{
	if (!value[0] || strpbrk(value, "+#"))
		return fail(why, "'%.64s' is no topic to publish to", value);
	return text_set(value, to, size, why);
}

static bool mqtt_key(struct settings *s, const char *key, const char *value,
		     char *why)
{
	struct mqtt_settings *m = &s->mqtt;

	if (!strcmp(key, "broker"))
		return !value[0] || mqtt_broker_valid(value) ?
			       text_set(value, m->broker, sizeof(m->broker),
					why) :
			       fail(why, "'%.64s' is not HOST:PORT", value);
	if (!strcmp(key, "topic"))
		return topic_set(value, m->topic, sizeof(m->topic), why);
	if (!strcmp(key, "ca"))
		return path_set(value, m->ca, why);
	if (!strcmp(key, "cert"))
		return path_set(value, m->cert, why);
	if (!strcmp(key, "key"))
		return path_set(value, m->key, why);
	if (!strcmp(key, "user"))
		return text_set(value, m->user, sizeof(m->user), why);
	if (!strcmp(key, "password-file"))
		return path_set(value, m->password_file, why);
	if (!strcmp(key, "queue"))
		return number_set(value, &m->queue, 1, 100000, why);
	if (!strcmp(key, "summary"))
		return number_set(value, &m->summary_s, 1, 3600, why);
	return fail(why, "[mqtt] has no key '%s'", key);
}

static struct rule *rule_add(struct settings *s, char *why)
{
	struct rule *list;

	if (s->rules == RULES_MAX) {
		fail(why, "there are more than %d rules", RULES_MAX);
		return NULL;
	}
	list = reallocarray(s->rule, s->rules + 1, sizeof(*list));
	if (!list) {
		fail(why, "out of memory");
		return NULL;
	}
	s->rule = list;
	list += s->rules++;
	*list = (struct rule){ 0 };
	return list;
}

static bool rule_begin(struct reading *r, const struct ini_line *line,
		       char *why)
{
	struct settings *s = r->settings;
	size_t i;

	if (!line->name[0])
		return fail(why, "a rule has a name: [rule NAME]");
	for (i = 0; i < s->rules; i++)
		if (!strcmp(s->rule[i].name, line->name))
			return fail(why, "there is a rule '%s' already, %s:%u",
				    line->name, s->rule[i].place.file,
				    s->rule[i].place.line);
	r->rule = rule_add(s, why);
	if (!r->rule)
		return false;
	strcpy(r->rule->name, line->name);
	snprintf(r->rule->place.file, sizeof(r->rule->place.file), "%s",
		 r->file);
	r->rule->place.line = line->number;
	return true;
}

static const struct section {
	const char *name;
	section_fn key;
} sections[] = {
	{ "daemon", daemon_key },
	{ "exporter", exporter_key },
	{ "mqtt", mqtt_key },
};

static bool section_begin(struct reading *r, const struct ini_line *line,
			  char *why)
{
	size_t i;

	r->keys = 0;
	r->rule = NULL;
	r->section = NULL;
	if (!strcmp(line->section, "rule"))
		return rule_begin(r, line, why);
	for (i = 0; i < ARRAY_SIZE(sections) && !line->name[0]; i++)
		if (!strcmp(sections[i].name, line->section))
			r->section = sections[i].key;
	return r->section ?
		       true :
		       fail(why, "there is no section [%s%s%s]", line->section,
			    line->name[0] ? " " : "", line->name);
}

static bool key_once(struct reading *r, const char *key, char *why)
{
	unsigned int i;

	for (i = 0; i < r->keys; i++)
		if (!strcmp(r->seen[i], key))
			return fail(why, "the section has '%s' twice", key);
	if (r->keys == KEYS_MAX)
		return fail(why, "the section has more than %d keys", KEYS_MAX);
	strcpy(r->seen[r->keys++], key);
	return true;
}

static bool on_line(const struct ini_line *line, void *arg, char *why)
{
	struct reading *r = arg;

	if (!line->key[0])
		return section_begin(r, line, why);
	if (!key_once(r, line->key, why))
		return false;
	if (r->rule)
		return rule_key(r->rule, line->key, line->value, why);
	return r->section(r->settings, line->key, line->value, why);
}

static bool problem_set(struct problem *why, const char *file,
			unsigned int line, const char *reason)
{
	snprintf(why->text, sizeof(why->text), "%.250s:%u: %s", file, line,
		 reason);
	return false;
}

const struct pvsched_cap_wish *rule_runtime(const struct rule *rule)
{
	size_t i;

	for (i = 0; i < rule->wishes; i++)
		if (rule->wish[i].id == PVSCHED_CAP_RUNTIME)
			return &rule->wish[i];
	return NULL;
}

static bool tunable(const struct rule *rule)
{
	const struct pvsched_cap_wish *runtime = rule_runtime(rule);

	return runtime && runtime->has_soft && runtime->has_hard &&
	       runtime->hard <= 1000000 && runtime->soft <= runtime->hard &&
	       rule->floor_us && rule->floor_us <= runtime->soft;
}

/* What only the whole rule can tell. */
static bool rule_check(const struct rule *rule, const char **reason)
{
	*reason = NULL;
	if (!rule->match_name[0] && !rule->match_uuid[0] &&
	    !rule->match_owner[0] && !rule->match_cgroup[0])
		*reason =
			"the rule says of no VM that it is for: name = * is for all";
	else if (!rule->policy[0] && !rule->has_payback && !rule->wishes)
		*reason = "the rule sets nothing";
	else if (rule->tune && !tunable(rule))
		*reason =
			"tune needs runtime = SOFT:HARD and a tune-floor that is not above SOFT";
	return !*reason;
}

bool settings_parse(struct settings *settings, const char *file,
		    const char *text, size_t len, struct problem *why)
{
	const char *slash = strrchr(file, '/');
	struct reading r = {
		.settings = settings,
		.file = slash ? slash + 1 : file,
	};
	char reason[INI_WHY_LEN] = "";
	const char *wrong;
	size_t i, before = settings->rules;
	unsigned int line = ini_parse(text, len, on_line, &r, reason);

	if (line)
		return problem_set(why, file, line, reason);
	for (i = before; i < settings->rules; i++)
		if (!rule_check(&settings->rule[i], &wrong))
			return problem_set(why, file,
					   settings->rule[i].place.line, wrong);
	return true;
}

static bool file_problem(struct problem *why, const char *path, int err)
{
	snprintf(why->text, sizeof(why->text), "%.400s: %s", path,
		 strerror(err));
	return false;
}

/* Returns bytes, or a negative errno value. */
static ssize_t file_read(const char *path, char *text)
{
	_cleanup_(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t got = 1;

	if (fd < 0)
		return -errno;
	while (got > 0 && len <= FILE_MAX) {
		got = read(fd, text + len, FILE_MAX + 1 - len);
		if (got < 0)
			return -errno;
		len += got;
	}
	return len > FILE_MAX ? -EFBIG : (ssize_t)len;
}

static bool file_load(struct settings *settings, const char *path,
		      bool optional, struct problem *why)
{
	_cleanup_(freep) char *text = malloc(FILE_MAX + 1);
	ssize_t len = text ? file_read(path, text) : -ENOMEM;

	if (len == -ENOENT && optional)
		return true;
	if (len < 0)
		return file_problem(why, path, -len);
	return settings_parse(settings, path, text, len, why);
}

static bool directory_load(struct settings *settings, const char *path,
			   struct problem *why)
{
	char pattern[4096];
	bool good = true;
	glob_t found;
	size_t i;
	int ret;

	snprintf(pattern, sizeof(pattern), "%s.d", path);
	if (access(pattern, F_OK) && errno == ENOENT)
		return true;
	snprintf(pattern, sizeof(pattern), "%s.d/*.conf", path);
	ret = glob(pattern, GLOB_ERR, NULL, &found);
	if (ret == GLOB_NOMATCH)
		return true;
	if (ret)
		return file_problem(why, pattern,
				    ret == GLOB_NOSPACE ? ENOMEM : EIO);
	for (i = 0; i < found.gl_pathc && good; i++)
		good = file_load(settings, found.gl_pathv[i], false, why);
	globfree(&found);
	return good;
}

bool settings_load(struct settings *settings, const char *path, bool optional,
		   struct problem *why)
{
	settings_init(settings);
	if (file_load(settings, path, optional, why) &&
	    directory_load(settings, path, why))
		return true;
	settings_free(settings);
	return false;
}

void settings_init(struct settings *settings)
{
	*settings = (struct settings){
		.history = HISTORY_PATH,
		.history_entries = 256,
		.tune_pressure = 40,
		.exporter_vcpus = 256,
		.mqtt = { .topic = "pvsched", .queue = 1000, .summary_s = 60 },
	};
}

void settings_free(struct settings *settings)
{
	free(settings->rule);
	settings_init(settings);
}
