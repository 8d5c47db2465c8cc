// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * threads - what threads that attach themselves, or are attached, can do and
 * cannot
 *
 * Run in the lab by t-threads.sh, which says what each command is to show. A
 * command ends with status 0, or says what was not as it should be.
 */
#define _GNU_SOURCE
#include <err.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include <pvsched/thread.h>

#define URGENT PVSCHED_LEVEL_RT(50)
#define NORMAL PVSCHED_LEVEL_NORMAL

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void nap(double seconds)
{
	const struct timespec t = { seconds, (seconds - (long)seconds) * 1e9 };

	nanosleep(&t, NULL);
}

/* Memory for so many pages, which is not inherited: all alike for a child. */
static struct pvsched_page *pages_new(unsigned int count)
{
	struct pvsched_page *pages =
		mmap(NULL, count * sizeof(*pages), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int i;

	if (pages == MAP_FAILED)
		err(1, "mmap");
	for (i = 0; i < count; i++)
		pvsched_page_init(&pages[i]);
	return pages;
}

static int group(const char *name)
{
	int fd = pvsched_threads_open(name, 0);

	if (fd < 0)
		errx(1, "group %s: %s", name, strerror(-fd));
	return fd;
}

static void expect(const char *what, int status, int expected)
{
	if (status != expected)
		errx(1, "%s: %s, expected: %s", what, strerror(-status),
		     strerror(-expected));
}

static bool boosted(const struct pvsched_page *page)
{
	return pvsched_host_boosted(pvsched_thread_host_word(page));
}

/* Use the CPU until the host has boosted, or time is over. */
static bool spin_boosted(const struct pvsched_page *page, double seconds)
{
	double end = now() + seconds;

	while (!boosted(page))
		if (now() > end)
			return false;
	return true;
}

static void expect_policy(const char *when, int policy)
{
	int is = sched_getscheduler(0);

	if (is != policy)
		errx(1, "%s: scheduling policy %d, expected %d", when, is,
		     policy);
}

/* boost SECONDS: beside hogs on the same CPU, be urgent, then not. */
static int cmd_boost(char **argv)
{
	struct pvsched_page *page = pages_new(1);
	int fd = group("boost");

	expect("attach", pvsched_thread_attach(fd, 0, 0, page), 0);
	pvsched_thread_raise(page, URGENT);
	if (!spin_boosted(page, atof(argv[0])))
		errx(1, "urgent, but not boosted");
	expect_policy("boosted", SCHED_FIFO | SCHED_RESET_ON_FORK);
	pvsched_thread_lower(fd, page, NORMAL);
	expect_policy("lowered", SCHED_OTHER);
	if (boosted(page))
		errx(1, "lowered, but the host word says boosted");
	/* What sleeps urgent wakes up boosted. */
	pvsched_thread_raise(page, URGENT);
	nap(0.05);
	expect_policy("woken", SCHED_FIFO | SCHED_RESET_ON_FORK);
	expect("detach", pvsched_thread_detach(fd, 0), 0);
	expect_policy("detached", SCHED_OTHER);
	if (pvsched_thread_host_word(page))
		errx(1, "detached, but the host word is not 0");
	return 0;
}

struct command {
	const char *name;
	int args;
	int (*run)(char **argv);
};

static const struct command commands[] = {
	{ "boost", 1, cmd_boost },
};

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (argc > 1 && !strcmp(argv[1], commands[i].name) &&
		    argc == commands[i].args + 2)
			return commands[i].run(argv + 2);
	errx(2, "unknown command, or wrong number of arguments");
}
