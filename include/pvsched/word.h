/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/*
 * The two words of the shared page, decoded and encoded in one place for the
 * guest driver, the host module and the tests. linux/pvsched.h says what the
 * fields mean. Words are in CPU byte order here.
 *
 * Whatever a reader gets from the other side goes through these functions: a
 * value without a meaning never leaves them.
 */
#ifndef _PVSCHED_WORD_H
#define _PVSCHED_WORD_H

#include <linux/types.h>
#ifndef __KERNEL__
#include <stdbool.h>
#endif

#include <linux/pvsched.h>

#define PVSCHED_HOST_FLAGS \
	(PVSCHED_HOST_BOOSTED | PVSCHED_HOST_PREEMPTED | PVSCHED_HOST_THROTTLED)

/* A level as it was read; fallback if it has no meaning. */
static inline __u8 pvsched_word_level(__u64 word, unsigned int shift,
				      __u8 fallback)
{
	__u8 level = (word >> shift) & PVSCHED_LEVEL_MASK;

	return level <= PVSCHED_LEVEL_MAX ? level : fallback;
}

static inline __u8 pvsched_guest_current(__u64 guest)
{
	return pvsched_word_level(guest, PVSCHED_GUEST_CURRENT_SHIFT,
				  PVSCHED_LEVEL_NORMAL);
}

static inline __u8 pvsched_guest_waiter(__u64 guest)
{
	return pvsched_word_level(guest, PVSCHED_GUEST_WAITER_SHIFT,
				  PVSCHED_LEVEL_NORMAL);
}

static inline __u8 pvsched_guest_sleeper(__u64 guest)
{
	return pvsched_word_level(guest, PVSCHED_GUEST_SLEEPER_SHIFT, 0);
}

static inline __u16 pvsched_guest_ack(__u64 guest)
{
	return (guest >> PVSCHED_GUEST_ACK_SHIFT) & PVSCHED_TICKET_MASK;
}

static inline __u16 pvsched_guest_raises(__u64 guest)
{
	return (guest >> PVSCHED_GUEST_RAISES_SHIFT) & PVSCHED_RAISES_MASK;
}

/* Does it say that the vCPU is in a critical section? */
static inline bool pvsched_guest_section(__u64 guest)
{
	return guest & PVSCHED_GUEST_SECTION;
}

/* How urgent the vCPU is as far as this word knows. */
static inline __u8 pvsched_guest_urgency(__u64 guest)
{
	__u8 running = pvsched_guest_current(guest);
	__u8 waiter = pvsched_guest_waiter(guest);

	return running > waiter ? running : waiter;
}

static inline __u64 pvsched_guest_pack(__u8 running, __u8 waiter, __u8 sleeper,
				       __u16 ack)
{
	return (__u64)running << PVSCHED_GUEST_CURRENT_SHIFT |
	       (__u64)waiter << PVSCHED_GUEST_WAITER_SHIFT |
	       (__u64)sleeper << PVSCHED_GUEST_SLEEPER_SHIFT |
	       (__u64)ack << PVSCHED_GUEST_ACK_SHIFT;
}

/* The level that the vCPU thread is boosted to; 0: none that makes sense. */
static inline __u8 pvsched_host_granted(__u64 host)
{
	return pvsched_word_level(host, PVSCHED_HOST_GRANTED_SHIFT, 0);
}

static inline bool pvsched_host_boosted(__u64 host)
{
	return host & PVSCHED_HOST_BOOSTED;
}

static inline __u16 pvsched_host_ticket(__u64 host)
{
	return (host >> PVSCHED_HOST_TICKET_SHIFT) & PVSCHED_TICKET_MASK;
}

/* flags: PVSCHED_HOST_FLAGS, of which other bits are dropped. */
static inline __u64 pvsched_host_pack(__u8 granted, __u64 flags, __u16 ticket)
{
	return (__u64)granted << PVSCHED_HOST_GRANTED_SHIFT |
	       (flags & PVSCHED_HOST_FLAGS) |
	       (__u64)ticket << PVSCHED_HOST_TICKET_SHIFT;
}

/* An interrupt is on its way whose outcome the guest word does not have yet. */
static inline bool pvsched_word_stale(__u64 guest, __u64 host)
{
	return pvsched_guest_ack(guest) != pvsched_host_ticket(host);
}

/*
 * The guest has more of a boost than it needs: it must ring, and the host may
 * take the boost back.
 */
static inline bool pvsched_word_rings(__u64 guest, __u64 host)
{
	return pvsched_host_boosted(host) && !pvsched_word_stale(guest, host) &&
	       !pvsched_guest_section(guest) &&
	       pvsched_guest_urgency(guest) < pvsched_host_granted(host);
}

#endif /* _PVSCHED_WORD_H */
