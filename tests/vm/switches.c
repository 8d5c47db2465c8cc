// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * switches - how long a context switch takes, with and without a wake-up
 *
 * usage: switches yield|pipe|urgent COUNT
 *
 * Two processes on one CPU. yield: both SCHED_FIFO 10, COUNT times from one to
 * the other and back by sched_yield(2). pipe: both ordinary, COUNT times a byte
 * there and back through two pipes, as perf bench sched pipe does it. urgent:
 * likewise, but one of them is SCHED_FIFO 20. Prints nanoseconds for one time
 * there and back; where an instruction takes one, that many instructions.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void need(int done, const char *what)
{
	if (done)
		return;
	fprintf(stderr, "switches: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void become_urgent(int priority)
{
	const struct sched_param param = { .sched_priority = priority };

	need(!sched_setscheduler(0, SCHED_FIFO, &param), "sched_setscheduler");
}

static void yield_often(long count)
{
	while (count--)
		sched_yield();
}

/* A byte out and one in, or the other way round. */
static void exchange(int in, int out, long count, int first)
{
	char byte = 0;

	while (count--) {
		if (first)
			need(write(out, &byte, 1) == 1, "write");
		need(read(in, &byte, 1) == 1, "read");
		if (!first)
			need(write(out, &byte, 1) == 1, "write");
	}
}

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv)
{
	int there[2], back[2], yields, urgent;
	long long start;
	cpu_set_t set;
	pid_t child;
	long count;

	if (argc != 3) {
		fputs("usage: switches yield|pipe|urgent COUNT\n", stderr);
		return 1;
	}
	yields = !strcmp(argv[1], "yield");
	urgent = !strcmp(argv[1], "urgent");
	count = atol(argv[2]);
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	need(!sched_setaffinity(0, sizeof(set), &set), "sched_setaffinity");
	need(!pipe(there) && !pipe(back), "pipe");
	if (yields)
		become_urgent(10);
	child = fork();
	need(child >= 0, "fork");
	if (!child) {
		if (urgent)
			become_urgent(20);
		if (yields)
			yield_often(count);
		else
			exchange(there[0], back[1], count, 0);
		_exit(0);
	}
	start = now();
	if (yields)
		yield_often(count);
	else
		exchange(back[0], there[1], count, 1);
	printf("%.1f\n", (now() - start) / (double)count);
	need(waitpid(child, NULL, 0) == child, "waitpid");
	return 0;
}
