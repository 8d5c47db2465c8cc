// SPDX-License-Identifier: GPL-2.0-or-later
/* Both layouts, with a small driver that also writes what no driver writes. */
#include <linux/virtio_ring.h>

#include "test_vhost_util.h"
#include "vring.h"

#define NUM    8
#define DESC   0x1000
#define DRIVER 0x2000
#define DEVICE 0x3000
#define DATA   0x4000

static struct vhost_mem mem;
static struct virtqueue vq;
static struct vring_chain chain;
static struct reason why;
static uint8_t *ram;

static void map(bool packed)
{
	ck_assert_int_eq(ram_add(&mem, RAM_GPA, RAM_SIZE, RAM_UVA, &why), 0);
	ram = vhost_mem_gpa(&mem, RAM_GPA, RAM_SIZE);
	virtqueue_init(&vq);
	vq.num = NUM;
	vq.enabled = true;
	vq.addr.desc_user_addr = RAM_UVA + DESC;
	vq.addr.avail_user_addr = RAM_UVA + DRIVER;
	vq.addr.used_user_addr = RAM_UVA + DEVICE;
	ck_assert_int_eq(vring_map(&vq, &mem, packed, &why), 0);
	ck_assert_int_eq(vring_start(&vq, &why), 0);
}

static void setup_split(void)
{
	map(false);
}

static void setup_packed(void)
{
	map(true);
}

static void teardown(void)
{
	virtqueue_exit(&vq);
	vhost_mem_clear(&mem);
}

static void split_desc(unsigned int i, uint64_t addr, uint32_t len,
		       uint16_t flags, uint16_t next)
{
	struct vring_desc d = { addr, len, flags, next };

	memcpy(ram + DESC + i * sizeof(d), &d, sizeof(d));
}

static void split_offer(uint16_t head)
{
	struct vring_avail *avail = (void *)(ram + DRIVER);

	avail->ring[avail->idx++ % NUM] = head;
}

static void packed_desc(unsigned int i, uint64_t addr, uint32_t len,
			uint16_t id, uint16_t flags)
{
	struct vring_packed_desc d = { addr, len, id, flags };

	memcpy(ram + DESC + i * sizeof(d), &d, sizeof(d));
}

static void get_refused(const char *text)
{
	ck_assert_int_eq(vq.ops->get(&vq, &chain, &why), -EPROTO);
	ck_assert_ptr_nonnull(strstr(why.text, text));
}

START_TEST(test_split_chain)
{
	struct vring_used *used = (void *)(ram + DEVICE);
	unsigned int i;
	char buf[8];

	memcpy(ram + DATA, "abcdefgh", 8);
	for (i = 0; i < 3 * NUM; i++) {
		ck_assert_int_eq(vq.ops->get(&vq, &chain, &why), 0);
		split_desc(3, RAM_GPA + DATA, 2, VRING_DESC_F_NEXT, 0);
		split_desc(0, RAM_GPA + DATA + 6, 2, VRING_DESC_F_NEXT, 7);
		split_desc(7, RAM_GPA + DATA + 16, 4, VRING_DESC_F_WRITE, 99);
		split_offer(3);
		ck_assert_int_eq(vq.ops->get(&vq, &chain, &why), 1);
		ck_assert_int_eq(vring_chain_read(&chain, &mem, buf, 8, &why),
				 4);
		ck_assert_mem_eq(buf, "abgh", 4);
		ck_assert_int_eq(
			vring_chain_write(&chain, &mem, "wxyz", 4, &why), 0);
		ck_assert_int_eq(
			vring_chain_write(&chain, &mem, "wxyz5", 5, &why),
			-ENOSPC);
		vq.ops->put(&vq, &chain, 4);
		ck_assert_uint_eq(used->idx, i + 1);
		ck_assert_uint_eq(used->ring[i % NUM].id, 3);
		ck_assert_uint_eq(used->ring[i % NUM].len, 4);
	}
	ck_assert_uint_eq(vring_base(&vq), 3 * NUM);
}
END_TEST

