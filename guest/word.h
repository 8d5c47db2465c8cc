/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the guest decides, as pure functions: what a task is worth, how each
 * event changes the guest word, when the doorbell is due, and when an
 * interrupt is over. Nothing here needs a kernel, so that tests/unit can have
 * it.
 */
#ifndef _GUEST_WORD_H
#define _GUEST_WORD_H

#include <pvsched/word.h>

/* Kernel priorities: -1 deadline, 0-99 real-time (99: priority 0), 100-139 nice. */
#define PVSCHED_PRIO_MIN (-1)
#define PVSCHED_PRIO_RT	 100
#define PVSCHED_PRIO_MAX 139

/* Which classes may be urgent; index of the names in sysfs. */
enum pvsched_min_class {
	PVSCHED_MIN_NORMAL,
	PVSCHED_MIN_REALTIME,
	PVSCHED_MIN_DEADLINE,
};

/**
 * struct pvsched_thresholds - what the guest's administrator calls urgent
 * @min_class: the least urgent class that counts, enum pvsched_min_class
 * @min_rtprio: the lowest real-time priority that counts, 1 to 99
 * @max_nice: the highest nice value that counts, -20 to -1
 */
struct pvsched_thresholds {
	int min_class;
	int min_rtprio;
	int max_nice;
};

/* Of a priority as the scheduler uses it, inheritance included. */
static inline __u8 pvsched_level(int prio)
{
	if (prio < PVSCHED_PRIO_MIN || prio > PVSCHED_PRIO_MAX)
		return PVSCHED_LEVEL_NORMAL;
	if (prio == PVSCHED_PRIO_MIN)
		return PVSCHED_LEVEL_DEADLINE;
	return PVSCHED_LEVEL_RT_MAX - prio;
}

/* The same, but what does not count as urgent is normal at most. */
static inline __u8 pvsched_level_bounded(int prio,
					 const struct pvsched_thresholds *t)
{
	__u8 level = pvsched_level(prio);
	bool counts = true;

	if (level >= PVSCHED_LEVEL_RT_MIN && level <= PVSCHED_LEVEL_RT_MAX)
		counts = t->min_class <= PVSCHED_MIN_REALTIME &&
			 level >= PVSCHED_LEVEL_RT(t->min_rtprio);
	else if (level < PVSCHED_LEVEL_RT_MIN)
		counts = t->min_class <= PVSCHED_MIN_NORMAL &&
			 level >= PVSCHED_LEVEL_NICE(t->max_nice);
	return counts || level < PVSCHED_LEVEL_NORMAL ? level :
							PVSCHED_LEVEL_NORMAL;
}

/* Urgent is what is more than normal, after the thresholds. */
#define PVSCHED_LEVEL_URGENT_MIN (PVSCHED_LEVEL_NORMAL + 1)

static inline bool pvsched_level_urgent(__u8 level)
{
	return level >= PVSCHED_LEVEL_URGENT_MIN;
}

static inline __u64 pvsched_word_put(__u64 word, unsigned int shift, __u64 mask,
				     __u64 value)
{
	return (word & ~(mask << shift)) | value << shift;
}

static inline __u64 pvsched_word_set_current(__u64 word, __u8 level)
{
	return pvsched_word_put(word, PVSCHED_GUEST_CURRENT_SHIFT,
				PVSCHED_LEVEL_MASK, level);
}

static inline __u64 pvsched_word_set_waiter(__u64 word, __u8 level)
{
	return pvsched_word_put(word, PVSCHED_GUEST_WAITER_SHIFT,
				PVSCHED_LEVEL_MASK, level);
}

static inline __u64 pvsched_word_set_sleeper(__u64 word, __u8 level)
{
	return pvsched_word_put(word, PVSCHED_GUEST_SLEEPER_SHIFT,
				PVSCHED_LEVEL_MASK, level);
}

static inline __u64 pvsched_word_set_ack(__u64 word, __u16 ticket)
{
	return pvsched_word_put(word, PVSCHED_GUEST_ACK_SHIFT,
				PVSCHED_TICKET_MASK, ticket);
}

/* To be asked of each change, right before it is published. */
static inline __u64 pvsched_word_count_raise(__u64 old, __u64 new)
{
	if (pvsched_guest_urgency(old) >= PVSCHED_LEVEL_RT_MIN ||
	    pvsched_guest_urgency(new) < PVSCHED_LEVEL_RT_MIN)
		return new;
	return pvsched_word_put(new, PVSCHED_GUEST_RAISES_SHIFT,
				PVSCHED_RAISES_MASK,
				(__u16)(pvsched_guest_raises(old) + 1));
}

/* section: flags, or 0. */
static inline __u64 pvsched_word_set_section(__u64 word, __u64 section)
{
	return (word & ~PVSCHED_GUEST_SECTION) | section;
}

/*
 * A context switch, which ends every section. What the scheduler picked is the
 * most urgent of what it lets run, so nothing more urgent waits any longer.
 */
static inline __u64 pvsched_word_switched(__u64 word, __u8 level)
{
	word = pvsched_word_set_section(word, 0);
	return pvsched_word_set_waiter(pvsched_word_set_current(word, level),
				       0);
}

