// SPDX-License-Identifier: GPL-2.0-or-later
/* The requests of a guest, with a host that is not there. */
#include "ctrl.h"
#include "test_vhost_util.h"

static struct vhost_mem mem;
static struct fake_host host;
static struct log_limit limit;
static struct ctrl ctrl;
static struct virtio_pvsched_reply reply;
static struct reason why;

static void setup(void)
{
	fake_init(&host);
	ck_assert_int_eq(ram_add(&mem, RAM_GPA, RAM_SIZE, RAM_UVA, &why), 0);
	ctrl_init(&ctrl, &host.host, &mem, &limit);
}

static void teardown(void)
{
	ctrl_exit(&ctrl);
	vhost_mem_clear(&mem);
}

static uint32_t negotiate(const char *first, const char *second)
{
	struct virtio_pvsched_negotiate req = {
		.request.type = VIRTIO_PVSCHED_T_NEGOTIATE,
		.count = second ? 2 : 1,
	};

	memcpy(req.protocols[0].name, first, strlen(first));
	req.protocols[0].version = 1;
	if (second) {
		memcpy(req.protocols[1].name, second, strlen(second));
		req.protocols[1].version = 1;
	}
	ctrl_request(&ctrl, &req, sizeof(req), &reply);
	return reply.status;
}

static uint32_t register_vcpu(uint32_t cpu, uint64_t addr)
{
	struct virtio_pvsched_register req = {
		.request.type = VIRTIO_PVSCHED_T_REGISTER,
		.hw_cpu_id = cpu,
		.addr = addr,
	};

	ctrl_request(&ctrl, &req, sizeof(req), &reply);
	return reply.status;
}

static uint32_t unregister_vcpu(uint32_t cpu)
{
	struct virtio_pvsched_unregister req = {
		.request.type = VIRTIO_PVSCHED_T_UNREGISTER,
		.hw_cpu_id = cpu,
	};

	ctrl_request(&ctrl, &req, sizeof(req), &reply);
	return reply.status;
}

static uint32_t atomic_vcpu(uint32_t cpu, uint64_t addr, uint32_t mask)
{
	struct virtio_pvsched_atomic req = {
		.request.type = VIRTIO_PVSCHED_T_ATOMIC,
		.hw_cpu_id = cpu,
		.mask = mask,
		.addr = addr,
	};

	ctrl_request(&ctrl, &req, sizeof(req), &reply);
	return reply.status;
}

START_TEST(test_negotiate)
{
	ck_assert_uint_eq(negotiate("urgency", NULL), VIRTIO_PVSCHED_S_OK);
	ck_assert_uint_eq(reply.choice, 0);
	ck_assert_str_eq(reply.reason, "");
	ck_assert_uint_eq(negotiate("foo", "urgency"), VIRTIO_PVSCHED_S_OK);
	ck_assert_uint_eq(reply.choice, 1);
	ck_assert_uint_eq(host.opened, 1);
}
END_TEST

START_TEST(test_nobody_knows)
{
	ck_assert_uint_eq(negotiate("foo", "bar\x1b"),
			  VIRTIO_PVSCHED_S_UNSUPPORTED);
	ck_assert_str_eq(reply.reason,
			 "host knows no protocol of: foo/1, bar?/1");
	/* What was agreed on before is gone with it. */
	ck_assert_uint_eq(register_vcpu(0, RAM_GPA), VIRTIO_PVSCHED_S_BUSY);
}
END_TEST

START_TEST(test_no_host)
{
	host.open_error = ENOENT;
	ck_assert_int_eq(ctrl_open(&ctrl, &why), -ENOENT);
	ck_assert_uint_eq(negotiate("urgency", NULL), VIRTIO_PVSCHED_S_HOST);
	ck_assert_str_eq(reply.reason, "fake open");
	/* It is tried again, and the module may be there by then. */
	host.open_error = 0;
	ck_assert_uint_eq(negotiate("urgency", NULL), VIRTIO_PVSCHED_S_OK);
	ck_assert_uint_eq(host.opened, 3);
}
END_TEST

