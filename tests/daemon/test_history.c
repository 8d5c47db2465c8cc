// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The file of the history: what is written is read, and what was not written whole
 * is not.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unit/check_run.h"
#include "format.h"
#include "write.h"

#define ENTRIES 8
#define S	1000000000ULL
#define START	(1000000 * S)
#define SLOTS	3600

static char directory[] = "/tmp/history-XXXXXX";
static char path[64];
static struct history *history;
static struct history_time now;

static void start(void)
{
	char why[HISTORY_WHY_LEN];

	ck_assert_msg(!history_start(&history, path, ENTRIES, why), "%s", why);
}

static void setup(void)
{
	strcpy(directory + strlen(directory) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/history", directory);
	now = (struct history_time){ START, 500 * S, 42 };
	start();
}

static void teardown(void)
{
	history_stop(history);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(directory), 0);
}

/* A VM with so many vCPUs, each with that number of boosts. */
static void add(uint32_t id, const char *name, unsigned int vcpus,
		uint64_t boosts)
{
	struct pvsched_vm_info vm = { .id = id, .uid = 107 };
	struct pvsched_vcpu_info vcpu = { .vm_id = id };
	unsigned int i;

	strcpy(vm.name, name);
	strcpy(vcpu.vm, name);
	vm.stats.boosts[0] = boosts * vcpus;
	history_add_vm(history, &vm);
	for (i = 0; i < vcpus; i++) {
		vcpu.id = i;
		vcpu.stats.boosts[0] = boosts;
		vcpu.stats.boosted_ns = boosts * 1000;
		history_add_vcpu(history, &vcpu);
	}
}

static void second(uint64_t boosts)
{
	history_begin(history, &now);
	add(7, "web-1", 2, boosts);
	ck_assert_uint_eq(history_end(history), 0);
	now.real_ns += S;
	now.mono_ns += S;
}

/* What was read. */
struct seen {
	unsigned int slots, records;
	uint64_t first, last, damaged;
	uint64_t first_ns, last_ns;
	struct history_record record; /* of vCPU 1 */
	bool order;
};

static bool see(const struct history_slot *slot,
		const struct history_record *record, void *arg)
{
	struct seen *seen = arg;

	if (record) {
		seen->records++;
		if (record->has_vcpu && record->vcpu == 1)
			seen->record = *record;
		return true;
	}
	if (!seen->slots++) {
		seen->first = slot->number;
		seen->first_ns = slot->time_ns;
		seen->order = true;
	} else if (slot->number <= seen->last ||
		   slot->time_ns < seen->last_ns) {
		seen->order = false;
	}
	seen->last = slot->number;
	seen->last_ns = slot->time_ns;
	return true;
}

static struct seen read_since(enum history_ring ring, uint64_t since_ns)
{
	struct history_reader *reader;
	char why[HISTORY_WHY_LEN];
	const struct history_query query = { .ring = ring,
					     .since_ns = since_ns };
	struct seen seen = { 0 };

	ck_assert_msg(!history_open(&reader, path, why), "%s", why);
	ck_assert_int_eq(
		history_read(reader, &query, see, &seen, &seen.damaged), 0);
	history_close(reader);
	return seen;
}

static struct seen read_all(enum history_ring ring)
{
	return read_since(ring, 0);
}

START_TEST(test_write_read)
{
	struct seen seen = read_all(HISTORY_SECONDS);

	ck_assert_uint_eq(seen.slots, 0);
	ck_assert_uint_eq(seen.damaged, 0);
	second(1);
	second(2);
	second(5);
	seen = read_all(HISTORY_SECONDS);
	ck_assert_uint_eq(seen.slots, 3);
	ck_assert_uint_eq(seen.records, 9);
	ck_assert_uint_eq(seen.damaged, 0);
	ck_assert_uint_eq(seen.first_ns, START);
	ck_assert_uint_eq(seen.last_ns, START + 2 * S);
	ck_assert_str_eq(seen.record.vm, "web-1");
	ck_assert_uint_eq(seen.record.vm_id, 7);
	ck_assert_uint_eq(seen.record.uid, 107);
	ck_assert_uint_eq(seen.record.boot, 42);
	ck_assert_uint_eq(seen.record.boosts, 5);
	ck_assert_uint_eq(seen.record.boosted_ns, 5000);
	ck_assert_uint_eq(read_since(HISTORY_SECONDS, START + S).slots, 2);
	ck_assert_uint_eq(read_since(HISTORY_SECONDS, START + 3 * S).slots, 0);
}
END_TEST

