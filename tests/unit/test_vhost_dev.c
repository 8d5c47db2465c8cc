// SPDX-License-Identifier: GPL-2.0-or-later
/* The device through its life: pauses, resets, new memory, a broken queue. */
#include <sys/eventfd.h>

#include <linux/virtio_ring.h>

#include "test_vhost_util.h"
#include "vhost_msg.h"

#define NUM	4
#define DESC	0x1000
#define DRIVER	0x2000
#define DEVICE	0x3000
#define REQUEST 0x4000
#define ANSWER	0x5000
#define PAGE	0x6000

static struct vhost_dev dev;
static struct vhost_user_msg msg;
static struct fake_host host;
static struct log_limit limit;
static struct reason why;
static uint8_t *ram;
static int ram_fd;

static void setup(void)
{
	fake_init(&host);
	vhost_dev_init(&dev, &host.host, &limit);
	ram_fd = ram_file(RAM_SIZE);
	ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, ram_fd,
		   0);
	ck_assert_ptr_ne(ram, MAP_FAILED);
}

static void teardown(void)
{
	vhost_dev_exit(&dev);
	munmap(ram, RAM_SIZE);
	close(ram_fd);
}

static int send_msg(uint32_t request, uint32_t size, int fd)
{
	int ret;

	msg.header = (struct vhost_user_header){ request, 1, size };
	msg.fds = fd >= 0;
	msg.fd[0] = fd;
	ret = vhost_msg_handle(&dev, &msg, &why);
	if (msg.fds)
		fd_close(&msg.fd[0]);
	return ret;
}

static int send_u64(uint32_t request, uint64_t value, int fd)
{
	msg.payload.u64 = value;
	return send_msg(request, 8, fd);
}

static int send_state(uint32_t request, uint32_t num)
{
	msg.payload.state = (struct vhost_vring_state){ 0, num };
	return send_msg(request, sizeof(msg.payload.state), -1);
}

static int mem_table(uint64_t gpa)
{
	msg.payload.table = (struct vhost_user_mem_table){
		.count = 1,
		.region[0] = { gpa, RAM_SIZE, RAM_UVA, 0 },
	};
	return send_msg(VHOST_USER_SET_MEM_TABLE, 8 + 32, dup(ram_fd));
}

static void start(uint32_t base)
{
	ck_assert_int_eq(
		send_u64(VHOST_USER_SET_FEATURES, 1ULL << 32 | 1 << 30, -1), 0);
	ck_assert_int_eq(mem_table(RAM_GPA), 0);
	ck_assert_int_eq(send_state(VHOST_USER_SET_VRING_NUM, NUM), 0);
	ck_assert_int_eq(send_state(VHOST_USER_SET_VRING_BASE, base), 0);
	msg.payload.addr = (struct vhost_vring_addr){
		.desc_user_addr = RAM_UVA + DESC,
		.avail_user_addr = RAM_UVA + DRIVER,
		.used_user_addr = RAM_UVA + DEVICE,
	};
	ck_assert_int_eq(send_msg(VHOST_USER_SET_VRING_ADDR, 40, -1), 0);
	ck_assert_int_eq(send_u64(VHOST_USER_SET_VRING_KICK, 0, eventfd(0, 0)),
			 0);
	ck_assert_int_eq(send_state(VHOST_USER_SET_VRING_ENABLE, 1), 0);
}

static uint32_t stop(void)
{
	ck_assert_int_eq(send_state(VHOST_USER_GET_VRING_BASE, 0), 1);
	return msg.payload.state.num;
}

/* A request of the guest; its status. */
static uint32_t request(const void *data, uint32_t size)
{
	struct vring_desc out = { RAM_GPA + REQUEST, size, VRING_DESC_F_NEXT,
				  1 };
	struct vring_desc in = { RAM_GPA + ANSWER, 104, VRING_DESC_F_WRITE, 0 };
	struct vring_avail *avail = (void *)(ram + DRIVER);
	struct virtio_pvsched_reply *reply = (void *)(ram + ANSWER);

	memcpy(ram + REQUEST, data, size);
	memcpy(ram + DESC, &out, sizeof(out));
	memcpy(ram + DESC + sizeof(out), &in, sizeof(in));
	avail->ring[avail->idx++ % NUM] = 0;
	reply->status = UINT32_MAX;
	vhost_dev_run(&dev);
	return reply->status;
}

static uint32_t register_vcpu(void)
{
	struct virtio_pvsched_register req = {
		.request.type = VIRTIO_PVSCHED_T_REGISTER,
		.hw_cpu_id = 7,
		.addr = RAM_GPA + PAGE,
	};

	return request(&req, sizeof(req));
}

