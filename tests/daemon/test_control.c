// SPDX-License-Identifier: GPL-2.0-or-later
/* Nobody at the control socket keeps others, or the daemon, from anything. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../unit/check_run.h"
#include "control.h"
#include "frame.h"
#include "util.h"

#define FD	3 /* where systemd passes sockets */
#define SOMEONE 4242
#define ANOTHER 4243
#define PLACES	16

static struct sockaddr_un address;
static socklen_t address_len = sizeof(address);
static sd_event *event;
static struct control *control;

/* What was called, in the order of the answers: a letter each. */
static char calls[512];
static uint64_t cost_ns;

static struct json_object *on_call(struct json_object *call, uid_t uid,
				   void *arg)
{
	uint64_t end_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) + cost_ns;
	struct json_object *method;

	(void)uid;
	(void)arg;
	method = control_member(call, "method", json_type_string);
	ck_assert_ptr_nonnull(method);
	strncat(calls, json_object_get_string(method), 1);
	while (clock_ns(CLOCK_PROCESS_CPUTIME_ID) < end_ns)
		;
	return json_object_new_object();
}

/* As a user: the kernel notes who connects. */
static int peer_connect(uid_t uid)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(seteuid(uid), 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, address_len),
			 0);
	ck_assert_int_eq(seteuid(0), 0);
	return fd;
}

/* So many calls at once. */
static void peer_call(int fd, char method, int count)
{
	char text[32];
	unsigned char head[CONTROL_HEAD];

	snprintf(text, sizeof(text), "{\"method\":\"%c\"}", method);
	control_length_put(head, strlen(text));
	while (count--) {
		ck_assert_int_eq(send(fd, head, sizeof(head), 0), sizeof(head));
		ck_assert_int_eq(send(fd, text, strlen(text), 0), strlen(text));
	}
}

/* All that there is to do at once. */
static void settle(void)
{
	int ret = 1;

	while (ret > 0)
		ret = sd_event_run(event, 0);
	ck_assert_int_eq(ret, 0);
}

/* Until so many calls were answered: that has no limit but the test's. */
static void until(size_t count)
{
	while (strlen(calls) < count)
		ck_assert_int_ge(sd_event_run(event, UINT64_MAX), 0);
}

static bool peer_there(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0;
}

static void begin(void)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	calls[0] = '\0';
	cost_ns = 0;
	ck_assert_int_ge(sd_event_new(&event), 0);
	ck_assert_int_eq(control_start(&control, event, on_call, NULL), 0);
	ck_assert_ptr_nonnull(control);
}

static void end(void)
{
	control_stop(control);
	sd_event_unref(event);
}

/* Whoever sends many at once waits for his turn like everybody. */
START_TEST(test_turns)
{
	int many = peer_connect(0), one = peer_connect(0);

	settle();
	peer_call(many, 'm', 20);
	peer_call(one, 'o', 1);
	until(21);
	ck_assert_ptr_nonnull(strchr(calls, 'o'));
	ck_assert_int_le(strchr(calls, 'o') - calls, 2);
	close(many);
	close(one);
	settle();
}
END_TEST

/* What the daemon is there for goes first, though it came last. */
static int on_work(sd_event_source *source, uint64_t usec, void *arg)
{
	(void)source;
	(void)usec;
	(void)arg;
	strcat(calls, "w");
	return 0;
}

START_TEST(test_work_first)
{
	sd_event_source *work;
	int peer = peer_connect(0);

	settle();
	peer_call(peer, 'p', 20);
	until(1);
	ck_assert_int_ge(sd_event_add_time_relative(event, &work,
						    CLOCK_MONOTONIC, 0, 1,
						    on_work, NULL),
			 0);
	until(21);
	ck_assert_ptr_nonnull(strchr(calls, 'w'));
	ck_assert_int_le(strchr(calls, 'w') - calls, 3);
	sd_event_source_unref(work);
	close(peer);
	settle();
}
END_TEST

/* A user has some places, root all, also one that somebody else has. */
START_TEST(test_places)
{
	int fd[2 * PLACES], i, there = 0;

	for (i = 0; i < PLACES; i++)
		fd[i] = peer_connect(SOMEONE);
	settle();
	for (i = 0; i < PLACES; i++)
		there += peer_there(fd[i]);
	ck_assert_int_gt(there, 0);
	ck_assert_int_le(there, PLACES / 4);
	fd[PLACES] = peer_connect(ANOTHER);
	settle();
	ck_assert(peer_there(fd[PLACES]));
	for (i = PLACES + 1; i < 2 * PLACES; i++) {
		fd[i] = peer_connect(0);
		settle();
		ck_assert(peer_there(fd[i]));
	}
	peer_call(fd[2 * PLACES - 1], 'r', 1);
	until(1);
	for (i = 0; i < 2 * PLACES; i++)
		close(fd[i]);
	settle();
}
END_TEST

/*
 * After a call that took long, nobody has another one for a while, be it by another
 * connection or of another user; but root has.
 */
START_TEST(test_rest)
{
	int someone = peer_connect(SOMEONE), root = peer_connect(0), again;
	uint64_t begun_ns = clock_ns(CLOCK_MONOTONIC);

	settle();
	cost_ns = NS_PER_S / 2;
	peer_call(someone, 's', 2);
	until(1);
	cost_ns = 0;
	close(someone);
	again = peer_connect(ANOTHER);
	settle();
	peer_call(again, 'a', 1);
	settle();
	peer_call(root, 'r', 3);
	until(5);
	ck_assert_str_eq(calls, "srrra");
	/* Never earlier, however slow the machine is. */
	ck_assert_uint_ge(clock_ns(CLOCK_MONOTONIC) - begun_ns, 5 * NS_PER_S);
	close(again);
	close(root);
	settle();
}
END_TEST

/* Whoever goes while he waits is not waited for. */
START_TEST(test_gone)
{
	int i;

	cost_ns = NS_PER_S / 100;
	for (i = 0; i < 3 * PLACES; i++) {
		int someone = peer_connect(SOMEONE);

		settle();
		ck_assert(peer_there(someone));
		peer_call(someone, 's', 5);
		settle();
		close(someone);
		settle();
	}
}
END_TEST

static Suite *control_suite(void)
{
	Suite *suite = suite_create("control");
	TCase *tcase = tcase_create("peers");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, test_turns);
	tcase_add_test(tcase, test_work_first);
	tcase_add_test(tcase, test_places);
	tcase_add_test(tcase, test_rest);
	tcase_add_test(tcase, test_gone);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* Before anything else has that descriptor. */
static bool listener_make(void)
{
	const struct sockaddr_un any = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	return fd >= 0 && (fd == FD || dup2(fd, FD) == FD) &&
	       !bind(FD, (const struct sockaddr *)&any,
		     sizeof(any.sun_family)) &&
	       !listen(FD, 4 * PLACES) &&
	       !getsockname(FD, (struct sockaddr *)&address, &address_len);
}

int main(void)
{
	if (geteuid()) {
		puts("not tried without being root: users at the socket");
		return 77;
	}
	if (!listener_make()) {
		perror("a socket to listen at");
		return EXIT_FAILURE;
	}
	return check_run(control_suite());
}
