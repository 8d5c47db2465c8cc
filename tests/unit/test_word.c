// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Both words of the shared page: what is packed comes out, and whatever bits the
 * other side stores, nothing without a meaning does.
 *
 * The model takes a word apart byte by byte, as the table in linux/pvsched.h has
 * it.
 */
#include <check.h>
#include <stdlib.h>

#include <pvsched/word.h>

#include "check_run.h"

#define ROUNDS 200000

static __u64 random_word(void)
{
	__u64 word = 0;
	unsigned int i;

	for (i = 0; i < 8; i++)
		word = word << 8 | (rand() & 0xff);
	/* Often with bytes at the edges of what has a meaning. */
	if (rand() % 2)
		word = (word & ~0xffffffULL) | (__u64)(140 + rand() % 6) |
		       (__u64)(140 + rand() % 6) << 8 |
		       (__u64)(140 + rand() % 6) << 16;
	return word;
}

static unsigned int byte_of(__u64 word, unsigned int index)
{
	return word >> 8 * index & 0xff;
}

static unsigned int meant(unsigned int level, unsigned int otherwise)
{
	return level > 142 ? otherwise : level;
}

START_TEST(any_guest_word_has_a_meaning)
{
	unsigned int round;

	for (round = 0; round < ROUNDS; round++) {
		const __u64 word = random_word();
		unsigned int running = meant(byte_of(word, 0), 21);
		unsigned int waiter = meant(byte_of(word, 1), 21);
		unsigned int sleeper = meant(byte_of(word, 2), 0);
		unsigned int urgency = running > waiter ? running : waiter;

		if (pvsched_guest_current(word) != running ||
		    pvsched_guest_waiter(word) != waiter ||
		    pvsched_guest_sleeper(word) != sleeper ||
		    pvsched_guest_urgency(word) != urgency ||
		    pvsched_guest_section(word) !=
			    (byte_of(word, 5) % 16 != 0) ||
		    pvsched_guest_raises(word) !=
			    byte_of(word, 4) * 256 + byte_of(word, 3) ||
		    pvsched_guest_ack(word) !=
			    byte_of(word, 7) * 256 + byte_of(word, 6))
			ck_abort_msg("word %#llx", (unsigned long long)word);
	}
}
END_TEST

/* Reserved bits change nothing that anybody decides. */
START_TEST(reserved_bits_are_ignored)
{
	const __u64 reserved = 0x0000f00000000000ULL;
	unsigned int round;

	for (round = 0; round < ROUNDS; round++) {
		const __u64 word = random_word(), host = random_word();
		const __u64 other = word ^ (random_word() & reserved);

		if (pvsched_guest_urgency(word) !=
			    pvsched_guest_urgency(other) ||
		    pvsched_guest_section(word) !=
			    pvsched_guest_section(other) ||
		    pvsched_word_stale(word, host) !=
			    pvsched_word_stale(other, host) ||
		    pvsched_word_rings(word, host) !=
			    pvsched_word_rings(other, host))
			ck_abort_msg("words %#llx %#llx",
				     (unsigned long long)word,
				     (unsigned long long)other);
	}
}
END_TEST

START_TEST(guest_words_round_trip)
{
	unsigned int round;

	for (round = 0; round < ROUNDS; round++) {
		__u8 running = rand() % 143, waiter = rand() % 143;
		__u8 sleeper = rand() % 143;
		__u16 ack = rand();
		__u64 word = pvsched_guest_pack(running, waiter, sleeper, ack);

		if (pvsched_guest_current(word) != running ||
		    pvsched_guest_waiter(word) != waiter ||
		    pvsched_guest_sleeper(word) != sleeper ||
		    pvsched_guest_ack(word) != ack ||
		    pvsched_guest_section(word) || word & 0x0000ffffff000000ULL)
			ck_abort_msg("word %#llx", (unsigned long long)word);
	}
}
END_TEST

START_TEST(host_words_round_trip)
{
	unsigned int round;

	for (round = 0; round < ROUNDS; round++) {
		const __u64 flags = random_word();
		__u8 granted = rand() % 143;
		__u16 ticket = rand();
		__u64 word = pvsched_host_pack(granted, flags, ticket);

		if (pvsched_host_granted(word) != granted ||
		    pvsched_host_ticket(word) != ticket ||
		    pvsched_host_boosted(word) != (flags >> 32 & 1) ||
		    (word & PVSCHED_HOST_FLAGS) !=
			    (flags & PVSCHED_HOST_FLAGS) ||
		    word & 0x0000fff8ffffff00ULL)
			ck_abort_msg("word %#llx", (unsigned long long)word);
	}
}
END_TEST

/* Nobody rings unless he is boosted above what he needs. */
START_TEST(rings_only_for_a_boost)
{
	unsigned int round, rings = 0;

	for (round = 0; round < ROUNDS; round++) {
		__u64 word = random_word(), host = random_word();
		bool due;

		/* Else nearly all are stale. */
		if (rand() % 2)
			host = (host & ~(0xffffULL << 48)) |
			       (word & 0xffffULL << 48);
		due = host >> 32 & 1 && word >> 48 == host >> 48 &&
		      byte_of(word, 5) % 16 == 0 &&
		      pvsched_guest_urgency(word) < meant(byte_of(host, 0), 0);
		if (pvsched_word_rings(word, host) != due)
			ck_abort_msg("words %#llx %#llx",
				     (unsigned long long)word,
				     (unsigned long long)host);
		rings += due;
	}
	ck_assert_uint_gt(rings, 100);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("word");
	TCase *tests = tcase_create("word");

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, any_guest_word_has_a_meaning);
	tcase_add_test(tests, reserved_bits_are_ignored);
	tcase_add_test(tests, guest_words_round_trip);
	tcase_add_test(tests, host_words_round_trip);
	tcase_add_test(tests, rings_only_for_a_boost);
	suite_add_tcase(suite, tests);
	return check_run(suite);
}