START_TEST(test_bad_negotiation)
{
	struct virtio_pvsched_negotiate req = {
		.request.type = VIRTIO_PVSCHED_T_NEGOTIATE,
	};

	ctrl_request(&ctrl, &req, sizeof(req), &reply);
	ck_assert_uint_eq(reply.status, VIRTIO_PVSCHED_S_INVALID);
	req.count = 9;
	ctrl_request(&ctrl, &req, sizeof(req), &reply);
	ck_assert_uint_eq(reply.status, VIRTIO_PVSCHED_S_INVALID);
	req.count = UINT32_MAX;
	ctrl_request(&ctrl, &req, sizeof(req), &reply);
	ck_assert_uint_eq(reply.status, VIRTIO_PVSCHED_S_INVALID);
	req.count = 1;
	ctrl_request(&ctrl, &req, sizeof(req), &reply);
	ck_assert_uint_eq(reply.status, VIRTIO_PVSCHED_S_INVALID);
	memset(req.protocols[0].name, 'x', sizeof(req.protocols[0].name));
	ctrl_request(&ctrl, &req, sizeof(req), &reply);
	ck_assert_uint_eq(reply.status, VIRTIO_PVSCHED_S_INVALID);
	req.protocols[0].name[7] = 0;
	req.count = 2;
	ctrl_request(&ctrl, &req, 48, &reply);
	ck_assert_uint_eq(reply.status, VIRTIO_PVSCHED_S_INVALID);
	ck_assert_ptr_nonnull(strstr(reply.reason, "48 bytes are too short"));
}
END_TEST

START_TEST(test_short_requests)
{
	struct virtio_pvsched_atomic req = { 0 };
	uint32_t type;
	size_t len;

	for (type = 0; type <= VIRTIO_PVSCHED_T_ATOMIC + 1; type++) {
		for (len = 0; len < 16; len++) {
			req.request.type = type;
			ctrl_request(&ctrl, &req, len, &reply);
			ck_assert_uint_ne(reply.status, VIRTIO_PVSCHED_S_OK);
			ck_assert_str_ne(reply.reason, "");
		}
	}
	ck_assert_uint_eq(reply.status, VIRTIO_PVSCHED_S_UNSUPPORTED);
}
END_TEST

START_TEST(test_register)
{
	ck_assert_uint_eq(register_vcpu(0, RAM_GPA), VIRTIO_PVSCHED_S_BUSY);
	negotiate("urgency", NULL);
	ck_assert_uint_eq(register_vcpu(4096, RAM_GPA), VIRTIO_PVSCHED_S_RANGE);
	ck_assert_uint_eq(register_vcpu(UINT32_MAX, RAM_GPA),
			  VIRTIO_PVSCHED_S_RANGE);
	ck_assert_uint_eq(register_vcpu(5, RAM_GPA + 128),
			  VIRTIO_PVSCHED_S_INVALID);
	ck_assert_uint_eq(register_vcpu(5, RAM_GPA - 256),
			  VIRTIO_PVSCHED_S_RANGE);
	ck_assert_uint_eq(register_vcpu(5, RAM_GPA + RAM_SIZE),
			  VIRTIO_PVSCHED_S_RANGE);
	ck_assert_uint_eq(register_vcpu(5, UINT64_MAX - 255),
			  VIRTIO_PVSCHED_S_RANGE);
	ck_assert_uint_eq(host.attached, 0);
	ck_assert_uint_eq(register_vcpu(5, RAM_GPA + RAM_SIZE - 256),
			  VIRTIO_PVSCHED_S_OK);
	ck_assert_uint_eq(host.vcpu, 5);
	ck_assert_ptr_eq(host.page,
			 vhost_mem_gpa(&mem, RAM_GPA + RAM_SIZE - 256, 256));
	ck_assert_uint_eq(register_vcpu(5, RAM_GPA), VIRTIO_PVSCHED_S_EXISTS);
	ck_assert_uint_eq(negotiate("urgency", NULL), VIRTIO_PVSCHED_S_BUSY);
	ck_assert_uint_eq(unregister_vcpu(4), VIRTIO_PVSCHED_S_UNKNOWN);
	ck_assert_uint_eq(unregister_vcpu(4096), VIRTIO_PVSCHED_S_RANGE);
	ck_assert_uint_eq(unregister_vcpu(5), VIRTIO_PVSCHED_S_OK);
	ck_assert_uint_eq(host.detached, 1);
	ck_assert_uint_eq(unregister_vcpu(5), VIRTIO_PVSCHED_S_UNKNOWN);
	ck_assert_uint_eq(negotiate("urgency", NULL), VIRTIO_PVSCHED_S_OK);
}
END_TEST

