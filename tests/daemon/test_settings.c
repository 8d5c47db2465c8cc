// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What pvschedd.conf(5) may say, and what is told of each mistake.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/check_run.h"
#include "settings.h"

static bool parse(struct settings *settings, const char *text,
		  struct problem *why)
{
	settings_init(settings);
	memset(why, 0, sizeof(*why));
	return settings_parse(settings, "/etc/test.conf", text, strlen(text),
			      why);
}

START_TEST(test_rule)
{
	static const char text[] = "# a comment\n"
				   "; another\n"
				   "\n"
				   "[rule web servers]\n"
				   "  name = web-*  \n"
				   "uuid=abc\n"
				   "owner = libvirt-qemu\n"
				   "cgroup = /machine.slice/*\n"
				   "policy = observe\n"
				   "payback = off\n"
				   "rtprio = 5:20\n"
				   "runtime = 20ms:\n"
				   "[rule rest]\r\n"
				   "name = *\r\n"
				   "nice = -5";
	struct settings s;
	struct problem why;
	const struct rule *r;

	ck_assert_msg(parse(&s, text, &why), "%s", why.text);
	ck_assert_uint_eq(s.rules, 2);
	r = &s.rule[0];
	ck_assert_str_eq(r->name, "web servers");
	ck_assert_str_eq(r->place.file, "test.conf");
	ck_assert_uint_eq(r->place.line, 4);
	ck_assert_str_eq(r->match_name, "web-*");
	ck_assert_str_eq(r->match_uuid, "abc");
	ck_assert_str_eq(r->match_owner, "libvirt-qemu");
	ck_assert_str_eq(r->match_cgroup, "/machine.slice/*");
	ck_assert_str_eq(r->policy, "observe");
	ck_assert(r->has_payback && !r->payback);
	ck_assert_uint_eq(r->wishes, 2);
	ck_assert_int_eq(r->wish[0].id, PVSCHED_CAP_RTPRIO);
	ck_assert_uint_eq(r->wish[0].soft, 5);
	ck_assert_uint_eq(r->wish[0].hard, 20);
	ck_assert_int_eq(r->wish[1].id, PVSCHED_CAP_RUNTIME);
	ck_assert_uint_eq(r->wish[1].soft, 20000);
	ck_assert(r->wish[1].has_soft && !r->wish[1].has_hard);
	ck_assert_str_eq(s.rule[1].name, "rest");
	ck_assert_uint_eq(s.rule[1].wish[0].soft, 25);
	settings_free(&s);
}
END_TEST

START_TEST(test_nothing)
{
	struct settings s;
	struct problem why;

	ck_assert(parse(&s, "", &why));
	ck_assert_uint_eq(s.rules, 0);
	settings_free(&s);
}
END_TEST

static const struct {
	const char *text;
	const char *why;
} bad[] = {
	{ "\nname = x\n", ":2: the key is in no section" },
	{ "[nonsense]\n", ":1: there is no section [nonsense]" },
	{ "[rule]\n", ":1: a rule has a name: [rule NAME]" },
	{ "[rule a\n", ":1: the section's ']' is missing" },
	{ "[]\n", ":1: the section has no name" },
	{ "[", ":1: the section's ']' is missing" },
	{ "[rule a]\nhello\n", ":2: is neither [section] nor key = value" },
	{ "[rule a]\n= 5\n", ":2: there is no key before the '='" },
	{ "[rule a]\ncolour = red\n", ":2: a rule has no key 'colour'" },
	{ "[rule a]\nname = *\nname = b\n",
	  ":3: the section has 'name' twice" },
	{ "[rule a]\nrtprio = high\n", ":2: 'high' is not a number" },
	{ "[rule a]\nperiod = 5ms\n", ":2: period is a cap of the host only" },
	{ "[rule a]\npayback = maybe\n", ":2: 'maybe' is neither on nor off" },
	{ "[rule a]\npolicy =\n", ":2: a policy has a name" },
	{ "[rule a]\npolicy = aaaaaaaaaaaaaaaa\n",
	  ":2: the value has more than 15 characters" },
	{ "[rule a]\nname = *\n", ":1: the rule sets nothing" },
	{ "\n[rule a]\nrtprio = 5\n", ":2: the rule says of no VM" },
	{ "[rule a]\nname=*\nruntime=5ms:50ms\ntune=on\n", ":1: tune needs" },
	{ "[rule a]\nname=*\nruntime=5ms:\ntune=on\ntune-floor=1ms\n",
	  ":1: tune needs runtime = SOFT:HARD" },
	{ "[rule a]\nname=*\nruntime=5ms:50ms\ntune=on\ntune-floor=6ms\n",
	  ":1: tune needs" },
	{ "[rule a]\ntune-floor = 0\n", ":2: '0' is no time such as 5ms" },
	{ "[daemon]\ntune-pressure = 1\n", ":2: '1' is not a number from 2" },
	{ "[daemon]\nhistory = here\n", ":2: 'here' is no path" },
	{ "[daemon]\nhistory-entries = 5x\n", ":2: '5x' is not a number" },
	{ "[daemon x]\n", ":1: there is no section [daemon x]" },
	{ "[mqtt]\nbroker = host\n", ":2: 'host' is not HOST:PORT" },
	{ "[mqtt]\nbroker = host:70000\n", ":2: 'host:70000' is not" },
	{ "[mqtt]\ntopic = a/+\n", ":2: 'a/+' is no topic" },
	{ "[mqtt]\nqueue = 0\n", ":2: '0' is not a number from 1" },
	{ "[mqtt]\nsummary = 0\n", ":2: '0' is not a number from 1" },
	{ "[mqtt]\nca = x\n", ":2: 'x' is no path" },
	{ "[mqtt]\nhost = x\n", ":2: [mqtt] has no key 'host'" },
	{ "[exporter]\nlisten = 80\n", ":2: '80' is neither" },
	{ "[rule a]\nname = a\x01\n", ":2: has a control character" },
	{ "[rule a]\nname=*\nnice=0\n[rule a]\n",
	  ":4: there is a rule 'a' already, test.conf:1" },
};

START_TEST(test_bad)
{
	struct settings s;
	struct problem why;

	ck_assert(!parse(&s, bad[_i].text, &why));
	ck_assert_msg(strstr(why.text, "/etc/test.conf:") &&
			      strstr(why.text, bad[_i].why),
		      "'%s' instead of '%s'", why.text, bad[_i].why);
	settings_free(&s);
}
END_TEST

START_TEST(test_too_much)
{
	static char text[40000];
	struct settings s;
	struct problem why;
	size_t len = 0;
	unsigned int i;

	for (i = 0; i <= RULES_MAX; i++)
		len += snprintf(text + len, sizeof(text) - len,
				"[rule r%u]\nname=*\nnice=0\n", i);
	ck_assert(!parse(&s, text, &why));
	ck_assert(!!strstr(why.text, ":769: there are more than 256 rules"));
	settings_free(&s);
	len = snprintf(text, sizeof(text), "[rule a]\nname = %0300d\n", 0);
	ck_assert(!parse(&s, text, &why));
	ck_assert(!!strstr(why.text,
			   ":2: the value has more than 255 characters"));
	settings_free(&s);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("settings");
	TCase *tcase = tcase_create("settings");

	tcase_add_test(tcase, test_rule);
	tcase_add_test(tcase, test_nothing);
	tcase_add_loop_test(tcase, test_bad, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tcase, test_too_much);
	suite_add_tcase(suite, tcase);
	return check_run(suite);
}
