/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of users.
 */
#ifndef PVSCHED_TOOLS_USER_H
#define PVSCHED_TOOLS_USER_H

#include <stdbool.h>
#include <stdint.h>

#define USER_TEXT_LEN 64

/* Each has room for USER_TEXT_LEN in text. Returns whether it has a name. */
bool user_name(uint32_t uid, char *text);
/* The name, or the number if it has none. */
const char *user_text(uint32_t uid, char *text);

#endif /* PVSCHED_TOOLS_USER_H */