START_TEST(test_host_refuses)
{
	negotiate("urgency", NULL);
	host.attach_error = ENOMEM;
	ck_assert_uint_eq(register_vcpu(0, RAM_GPA), VIRTIO_PVSCHED_S_HOST);
	ck_assert_str_eq(reply.reason, "fake attach");
	host.attach_error = EINVAL;
	ck_assert_uint_eq(register_vcpu(0, RAM_GPA), VIRTIO_PVSCHED_S_INVALID);
	host.attach_error = 0;
	ck_assert_uint_eq(register_vcpu(0, RAM_GPA), VIRTIO_PVSCHED_S_OK);
}
END_TEST

START_TEST(test_atomic)
{
	negotiate("urgency", NULL);
	ck_assert_uint_eq(atomic_vcpu(0, RAM_GPA, 1), VIRTIO_PVSCHED_S_UNKNOWN);
	register_vcpu(0, RAM_GPA);
	ck_assert_uint_eq(atomic_vcpu(4096, RAM_GPA, 1),
			  VIRTIO_PVSCHED_S_RANGE);
	ck_assert_uint_eq(atomic_vcpu(0, RAM_GPA, 0), VIRTIO_PVSCHED_S_INVALID);
	ck_assert_uint_eq(atomic_vcpu(0, RAM_GPA + 2, 1),
			  VIRTIO_PVSCHED_S_INVALID);
	ck_assert_uint_eq(atomic_vcpu(0, RAM_GPA + RAM_SIZE, 1),
			  VIRTIO_PVSCHED_S_RANGE);
	ck_assert_uint_eq(host.atomics, 0);
	host.atomic_error = ENOMEM;
	ck_assert_uint_eq(atomic_vcpu(0, RAM_GPA, 1), VIRTIO_PVSCHED_S_HOST);
	ck_assert_str_eq(reply.reason, "fake atomic");
	host.atomic_error = 0;
	ck_assert_uint_eq(atomic_vcpu(0, RAM_GPA + 516, 3),
			  VIRTIO_PVSCHED_S_OK);
	ck_assert_ptr_eq(host.count, vhost_mem_gpa(&mem, RAM_GPA + 516, 4));
	ck_assert_uint_eq(host.mask, 3);
	ck_assert_uint_eq(atomic_vcpu(0, RAM_GPA, 1), VIRTIO_PVSCHED_S_EXISTS);
	/* Gone with the vCPU. */
	unregister_vcpu(0);
	register_vcpu(0, RAM_GPA);
	ck_assert_uint_eq(atomic_vcpu(0, RAM_GPA, 1), VIRTIO_PVSCHED_S_OK);
	ck_assert_uint_eq(host.atomics, 2);
}
END_TEST