/* Would a switch to what has that level leave the word as it is? */
static inline bool pvsched_word_is_switched(__u64 word, __u8 level)
{
	const __u64 mask = PVSCHED_GUEST_SECTION |
			   PVSCHED_LEVEL_MASK << PVSCHED_GUEST_WAITER_SHIFT |
			   PVSCHED_LEVEL_MASK << PVSCHED_GUEST_CURRENT_SHIFT;

	return (word & mask) == (__u64)level << PVSCHED_GUEST_CURRENT_SHIFT;
}

/* A task became runnable. */
static inline __u64 pvsched_word_woken(__u64 word, __u8 level)
{
	if (level <= pvsched_guest_urgency(word))
		return word;
	return pvsched_word_set_waiter(word, level);
}

/* What runs became more urgent without a switch. */
static inline __u64 pvsched_word_raised(__u64 word, __u8 level)
{
	if (level <= pvsched_guest_current(word))
		return word;
	return pvsched_word_set_current(word, level);
}

/*
 * The most urgent waiter, of that level, left or became less urgent; the next
 * one is of level next or lower.
 */
static inline __u64 pvsched_word_waiter_gone(__u64 word, __u8 level, __u8 next)
{
	if (pvsched_guest_waiter(word) != level)
		return word;
	return pvsched_word_set_waiter(
		word, next > pvsched_guest_current(word) ? next : 0);
}

/*
 * An interrupt is over: its ticket is answered. The level of the running task
 * is looked at again, as a change of priority is no context switch; if a
 * reschedule is due, it is not lowered, as the switch says who is next. A
 * waiter for which no reschedule is due has been migrated, or the scheduler
 * does not want it to preempt: it makes the vCPU no more urgent. What goes on may
 * be a section, too.
 */
static inline __u64 pvsched_word_irq_exited(__u64 word, __u8 level,
					    bool resched, __u16 ticket,
					    __u64 section)
{
	word = pvsched_word_raised(word, level);
	if (!resched)
		word = pvsched_word_switched(word, level);
	word = pvsched_word_set_section(word, section);
	return pvsched_word_set_ack(word, ticket);
}

/* Only these changes can leave the vCPU with more of a boost than it needs. */
static inline bool pvsched_word_lowers(__u64 old, __u64 new)
{
	return pvsched_guest_urgency(new) < pvsched_guest_urgency(old) ||
	       pvsched_guest_ack(new) != pvsched_guest_ack(old) ||
	       pvsched_guest_section(old) > pvsched_guest_section(new);
}

/**
 * struct pvsched_rung - when the doorbell was rung last
 * @host: the host word that was the reason
 * @urgency: of the vCPU at that time
 */
struct pvsched_rung {
	__u64 host;
	__u8 urgency;
};

/*
 * To be asked after a change from old to new was published and, a full barrier
 * later, host was read.
 *
 * Falling below what was granted always rings, and so does an answer to a
 * ticket, and the end of a section. Otherwise the vCPU was below before, and has
 * rung for that: it rings again only if the host did something since, or for
 * another urgency. A comparison with the last ring alone would be wrong: the host
 * word has the same value again when it boosts a second time.
 */
static inline bool pvsched_doorbell_due(__u64 old, __u64 new, __u64 host,
					const struct pvsched_rung *last)
{
	if (!pvsched_word_lowers(old, new) || !pvsched_word_rings(new, host))
		return false;
	if (pvsched_guest_urgency(old) >= pvsched_host_granted(host) ||
	    pvsched_guest_ack(old) != pvsched_guest_ack(new) ||
	    pvsched_guest_section(old))
		return true;
	return last->host != host ||
	       last->urgency != pvsched_guest_urgency(new);
}

/* The host has preempted the vCPU and cannot know of something urgent. */
static inline bool pvsched_word_unheard(__u64 guest, __u64 host)
{
	__u8 urgency = pvsched_guest_urgency(guest);

	return (host & PVSCHED_HOST_PREEMPTED) &&
	       pvsched_level_urgent(urgency) &&
	       urgency > pvsched_host_granted(host);
}

/*
 * Another CPU has changed the word of this one from old to new and, a full
 * barrier later, read host: does it have to ring on behalf of this one? It does
 * if the host has to boost it, and if it has a boost that it no longer needs.
 */
static inline bool pvsched_call_due(__u64 old, __u64 new, __u64 host)
{
	__u8 before = pvsched_guest_urgency(old);
	__u8 urgency = pvsched_guest_urgency(new);

	if (urgency > before)
		return pvsched_word_unheard(new, host);
	return urgency < before && pvsched_word_rings(new, host);
}

/* To be asked when it rings, somewhat later. */
static inline bool pvsched_call_needed(__u64 guest, __u64 host)
{
	return pvsched_word_unheard(guest, host) ||
	       pvsched_word_rings(guest, host);
}

/*
 * Softirqs run in rounds, in the order of their numbers; the kernel clears the
 * set of pending ones before a round, so that it says nothing about what is
 * left of it. *round has the set as it was before. To be called when softirq
 * nr has been handled; returns whether it was the last one.
 */
static inline bool pvsched_softirqs_done(__u32 *round, unsigned int nr,
					 __u32 pending)
{
	__u32 left = nr < 31 ? *round & (~0U << (nr + 1)) : 0;

	*round = left ? left : pending;
	return !left && !pending;
}

#endif /* _GUEST_WORD_H */
