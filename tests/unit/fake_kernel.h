/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel for the client library: the other end of a netlink socket, which
 * answers requests by a script, and sends events. NETLINK_USERSOCK is what the
 * kernel has for netlink between processes, so all that a socket does is real, an
 * overrun too.
 */
#ifndef TESTS_UNIT_FAKE_KERNEL_H
#define TESTS_UNIT_FAKE_KERNEL_H

#include <stdint.h>

#include <netlink/msg.h>

#include "../../lib/socket.h"

#define FAKE_FAMILY 30

struct fake_kernel;

/* Answer one request by fake_send() and fake_done(); in a thread of its own. */
typedef void (*fake_answer_fn)(struct fake_kernel *kernel, uint8_t command,
			       unsigned int count, void *arg);

/* count: requests of that command so far, this one included. */
struct fake_kernel *fake_start(fake_answer_fn answer, void *arg);
/* Returns how many requests there were. */
unsigned int fake_stop(struct fake_kernel *kernel);

/* A socket that has the fake kernel as its peer; by its port, of any process. */
struct pvsched_client *fake_client(struct fake_kernel *kernel);
struct pvsched_client *fake_client_of(uint32_t port);
uint32_t fake_port(const struct fake_kernel *kernel);
uint32_t fake_client_port(const struct pvsched_client *client);

/* The request that is to be answered; for the callback. */
const struct nlmsghdr *fake_request(const struct fake_kernel *kernel);

/* A message of the family; release it with nlmsg_free(). */
struct nl_msg *fake_message(uint8_t command);
struct nl_msg *fake_message_of(uint16_t family, uint8_t command);

/* Part of an answer, which it takes over. flags: beside those that it has. */
void fake_send(struct fake_kernel *kernel, struct nl_msg *msg, int flags);
/* Several parts in one datagram, as the kernel sends them; changes them. */
void fake_send_all(struct fake_kernel *kernel, struct nlmsghdr *msgs, int size);
/* The end of a dump, and the error of it. */
void fake_done(struct fake_kernel *kernel, int flags);
/* An acknowledgement or, if error is not 0, a refusal with a text. */
void fake_ack(struct fake_kernel *kernel, int error, const char *text);

/* To whoever listens at port. Takes msg over. Returns 0, or -1 if it is full. */
int fake_event(struct fake_kernel *kernel, uint32_t port, struct nl_msg *msg);

/* As generic netlink tells that the family comes, with that number, or goes. */
int fake_news(struct fake_kernel *kernel, uint32_t port, uint8_t command,
	      uint16_t family, const uint32_t *groups);

/* To all who joined the group, or past them if they have no room. */
void fake_multicast(struct fake_kernel *kernel, unsigned int group,
		    struct nl_msg *msg);

#endif /* TESTS_UNIT_FAKE_KERNEL_H */
