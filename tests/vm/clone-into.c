// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * clone-into - a child that begins in another control group than its parent
 *
 * usage: clone-into GROUP COMMAND [ARG...]
 *
 * GROUP is the group's directory. If it has CPUs of its own, the child is a new task
 * on one of these, with the class and priority of its parent, which need not be
 * there. Prints the child's process id, and does not wait for it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void need(int done, const char *what)
{
	if (done)
		return;
	fprintf(stderr, "clone-into: %s: %s\n", what, strerror(errno));
	exit(1);
}

int main(int argc, char **argv)
{
	struct clone_args args = {
		.flags = CLONE_INTO_CGROUP,
		.exit_signal = SIGCHLD,
	};
	pid_t child;
	int group;

	if (argc < 3) {
		fputs("usage: clone-into GROUP COMMAND [ARG...]\n", stderr);
		return 1;
	}
	group = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	need(group >= 0, argv[1]);
	args.cgroup = group;
	child = syscall(SYS_clone3, &args, sizeof(args));
	need(child >= 0, "clone3");
	if (!child) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	printf("%d\n", child);
	return 0;
}
