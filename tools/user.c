// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of users.
 */
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>

#include "user.h"

bool user_name(uint32_t uid, char *text)
{
	char buffer[1024];
	struct passwd entry, *found = NULL;

	/* One that does not fit is as good as none: the number says it, too. */
	return !getpwuid_r(uid, &entry, buffer, sizeof(buffer), &found) &&
	       found &&
	       snprintf(text, USER_TEXT_LEN, "%s", found->pw_name) <
		       USER_TEXT_LEN;
}

const char *user_text(uint32_t uid, char *text)
{
	if (!user_name(uid, text))
		snprintf(text, USER_TEXT_LEN, "%" PRIu32, uid);
	return text;
}
