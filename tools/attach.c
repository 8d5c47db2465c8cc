// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvsched attach, pvsched detach: by hand, and given back.
 *
 * What is attached is so for as long as the command runs.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <pvsched/name.h>

#include "capspec.h"
#include "command.h"
#include "ending.h"
#include "group.h"
#include "holder.h"
#include "json.h"

static const char attach_help[] =
	"usage: pvsched attach [-j] [-p POLICY] VM PID\n"
	"       pvsched attach [-j] [-p POLICY] [-r PRIO] --threads NAME PID [TID...]\n"
	"\n"
	"Attach the vCPUs of the VMM with process id PID, as VM: for guests without the\n"
	"driver. Or, with --threads, threads of any process: those with the ids TID, or\n"
	"all, those that it starts later, too. Goes on until the process ends, a signal\n"
	"comes (INT, TERM) or pvsched detach is run; then every thread has the\n"
	"scheduling that it had before.\n"
	"\n"
	"  -j, --json           JSON: who was attached\n"
	"  -p, --policy POLICY  what decides on boosts (default: blind; with -r: boost)\n"
	"  -t, --threads        threads, not vCPUs\n"
	"  -r, --rtprio PRIO    they count as urgent whenever they want to run, like\n"
	"                       SCHED_FIFO tasks of that priority, 1 to 99; the caps bound\n"
	"                       them\n"
	"\n"
	"vCPUs are the threads that are called \"CPU n/KVM\", as QEMU does with -name\n"
	"debug-threads=on, and libvirt always.\n"
	"\n"
	"Needs write access to /dev/pvsched, and to be the process's user or have\n"
	"CAP_SYS_NICE; without that, RLIMIT_RTPRIO and RLIMIT_NICE bound boosts, too.\n"
	"\n"
	"Example: pvsched attach win-1 $(pidof -s qemu-system-x86_64) &\n";

static const char detach_help[] =
	"usage: pvsched detach [-j] NAME[/NUMBER]\n"
	"\n"
	"Give back what pvsched attach or pvsched run holds as NAME, or one thread of it:\n"
	"each has the scheduling that it had before when the command returns. They go by\n"
	"the user that runs them: this needs to be the same, or root.\n"
	"\n"
	"A VM with a back end, and a program that attached its own threads, detach\n"
	"when these end.\n"
	"\n"
	"  -j, --json  JSON\n"
	"\n"
	"Example: pvsched detach win-1\n";