START_TEST(test_split_hostile)
{
	split_desc(0, RAM_GPA, 1, VRING_DESC_F_NEXT, 1);
	split_desc(1, RAM_GPA, 1, VRING_DESC_F_NEXT, 0);
	split_offer(0);
	get_refused("loops");
	split_desc(1, RAM_GPA, 1, VRING_DESC_F_NEXT, NUM);
	get_refused("descriptor 8 in a ring of 8");
	split_desc(0, RAM_GPA, 1, VRING_DESC_F_INDIRECT, 0);
	get_refused("indirect");
	split_desc(0, RAM_GPA, 1, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 1);
	split_desc(1, RAM_GPA, 1, 0, 0);
	get_refused("readable descriptor after");
	((struct vring_avail *)(ram + DRIVER))->ring[0] = 0xffff;
	get_refused("descriptor 65535");
	((struct vring_avail *)(ram + DRIVER))->idx = NUM + 1;
	get_refused("available index");
}
END_TEST

START_TEST(test_split_interrupt)
{
	struct vring_avail *avail = (void *)(ram + DRIVER);

	ck_assert(vq.ops->interrupt_wanted(&vq));
	avail->flags = VRING_AVAIL_F_NO_INTERRUPT;
	ck_assert(!vq.ops->interrupt_wanted(&vq));
}
END_TEST

/* Through the edge of the ring, with 3 descriptors in a ring of 8. */
START_TEST(test_packed_chain)
{
	unsigned int i, k, at = 0;
	bool wrap = true;
	char buf[8];

	memcpy(ram + DATA, "abcdefgh", 8);
	for (i = 0; i < 5 * NUM; i++) {
		unsigned int first = at;
		bool first_wrap = wrap;
		struct vring_packed_desc d;

		ck_assert_int_eq(vq.ops->get(&vq, &chain, &why), 0);
		for (k = 0; k < 3; k++) {
			uint16_t flags = (uint16_t)(wrap ? 0x80 : 0x8000);

			flags |= k < 2 ? VRING_DESC_F_NEXT : VRING_DESC_F_WRITE;
			packed_desc(at, RAM_GPA + DATA + 4 * k, 4,
				    k == 2 ? 1234 : 0, flags);
			at = (at + 1) % NUM;
			wrap ^= !at;
		}
		ck_assert_int_eq(vq.ops->get(&vq, &chain, &why), 1);
		ck_assert_uint_eq(chain.id, 1234);
		ck_assert_int_eq(vring_chain_read(&chain, &mem, buf, 8, &why),
				 8);
		ck_assert_mem_eq(buf, "abcdefgh", 8);
		vq.ops->put(&vq, &chain, 4);
		memcpy(&d, ram + DESC + first * sizeof(d), sizeof(d));
		ck_assert_uint_eq(d.id, 1234);
		ck_assert_uint_eq(d.flags, VRING_DESC_F_WRITE |
						   (first_wrap ? 0x8080 : 0));
	}
	/* 5 * 8 * 3 descriptors: 15 times round. */
	ck_assert_uint_eq(vring_base(&vq), 0);
}
END_TEST

START_TEST(test_packed_hostile)
{
	unsigned int i;

	for (i = 0; i < NUM; i++)
		packed_desc(i, RAM_GPA, 1, 0, 0x80 | VRING_DESC_F_NEXT);
	get_refused("longer than the ring");
	packed_desc(0, RAM_GPA, 1, 0, 0x80 | VRING_DESC_F_INDIRECT);
	get_refused("indirect");
	packed_desc(0, RAM_GPA, 1, 0,
		    0x80 | VRING_DESC_F_WRITE | VRING_DESC_F_NEXT);
	packed_desc(1, RAM_GPA, 1, 0, 0x80);
	get_refused("readable descriptor after");
}
END_TEST

START_TEST(test_packed_interrupt)
{
	struct vring_packed_desc_event *event = (void *)(ram + DRIVER);

	ck_assert(vq.ops->interrupt_wanted(&vq));
	event->flags = VRING_PACKED_EVENT_FLAG_DISABLE;
	ck_assert(!vq.ops->interrupt_wanted(&vq));
}
END_TEST

