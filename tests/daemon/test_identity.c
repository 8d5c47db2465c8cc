// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who a VM is: in a directory that has what /proc and /run would have.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unit/check_run.h"
#include "identity.h"

#define UUID "4dea22b3-1d52-d8f3-2516-782e98ab3fa0"

static void from(struct identity *id, const char *text, size_t len)
{
	memset(id, 0, sizeof(*id));
	identity_cmdline(id, text, len);
}

#define FROM(id, text) from(id, text, sizeof(text))

START_TEST(test_cmdline)
{
	struct identity id;

	FROM(&id, "qemu\0-name\0guest=web-1,debug-threads=on\0-uuid\0" UUID);
	ck_assert_str_eq(id.name, "web-1");
	ck_assert_str_eq(id.uuid, UUID);
	FROM(&id, "qemu\0-name\0web-2");
	ck_assert_str_eq(id.name, "web-2");
	ck_assert_str_eq(id.uuid, "");
	FROM(&id, "qemu\0-name\0web-3,process=x");
	ck_assert_str_eq(id.name, "web-3");
	FROM(&id, "qemu\0-name\0process=x,guest=web-4");
	ck_assert_str_eq(id.name, "web-4");
	FROM(&id, "qemu\0-name\0process=x");
	ck_assert_str_eq(id.name, "");
	FROM(&id, "qemu\0-chardev\0socket,id=a,path=/run/pvsched/web-5.sock");
	ck_assert_str_eq(id.name, "web-5");
	FROM(&id,
	     "ch\0--generic-vhost-user\0socket=/run/pvsched/web-6.sock,virtio_id=21");
	ck_assert_str_eq(id.name, "web-6");
	FROM(&id, "qemu\0-name\0web\033[2J");
	ck_assert_str_eq(id.name, "web?[2J");
	FROM(&id, "qemu\0-uuid\0"
		  "4dea22b3-1d52-d8f3-2516-782e98ab3fa");
	ck_assert_str_eq(id.uuid, "");
	FROM(&id, "qemu\0-uuid\0"
		  "4DEA22B3-1D52-D8F3-2516-782E98AB3FA0");
	ck_assert_str_eq(id.uuid, UUID);
}
END_TEST

START_TEST(test_cmdline_odd)
{
	struct identity id;
	char text[200] = "q";

	from(&id, "", 0);
	ck_assert_str_eq(id.name, "");
	/* Cut off: the last argument has no end. */
	from(&id, "qemu\0-name\0web", 14);
	ck_assert_str_eq(id.name, "");
	FROM(&id, "qemu\0-name");
	ck_assert_str_eq(id.name, "");
	memcpy(text, "q\0-name", 8);
	memset(text + 8, 'a', 190);
	from(&id, text, sizeof(text));
	ck_assert_uint_eq(strlen(id.name), sizeof(id.name) - 1);
}
END_TEST

static void put(int dir, const char *path, const void *text, size_t len)
{
	int fd = openat(dir, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, len), len);
	close(fd);
}

START_TEST(test_files)
{
	static const char cmdline[] = "/usr/bin/vmm\0--guest\0x";
	static const char cgroup[] =
		"1:name=systemd:/no\n0::/machine.slice/web.scope\n";
	static const char xml[] =
		"<domstatus><domain><uuid>" UUID "</uuid></domain></domstatus>";
	static const char *const dirs[] = { "proc", "proc/77", "run",
					    "run/libvirt", "run/libvirt/qemu" };
	char path[] = "/tmp/identity-XXXXXX", command[64];
	struct identity id;
	size_t i;
	int root;

	ck_assert_ptr_nonnull(mkdtemp(path));
	root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(root, 0);
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		ck_assert_int_eq(mkdirat(root, dirs[i], 0700), 0);
	put(root, "proc/77/cmdline", cmdline, sizeof(cmdline));
	put(root, "proc/77/cgroup", cgroup, strlen(cgroup));
	put(root, "run/libvirt/qemu/other.pid", "7\n", 2);
	put(root, "run/libvirt/qemu/web-1.pid", "77\n", 3);
	put(root, "run/libvirt/qemu/web-1.xml", xml, strlen(xml));
	identity_find(&id, root, 77, 0);
	ck_assert_str_eq(id.name, "web-1");
	ck_assert_str_eq(id.uuid, UUID);
	ck_assert_str_eq(id.owner, "root");
	ck_assert_str_eq(id.cgroup, "/machine.slice/web.scope");
	/* Nothing of all that is there. */
	identity_find(&id, root, 78, 4000000);
	ck_assert_str_eq(id.name, "");
	ck_assert_str_eq(id.uuid, "");
	ck_assert_str_eq(id.owner, "4000000");
	ck_assert_str_eq(id.cgroup, "");
	close(root);
	snprintf(command, sizeof(command), "rm -r %s", path);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("identity");
	TCase *tcase = tcase_create("identity");

	tcase_add_test(tcase, test_cmdline);
	tcase_add_test(tcase, test_cmdline_odd);
	tcase_add_test(tcase, test_files);
	suite_add_tcase(suite, tcase);
	return check_run(suite);
}