static void negotiate_and_register(void)
{
	struct virtio_pvsched_negotiate req = {
		.request.type = VIRTIO_PVSCHED_T_NEGOTIATE,
		.count = 1,
		.protocols[0] = { .name = "urgency", .version = 1 },
	};

	ck_assert_uint_eq(request(&req, sizeof(req)), VIRTIO_PVSCHED_S_OK);
	ck_assert_uint_eq(register_vcpu(), VIRTIO_PVSCHED_S_OK);
	ck_assert_uint_eq(host.attached, 1);
}

START_TEST(test_pause)
{
	uint32_t base;

	start(0);
	negotiate_and_register();
	base = stop();
	ck_assert_uint_eq(base, 2);
	ck_assert_uint_eq(host.vcpu, PVSCHED_VCPU_ALL);
	ck_assert_int_eq(send_u64(VHOST_USER_SET_STATUS, 0, -1), 0);
	ck_assert_uint_eq(host.attached, 1);
	start(base);
	ck_assert_uint_eq(host.attached, 2);
	ck_assert_uint_eq(host.vcpu, 7);
	ck_assert_uint_eq(register_vcpu(), VIRTIO_PVSCHED_S_EXISTS);
}
END_TEST

START_TEST(test_reset)
{
	start(0);
	negotiate_and_register();
	stop();
	memset(ram, 0, RAM_SIZE);
	start(0);
	ck_assert_uint_eq(host.attached, 1);
	ck_assert_uint_eq(register_vcpu(), VIRTIO_PVSCHED_S_BUSY);
}
END_TEST

START_TEST(test_reset_device)
{
	start(0);
	negotiate_and_register();
	ck_assert_int_eq(send_msg(VHOST_USER_RESET_DEVICE, 0, -1), 0);
	ck_assert_uint_eq(host.vcpu, PVSCHED_VCPU_ALL);
	/* Even if the queue goes on where it was. */
	start(2);
	ck_assert_uint_eq(register_vcpu(), VIRTIO_PVSCHED_S_BUSY);
}
END_TEST

START_TEST(test_new_memory)
{
	start(0);
	negotiate_and_register();
	ck_assert_int_eq(mem_table(RAM_GPA), 0);
	ck_assert_uint_eq(host.detached, 1);
	ck_assert_uint_eq(host.attached, 2);
	ck_assert_ptr_eq(host.page,
			 vhost_mem_gpa(&dev.mem, RAM_GPA + PAGE, 256));
	ck_assert_uint_eq(register_vcpu(), VIRTIO_PVSCHED_S_EXISTS);
	/* The page is no RAM, and then it is again. */
	ck_assert_int_eq(mem_table(RAM_GPA + RAM_SIZE), 0);
	ck_assert_uint_eq(host.attached, 2);
	ck_assert_int_eq(mem_table(RAM_GPA), 0);
	ck_assert_uint_eq(host.attached, 3);
}
END_TEST

/* A table that is refused leaves nothing mapped, and nothing attached. */
START_TEST(test_bad_memory)
{
	start(0);
	negotiate_and_register();
	ck_assert_int_lt(mem_table(UINT64_MAX - 1), 0);
	ck_assert_uint_eq(dev.mem.count, 0);
	ck_assert_uint_eq(host.detached, 1);
	ck_assert_uint_eq(host.attached, 1);
	ck_assert(!vhost_dev_run(&dev));
	stop();
}
END_TEST

START_TEST(test_broken_queue)
{
	struct vring_avail *avail;
	uint32_t base;

	start(0);
	negotiate_and_register();
	avail = (void *)(ram + DRIVER);
	avail->idx += 100;
	ck_assert(!vhost_dev_run(&dev));
	avail->idx -= 100;
	ck_assert_uint_eq(register_vcpu(), UINT32_MAX);
	avail->idx--;
	base = stop();
	start(base);
	ck_assert_uint_eq(register_vcpu(), VIRTIO_PVSCHED_S_EXISTS);
}
END_TEST

/* A guest that never stops asking does not keep us for itself. */
START_TEST(test_flood)
{
	struct vring_avail *avail = (void *)(ram + DRIVER);

	start(0);
	negotiate_and_register();
	avail->idx += NUM;
	memset(avail->ring, 0, NUM * sizeof(avail->ring[0]));
	ck_assert(vhost_dev_run(&dev));
	ck_assert(!vhost_dev_run(&dev));
}
END_TEST

START_TEST(test_end)
{
	start(0);
	negotiate_and_register();
	vhost_dev_exit(&dev);
	ck_assert_uint_eq(host.closed, 1);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("dev");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_pause);
	tcase_add_test(tc, test_reset);
	tcase_add_test(tc, test_reset_device);
	tcase_add_test(tc, test_new_memory);
	tcase_add_test(tc, test_bad_memory);
	tcase_add_test(tc, test_broken_queue);
	tcase_add_test(tc, test_flood);
	tcase_add_test(tc, test_end);
	return test_run(tc, "vhost_dev");
}
