// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands that go on until they are told to end: also while nobody reads.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../tools/ending.h"
#include "check_run.h"

#define LINE "something to be read\n"

static int ending, reader, kept;

/* So many times, others who write there take the room before. */
static int taken;

ssize_t __real_write(int fd, const void *text, size_t len);
ssize_t __wrap_write(int fd, const void *text, size_t len);

ssize_t __wrap_write(int fd, const void *text, size_t len)
{
	if (fd != STDOUT_FILENO || !taken)
		return __real_write(fd, text, len);
	taken--;
	errno = EAGAIN;
	return -1;
}

/* Standard output is a pipe then, of one page. */
static void setup(void)
{
	int ends[2];

	fflush(stdout);
	kept = dup(STDOUT_FILENO);
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_ge(fcntl(ends[1], F_SETPIPE_SZ, 4096), 4096);
	ck_assert_int_eq(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
	close(ends[1]);
	reader = ends[0];
	ending = ending_open("test");
	ck_assert_int_ge(ending, 0);
}

static void teardown(void)
{
	dup2(kept, STDOUT_FILENO);
	close(kept);
	close(reader);
	close(ending);
}

static int child_status(pid_t child)
{
	int status = -1;

	waitpid(child, &status, 0);
	return status;
}

static enum ending print(size_t times)
{
	struct output output;

	ck_assert_int_eq(output_begin(&output), 0);
	while (times--)
		fputs(LINE, output.to);
	return output_end("test", ending, &output);
}

START_TEST(prints)
{
	char text[sizeof(LINE)] = "";

	ck_assert_int_eq(print(1), ENDING_NOT);
	ck_assert_int_eq(read(reader, text, sizeof(text)), strlen(LINE));
	ck_assert_str_eq(text, LINE);
	ck_assert_int_eq(print(0), ENDING_NOT);
}
END_TEST

static void interrupt_later(void)
{
	pid_t parent = getpid();

	if (!fork()) {
		sleep(1);
		kill(parent, SIGINT);
		_exit(0);
	}
}

/* Ever more, and only a signal ends it. */
START_TEST(nobody_reads)
{
	interrupt_later();
	ck_assert_int_eq(print(1000), ENDING_ASKED);
	ck_assert_int_eq(ending_wait("test", ending, -1, 0), ENDING_ASKED);
}
END_TEST

/* What was begun is not cut, as there is room. */
START_TEST(asked_with_room)
{
	char text[sizeof(LINE)] = "";

	raise(SIGTERM);
	ck_assert_int_eq(print(1), ENDING_ASKED);
	ck_assert_int_eq(read(reader, text, sizeof(text)), strlen(LINE));
	ck_assert_str_eq(text, LINE);
}
END_TEST

START_TEST(reader_is_gone)
{
	close(reader);
	reader = -1;
	ck_assert_int_eq(ending_wait("test", ending, -1, 0), ENDING_ASKED);
	ck_assert_int_eq(print(1), ENDING_ASKED);
}
END_TEST

START_TEST(output_is_closed)
{
	close(STDOUT_FILENO);
	ck_assert_int_eq(ending_wait("test", ending, -1, -1), ENDING_ASKED);
	ck_assert_int_eq(print(1), ENDING_ERROR);
}
END_TEST

/* More than the pipe has room for, to one who reads. */
START_TEST(much)
{
	pid_t child = fork();

	if (!child) {
		char text[1000];
		size_t total = 0;
		ssize_t got;

		close(STDOUT_FILENO);
		while ((got = read(reader, text, sizeof(text))) > 0)
			total += got;
		_exit(got || total != 1000 * strlen(LINE));
	}
	ck_assert_int_eq(print(1000), ENDING_NOT);
	dup2(kept, STDOUT_FILENO);
	ck_assert_int_eq(child_status(child), 0);
}
END_TEST

/* The file is non-blocking for all who share it, and there was room a moment ago. */
START_TEST(others_write)
{
	char text[sizeof(LINE)] = "";

	taken = 3;
	ck_assert_int_eq(print(1), ENDING_NOT);
	ck_assert_int_eq(read(reader, text, sizeof(text)), strlen(LINE));
	ck_assert_str_eq(text, LINE);
	taken = INT_MAX;
	interrupt_later();
	ck_assert_int_eq(print(1), ENDING_ASKED);
}
END_TEST

static Suite *ending_suite(void)
{
	Suite *suite = suite_create("ending");
	TCase *tcase = tcase_create("ending");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, prints);
	tcase_add_test(tcase, nobody_reads);
	tcase_add_test(tcase, asked_with_room);
	tcase_add_test(tcase, reader_is_gone);
	tcase_add_test(tcase, output_is_closed);
	tcase_add_test(tcase, much);
	tcase_add_test(tcase, others_write);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return check_run(ending_suite());
}
