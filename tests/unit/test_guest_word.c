// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's decisions (guest/word.h) and the encoding of the two words that
 * it shares with the host module (pvsched/word.h).
 */
#include <check.h>

#include "../../guest/word.h"
#include "check_run.h"

#define NICE0	PVSCHED_LEVEL_NICE(0)
#define RT(p)	PVSCHED_LEVEL_RT(p)
#define BOOSTED PVSCHED_HOST_BOOSTED

static const struct pvsched_rung never;

START_TEST(level_of_every_priority)
{
	int prio;

	for (prio = 0; prio < 100; prio++) /* user's 99 is kernel's 0 */
		ck_assert_uint_eq(pvsched_level(prio), RT(99 - prio));
	for (prio = 100; prio < 140; prio++)
		ck_assert_uint_eq(pvsched_level(prio),
				  PVSCHED_LEVEL_NICE(prio - 120));
}
END_TEST

START_TEST(level_of_the_rest)
{
	ck_assert_uint_eq(pvsched_level(-1), PVSCHED_LEVEL_DEADLINE);
	ck_assert_uint_eq(pvsched_level(-2), PVSCHED_LEVEL_NORMAL);
	ck_assert_uint_eq(pvsched_level(140), PVSCHED_LEVEL_NORMAL);
	ck_assert(!pvsched_level_urgent(NICE0));
	ck_assert(pvsched_level_urgent(PVSCHED_LEVEL_NICE(-1)));
	ck_assert(pvsched_level_urgent(RT(1)));
	ck_assert(pvsched_level_urgent(PVSCHED_LEVEL_DEADLINE));
}
END_TEST

/* Kernel priorities: deadline, real-time 50, nice -20, -1, 0 and 19. */
START_TEST(only_what_counts_is_more_than_normal)
{
	static const int prios[] = { -1, 49, 100, 119, 120, 139 };
	static const struct {
		struct pvsched_thresholds t;
		__u8 levels[6];
	} cases[] = {
		{ { PVSCHED_MIN_REALTIME, 1, -1 },
		  { 142, RT(50), NICE0, NICE0, NICE0, 2 } },
		{ { PVSCHED_MIN_REALTIME, 50, -1 },
		  { 142, RT(50), NICE0, NICE0, NICE0, 2 } },
		{ { PVSCHED_MIN_REALTIME, 51, -1 },
		  { 142, NICE0, NICE0, NICE0, NICE0, 2 } },
		{ { PVSCHED_MIN_DEADLINE, 1, -1 },
		  { 142, NICE0, NICE0, NICE0, NICE0, 2 } },
		{ { PVSCHED_MIN_NORMAL, 1, -1 },
		  { 142, RT(50), 41, 22, NICE0, 2 } },
		{ { PVSCHED_MIN_NORMAL, 99, -20 },
		  { 142, NICE0, 41, NICE0, NICE0, 2 } },
	};
	unsigned int i, j;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (j = 0; j < 6; j++)
			ck_assert_uint_eq(
				pvsched_level_bounded(prios[j], &cases[i].t),
				cases[i].levels[j]);
}
END_TEST

START_TEST(words_keep_what_is_packed)
{
	__u64 guest = pvsched_guest_pack(1, 142, 43, 0xfedc);
	__u64 host =
		pvsched_host_pack(92, BOOSTED | PVSCHED_HOST_THROTTLED, 0x8001);

	ck_assert_uint_eq(guest, 0xfedc0000002b8e01ULL);
	ck_assert_uint_eq(pvsched_guest_current(guest), 1);
	ck_assert_uint_eq(pvsched_guest_waiter(guest), 142);
	ck_assert_uint_eq(pvsched_guest_sleeper(guest), 43);
	ck_assert_uint_eq(pvsched_guest_ack(guest), 0xfedc);
	ck_assert_uint_eq(pvsched_guest_urgency(guest), 142);
	ck_assert_uint_eq(host, 0x800100050000005cULL);
	ck_assert_uint_eq(pvsched_host_granted(host), 92);
	ck_assert_uint_eq(pvsched_host_ticket(host), 0x8001);
	ck_assert(pvsched_host_boosted(host));
	ck_assert_uint_eq(pvsched_host_pack(0, ~0ULL, 0), PVSCHED_HOST_FLAGS);
}
END_TEST

