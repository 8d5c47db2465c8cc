// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hog - burn CPU time and say how much work got done
 *
 * Counts units of a fixed amount of work until SIGTERM, SIGINT or the end of
 * its time, then prints "units N". Comparing two runs tells how much CPU time
 * one of them was given, with no clock involved.
 *
 * usage: hog [--cpu N] [--seconds N] [--nice N]
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define UNIT_LOOPS 100000

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static void die(const char *what)
{
	fprintf(stderr, "hog: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGALRM, &action, NULL);
}

static void parse(int argc, char **argv)
{
	static const struct option options[] = {
		{ "cpu", required_argument, NULL, 'c' },
		{ "seconds", required_argument, NULL, 's' },
		{ "nice", required_argument, NULL, 'n' },
		{ NULL, 0, NULL, 0 }
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'c')
			pin(atoi(optarg));
		else if (c == 's')
			alarm(atoi(optarg));
		else if (c != 'n')
			exit(2);
		else if (setpriority(PRIO_PROCESS, 0, atoi(optarg)))
			die("setpriority");
	}
}

static void work(void)
{
	int i;

	for (i = 0; i < UNIT_LOOPS; i++)
		__asm__ volatile("" : : "r"(i));
}

int main(int argc, char **argv)
{
	unsigned long units = 0;

	catch_signals();
	parse(argc, argv);
	while (!stop) {
		work();
		units++;
	}
	printf("units %lu\n", units);
	return 0;
}
