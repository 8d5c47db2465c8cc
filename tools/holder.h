/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How "pvsched detach" reaches the process that holds what it shall detach: only
 * that process can, since what is attached belongs to its open file.
 *
 * It listens on an abstract socket with the name of the group in it, to its own
 * user and to root, in its network namespace.
 */
#ifndef PVSCHED_TOOLS_HOLDER_H
#define PVSCHED_TOOLS_HOLDER_H

#include <stdint.h>
#include <sys/types.h>

#include <linux/pvsched.h>

/* A socket to wait on, or a negative errno value. */
int holder_listen(const char *name);

/*
 * Take one request. Returns the number to detach, or PVSCHED_VCPU_ALL, with the
 * descriptor that holder_answer() closes in *peer; or -1: there is none that
 * counts.
 */
int64_t holder_take(int listener, int *peer);
/* err: 0 or a negative errno value */
void holder_answer(int peer, int err);

/*
 * Ask the holder of name. It is believed if it is this user's or root's; by root also
 * if it is owner's, which is whose group the kernel says that it is, or -1. Returns 0
 * or the negative errno value that it answered; -ECONNREFUSED: nobody listens,
 * -EACCES: it is another user's, -EAGAIN: it does not answer.
 */
int holder_ask(const char *name, uint32_t number, uid_t owner);

#endif /* PVSCHED_TOOLS_HOLDER_H */
