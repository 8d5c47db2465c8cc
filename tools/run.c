// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvsched run: a command whose threads are attached by hand.
 *
 * The command knows nothing of pvsched. Its threads have words in this process's
 * memory that always say that they are urgent; what that is good for is up to
 * the caps. They are attached once the command has begun, as a thread that
 * executes another program is left alone; it is stopped meanwhile, as a debugger
 * would do it, so that nothing of it runs unattached.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pvsched/name.h>

#include "command.h"
#include "group.h"
#include "holder.h"
#include "json.h"

#define RTPRIO_DEFAULT 10

/* As env(1) and the shells have it. */
#define STATUS_NOT_EXECUTABLE 126
#define STATUS_NOT_FOUND      127
#define STATUS_SIGNAL	      128

static const char run_help[] =
	"usage: pvsched run [-jv] [-n NAME] [-r PRIO] [--] COMMAND [ARGUMENT...]\n"
	"\n"
	"Run COMMAND with its threads attached as the group NAME, those that it starts\n"
	"later, too. Whenever they want to run they count as urgent, like SCHED_FIFO\n"
	"tasks of priority PRIO: they are boosted as far and as long as the caps of\n"
	"the host and of NAME allow (rtprio, slice, runtime), and are ordinary threads\n"
	"in between. Processes that COMMAND starts are not boosted; nor is it itself once\n"
	"it executes another program, as env(1) does: name that program instead.\n"
	"\n"
	"  -j, --json         when it has ended, how, and statistics: JSON on standard\n"
	"                     error\n"
	"  -n, --name NAME    of the group (default: COMMAND's name and process id)\n"
	"  -r, --rtprio PRIO  1 to 99 (default: 10)\n"
	"  -v, --verbose      when it has ended, what pvsched did, on standard error\n"
	"\n"
	"Needs write access to /dev/pvsched. Without CAP_SYS_NICE, RLIMIT_RTPRIO and\n"
	"RLIMIT_NICE bound boosts, too; and a set-user-ID COMMAND does not get the rights\n"
	"of its owner, as under a debugger.\n"
	"\n"
	"Exit status: COMMAND's, 128 and the number of the signal that ended it, 126 or\n"
	"127 if it cannot be executed or found; 1 wrong usage, 2 it was not run, as\n"
	"it could not be attached. SIGTERM and SIGHUP are passed on to it.\n"
	"\n"
	"Example: pvsched run --rtprio 20 -- jackd -d alsa\n";

struct run {
	struct group group;
	char **command;
	pid_t pid;
	int process; /* pidfd */
	int signals;
	int listener;
	bool json;
	bool verbose;
};

static void close_one(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void run_free(struct run *run)
{
	group_close(&run->group);
	close_one(run->process);
	close_one(run->signals);
	close_one(run->listener);
}

static int failed(const char *what, int err)
{
	fprintf(stderr, "pvsched run: %s: %s\n", what, strerror(err));
	return COMMAND_FAILED;
}

static bool run_options(int argc, char **argv, struct run *run, int *status)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "name", required_argument, NULL, 'n' },
		{ "rtprio", required_argument, NULL, 'r' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	unsigned int rtprio = RTPRIO_DEFAULT;
	int c;

	*status = COMMAND_USAGE;
	/* "+": what follows the command's name is its own. */
	while ((c = getopt_long(argc, argv, "+jn:r:vh", options, NULL)) != -1) {
		if (c == 'j') {
			run->json = true;
		} else if (c == 'v') {
			run->verbose = true;
		} else if (c == 'n' && pvsched_name_ok(optarg)) {
			strcpy(run->group.name, optarg);
		} else if (c == 'n') {
			usage_error("run",
				    "a name of a group is " PVSCHED_NAME_RULE);
			return false;
		} else if (c == 'r') {
			rtprio = rtprio_parse("run", optarg);
			if (!rtprio)
				return false;
		} else if (c == 'h') {
			fputs(run_help, stdout);
			*status = output_finish("run");
			return false;
		} else {
			usage_error("run", NULL);
			return false;
		}
	}
	if (optind == argc) {
		usage_error("run", "takes a COMMAND");
		return false;
	}
	run->group.level = PVSCHED_LEVEL_RT(rtprio);
	run->command = argv + optind;
	return true;
}