START_TEST(words_without_meaning)
{
	__u64 guest = pvsched_guest_pack(143, 255, 143, 0);

	ck_assert_uint_eq(pvsched_guest_current(guest), PVSCHED_LEVEL_NORMAL);
	ck_assert_uint_eq(pvsched_guest_waiter(guest), PVSCHED_LEVEL_NORMAL);
	ck_assert_uint_eq(pvsched_guest_sleeper(guest), 0);
	/* Reserved bits say nothing. */
	ck_assert_uint_eq(pvsched_guest_urgency(0x0000ffffff000000ULL), 0);
	ck_assert_uint_eq(
		pvsched_host_granted(pvsched_host_pack(143, BOOSTED, 0)), 0);
	ck_assert(!pvsched_word_rings(0, pvsched_host_pack(255, BOOSTED, 0)));
}
END_TEST

START_TEST(stale_until_the_ticket_is_answered)
{
	__u64 host = pvsched_host_pack(RT(50), BOOSTED, 7);

	ck_assert(pvsched_word_stale(pvsched_guest_pack(0, 0, 0, 6), host));
	ck_assert(!pvsched_word_rings(pvsched_guest_pack(0, 0, 0, 6), host));
	ck_assert(!pvsched_word_stale(pvsched_guest_pack(0, 0, 0, 7), host));
	ck_assert(pvsched_word_rings(pvsched_guest_pack(0, 0, 0, 7), host));
}
END_TEST

START_TEST(rings_below_granted_only)
{
	__u64 host = pvsched_host_pack(RT(50), BOOSTED, 0);

	ck_assert(pvsched_word_rings(pvsched_guest_pack(RT(49), 0, RT(90), 0),
				     host));
	ck_assert(
		!pvsched_word_rings(pvsched_guest_pack(RT(50), 0, 0, 0), host));
	ck_assert(!pvsched_word_rings(pvsched_guest_pack(NICE0, RT(60), 0, 0),
				      host));
	ck_assert(!pvsched_word_rings(0, pvsched_host_pack(RT(50), 0, 0)));
}
END_TEST

START_TEST(a_section_begins_and_ends)
{
	const __u64 none = pvsched_guest_pack(NICE0, 0, RT(10), 9);
	const __u64 in = pvsched_word_set_section(none, PVSCHED_GUEST_HARDIRQ);
	const __u64 host = pvsched_host_pack(RT(1), BOOSTED, 9);
	const struct pvsched_rung last = { .host = host, .urgency = NICE0 };

	ck_assert(!pvsched_guest_section(none));
	ck_assert(pvsched_guest_section(in));
	ck_assert_uint_eq(pvsched_guest_urgency(in), NICE0);
	ck_assert(!pvsched_word_rings(in, host));
	ck_assert(pvsched_word_rings(none, host));
	/* The section is over: it rings, also for the second time. */
	ck_assert(pvsched_doorbell_due(in, none, host, &never));
	ck_assert(pvsched_doorbell_due(in, none, host, &last));
	ck_assert(!pvsched_doorbell_due(none, in, host, &never));
	ck_assert_uint_eq(pvsched_word_irq_exited(in, NICE0, true, 9, 0), none);
	ck_assert_uint_eq(pvsched_word_irq_exited(in, NICE0, true, 9,
						  PVSCHED_GUEST_SOFTIRQ),
			  none | PVSCHED_GUEST_SOFTIRQ);
	ck_assert_uint_eq(pvsched_word_switched(in, NICE0), none);
}
END_TEST

START_TEST(switch_ends_waiting)
{
	__u64 word = pvsched_guest_pack(NICE0, RT(50), RT(10), 9);

	ck_assert_uint_eq(pvsched_word_switched(word, RT(50)),
			  pvsched_guest_pack(RT(50), 0, RT(10), 9));
	word = pvsched_guest_pack(NICE0, 0, RT(10), 9);
	ck_assert_uint_eq(pvsched_word_switched(word, NICE0), word);
}
END_TEST

/* The short cut says no exactly where the switch changes nothing. */
START_TEST(switches_that_tell_nothing)
{
	__u8 level, other;
	int bit;

	for (level = 0; level <= PVSCHED_LEVEL_MAX; level++) {
		__u64 word = pvsched_guest_pack(level, 0, RT(10), 9);

		ck_assert(pvsched_word_is_switched(word, level));
		for (other = 0; other <= PVSCHED_LEVEL_MAX; other++)
			ck_assert(pvsched_word_is_switched(word, other) ==
				  (other == level));
		for (bit = 0; bit < 64; bit++) {
			__u64 w = word ^ 1ULL << bit;

			ck_assert(pvsched_word_is_switched(w, level) ==
				  (pvsched_word_switched(w, level) == w));
		}
	}
}
END_TEST