START_TEST(test_ring)
{
	struct seen seen;
	unsigned int i;

	for (i = 1; i <= SLOTS + 100; i++)
		second(i);
	seen = read_all(HISTORY_SECONDS);
	ck_assert_uint_eq(seen.slots, SLOTS);
	ck_assert(seen.order);
	ck_assert_uint_eq(seen.first, 101);
	ck_assert_uint_eq(seen.record.boosts, SLOTS + 100);
	ck_assert_uint_eq(seen.damaged, 0);
	seen = read_all(HISTORY_MINUTES);
	ck_assert_uint_eq(seen.slots, (SLOTS + 100 + 59) / 60);
	ck_assert(seen.order);
	ck_assert_uint_eq(seen.damaged, 0);
}
END_TEST

START_TEST(test_again)
{
	struct seen seen;

	second(1);
	second(2);
	history_stop(history);
	start();
	second(3);
	seen = read_all(HISTORY_SECONDS);
	ck_assert_uint_eq(seen.slots, 3);
	ck_assert(seen.order);
	ck_assert_uint_eq(seen.record.boosts, 3);
	/* The minute is not over. */
	ck_assert_uint_eq(read_all(HISTORY_MINUTES).slots, 1);
}
END_TEST

/* The host was started anew: its numbers of VMs begin anew, too. */
START_TEST(test_another_run)
{
	struct seen seen;

	second(9);
	now.boot = 43;
	now.mono_ns = S;
	second(1);
	seen = read_all(HISTORY_SECONDS);
	ck_assert_uint_eq(seen.records, 6);
	ck_assert_uint_eq(seen.record.boot, 43);
	ck_assert_uint_eq(seen.first_ns, START);
	ck_assert_uint_eq(read_all(HISTORY_MINUTES).slots, 2);
}
END_TEST

/* So they do when the module is loaded anew, and then they are others'. */
START_TEST(test_another_module)
{
	struct seen seen;

	second(9);
	history_begin(history, &now);
	add(7, "db", 2, 1);
	ck_assert_uint_eq(history_end(history), 0);
	seen = read_all(HISTORY_SECONDS);
	ck_assert_uint_eq(seen.records, 6);
	ck_assert_str_eq(seen.record.vm, "db");
	ck_assert_uint_eq(seen.record.boosts, 1);
}
END_TEST

START_TEST(test_clock_step)
{
	struct seen seen;

	second(1);
	second(2);
	now.real_ns -= 5000 * S;
	second(3);
	seen = read_all(HISTORY_SECONDS);
	ck_assert_uint_eq(seen.slots, 3);
	ck_assert(seen.order);
	/* As the clock is now. */
	ck_assert_uint_eq(seen.last_ns, START + 2 * S - 5000 * S);
	ck_assert_uint_eq(seen.first_ns, seen.last_ns - 2 * S);
	now.real_ns += 90000 * S;
	second(4);
	seen = read_all(HISTORY_SECONDS);
	ck_assert(seen.order);
	ck_assert_uint_eq(seen.last_ns - seen.first_ns, 3 * S);
	ck_assert_uint_eq(read_since(HISTORY_SECONDS, seen.last_ns - S).slots,
			  2);
}
END_TEST

static size_t slot_of(uint64_t number)
{
	struct history_file_head head = { .entries = ENTRIES,
					  .slots = { SLOTS, 1440 } };

	return history_ring_at(&head, 0) +
	       number % SLOTS * history_slot_size(ENTRIES);
}

/* As a power cut would leave it: some bytes are what they were before. */
static void damage(size_t at)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	unsigned char byte;

	ck_assert_int_eq(pread(fd, &byte, 1, at), 1);
	byte ^= 0x10;
	ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

