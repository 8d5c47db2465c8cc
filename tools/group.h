/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads of another process, or vCPUs of a VMM, that are attached by hand.
 *
 * What is attached stays so while the device is open, and has what it had before
 * when that is closed, for whatever reason.
 */
#ifndef PVSCHED_TOOLS_GROUP_H
#define PVSCHED_TOOLS_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/pvsched.h>

#include "roster.h"

/* How often the threads of a process that is followed are looked at. */
#define GROUP_FOLLOW_MS 200

/**
 * struct group - a VM or group of threads
 * @command: whose messages it prints
 * @name: as the kernel has it
 * @pid: the process
 * @level: that the word of each thread says, PVSCHED_LEVEL_*; 0: they have none,
 *	and boosts are up to the policy
 * @device: -1: nothing is attached
 * @pages: one for each number, if @level
 * @roster: who is attached, or was refused and is left alone
 * @attached: how many were, in all
 */
struct group {
	const char *command;
	char name[PVSCHED_NAME_LEN];
	int pid;
	unsigned int level;
	int device;
	struct pvsched_page *pages;
	struct roster roster;
	unsigned int attached;
};

/* Before anything else, so that group_close() may follow at any time. */
void group_init(struct group *group, const char *command);

/*
 * Make it known to the kernel, with command, name, pid and level set. flags: of
 * struct pvsched_vm_create; policy: "" for the host's default. Returns an exit
 * code after saying what is wrong.
 */
int group_open(struct group *group, uint32_t flags, const char *policy);
void group_close(struct group *group);

/*
 * Attach a thread with a number, detach it. Each returns 0 or a negative errno
 * value and says nothing.
 */
int group_attach(struct group *group, unsigned int number, int tid);
int group_detach(struct group *group, unsigned int number);

/*
 * Attach those threads of the process that are not, and forget those that are
 * gone. Returns 0, or the negative errno value of the first that was refused,
 * which is left alone from then on; -ENOENT: the process has no threads any more.
 */
int group_follow(struct group *group);

/*
 * What "pvsched detach" asks is answered. Returns whether all was detached, so
 * that there is nothing left to hold.
 */
bool group_serve(struct group *group, int listener);

/* "pvsched COMMAND: WHAT: reason", and what to do. Returns COMMAND_FAILED. */
int group_failed(const struct group *group, const char *what, int err);

#endif /* PVSCHED_TOOLS_GROUP_H */
