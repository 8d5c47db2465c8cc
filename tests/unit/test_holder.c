// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How "pvsched detach" reaches who holds something.
 */
#include <check.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../tools/holder.h"
#include "check_run.h"

#define NOBODY 65534

static char name[PVSCHED_NAME_LEN];

static void setup(void)
{
	snprintf(name, sizeof(name), "test-%d", (int)getpid());
}

/* Ask in a process of its own, which exits with the answer. */
static pid_t ask(uint32_t number)
{
	pid_t pid = fork();

	if (!pid)
		_exit(-holder_ask(name, number, -1));
	return pid;
}

static int answer_of(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void wait_for(int listener)
{
	struct pollfd polled = { .fd = listener, .events = POLLIN };

	ck_assert_int_eq(poll(&polled, 1, 10000), 1);
}

static const struct {
	uint32_t number;
	int err;
} requests[] = {
	{ PVSCHED_VCPU_ALL, 0 },
	{ 0, 0 },
	{ 4095, -ENOENT },
};

START_TEST(asks_and_answers)
{
	int listener = holder_listen(name);
	int peer;
	pid_t pid;

	ck_assert_int_ge(listener, 0);
	pid = ask(requests[_i].number);
	wait_for(listener);
	ck_assert_int_eq(holder_take(listener, &peer), requests[_i].number);
	holder_answer(peer, requests[_i].err);
	ck_assert_int_eq(answer_of(pid), -requests[_i].err);
	close(listener);
}
END_TEST

START_TEST(nobody_listens)
{
	int listener = holder_listen(name);

	ck_assert_int_ge(listener, 0);
	close(listener);
	ck_assert_int_eq(holder_ask(name, 0, -1), -ECONNREFUSED);
}
END_TEST

START_TEST(one_holder_a_name)
{
	int listener = holder_listen(name);

	ck_assert_int_ge(listener, 0);
	ck_assert_int_eq(holder_listen(name), -EADDRINUSE);
	close(listener);
}
END_TEST

START_TEST(nobody_asks)
{
	int listener = holder_listen(name);
	int peer;

	ck_assert_int_ge(listener, 0);
	ck_assert_int_eq(holder_take(listener, &peer), -1);
	close(listener);
}
END_TEST

/* What a holder says, and what that is taken for. */
static const struct {
	int said, err;
} answers[] = {
	{ 0, 0 },	   { -EINVAL, EINVAL }, { EINVAL, EPROTO },
	{ -4096, EPROTO }, { INT_MIN, EPROTO },
};

START_TEST(says_nonsense)
{
	int listener = holder_listen(name), peer;
	pid_t pid;

	ck_assert_int_ge(listener, 0);
	pid = ask(0);
	wait_for(listener);
	ck_assert_int_eq(holder_take(listener, &peer), 0);
	holder_answer(peer, answers[_i].said);
	ck_assert_int_eq(answer_of(pid), answers[_i].err);
	close(listener);
}
END_TEST

/* Only root can be somebody else. */
START_TEST(another_user)
{
	int listener, peer;
	pid_t pid;

	if (geteuid())
		return;
	listener = holder_listen(name);
	ck_assert_int_ge(listener, 0);
	pid = fork();
	if (!pid)
		_exit(setuid(NOBODY) ? 0 : -holder_ask(name, 0, -1));
	wait_for(listener);
	ck_assert_int_eq(holder_take(listener, &peer), -1);
	ck_assert_int_eq(answer_of(pid), EACCES);
	close(listener);
}
END_TEST

/* Listens as somebody else, and says that all is done. */
static pid_t squat(void)
{
	int ready[2], listener, peer;
	char byte = 0;
	pid_t pid;

	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	if (pid) {
		ck_assert_int_eq(read(ready[0], &byte, 1), 1);
		close(ready[0]);
		close(ready[1]);
		return pid;
	}
	listener = setuid(NOBODY) ? -1 : holder_listen(name);
	if (listener < 0 || write(ready[1], &byte, 1) != 1)
		_exit(1);
	wait_for(listener);
	if (holder_take(listener, &peer) >= 0)
		holder_answer(peer, 0);
	_exit(0);
}

/* Whom root believes: the one whom the kernel names, and nobody else. */
static const struct {
	uid_t owner;
	int err;
} owners[] = {
	{ (uid_t)-1, -EACCES },
	{ NOBODY - 1, -EACCES },
	{ NOBODY, 0 },
};

START_TEST(name_taken)
{
	pid_t pid;

	if (geteuid())
		return;
	pid = squat();
	ck_assert_int_eq(holder_ask(name, 0, owners[_i].owner), owners[_i].err);
	ck_assert_int_eq(answer_of(pid), 0);
}
END_TEST

/* So many that connecting waits. */
START_TEST(never_answers)
{
	int listener = holder_listen(name);
	pid_t asking[12];
	size_t i;

	ck_assert_int_ge(listener, 0);
	for (i = 0; i < 12; i++)
		asking[i] = ask(0);
	for (i = 0; i < 12; i++)
		ck_assert_int_eq(answer_of(asking[i]), EAGAIN);
	close(listener);
}
END_TEST

static Suite *holder_suite(void)
{
	Suite *suite = suite_create("holder");
	TCase *tcase = tcase_create("holder");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_loop_test(tcase, asks_and_answers, 0,
			    sizeof(requests) / sizeof(requests[0]));
	tcase_add_test(tcase, nobody_listens);
	tcase_add_test(tcase, one_holder_a_name);
	tcase_add_test(tcase, nobody_asks);
	tcase_add_loop_test(tcase, says_nonsense, 0,
			    sizeof(answers) / sizeof(answers[0]));
	tcase_add_test(tcase, another_user);
	tcase_add_loop_test(tcase, name_taken, 0,
			    sizeof(owners) / sizeof(owners[0]));
	tcase_add_test(tcase, never_answers);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return check_run(holder_suite());
}
