// SPDX-License-Identifier: GPL-2.0-or-later
#include "test_vhost_util.h"

static struct vhost_mem mem;
static struct reason why;

static void teardown(void)
{
	vhost_mem_clear(&mem);
}

static void refused(uint64_t gpa, uint64_t size, uint64_t uva, uint64_t offset,
		    const char *text)
{
	struct vhost_mem_desc d = { gpa, size, uva, offset };
	unsigned int before = mem.count;
	int fd = ram_file(RAM_SIZE);

	ck_assert_int_lt(vhost_mem_add(&mem, &d, fd, &why), 0);
	ck_assert_ptr_nonnull(strstr(why.text, text));
	ck_assert_uint_eq(mem.count, before);
	close(fd);
}

START_TEST(test_edges)
{
	uint8_t *base;

	ck_assert_int_eq(ram_add(&mem, RAM_GPA, RAM_SIZE, RAM_UVA, &why), 0);
	base = vhost_mem_gpa(&mem, RAM_GPA, 1);
	ck_assert_ptr_nonnull(base);
	ck_assert_ptr_eq(vhost_mem_uva(&mem, RAM_UVA, RAM_SIZE), base);
	ck_assert_ptr_eq(vhost_mem_gpa(&mem, RAM_GPA + RAM_SIZE - 1, 1),
			 base + RAM_SIZE - 1);
	ck_assert_ptr_null(vhost_mem_gpa(&mem, RAM_GPA, RAM_SIZE + 1));
	ck_assert_ptr_null(vhost_mem_gpa(&mem, RAM_GPA - 1, 1));
	ck_assert_ptr_null(vhost_mem_gpa(&mem, RAM_GPA - 1, 2));
	ck_assert_ptr_null(vhost_mem_gpa(&mem, RAM_GPA + RAM_SIZE, 0));
	ck_assert_ptr_null(vhost_mem_gpa(&mem, RAM_GPA + RAM_SIZE - 1, 2));
	ck_assert_ptr_null(vhost_mem_gpa(&mem, RAM_GPA + 1, UINT64_MAX));
	ck_assert_ptr_null(vhost_mem_gpa(&mem, UINT64_MAX, 2));
	ck_assert_ptr_null(vhost_mem_uva(&mem, RAM_UVA - 1, 1));
	ck_assert_ptr_null(vhost_mem_uva(&mem, 0, UINT64_MAX));
}
END_TEST

START_TEST(test_refused)
{
	refused(RAM_GPA, 0, 0, 0, "empty");
	refused(UINT64_MAX - 0xfff, 0x1001, 0, 0, "wraps");
	refused(0, 0x1000, UINT64_MAX, 0, "wraps");
	refused(0, 0x1000, 0, UINT64_MAX, "wraps");
	refused(0, RAM_SIZE, 0, 1, "in a file of");
	refused(0, 1ULL << 50, 0, 0, "in a file of");
}
END_TEST

START_TEST(test_overlap)
{
	ck_assert_int_eq(ram_add(&mem, RAM_GPA, RAM_SIZE, RAM_UVA, &why), 0);
	refused(RAM_GPA, RAM_SIZE, 0, 0, "overlaps");
	refused(RAM_GPA + RAM_SIZE - 1, 1, 0, 0, "overlaps");
	refused(RAM_GPA - 1, 2, 0, 0, "overlaps");
	ck_assert_int_eq(ram_add(&mem, RAM_GPA + RAM_SIZE, 1, 0, &why), 0);
	ck_assert_int_eq(ram_add(&mem, RAM_GPA - 1, 1, 0, &why), 0);
}
END_TEST

START_TEST(test_not_a_file)
{
	struct vhost_mem_desc d = { 0, 0x1000, 0, 0 };
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(vhost_mem_add(&mem, &d, fds[0], &why), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why.text, "not a file"));
	ck_assert_int_eq(vhost_mem_add(&mem, &d, -1, &why), -EBADF);
	close(fds[0]);
	close(fds[1]);
}
END_TEST