START_TEST(wakeup_only_raises)
{
	__u64 word = pvsched_guest_pack(NICE0, 0, 0, 9);

	ck_assert_uint_eq(pvsched_word_woken(word, 2), word);
	ck_assert_uint_eq(pvsched_word_woken(word, NICE0), word);
	word = pvsched_word_woken(word, RT(1));
	ck_assert_uint_eq(word, pvsched_guest_pack(NICE0, RT(1), 0, 9));
	ck_assert_uint_eq(pvsched_word_woken(word, 30), word);
	ck_assert_uint_eq(pvsched_guest_waiter(pvsched_word_woken(word, RT(2))),
			  RT(2));
}
END_TEST

START_TEST(irq_exit_answers)
{
	__u64 word = pvsched_guest_pack(NICE0, RT(5), RT(10), 9);

	ck_assert_uint_eq(pvsched_word_irq_exited(word, NICE0, true, 10, 0),
			  pvsched_guest_pack(NICE0, RT(5), RT(10), 10));
	ck_assert_uint_eq(
		pvsched_word_irq_exited(word, RT(7), false, 0xffff, 0),
		pvsched_guest_pack(RT(7), 0, RT(10), 0xffff));
}
END_TEST

START_TEST(irq_exit_leaves_lowering_to_the_switch)
{
	__u64 word = pvsched_guest_pack(RT(20), 0, 0, 0);

	ck_assert_uint_eq(pvsched_word_irq_exited(word, NICE0, true, 0, 0),
			  word);
	ck_assert_uint_eq(pvsched_word_irq_exited(word, NICE0, false, 0, 0),
			  pvsched_guest_pack(NICE0, 0, 0, 0));
	ck_assert_uint_eq(pvsched_word_irq_exited(word, RT(30), true, 0, 0),
			  pvsched_guest_pack(RT(30), 0, 0, 0));
}
END_TEST

START_TEST(priority_only_raises)
{
	__u64 word = pvsched_guest_pack(RT(20), RT(40), RT(10), 9);

	ck_assert_uint_eq(pvsched_word_raised(word, NICE0), word);
	ck_assert_uint_eq(pvsched_word_raised(word, RT(30)),
			  pvsched_guest_pack(RT(30), RT(40), RT(10), 9));
}
END_TEST

START_TEST(waiter_leaves)
{
	__u64 word = pvsched_guest_pack(RT(20), RT(40), RT(10), 9);

	ck_assert_uint_eq(pvsched_word_waiter_gone(word, RT(40), 0),
			  pvsched_guest_pack(RT(20), 0, RT(10), 9));
	ck_assert_uint_eq(pvsched_word_waiter_gone(word, RT(40), RT(30)),
			  pvsched_guest_pack(RT(20), RT(30), RT(10), 9));
	ck_assert_uint_eq(pvsched_word_waiter_gone(word, RT(40), RT(20)),
			  pvsched_guest_pack(RT(20), 0, RT(10), 9));
	/* It was not the one that the word is about. */
	ck_assert_uint_eq(pvsched_word_waiter_gone(word, RT(39), 0), word);
}
END_TEST

START_TEST(calls_when_the_host_cannot_know)
{
	__u64 low = pvsched_guest_pack(NICE0, 0, 0, 0);
	__u64 high = pvsched_guest_pack(NICE0, RT(50), 0, 0);
	__u64 preempted = pvsched_host_pack(0, PVSCHED_HOST_PREEMPTED, 0);
	__u64 boosted =
		pvsched_host_pack(RT(50), BOOSTED | PVSCHED_HOST_PREEMPTED, 0);

	ck_assert(pvsched_call_due(low, high, preempted));
	ck_assert(!pvsched_call_due(low, high, 0));
	ck_assert(!pvsched_call_due(low, high, boosted));
	ck_assert(!pvsched_call_due(high, high, preempted));
	/* Normal work need not hurry. */
	ck_assert(!pvsched_call_due(pvsched_guest_pack(0, 0, 0, 0), low,
				    preempted));
	ck_assert(pvsched_call_due(high, low, boosted));
	ck_assert(!pvsched_call_due(high, low, preempted));
}
END_TEST

