/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Messages of the kernel, taken apart. Nothing here talks to the kernel.
 */
#ifndef PVSCHED_LIB_DECODE_H
#define PVSCHED_LIB_DECODE_H

#include <linux/netlink.h>

#include <pvsched/client.h>

/* Each returns 0, or -EBADMSG if the message is not as the spec says. */
int decode_vm(struct nlmsghdr *msg, struct pvsched_vm_info *vm);
int decode_vcpu(struct nlmsghdr *msg, struct pvsched_vcpu_info *vcpu);
int decode_policy(struct nlmsghdr *msg, struct pvsched_policy_info *policy);
int decode_host(struct nlmsghdr *msg, struct pvsched_host_info *host);
int decode_caps(struct nlmsghdr *msg, struct pvsched_caps_info *caps);

/*
 * The kernel's own words behind its refusal, which is an error or the end of a
 * dump, or NULL. They are part of the message.
 */
const char *decode_reason(struct nlmsghdr *msg);

/* How many events were dropped before those of the message. */
uint64_t decode_dropped(struct nlmsghdr *msg);

/* Numbers of the events seen last, to notice when some are missing. */
struct event_seq {
	uint64_t last[PVSCHED_GROUP_COUNT]; /* 0: none yet */
};

/*
 * Hand over the events of one message, and a gap before an event that does not
 * follow the one before. Return: 1 to go on, 0 when fn wants to stop, or
 * -EBADMSG.
 */
int decode_events(struct nlmsghdr *msg, struct event_seq *seq,
		  pvsched_event_fn fn, void *arg);

#endif /* PVSCHED_LIB_DECODE_H */
