// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Threads of another process, or vCPUs of a VMM, that are attached by hand.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <pvsched/thread.h>

#include "command.h"
#include "group.h"
#include "holder.h"

#define DEVICE	    "/dev/pvsched"
#define PAGES_BYTES (ROSTER_MAX * sizeof(struct pvsched_page))

void group_init(struct group *group, const char *command)
{
	*group = (struct group){ .command = command, .device = -1 };
}

static const char *hint(int err)
{
	switch (err) {
	case EEXIST:
		return ": there is a VM or group of that name";
	case EPERM:
		return ": be the user that the process runs as, or have CAP_SYS_NICE";
	case EBUSY:
		return ": it is attached already, or another one as its number";
	case ESRCH:
		return ": there is no such thread in that process";
	case ENOMEM:
		return ": see RLIMIT_MEMLOCK";
	case EPROTONOSUPPORT:
		return ": this policy does not go by words";
	default:
		return "";
	}
}

int group_failed(const struct group *group, const char *what, int err)
{
	fprintf(stderr, "pvsched %s: %s: %s%s\n", group->command, what,
		strerror(err), hint(err));
	return COMMAND_FAILED;
}

static int device_failed(const struct group *group, int err)
{
	const char *why =
		err == ENOENT ?
			": modprobe pvsched" :
		err == EACCES ?
			": it is root's unless it is given to others; see pvsched doctor" :
			"";

	fprintf(stderr, "pvsched %s: " DEVICE ": %s%s\n", group->command,
		strerror(err), why);
	return COMMAND_FAILED;
}

static int policy_failed(const struct group *group, const char *policy)
{
	fprintf(stderr,
		"pvsched %s: policy %s: no such policy, see pvsched policy list\n",
		group->command, policy);
	return COMMAND_FAILED;
}

/* With words, each thread has a page, in which nothing changes any more. */
static int words_init(struct group *group)
{
	static const struct pvsched_vm_protocol protocol = {
		.name = PVSCHED_PROTOCOL_NAME,
		.version = PVSCHED_PROTOCOL_VERSION,
	};

	if (!group->level)
		return 0;
	if (ioctl(group->device, PVSCHED_IOC_VM_PROTOCOL, &protocol))
		return group_failed(group, group->name, errno);
	group->pages = mmap(NULL, PAGES_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (group->pages != MAP_FAILED)
		return 0;
	group->pages = NULL;
	return group_failed(group, "memory for words", errno);
}

int group_open(struct group *group, uint32_t flags, const char *policy)
{
	struct pvsched_vm_create create = { .pid = group->pid, .flags = flags };

	snprintf(create.name, sizeof(create.name), "%s", group->name);
	snprintf(create.policy, sizeof(create.policy), "%s", policy);
	group->device = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (group->device < 0)
		return device_failed(group, errno);
	if (!ioctl(group->device, PVSCHED_IOC_VM_CREATE, &create))
		return words_init(group);
	if (errno == ENOENT)
		return policy_failed(group, policy);
	return group_failed(group, group->name, errno);
}

void group_close(struct group *group)
{
	if (group->device >= 0)
		close(group->device);
	group->device = -1;
	if (group->pages)
		munmap(group->pages, PAGES_BYTES);
	group->pages = NULL;
}

/* A word that says the same for good: the pages of a thread never change. */
static struct pvsched_page *page_raised(struct group *group,
					unsigned int number)
{
	struct pvsched_page *page;

	if (!group->level)
		return NULL;
	page = &group->pages[number];
	memset(page, 0, sizeof(*page));
	pvsched_page_init(page);
	pvsched_thread_raise(page, group->level);
	return page;
}

int group_attach(struct group *group, unsigned int number, int tid)
{
	int err;

	if (!roster_put(&group->roster, number, tid))
		return -EBUSY;
	err = pvsched_thread_attach(group->device, number, tid,
				    page_raised(group, number));
	if (err)
		roster_remove(&group->roster, number);
	else
		group->attached++;
	return err;
}

int group_detach(struct group *group, unsigned int number)
{
	if (group->device < 0)
		return -ENXIO;
	/* Its place in the roster keeps it from being attached again. */
	return pvsched_thread_detach(group->device, number);
}

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static int by_value(const void *a, const void *b)
{
	const int *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* Sorted; how many, 0 if the process is gone. */
static size_t threads_read(int pid, int *tids, size_t max)
{
	DIR *tasks __attribute__((cleanup(close_dir))) = NULL;
	struct dirent *entry;
	char path[32];
	size_t count = 0;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	tasks = opendir(path);
	while (tasks && count < max && (entry = readdir(tasks))) {
		int tid = atoi(entry->d_name);

		if (tid > 0)
			tids[count++] = tid;
	}
	qsort(tids, count, sizeof(*tids), by_value);
	return count;
}

static void forget_gone(struct group *group, const int *tids, size_t count)
{
	size_t i;

	for (i = 0; i < group->roster.count; i++) {
		int tid = group->roster.tid[i];

		if (!tid || bsearch(&tid, tids, count, sizeof(tid), by_value))
			continue;
		group_detach(group, i);
		roster_remove(&group->roster, i);
	}
}

static int attach_new(struct group *group, int tid)
{
	int number, err;

	if (roster_find(&group->roster, tid) >= 0)
		return 0;
	number = roster_free(&group->roster);
	if (number < 0)
		return -ENOSPC;
	err = group_attach(group, number, tid);
	/* It has exited meanwhile. */
	if (!err || err == -ESRCH)
		return 0;
	roster_put(&group->roster, number, tid);
	return err;
}

int group_follow(struct group *group)
{
	int tids[ROSTER_MAX];
	size_t count = threads_read(group->pid, tids, ROSTER_MAX);
	int err = count ? 0 : -ENOENT;
	size_t i;

	forget_gone(group, tids, count);
	for (i = 0; i < count; i++) {
		int refused = attach_new(group, tids[i]);

		err = err ?: refused;
	}
	return err;
}

bool group_serve(struct group *group, int listener)
{
	int peer;
	int64_t number = holder_take(listener, &peer);

	if (number < 0)
		return false;
	if (number == PVSCHED_VCPU_ALL) {
		group_close(group);
		holder_answer(peer, 0);
		return true;
	}
	holder_answer(peer, group_detach(group, number));
	return false;
}
