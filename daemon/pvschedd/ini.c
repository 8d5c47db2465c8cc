// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ini.h"

/* A part of the text. */
struct span {
	const char *at;
	size_t len;
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

static struct span trim(struct span s)
{
	while (s.len && isspace((unsigned char)s.at[0])) {
		s.at++;
		s.len--;
	}
	while (s.len && isspace((unsigned char)s.at[s.len - 1]))
		s.len--;
	return s;
}

static bool copy(char *to, size_t size, struct span from, const char *what,
		 char *why)
{
	if (from.len >= size)
		return fail(why, "%s has more than %zu characters", what,
			    size - 1);
	memcpy(to, from.at, from.len);
	to[from.len] = '\0';
	return true;
}

static bool section_parse(struct ini_line *line, struct span s, char *why)
{
	struct span word;
	size_t i;

	if (s.at[s.len - 1] != ']')
		return fail(why, "the section's ']' is missing");
	s = trim((struct span){ s.at + 1, s.len - 2 });
	for (i = 0; i < s.len && !isspace((unsigned char)s.at[i]);)
		i++;
	word = (struct span){ s.at, i };
	if (!i)
		return fail(why, "the section has no name");
	line->key[0] = line->value[0] = '\0';
	return copy(line->section, sizeof(line->section), word,
		    "the section's name", why) &&
	       copy(line->name, sizeof(line->name),
		    trim((struct span){ s.at + i, s.len - i }), "the name",
		    why);
}

static bool key_parse(struct ini_line *line, struct span s, char *why)
{
	const char *equals = memchr(s.at, '=', s.len);
	struct span key, value;

	if (!equals)
		return fail(why, "is neither [section] nor key = value");
	key = trim((struct span){ s.at, equals - s.at });
	value = trim((struct span){ equals + 1, s.at + s.len - equals - 1 });
	if (!key.len)
		return fail(why, "there is no key before the '='");
	if (!line->section[0])
		return fail(why, "the key is in no section");
	return copy(line->key, sizeof(line->key), key, "the key", why) &&
	       copy(line->value, sizeof(line->value), value, "the value", why);
}

static bool printable(struct span s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (iscntrl((unsigned char)s.at[i]) && s.at[i] != '\t')
			return false;
	return true;
}

static bool line_parse(struct ini_line *line, struct span s, ini_fn fn,
		       void *arg, char *why)
{
	s = trim(s);
	if (!s.len || s.at[0] == '#' || s.at[0] == ';')
		return true;
	if (!printable(s))
		return fail(why, "has a control character");
	if (s.at[0] == '[' ? !section_parse(line, s, why) :
			     !key_parse(line, s, why))
		return false;
	return fn(line, arg, why);
}

unsigned int ini_parse(const char *text, size_t len, ini_fn fn, void *arg,
		       char *why)
{
	struct ini_line line = { 0 };
	const char *end = text + len;

	while (text < end) {
		const char *newline = memchr(text, '\n', end - text);
		const char *stop = newline ?: end;

		line.number++;
		if (!line_parse(&line, (struct span){ text, stop - text }, fn,
				arg, why))
			return line.number;
		text = newline ? newline + 1 : end;
	}
	return 0;
}
