// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvsched attach: a VM whose guest has no driver.
 *
 * The vCPUs are attached without a shared page, for as long as the command runs.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "command.h"

#define DEVICE "/dev/pvsched"

static const char attach_help[] =
	"usage: pvsched attach [-p POLICY] VM PID\n"
	"\n"
	"Attach the vCPUs of the VMM with process id PID, as VM: for guests without the\n"
	"driver. Goes on until the VMM ends or a signal comes (INT, TERM), then every\n"
	"thread has the scheduling that it had before.\n"
	"\n"
	"  -p, --policy POLICY  what decides on boosts (default: blind)\n"
	"\n"
	"vCPUs are the threads that are called \"CPU n/KVM\", as QEMU does with -name\n"
	"debug-threads=on, and libvirt always.\n"
	"\n"
	"Example: pvsched attach win-1 $(pidof -s qemu-system-x86_64) &\n";

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

static int failed(const char *what, int err, const char *hint)
{
	fprintf(stderr, "pvsched attach: %s: %s%s\n", what, strerror(err),
		hint);
	return COMMAND_FAILED;
}

struct options {
	const char *policy;
	const char *vm;
	int pid;
};

/* Return: true to go on, or false with *status. */
static bool options_get(int argc, char **argv, struct options *o, int *status)
{
	static const struct option options[] = {
		{ "policy", required_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	char *end;
	long pid;
	int c;

	o->policy = "blind";
	while ((c = getopt_long(argc, argv, "p:h", options, NULL)) != -1) {
		switch (c) {
		case 'p':
			o->policy = optarg;
			break;
		case 'h':
			fputs(attach_help, stdout);
			*status = output_finish("attach");
			return false;
		default:
			*status = usage_error("attach", NULL);
			return false;
		}
	}
	*status = COMMAND_USAGE;
	if (argc - optind != 2) {
		usage_error("attach", "takes VM and PID");
		return false;
	}
	o->vm = argv[optind];
	pid = strtol(argv[optind + 1], &end, 10);
	if (*end || pid < 1 || pid > INT32_MAX) {
		usage_error("attach", "'%s' is no process id",
			    argv[optind + 1]);
		return false;
	}
	o->pid = pid;
	if (!*o->vm || strlen(o->vm) >= PVSCHED_NAME_LEN ||
	    strlen(o->policy) >= PVSCHED_POLICY_LEN) {
		usage_error("attach", "the name of a VM or policy is too long");
		return false;
	}
	return true;
}

/* Return: an exit code. */
static int vm_create(int device, const struct options *o)
{
	struct pvsched_vm_create args = { .pid = o->pid };

	snprintf(args.name, sizeof(args.name), "%s", o->vm);
	snprintf(args.policy, sizeof(args.policy), "%s", o->policy);
	if (!ioctl(device, PVSCHED_IOC_VM_CREATE, &args))
		return COMMAND_DONE;
	switch (errno) {
	case EEXIST:
		return failed(o->vm, errno, ": a VM has that name");
	case ENOENT:
		return failed(o->policy, errno,
			      ": no such policy, see pvsched policy list");
	case EPERM:
		return failed(
			o->vm, errno,
			": be the user that the VMM runs as, or have CAP_SYS_NICE");
	default:
		return failed(o->vm, errno, "");
	}
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

/* Return: how many, or -1 after saying why. */
static int vcpus_attach(int device, int pid)
{
	char path[32];
	DIR *tasks __attribute__((cleanup(dir_close))) = NULL;
	struct dirent *entry;
	int count = 0;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	tasks = opendir(path);
	if (!tasks) {
		failed(path, errno, "");
		return -1;
	}
	while ((entry = readdir(tasks))) {
		struct pvsched_thread_attach args = { .tid = atoi(
							      entry->d_name) };
		int vcpu = vcpu_of(tasks, entry->d_name);

		if (vcpu < 0)
			continue;
		args.vcpu_id = vcpu;
		if (ioctl(device, PVSCHED_IOC_THREAD_ATTACH, &args)) {
			failed(entry->d_name, errno,
			       errno == EBUSY ?
				       ": the thread is attached already" :
				       "");
			return -1;
		}
		count++;
	}
	if (!count)
		fprintf(stderr,
			"pvsched attach: process %d has no thread called CPU n/KVM: is it QEMU with -name debug-threads=on?\n",
			pid);
	return count ?: -1;
}

/* Until the process ends or a signal comes. */
static int wait_for_end(int process, int signals)
{
	struct pollfd fds[] = {
		{ .fd = process, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};

	while (poll(fds, 2, -1) < 0)
		if (errno != EINTR)
			return failed("poll", errno, "");
	return COMMAND_DONE;
}

int attach_main(int argc, char **argv)
{
	int device __attribute__((cleanup(fd_close))) = -1;
	int process __attribute__((cleanup(fd_close))) = -1;
	int signals __attribute__((cleanup(fd_close))) = -1;
	struct options o;
	sigset_t mask;
	int status, count;

	if (!options_get(argc, argv, &o, &status))
		return status;
	sigemptyset(&mask);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	signals = signalfd(-1, &mask, SFD_CLOEXEC);
	if (signals < 0)
		return failed("signalfd", errno, "");
	/* Held, so that another process of that id is noticed. */
	process = syscall(SYS_pidfd_open, o.pid, 0);
	if (process < 0)
		return failed(argv[optind + 1], errno, "");
	device = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (device < 0)
		return failed(DEVICE, errno,
			      errno == ENOENT ? ": modprobe pvsched" : "");
	status = vm_create(device, &o);
	if (status)
		return status;
	count = vcpus_attach(device, o.pid);
	if (count < 0)
		return COMMAND_FAILED;
	printf("VM %s: %d vCPUs, policy %s\n", o.vm, count, o.policy);
	status = output_finish("attach");
	return status ?: wait_for_end(process, signals);
}