START_TEST(call_needed_later)
{
	__u64 low = pvsched_guest_pack(NICE0, 0, 0, 0);
	__u64 high = pvsched_guest_pack(NICE0, RT(50), 0, 0);
	__u64 preempted = pvsched_host_pack(0, PVSCHED_HOST_PREEMPTED, 0);
	__u64 boosted =
		pvsched_host_pack(RT(50), BOOSTED | PVSCHED_HOST_PREEMPTED, 0);

	ck_assert(pvsched_call_needed(high, preempted));
	ck_assert(!pvsched_call_needed(low, preempted));
	ck_assert(!pvsched_call_needed(high, 0));
	ck_assert(!pvsched_call_needed(high, boosted));
	ck_assert(pvsched_call_needed(low, boosted));
}
END_TEST

START_TEST(lowers_or_answers)
{
	__u64 word = pvsched_guest_pack(NICE0, RT(5), 0, 9);

	ck_assert(!pvsched_word_lowers(word, word));
	ck_assert(
		pvsched_word_lowers(word, pvsched_word_switched(word, NICE0)));
	ck_assert(
		!pvsched_word_lowers(word, pvsched_word_switched(word, RT(5))));
	ck_assert(!pvsched_word_lowers(word, pvsched_word_woken(word, RT(6))));
	ck_assert(!pvsched_word_lowers(word,
				       pvsched_word_set_sleeper(word, RT(6))));
	ck_assert(pvsched_word_lowers(word, pvsched_word_set_ack(word, 10)));
}
END_TEST

START_TEST(doorbell_when_crossing)
{
	__u64 host = pvsched_host_pack(RT(50), BOOSTED, 0);
	__u64 high = pvsched_guest_pack(RT(50), 0, 0, 0);
	__u64 low = pvsched_guest_pack(NICE0, 0, 0, 0);
	struct pvsched_rung last = { .host = host, .urgency = NICE0 };

	ck_assert(pvsched_doorbell_due(high, low, host, &never));
	/* The host boosted again, with the very same word. */
	ck_assert(pvsched_doorbell_due(high, low, host, &last));
	ck_assert(!pvsched_doorbell_due(low, high, host, &never));
	ck_assert(!pvsched_doorbell_due(high, low, 0, &never));
}
END_TEST

START_TEST(doorbell_once_below)
{
	__u64 host = pvsched_host_pack(RT(50), BOOSTED, 0);
	__u64 low = pvsched_guest_pack(NICE0, 0, 0, 0);
	__u64 idle = pvsched_guest_pack(0, 0, 0, 0);
	struct pvsched_rung last = { .host = host, .urgency = 0 };

	ck_assert(!pvsched_doorbell_due(low, idle, host, &last));
	last.urgency = NICE0;
	ck_assert(pvsched_doorbell_due(low, idle, host, &last));
	last.urgency = 0;
	ck_assert(pvsched_doorbell_due(
		low, idle, pvsched_host_pack(RT(51), BOOSTED, 0), &last));
}
END_TEST

START_TEST(doorbell_and_tickets)
{
	__u64 host = pvsched_host_pack(RT(50), BOOSTED, 3);
	__u64 high = pvsched_guest_pack(RT(50), 0, 0, 2);
	__u64 low = pvsched_guest_pack(NICE0, 0, 0, 2);
	struct pvsched_rung last = { .host = host, .urgency = NICE0 };

	/* Unanswered: the end of the interrupt will ring. */
	ck_assert(!pvsched_doorbell_due(high, low, host, &never));
	ck_assert(pvsched_doorbell_due(low, pvsched_word_set_ack(low, 3), host,
				       &last));
	/* Something urgent came of it. */
	ck_assert(!pvsched_doorbell_due(
		low, pvsched_guest_pack(NICE0, RT(50), 0, 3), host, &never));
}
END_TEST

