// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which names VMs may have.
 */
#include <check.h>
#include <string.h>

#include <pvsched/name.h>

#include "check_run.h"

static const char *const good[] = {
	"a",   "Z9",	"web-1", "web.example.org", "user@host:1", "_private",
	"c++", "hosts", "..",
};

static const char *const bad[] = {
	"",	"host", "-n",	"--help",  "a b",   "a/0",	"a*",
	"a?",	"[a]",	"a]",	"$HOME",   "`id`",  "a;b",	"a|b",
	"a&b",	"a>b",	"a<b",	"(a)",	   "{a}",   "a'b",	"a\"b",
	"a\\b", "a!b",	"a#b",	"~a",	   "a%b",   "a=b",	"a,b",
	"a^b",	"a\tb", "a\nb", "\033[1m", "a\177", "\303\251",
};

/* As the kernel gets it. */
static bool ok(const char *text)
{
	char name[PVSCHED_NAME_LEN] = "";

	memcpy(name, text, strlen(text));
	return pvsched_name_ok(name);
}

START_TEST(good_names)
{
	ck_assert_msg(ok(good[_i]), "%s", good[_i]);
}
END_TEST

START_TEST(bad_names)
{
	ck_assert_msg(!ok(bad[_i]), "%s", bad[_i]);
}
END_TEST

START_TEST(long_names)
{
	char name[PVSCHED_NAME_LEN];

	memset(name, 'a', sizeof(name));
	ck_assert(!pvsched_name_ok(name));
	name[sizeof(name) - 1] = '\0';
	ck_assert(pvsched_name_ok(name));
	/* Whatever is behind the end does not matter. */
	name[1] = '\0';
	name[2] = '*';
	ck_assert(pvsched_name_ok(name));
}
END_TEST

static Suite *name_suite(void)
{
	Suite *suite = suite_create("name");
	TCase *tcase = tcase_create("name");

	tcase_add_loop_test(tcase, good_names, 0,
			    sizeof(good) / sizeof(good[0]));
	tcase_add_loop_test(tcase, bad_names, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tcase, long_names);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return check_run(name_suite());
}