START_TEST(test_packed_base)
{
	vring_stop(&vq);
	ck_assert_uint_eq(vring_base(&vq), 0x80008000);
	vq.base = NUM;
	ck_assert_int_eq(vring_start(&vq, &why), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why.text, "packed ring of 8 starts at 8"));
	vq.base = 5 | 0x80030000;
	ck_assert_int_eq(vring_start(&vq, &why), 0);
	ck_assert_uint_eq(vring_base(&vq), 5 | 0x80030000);
}
END_TEST

/* A ring that came back to where rings start is told from a new one. */
START_TEST(test_continues)
{
	ck_assert(!vring_continues(&vq, vring_base(&vq)));
	memset(ram + DESC + (NUM - 1) * 16, 1, 16);
	memset(ram + DEVICE + 4 + (NUM - 1) * 8, 1, 8);
	ck_assert(vring_continues(&vq, vring_base(&vq)));
	ck_assert(!vring_continues(&vq, vring_base(&vq) + 1));
}
END_TEST

START_TEST(test_buffers)
{
	char buf[8];

	memset(&chain, 0, sizeof(chain));
	ck_assert_int_eq(
		vring_chain_add(&chain, RAM_GPA + RAM_SIZE - 4, 8, 0, &why), 0);
	ck_assert_int_eq(vring_chain_read(&chain, &mem, buf, 8, &why), -EFAULT);
	chain.seg[0].gpa = UINT64_MAX - 3;
	ck_assert_int_eq(vring_chain_read(&chain, &mem, buf, 8, &why), -EFAULT);
	chain.seg[0] = (struct vring_seg){ RAM_GPA, UINT32_MAX };
	ck_assert_int_eq(vring_chain_read(&chain, &mem, buf, 8, &why), 8);
	/* What is readable is not written to. */
	ck_assert_int_eq(vring_chain_write(&chain, &mem, buf, 1, &why),
			 -ENOSPC);
	while (chain.segs < VRING_SEGS_MAX)
		ck_assert_int_eq(vring_chain_add(&chain, 0, 1, 0, &why), 0);
	ck_assert_int_eq(vring_chain_add(&chain, 0, 1, 0, &why), -EPROTO);
}
END_TEST

START_TEST(test_map)
{
	vq.num = 0;
	ck_assert_int_eq(vring_map(&vq, &mem, false, &why), -EINVAL);
	vq.num = 12;
	ck_assert_int_eq(vring_map(&vq, &mem, false, &why), -EINVAL);
	ck_assert_int_eq(vring_map(&vq, &mem, true, &why), 0);
	vq.num = VRING_NUM_MAX + 1;
	ck_assert_int_eq(vring_map(&vq, &mem, true, &why), -EINVAL);
	vq.num = NUM;
	vq.addr.desc_user_addr = RAM_UVA + RAM_SIZE - NUM * 16 + 16;
	ck_assert_int_eq(vring_map(&vq, &mem, false, &why), -EFAULT);
	ck_assert_ptr_null(vq.desc);
	vq.addr.desc_user_addr -= 16;
	ck_assert_int_eq(vring_map(&vq, &mem, false, &why), 0);
	vq.addr.used_user_addr = UINT64_MAX;
	ck_assert_int_eq(vring_map(&vq, &mem, false, &why), -EFAULT);
	vq.addr.used_user_addr = RAM_UVA + 2;
	ck_assert_int_eq(vring_map(&vq, &mem, false, &why), -EINVAL);
}
END_TEST

static int run(void (*setup)(void), bool packed)
{
	TCase *tc = tcase_create(packed ? "packed" : "split");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_continues);
	tcase_add_test(tc, test_buffers);
	tcase_add_test(tc, test_map);
	if (packed) {
		tcase_add_test(tc, test_packed_chain);
		tcase_add_test(tc, test_packed_hostile);
		tcase_add_test(tc, test_packed_interrupt);
		tcase_add_test(tc, test_packed_base);
	} else {
		tcase_add_test(tc, test_split_chain);
		tcase_add_test(tc, test_split_hostile);
		tcase_add_test(tc, test_split_interrupt);
	}
	return test_run(tc, "vhost_vring");
}

int main(void)
{
	return run(setup_split, false) | run(setup_packed, true);
}