/* An offset within a page of the file. */
START_TEST(test_offset)
{
	struct vhost_mem_desc d = { RAM_GPA, 0x100, RAM_UVA, 0x1ff0 };
	int fd = ram_file(RAM_SIZE);
	uint32_t value = 0x12345678;
	char *p;

	ck_assert_int_eq(pwrite(fd, &value, sizeof(value), 0x1ff0 + 4), 4);
	ck_assert_int_eq(vhost_mem_add(&mem, &d, fd, &why), 0);
	p = vhost_mem_gpa(&mem, RAM_GPA + 4, 4);
	ck_assert_int_eq(memcmp(p, &value, 4), 0);
	close(fd);
}
END_TEST

START_TEST(test_copy)
{
	char in[] = "across the border", out[sizeof(in)];
	uint64_t gpa = RAM_GPA + RAM_SIZE - 5;

	/* Adjoining for the guest, not for us. */
	ck_assert_int_eq(ram_add(&mem, RAM_GPA + RAM_SIZE, RAM_SIZE, 0, &why),
			 0);
	ck_assert_int_eq(ram_add(&mem, RAM_GPA, RAM_SIZE, RAM_UVA, &why), 0);
	ck_assert_int_eq(vhost_mem_write(&mem, gpa, in, sizeof(in), &why), 0);
	ck_assert_int_eq(vhost_mem_read(&mem, gpa, out, sizeof(in), &why), 0);
	ck_assert_str_eq(in, out);
	ck_assert_ptr_null(vhost_mem_gpa(&mem, gpa, sizeof(in)));
	gpa = RAM_GPA + 2 * RAM_SIZE - 5;
	ck_assert_int_eq(vhost_mem_write(&mem, gpa, in, sizeof(in), &why),
			 -EFAULT);
	ck_assert_ptr_nonnull(strstr(why.text, "outside of RAM"));
	ck_assert_int_eq(vhost_mem_read(&mem, 0, out, 1, &why), -EFAULT);
	ck_assert_int_eq(vhost_mem_read(&mem, 0, out, 0, &why), 0);
}
END_TEST

START_TEST(test_remove)
{
	struct vhost_mem_desc d = { RAM_GPA, RAM_SIZE, RAM_UVA, 77 };

	ck_assert_int_eq(ram_add(&mem, RAM_GPA, RAM_SIZE, RAM_UVA, &why), 0);
	ck_assert_int_eq(ram_add(&mem, 0, RAM_SIZE, 0, &why), 0);
	ck_assert_int_eq(vhost_mem_remove(&mem, &d, &why), 0);
	ck_assert_int_eq(vhost_mem_remove(&mem, &d, &why), -ENOENT);
	ck_assert_ptr_null(vhost_mem_gpa(&mem, RAM_GPA, 1));
	ck_assert_ptr_nonnull(vhost_mem_gpa(&mem, 0, 1));
}
END_TEST

START_TEST(test_slots)
{
	struct vhost_mem_desc d = { .size = 0x1000 };
	int fd = ram_file(0x1000);
	unsigned int i;

	for (i = 0; i < VHOST_MEM_SLOTS; i++) {
		d.gpa = i * 0x1000;
		ck_assert_int_eq(vhost_mem_add(&mem, &d, fd, &why), 0);
	}
	d.gpa = i * 0x1000;
	ck_assert_int_eq(vhost_mem_add(&mem, &d, fd, &why), -ENOSPC);
	close(fd);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("mem");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, test_edges);
	tcase_add_test(tc, test_refused);
	tcase_add_test(tc, test_overlap);
	tcase_add_test(tc, test_not_a_file);
	tcase_add_test(tc, test_offset);
	tcase_add_test(tc, test_copy);
	tcase_add_test(tc, test_remove);
	tcase_add_test(tc, test_slots);
	return test_run(tc, "vhost_mem");
}
