/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * INI: "[section]" or "[section name]", "key = value", and comments on lines of
 * their own, behind '#' or ';'. Nothing is quoted, and no line goes on.
 */
#ifndef PVSCHEDD_INI_H
#define PVSCHEDD_INI_H

#include <stdbool.h>
#include <stddef.h>

#define INI_WHY_LEN 192

/**
 * struct ini_line - a section that begins, or a key in one
 * @number: of the line
 * @section: in which it is, or that begins
 * @name: of the section, or empty
 * @key: empty: the section begins
 * @value: of the key
 */
struct ini_line {
	unsigned int number;
	char section[32];
	char name[64];
	char key[32];
	char value[256];
};

/* Returns whether that is right; else why not, in INI_WHY_LEN. */
typedef bool (*ini_fn)(const struct ini_line *line, void *arg, char *why);

/* Returns 0, or the number of the line that is wrong, and why. */
unsigned int ini_parse(const char *text, size_t len, ini_fn fn, void *arg,
		       char *why);

#endif