/* Why the child is not the command. */
struct exec_report {
	bool held; /* it would have stood still, but could not be executed */
	int err;
};

/* In the child: never returns. */
static void command_exec(char **command, const sigset_t *mask, int to)
{
	struct exec_report report = {};

	sigprocmask(SIG_SETMASK, mask, NULL);
	report.held = !ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	if (report.held)
		execvp(*command, command);
	report.err = errno;
	while (write(to, &report, sizeof(report)) < 0 && errno == EINTR)
		;
	_exit(COMMAND_FAILED);
}

/* The child has ended before it was the command; why? */
static int exec_failed(const char *command, int from)
{
	struct exec_report report;

	/* Killed, for instance. */
	if (read(from, &report, sizeof(report)) != sizeof(report))
		return failed(command, EINTR);
	if (!report.held)
		return failed("having it stand still until it is attached",
			      report.err);
	failed(command, report.err);
	return report.err == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
}

/* Is nobody left who could write? Executing a command closes its end. */
static bool report_closed(int report)
{
	struct pollfd polled = { .fd = report };

	return poll(&polled, 1, 0) > 0 && polled.revents & POLLHUP;
}

/* Until the child is the command and stands still. Returns an exit code. */
static int exec_wait(struct run *run, int report)
{
	int status;

	for (;;) {
		if (waitpid(run->pid, &status, 0) < 0) {
			if (errno != EINTR)
				return failed("waitpid", errno);
			continue;
		}
		if (!WIFSTOPPED(status))
			return exec_failed(*run->command, report);
		if (WSTOPSIG(status) == SIGTRAP && report_closed(report))
			return COMMAND_DONE;
		/* A signal that came before. */
		ptrace(PTRACE_CONT, run->pid, NULL,
		       (void *)(long)WSTOPSIG(status));
	}
}

/* Returns an exit code; if that is COMMAND_DONE, the command stands still. */
static int command_start(struct run *run, const sigset_t *mask)
{
	int report[2], status;

	if (pipe2(report, O_CLOEXEC))
		return failed("pipe", errno);
	run->pid = fork();
	if (run->pid < 0) {
		close(report[0]);
		close(report[1]);
		return failed("fork", errno);
	}
	if (!run->pid)
		command_exec(run->command, mask, report[1]);
	close(report[1]);
	status = exec_wait(run, report[0]);
	close(report[0]);
	return status;
}

static void name_default(struct run *run)
{
	const char *slash = strrchr(*run->command, '/');
	char *c;

	if (run->group.name[0])
		return;
	snprintf(run->group.name, sizeof(run->group.name), "%.40s-%d",
		 slash ? slash + 1 : *run->command, run->pid);
	for (c = run->group.name; *c; c++)
		if (!pvsched_name_has(*c))
			*c = '_';
	if (run->group.name[0] == '-')
		run->group.name[0] = '_';
}

static int command_attach(struct run *run)
{
	int err;

	run->group.pid = run->pid;
	name_default(run);
	run->process = syscall(SYS_pidfd_open, run->pid, 0);
	if (run->process < 0)
		return failed("pidfd_open", errno);
	if (group_open(&run->group, PVSCHED_VM_THREADS, ""))
		return COMMAND_FAILED;
	err = group_follow(&run->group);
	if (err)
		return group_failed(&run->group, *run->command, -err);
	/* Without it, pvsched detach does not find it; that is all. */
	run->listener = holder_listen(run->group.name);
	return COMMAND_DONE;
}