/* New memory: the count is told again, if it still is RAM. */
START_TEST(test_atomic_again)
{
	negotiate("urgency", NULL);
	register_vcpu(0, RAM_GPA);
	atomic_vcpu(0, RAM_GPA + 0x2000, 1);
	ctrl_detach(&ctrl);
	ctrl_attach(&ctrl);
	ck_assert_uint_eq(host.atomics, 2);
	ctrl_detach(&ctrl);
	vhost_mem_clear(&mem);
	ck_assert_int_eq(ram_add(&mem, RAM_GPA, 0x1000, RAM_UVA, &why), 0);
	ctrl_attach(&ctrl);
	ck_assert_uint_eq(host.attached, 3);
	ck_assert_uint_eq(host.atomics, 2);
	/* When it is again, the vCPU itself has been there all the time. */
	ck_assert_int_eq(ram_add(&mem, RAM_GPA + 0x2000, 0x1000, 0, &why), 0);
	host.atomic_error = ENOMEM;
	ctrl_attach(&ctrl);
	ck_assert_uint_eq(host.atomics, 2);
	host.atomic_error = 0;
	ctrl_attach(&ctrl);
	ctrl_attach(&ctrl);
	ck_assert_uint_eq(host.attached, 3);
	ck_assert_uint_eq(host.atomics, 3);
}
END_TEST

/* While the host knows nothing of the vCPU, it is remembered. */
START_TEST(test_atomic_later)
{
	negotiate("urgency", NULL);
	register_vcpu(0, RAM_GPA);
	ctrl_detach(&ctrl);
	ck_assert_uint_eq(atomic_vcpu(0, RAM_GPA + 4, 1), VIRTIO_PVSCHED_S_OK);
	ck_assert_uint_eq(host.atomics, 0);
	ctrl_attach(&ctrl);
	ck_assert_uint_eq(host.atomics, 1);
	ck_assert_ptr_eq(host.count, vhost_mem_gpa(&mem, RAM_GPA + 4, 4));
}
END_TEST

/* New memory: attached again where the page still is RAM, and only there. */
START_TEST(test_memory_changes)
{
	negotiate("urgency", NULL);
	register_vcpu(0, RAM_GPA);
	register_vcpu(1, RAM_GPA + 0x2000);
	ctrl_detach(&ctrl);
	ck_assert_uint_eq(host.vcpu, PVSCHED_VCPU_ALL);
	ck_assert_uint_eq(host.detached, 1);
	vhost_mem_clear(&mem);
	ck_assert_int_eq(ram_add(&mem, RAM_GPA, 0x1000, RAM_UVA, &why), 0);
	ctrl_attach(&ctrl);
	ck_assert_uint_eq(host.attached, 3);
	ck_assert_uint_eq(host.vcpu, 0);
	ck_assert_ptr_eq(host.page, vhost_mem_gpa(&mem, RAM_GPA, 256));
	/* The other one is the guest's to take back, or returns with its RAM. */
	ck_assert_int_eq(ram_add(&mem, RAM_GPA + 0x2000, 0x1000, 0, &why), 0);
	ctrl_attach(&ctrl);
	ck_assert_uint_eq(host.attached, 4);
	ck_assert_uint_eq(host.vcpu, 1);
	ck_assert_uint_eq(unregister_vcpu(1), VIRTIO_PVSCHED_S_OK);
}
END_TEST

START_TEST(test_reset)
{
	negotiate("urgency", NULL);
	register_vcpu(0, RAM_GPA);
	ctrl_reset(&ctrl);
	ck_assert_uint_eq(host.vcpu, PVSCHED_VCPU_ALL);
	ck_assert_uint_eq(register_vcpu(0, RAM_GPA), VIRTIO_PVSCHED_S_BUSY);
	ctrl_attach(&ctrl);
	ck_assert_uint_eq(host.attached, 1);
	ctrl_exit(&ctrl);
	ck_assert_uint_eq(host.closed, 1);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("ctrl");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_negotiate);
	tcase_add_test(tc, test_nobody_knows);
	tcase_add_test(tc, test_no_host);
	tcase_add_test(tc, test_bad_negotiation);
	tcase_add_test(tc, test_short_requests);
	tcase_add_test(tc, test_register);
	tcase_add_test(tc, test_host_refuses);
	tcase_add_test(tc, test_atomic);
	tcase_add_test(tc, test_atomic_again);
	tcase_add_test(tc, test_atomic_later);
	tcase_add_test(tc, test_memory_changes);
	tcase_add_test(tc, test_reset);
	return test_run(tc, "vhost_ctrl");
}