START_TEST(test_torn_record)
{
	struct seen seen;

	second(1);
	second(2);
	damage(slot_of(2) + sizeof(struct history_file_slot) +
	       sizeof(struct history_file_record) + 20);
	seen = read_all(HISTORY_SECONDS);
	ck_assert_uint_eq(seen.slots, 2);
	ck_assert_uint_eq(seen.records, 5);
	ck_assert_uint_eq(seen.damaged, 1);
	ck_assert_uint_eq(seen.record.boosts, 2);
}
END_TEST

START_TEST(test_torn_head)
{
	struct seen seen;

	second(1);
	second(2);
	damage(slot_of(2) + 12);
	seen = read_all(HISTORY_SECONDS);
	ck_assert_uint_eq(seen.slots, 1);
	ck_assert_uint_eq(seen.damaged, 1);
	ck_assert_uint_eq(seen.record.boosts, 1);
	/* Who goes on writes over it. */
	history_stop(history);
	start();
	second(3);
	seen = read_all(HISTORY_SECONDS);
	ck_assert_uint_eq(seen.slots, 2);
	ck_assert_uint_eq(seen.damaged, 0);
	ck_assert_uint_eq(seen.record.boosts, 3);
}
END_TEST

/* Records of another slot than their head says: it was written, they were not. */
START_TEST(test_old_records)
{
	struct history_file_slot head;
	int fd = open(path, O_RDWR | O_CLOEXEC);
	struct seen seen;

	second(1);
	ck_assert_int_eq(pread(fd, &head, sizeof(head), slot_of(1)),
			 sizeof(head));
	head.number += SLOTS;
	head.check = history_check(&head, sizeof(head));
	ck_assert_int_eq(pwrite(fd, &head, sizeof(head), slot_of(1)),
			 sizeof(head));
	close(fd);
	seen = read_all(HISTORY_SECONDS);
	ck_assert_uint_eq(seen.slots, 1);
	ck_assert_uint_eq(seen.records, 0);
	ck_assert_uint_eq(seen.damaged, 3);
}
END_TEST

START_TEST(test_no_room)
{
	struct seen seen;

	history_begin(history, &now);
	add(1, "a", 5, 1);
	add(2, "b", 3, 1);
	add(3, "c", 1, 1);
	ck_assert_uint_eq(history_end(history), 4);
	seen = read_all(HISTORY_SECONDS);
	ck_assert_uint_eq(seen.records, ENTRIES);
}
END_TEST

/* More VMs than there are names, one after the other. */
START_TEST(test_names)
{
	struct seen seen;
	char name[16];
	uint32_t i;

	for (i = 1; i <= 3 * ENTRIES; i++) {
		history_begin(history, &now);
		add(1000, "stays", 2, i);
		snprintf(name, sizeof(name), "vm-%u", i);
		add(i, name, 0, i);
		ck_assert_uint_eq(history_end(history), 0);
		now.mono_ns += S;
		now.real_ns += S;
	}
	seen = read_all(HISTORY_SECONDS);
	ck_assert_str_eq(seen.record.vm, "stays");
	ck_assert_uint_eq(seen.slots, 3 * ENTRIES);
	/* Those whose name is still there: the last seven, and the one that stays. */
	ck_assert_uint_eq(seen.records, 3 * 3 * ENTRIES + ENTRIES - 1);
	ck_assert_uint_eq(seen.damaged, 2 * ENTRIES + 1);
}
END_TEST

/* Of a file that somebody made for whoever looks at it. */
START_TEST(test_name_of_no_vm)
{
	static const char *const names[] = { "web\033[2J", "a b", "w\xc3\xb6",
					     "line\n", "" };
	struct seen seen;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		history_begin(history, &now);
		add(i, names[i], 1, i);
		ck_assert_uint_eq(history_end(history), 0);
	}
	second(7);
	seen = read_all(HISTORY_SECONDS);
	ck_assert_uint_eq(seen.damaged, 2 * i);
	ck_assert_uint_eq(seen.record.boosts, 7);
}
END_TEST