/* SIGTERM and SIGHUP are for the command, too. */
static void signal_forward(const struct run *run)
{
	struct signalfd_siginfo info;

	if (read(run->signals, &info, sizeof(info)) == sizeof(info))
		kill(run->pid, info.ssi_signo);
}

/* Until the command ends. */
static void command_hold(struct run *run)
{
	struct pollfd fds[] = {
		{ .fd = run->process, .events = POLLIN },
		{ .fd = run->signals, .events = POLLIN },
		{ .fd = run->listener, .events = POLLIN },
	};

	while (!(fds[0].revents & POLLIN)) {
		bool follow = run->group.device >= 0;

		if (poll(fds, 3, follow ? GROUP_FOLLOW_MS : -1) < 0) {
			fds[0].revents = 0;
			continue;
		}
		if (fds[1].revents)
			signal_forward(run);
		if (fds[2].revents && group_serve(&run->group, run->listener))
			fds[2].fd = -1;
		if (run->group.device >= 0)
			group_follow(&run->group);
	}
}

/* What the group's statistics say, before it is gone. Returns whether known. */
static bool stats_get(const struct run *run, struct pvsched_stats_info *stats)
{
	struct pvsched_client *client __attribute__((cleanup(client_close))) =
		NULL;
	struct pvsched_vms vms __attribute__((cleanup(pvsched_vms_free))) = {};
	struct pvsched_error error;

	if (pvsched_client_open(&client, &error) ||
	    pvsched_vms_get(client, run->group.name, &vms, sizeof(*vms.vm),
			    &error)) {
		command_failed("statistics", &error);
		return false;
	}
	*stats = vms.vm[0].stats;
	return true;
}

static void report_print(const struct run *run, int status)
{
	struct pvsched_stats_info stats;
	char boosted[PVSCHED_TEXT_LEN], waited[PVSCHED_TEXT_LEN];
	bool known = stats_get(run, &stats);

	if (run->json) {
		json_print(json_ran(run->group.name, run->pid, status,
				    run->group.attached, known ? &stats : NULL),
			   stderr);
	} else if (known) {
		fprintf(stderr,
			"pvsched run: %s: threads %u, boosts %llu, boosted for %s, waited for a CPU %s\n",
			run->group.name, run->group.attached,
			(unsigned long long)pvsched_stats_boosts(&stats),
			pvsched_time_text(stats.boosted_ns, boosted),
			pvsched_time_text(stats.waited_ns, waited));
	}
}

/* The command stands still, attached: let it go, and wait. Returns its status. */
static int command_run(struct run *run)
{
	int status;

	ptrace(PTRACE_DETACH, run->pid, NULL, NULL);
	command_hold(run);
	while (waitpid(run->pid, &status, 0) < 0)
		if (errno != EINTR)
			return failed("waitpid", errno);
	if (run->json || run->verbose)
		report_print(run, status);
	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   STATUS_SIGNAL + WTERMSIG(status);
}

/* A terminal's go to the command as well, and are its affair. */
static int signals_take(struct run *run, sigset_t *before)
{
	sigset_t set;

	/* If the caller ignores it, nobody is told how the command ended. */
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	run->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (run->signals < 0)
		return failed("signalfd", errno);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	sigprocmask(SIG_BLOCK, &set, before);
	return COMMAND_DONE;
}

int run_main(int argc, char **argv)
{
	struct run run __attribute__((cleanup(run_free))) = {
		.process = -1,
		.signals = -1,
		.listener = -1,
	};
	sigset_t mask;
	int status;

	group_init(&run.group, "run");
	if (!run_options(argc, argv, &run, &status))
		return status;
	status = signals_take(&run, &mask);
	if (status)
		return status;
	status = command_start(&run, &mask);
	if (status)
		return status;
	status = command_attach(&run);
	if (!status)
		return command_run(&run);
	/* It has not run a single instruction. */
	kill(run.pid, SIGKILL);
	waitpid(run.pid, NULL, 0);
	return status;
}