START_TEST(softirq_rounds)
{
	__u32 round = 1 << 1 | 1 << 3;

	ck_assert(!pvsched_softirqs_done(&round, 1, 0));
	ck_assert(pvsched_softirqs_done(&round, 3, 0));
	ck_assert_uint_eq(round, 0);

	/* Raised again amid a round: a second one follows. */
	round = 1 << 1 | 1 << 3;
	ck_assert(!pvsched_softirqs_done(&round, 1, 1 << 1));
	ck_assert(!pvsched_softirqs_done(&round, 3, 1 << 1 | 1 << 9));
	ck_assert(!pvsched_softirqs_done(&round, 1, 0));
	ck_assert(pvsched_softirqs_done(&round, 9, 0));

	/* A round nobody told us of. */
	round = 0;
	ck_assert(pvsched_softirqs_done(&round, 2, 0));
	round = ~0U;
	ck_assert(pvsched_softirqs_done(&round, 31, 0));
	ck_assert(pvsched_softirqs_done(&round, 4000000000U, 0));
}
END_TEST

/* Every way to become urgent counts once, and nothing else does. */
START_TEST(raises_are_counted)
{
	const __u64 calm = pvsched_guest_pack(PVSCHED_LEVEL_NORMAL, 0, 0, 5);
	const __u64 urgent = pvsched_word_woken(calm, PVSCHED_LEVEL_RT(1));
	__u64 word;

	word = pvsched_word_count_raise(calm, urgent);
	ck_assert_uint_eq(pvsched_guest_raises(word), 1);
	ck_assert_uint_eq(pvsched_guest_waiter(word), PVSCHED_LEVEL_RT(1));
	ck_assert_uint_eq(pvsched_guest_ack(word), 5);
	ck_assert(pvsched_word_count_raise(
			  word,
			  pvsched_word_switched(word, PVSCHED_LEVEL_RT(99))) ==
		  pvsched_word_switched(word, PVSCHED_LEVEL_RT(99)));
	ck_assert(pvsched_word_count_raise(
			  word,
			  pvsched_word_switched(word, PVSCHED_LEVEL_IDLE)) ==
		  pvsched_word_switched(word, PVSCHED_LEVEL_IDLE));
	ck_assert(pvsched_word_count_raise(
			  calm, pvsched_word_set_sleeper(
					calm, PVSCHED_LEVEL_RT(50))) ==
		  pvsched_word_set_sleeper(calm, PVSCHED_LEVEL_RT(50)));
}
END_TEST

START_TEST(raises_wrap_into_nothing_else)
{
	const __u64 all = (__u64)PVSCHED_RAISES_MASK
			  << PVSCHED_GUEST_RAISES_SHIFT;
	const __u64 calm = pvsched_guest_pack(PVSCHED_LEVEL_NORMAL, 0,
					      PVSCHED_LEVEL_RT(3), 0xffff) |
			   all;
	__u64 word = pvsched_word_count_raise(
		calm, pvsched_word_switched(calm, PVSCHED_LEVEL_DEADLINE));

	ck_assert_uint_eq(pvsched_guest_raises(calm), 0xffff);
	ck_assert(word == pvsched_guest_pack(PVSCHED_LEVEL_DEADLINE, 0,
					     PVSCHED_LEVEL_RT(3), 0xffff));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("guest word");
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, level_of_every_priority);
	tcase_add_test(tcase, level_of_the_rest);
	tcase_add_test(tcase, only_what_counts_is_more_than_normal);
	tcase_add_test(tcase, words_keep_what_is_packed);
	tcase_add_test(tcase, words_without_meaning);
	tcase_add_test(tcase, stale_until_the_ticket_is_answered);
	tcase_add_test(tcase, rings_below_granted_only);
	tcase_add_test(tcase, a_section_begins_and_ends);
	tcase_add_test(tcase, switch_ends_waiting);
	tcase_add_test(tcase, switches_that_tell_nothing);
	tcase_add_test(tcase, wakeup_only_raises);
	tcase_add_test(tcase, irq_exit_answers);
	tcase_add_test(tcase, irq_exit_leaves_lowering_to_the_switch);
	tcase_add_test(tcase, priority_only_raises);
	tcase_add_test(tcase, waiter_leaves);
	tcase_add_test(tcase, calls_when_the_host_cannot_know);
	tcase_add_test(tcase, call_needed_later);
	tcase_add_test(tcase, lowers_or_answers);
	tcase_add_test(tcase, doorbell_when_crossing);
	tcase_add_test(tcase, doorbell_once_below);
	tcase_add_test(tcase, doorbell_and_tickets);
	tcase_add_test(tcase, softirq_rounds);
	tcase_add_test(tcase, raises_are_counted);
	tcase_add_test(tcase, raises_wrap_into_nothing_else);
	suite_add_tcase(suite, tcase);
	return check_run(suite);
}