static void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static void dir_close(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

struct options {
	const char *policy;
	const char *name;
	unsigned int rtprio; /* 0: none */
	int pid;
	char **tids; /* until NULL */
	bool threads;
	bool json;
};

static bool option_take(struct options *o, int c, const char *arg)
{
	switch (c) {
	case 'j':
		o->json = true;
		return true;
	case 'p':
		o->policy = arg;
		return true;
	case 't':
		o->threads = true;
		return true;
	case 'r':
		o->rtprio = rtprio_parse("attach", arg);
		return o->rtprio;
	default:
		usage_error("attach", NULL);
		return false;
	}
}

static bool operands_take(struct options *o, int count, char **operands)
{
	if (count < 2 || (count > 2 && !o->threads)) {
		usage_error("attach", o->threads ? "takes NAME and PID" :
						   "takes VM and PID");
		return false;
	}
	o->name = operands[0];
	o->pid = id_parse("attach", operands[1]);
	o->tids = operands + 2;
	if (!o->pid)
		return false;
	if (o->rtprio && !o->threads) {
		usage_error("attach", "--rtprio is of use with --threads only");
		return false;
	}
	if (!o->policy)
		o->policy = o->rtprio ? "boost" : "blind";
	if (!pvsched_name_ok(o->name)) {
		usage_error("attach", "a name is " PVSCHED_NAME_RULE);
		return false;
	}
	if (strlen(o->policy) >= PVSCHED_POLICY_LEN) {
		usage_error("attach", "the name of a policy is too long");
		return false;
	}
	return true;
}

/* Return: true to go on, or false with *status. */
static bool options_get(int argc, char **argv, struct options *o, int *status)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "policy", required_argument, NULL, 'p' },
		{ "threads", no_argument, NULL, 't' },
		{ "rtprio", required_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	int c;

	*status = COMMAND_USAGE;
	while ((c = getopt_long(argc, argv, "jp:tr:h", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(attach_help, stdout);
			*status = output_finish("attach");
			return false;
		}
		if (!option_take(o, c, optarg))
			return false;
	}
	return operands_take(o, argc - optind, argv + optind);
}

/* The number of the vCPU that a thread runs, or -1 if it runs none. */
static int vcpu_of(DIR *tasks, const char *tid)
{
	char path[64], comm[32];
	unsigned int vcpu;
	int end = 0;
	ssize_t len;
	int fd __attribute__((cleanup(fd_close))) = -1;

	snprintf(path, sizeof(path), "%.16s/comm", tid);
	fd = openat(dirfd(tasks), path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	len = read(fd, comm, sizeof(comm) - 1);
	if (len <= 0)
		return -1;
	comm[len] = '\0';
	if (sscanf(comm, "CPU %u/KVM%n", &vcpu, &end) != 1 || !end ||
	    vcpu > PVSCHED_VCPU_ID_MAX)
		return -1;
	return vcpu;
}

static int vcpus_attach(struct group *group)
{
	DIR *tasks __attribute__((cleanup(dir_close))) = NULL;
	struct dirent *entry;
	char path[32];
	int err;

	snprintf(path, sizeof(path), "/proc/%d/task", group->pid);
	tasks = opendir(path);
	if (!tasks)
		return group_failed(group, path, errno);
	while ((entry = readdir(tasks))) {
		int vcpu = vcpu_of(tasks, entry->d_name);

		if (vcpu < 0)
			continue;
		err = group_attach(group, vcpu, atoi(entry->d_name));
		if (err)
			return group_failed(group, entry->d_name, -err);
	}
	if (group->attached)
		return COMMAND_DONE;
	fprintf(stderr,
		"pvsched attach: process %d has no thread called CPU n/KVM: is it QEMU with -name debug-threads=on?\n",
		group->pid);
	return COMMAND_FAILED;
}

static int named_attach(struct group *group, char **tids)
{
	unsigned int number;
	int err;

	for (number = 0; tids[number]; number++) {
		int tid = id_parse("attach", tids[number]);

		if (!tid)
			return COMMAND_USAGE;
		err = group_attach(group, number, tid);
		if (err)
			return group_failed(group, tids[number], -err);
	}
	return COMMAND_DONE;
}

static int all_attach(struct group *group)
{
	int err = group_follow(group);

	return err ? group_failed(group, "its threads", -err) : COMMAND_DONE;
}

static int members_attach(struct group *group, const struct options *o)
{
	if (!o->threads)
		return vcpus_attach(group);
	return *o->tids ? named_attach(group, o->tids) : all_attach(group);
}

static int attached_print(const struct group *group, const struct options *o)
{
	if (o->json)
		json_print_line(json_attached(group->name, o->threads,
					      group->pid, o->policy,
					      group->roster.tid,
					      group->roster.count),
				stdout);
	else
		printf("%s %s: %u %s, policy %s\n", o->threads ? "group" : "VM",
		       group->name, group->attached,
		       o->threads ? "threads" : "vCPUs", o->policy);
	return output_finish("attach");
}

/* Until the process ends, a signal comes, or all was detached. */
static int hold(struct group *group, bool follow, int process, int signals,
		int listener)
{
	struct pollfd fds[] = {
		{ .fd = process, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
		{ .fd = listener, .events = POLLIN },
	};

	for (;;) {
		if (poll(fds, 3, follow ? GROUP_FOLLOW_MS : -1) < 0 &&
		    errno != EINTR)
			return group_failed(group, "poll", errno);
		if (fds[0].revents || fds[1].revents ||
		    (fds[2].revents && group_serve(group, listener)))
			return COMMAND_DONE;
		if (follow)
			group_follow(group);
	}
}

static int attach(struct group *group, const struct options *o, int process)
{
	int signals __attribute__((cleanup(fd_close))) = -1;
	int listener __attribute__((cleanup(fd_close))) = -1;
	int status;

	signals = ending_open("pvsched attach");
	if (signals < 0)
		return COMMAND_FAILED;
	status = group_open(group, o->threads ? PVSCHED_VM_THREADS : 0,
			    o->policy);
	if (status)
		return status;
	status = members_attach(group, o);
	if (status)
		return status;
	listener = holder_listen(group->name);
	if (listener < 0)
		fprintf(stderr,
			"pvsched attach: pvsched detach will not work, end this command instead: %s\n",
			strerror(-listener));
	status = attached_print(group, o);
	return status ?:
			hold(group, o->threads && !*o->tids, process, signals,
			     listener);
}

int attach_main(int argc, char **argv)
{
	int process __attribute__((cleanup(fd_close))) = -1;
	struct options o = {};
	struct group group;
	int status;

	if (!options_get(argc, argv, &o, &status))
		return status;
	group_init(&group, "attach");
	snprintf(group.name, sizeof(group.name), "%s", o.name);
	group.pid = o.pid;
	group.level = o.rtprio ? PVSCHED_LEVEL_RT(o.rtprio) : 0;
	/* Held, so that another process of that id is noticed. */
	process = syscall(SYS_pidfd_open, o.pid, 0);
	if (process < 0)
		return group_failed(&group, argv[optind + 1], errno);
	status = attach(&group, &o, process);
	group_close(&group);
	return status;
}

static int detach_failed(const char *name, int err)
{
	const char *why = strerror(err);

	if (err == ECONNREFUSED)
		why = "no pvsched attach or pvsched run of this network namespace holds it";
	else if (err == EACCES)
		why = geteuid() ?
			      "another user's pvsched holds it: be that user, or root" :
			      "a user whom it does not belong to listens in its holder's place";
	else if (err == EAGAIN)
		why = "its holder does not answer";
	else if (err == ENOENT)
		why = "it has no thread of that number";
	fprintf(stderr, "pvsched detach: %s: %s\n", name, why);
	return COMMAND_FAILED;
}

/*
 * The group's user, as the kernel has it: root believes a holder of his. Without the
 * kernel's word nobody is, but it is no reason to ask none.
 */
static uid_t owner_of(const char *name)
{
	struct pvsched_client *client __attribute__((cleanup(client_close))) =
		NULL;
	struct pvsched_vms vms __attribute__((cleanup(pvsched_vms_free))) = {};
	struct pvsched_error error;

	if (pvsched_client_open(&client, &error) ||
	    pvsched_vms_get(client, name, &vms, sizeof(*vms.vm), &error))
		return (uid_t)-1;
	return vms.vm[0].uid;
}

int detach_main(int argc, char **argv)
{
	struct pvsched_target target;
	char why[CAPSPEC_WHY_LEN];
	int status, err;
	bool json;

	if (!options_parse(argc, argv, detach_help, &json, &status))
		return status;
	if (argc - optind != 1)
		return usage_error("detach", "takes one NAME or NAME/NUMBER");
	if (!target_parse(argv[optind], &target, why))
		return usage_error("detach", "'%s': %s", argv[optind], why);
	if (!target.vm[0])
		return usage_error("detach", "the host is nothing to detach");
	err = holder_ask(target.vm,
			 target.has_vcpu ? target.vcpu : PVSCHED_VCPU_ALL,
			 owner_of(target.vm));
	if (err)
		return detach_failed(argv[optind], -err);
	if (json)
		json_print(json_detached(&target), stdout);
	else
		printf("%s is detached\n", argv[optind]);
	return output_finish("detach");
}