START_TEST(test_other_size)
{
	struct history *other;
	char why[HISTORY_WHY_LEN];

	second(1);
	ck_assert_int_eq(history_start(&other, path, 2 * ENTRIES, why), -EBUSY);
	ck_assert(!!strstr(why, "another process keeps it"));
	history_stop(history);
	ck_assert_int_eq(history_start(&history, path, 2 * ENTRIES, why), 0);
	ck_assert_uint_eq(read_all(HISTORY_SECONDS).slots, 0);
}
END_TEST

/* Whatever that is, it stays. */
START_TEST(test_something_else)
{
	struct history *other;
	char why[HISTORY_WHY_LEN], text[8] = "";
	int fd;

	history_stop(history);
	history = NULL;
	ck_assert_int_eq(truncate(path, 0), 0);
	fd = open(path, O_RDWR);
	ck_assert_int_eq(write(fd, "mine", 4), 4);
	ck_assert_int_eq(history_start(&other, path, ENTRIES, why), -EEXIST);
	ck_assert_msg(!!strstr(why, "there is something else"), "%s", why);
	ck_assert_ptr_null(other);
	ck_assert_int_eq(pread(fd, text, sizeof(text), 0), 4);
	ck_assert_str_eq(text, "mine");
	/* Nothing is nobody's. */
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	start();
	close(fd);
}
END_TEST

static void refused(const char *reason)
{
	struct history_reader *reader;
	char why[HISTORY_WHY_LEN];

	ck_assert_int_lt(history_open(&reader, path, why), 0);
	ck_assert_msg(!!strstr(why, reason), "%s", why);
	ck_assert_ptr_null(reader);
}

START_TEST(test_no_history)
{
	struct history_reader *reader;
	char why[HISTORY_WHY_LEN];
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(truncate(path, st.st_size - 1), 0);
	refused("it is cut short");
	damage(9);
	refused("it is no history, or of another version");
	ck_assert_int_eq(truncate(path, 5), 0);
	refused("it is no history");
	ck_assert_int_eq(history_open(&reader, directory, why), -EINVAL);
	ck_assert_int_eq(history_open(&reader, "/nonexistent", why), -ENOENT);
}
END_TEST

/* The file is cut short while it is read. */
START_TEST(test_cut_short)
{
	const struct history_query query = { .ring = HISTORY_SECONDS };
	struct history_reader *reader;
	char why[HISTORY_WHY_LEN];
	struct seen seen = { 0 };

	second(1);
	ck_assert_int_eq(history_open(&reader, path, why), 0);
	history_stop(history);
	history = NULL;
	ck_assert_int_eq(truncate(path, HISTORY_PAGE), 0);
	ck_assert_int_eq(
		history_read(reader, &query, see, &seen, &seen.damaged),
		-ENODATA);
	history_close(reader);
}
END_TEST

START_TEST(test_boot_id)
{
	ck_assert_uint_eq(history_boot("12345678-9abc-def0-ffff-ffffffffffff"),
			  0x123456789abcdef0);
	ck_assert_uint_eq(history_boot(""), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("history");
	TCase *tcase = tcase_create("history");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_write_read);
	tcase_add_test(tcase, test_ring);
	tcase_add_test(tcase, test_again);
	tcase_add_test(tcase, test_another_run);
	tcase_add_test(tcase, test_another_module);
	tcase_add_test(tcase, test_clock_step);
	tcase_add_test(tcase, test_torn_record);
	tcase_add_test(tcase, test_torn_head);
	tcase_add_test(tcase, test_old_records);
	tcase_add_test(tcase, test_no_room);
	tcase_add_test(tcase, test_names);
	tcase_add_test(tcase, test_name_of_no_vm);
	tcase_add_test(tcase, test_other_size);
	tcase_add_test(tcase, test_something_else);
	tcase_add_test(tcase, test_no_history);
	tcase_add_test(tcase, test_cut_short);
	tcase_add_test(tcase, test_boot_id);
	suite_add_tcase(suite, tcase);
	return check_run(suite);
}
