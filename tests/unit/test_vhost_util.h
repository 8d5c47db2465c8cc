/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest RAM, a host that is not there, and a main() for the tests of
 * pvsched-vhost.
 */
#ifndef TEST_VHOST_UTIL_H
#define TEST_VHOST_UTIL_H

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host.h"
#include "vhost_mem.h"
#include "check_run.h"

#define RAM_SIZE 0x10000ULL
#define RAM_GPA	 0x40000000ULL
#define RAM_UVA	 0x7f0000000000ULL

/* A file of @size bytes. */
static inline int ram_file(uint64_t size)
{
	int fd = memfd_create("ram", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, (off_t)size), 0);
	return fd;
}

static inline int ram_add(struct vhost_mem *mem, uint64_t gpa, uint64_t size,
			  uint64_t uva, struct reason *why)
{
	struct vhost_mem_desc desc = { .gpa = gpa, .size = size, .uva = uva };
	int fd = ram_file(size), ret;

	ret = vhost_mem_add(mem, &desc, fd, why);
	close(fd);
	return ret;
}

/* What the fake host was asked for, and what it answers. */
struct fake_host {
	struct host host;
	int open_error;
	const char *protocol; /* that it knows, in version 1 */
	int attach_error;
	unsigned int opened, closed, attached, detached;
	uint32_t vcpu; /* of the last attach or detach */
	void *page;
	int atomic_error;
	unsigned int atomics;
	void *count; /* of the last vCPU that told where its count is */
	uint32_t mask;
	int doorbell;
};

static inline struct fake_host *fake(struct host *host)
{
	return (struct fake_host *)host;
}

static inline int fake_open(struct host *host, struct reason *why)
{
	fake(host)->opened++;
	if (fake(host)->open_error)
		return reason_set(why, fake(host)->open_error, "fake open");
	return 0;
}

static inline void fake_close(struct host *host)
{
	fake(host)->closed++;
}

static inline int fake_protocol(struct host *host, const char *name,
				uint32_t version, struct reason *why)
{
	if (strcmp(name, fake(host)->protocol) || version != 1)
		return reason_set(why, EPROTONOSUPPORT, "fake protocol");
	return 0;
}

static inline int fake_doorbell(struct host *host, int fd, struct reason *why)
{
	(void)why;
	fake(host)->doorbell = fd;
	return 0;
}

static inline int fake_attach(struct host *host, uint32_t vcpu, void *page,
			      struct reason *why)
{
	if (fake(host)->attach_error)
		return reason_set(why, fake(host)->attach_error, "fake attach");
	fake(host)->vcpu = vcpu;
	fake(host)->page = page;
	fake(host)->attached++;
	return 0;
}

static inline int fake_atomic(struct host *host, uint32_t vcpu, void *count,
			      uint32_t mask, struct reason *why)
{
	if (fake(host)->atomic_error)
		return reason_set(why, fake(host)->atomic_error, "fake atomic");
	fake(host)->vcpu = vcpu;
	fake(host)->count = count;
	fake(host)->mask = mask;
	fake(host)->atomics++;
	return 0;
}

static inline int fake_detach(struct host *host, uint32_t vcpu,
			      struct reason *why)
{
	(void)why;
	fake(host)->vcpu = vcpu;
	fake(host)->detached++;
	return 0;
}

static const struct host_ops fake_ops = {
	.open = fake_open,
	.close = fake_close,
	.protocol = fake_protocol,
	.doorbell = fake_doorbell,
	.attach = fake_attach,
	.atomic = fake_atomic,
	.detach = fake_detach,
};

static inline void fake_init(struct fake_host *f)
{
	*f = (struct fake_host){
		.host = { .ops = &fake_ops,
			  .name = "vm",
			  .policy = "",
			  .fd = -1 },
		.protocol = "urgency",
		.doorbell = -1,
	};
}

static inline int test_run(TCase *tc, const char *name)
{
	Suite *suite = suite_create(name);

	suite_add_tcase(suite, tc);
	return check_run(suite);
}

#endif
