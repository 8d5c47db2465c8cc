// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvsched doctor, on systems made of a few files.
 */
#include <check.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../tools/doctor.h"
#include "check_run.h"

#define RELEASE "6.12.1"
#define CONFIG	"boot/config-" RELEASE

static const char good_config[] =
	"CONFIG_KVM=m\nCONFIG_KPROBES=y\nCONFIG_TRACEPOINTS=y\n"
	"CONFIG_HIGH_RES_TIMERS=y\n";

static char dir[] = "/tmp/doctor.XXXXXX";
static struct doctor doctor;

static void setup(void)
{
	strcpy(dir, "/tmp/doctor.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	doctor = (struct doctor){ .root = open(dir, O_RDONLY | O_DIRECTORY),
				  .release = RELEASE };
	ck_assert_int_ge(doctor.root, 0);
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void teardown(void)
{
	doctor_free(&doctor);
	nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void make_parents(const char *path)
{
	char part[256];
	const char *slash = path;

	while ((slash = strchr(slash, '/'))) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		mkdirat(doctor.root, part, 0755);
		slash++;
	}
}

static void put(const char *path, const void *text, size_t size)
{
	int fd;

	make_parents(path);
	fd = openat(doctor.root, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, size), size);
	close(fd);
}

static void put_text(const char *path, const char *text)
{
	put(path, text, strlen(text));
}

static void put_link(const char *path, const char *target)
{
	make_parents(path);
	ck_assert_int_eq(symlinkat(target, doctor.root, path), 0);
}

static void expect(size_t i, enum finding_status status, const char *text)
{
	ck_assert_uint_lt(i, doctor.count);
	ck_assert_msg(strstr(doctor.finding[i].text, text), "no '%s' in '%s'",
		      text, doctor.finding[i].text);
	ck_assert_int_eq(doctor.finding[i].status, status);
	/* Who is told of a problem is told what to do. */
	if (status == FINDING_BAD)
		ck_assert_int_ne(*doctor.finding[i].advice, '\0');
}

/* Whatever others chose is shown, and has no say on the terminal. */
START_TEST(no_control_characters)
{
	doctor_add(&doctor, FINDING_NOTE, "vm", "do\nthat", "a\033[2Jb\177c");
	ck_assert_str_eq(doctor.finding[0].text, "a?[2Jb?c");
	ck_assert_str_eq(doctor.finding[0].advice, "do?that");
}
END_TEST

START_TEST(kernel_good)
{
	put_text(CONFIG, good_config);
	doctor_check_kernel(&doctor);
	ck_assert_uint_eq(doctor.count, 1);
	expect(0, FINDING_OK, RELEASE);
}
END_TEST

/* Where distributions have it that leave /boot alone. */
START_TEST(kernel_config_with_its_modules)
{
	put_text("lib/modules/" RELEASE "/config", good_config);
	doctor_check_kernel(&doctor);
	expect(0, FINDING_OK, RELEASE);
}
END_TEST

START_TEST(kernel_without_options)
{
	put_text(CONFIG,
		 "CONFIG_KVM=m\n# CONFIG_KPROBES is not set\n"
		 "CONFIG_TRACEPOINTS_OLD=y\nCONFIG_HIGH_RES_TIMERS=y\n");
	doctor_check_kernel(&doctor);
	expect(0, FINDING_BAD, "without CONFIG_KPROBES CONFIG_TRACEPOINTS");
}
END_TEST

START_TEST(kernel_too_old)
{
	strcpy(doctor.release, "5.10.0-rc1");
	doctor_check_kernel(&doctor);
	expect(0, FINDING_BAD, "older than 6.1");
}
END_TEST

START_TEST(kernel_config_unknown)
{
	doctor_check_kernel(&doctor);
	expect(0, FINDING_NOTE, "cannot be read");
}
END_TEST

START_TEST(kvm_and_its_timer)
{
	doctor_check_kvm(&doctor);
	expect(0, FINDING_BAD, "no /dev/kvm");
	put_text("dev/kvm", "");
	doctor_check_kvm(&doctor);
	expect(1, FINDING_OK, "/dev/kvm");
	put_text("sys/module/kvm_intel/parameters/preemption_timer", "Y\n");
	doctor_check_kvm(&doctor);
	expect(3, FINDING_NOTE, "preemption timer");
	put_text("sys/module/kvm_intel/parameters/preemption_timer", "N\n");
	doctor_check_kvm(&doctor);
	ck_assert_uint_eq(doctor.count, 5);
}
END_TEST

START_TEST(module_and_device)
{
	doctor_check_module(&doctor);
	expect(0, FINDING_BAD, "not loaded");
	put_text("sys/module/pvsched/refcnt", "0\n");
	doctor_check_module(&doctor);
	expect(1, FINDING_OK, "is loaded");
	expect(2, FINDING_BAD, "No such file");
	put_text("dev/pvsched", "");
	doctor_check_module(&doctor);
	expect(4, FINDING_OK, "can be opened");
}
END_TEST

START_TEST(throttling)
{
	doctor_check_throttling(&doctor);
	expect(0, FINDING_NOTE, "No such file");
	put_text("proc/sys/kernel/sched_rt_runtime_us", "950000\n");
	doctor_check_throttling(&doctor);
	expect(1, FINDING_OK, "is on");
	put_text("proc/sys/kernel/sched_rt_runtime_us", "-1\n");
	doctor_check_throttling(&doctor);
	expect(2, FINDING_NOTE, "is off");
}
END_TEST

START_TEST(qemu)
{
	static const char old[] =
		"QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)\nCopyright";
	static const char devices[] = "name \"vhost-user-test-device-pci\"\n";

	doctor_check_qemu(&doctor, NULL, NULL);
	expect(0, FINDING_NOTE, "cannot be run");
	doctor_check_qemu(&doctor, old, "name \"virtio-blk-pci\", bus PCI\n");
	expect(1, FINDING_BAD, "QEMU 7.2.22 has no vhost-user-test-device-pci");
	doctor_check_qemu(&doctor, "QEMU emulator version 10.2.0\n", devices);
	expect(2, FINDING_OK, "QEMU 10.2.0 has vhost-user-test-device-pci");
	/* Whatever it says of its version, it is not printed in whole. */
	doctor_check_qemu(&doctor, "version 1\033[2J", devices);
	expect(3, FINDING_OK, "QEMU 1 has");
	doctor_check_qemu(&doctor, "nonsense", devices);
	expect(4, FINDING_OK, "QEMU has");
}
END_TEST

#define CMDLINE(text) put("proc/41/cmdline", text, sizeof(text))

static const struct pvsched_vms no_vms;
static const struct pvsched_vcpus no_vcpus;

START_TEST(vm_unknown)
{
	put_link("proc/41/fd/9", "anon_inode:kvm-vm");
	put_link("proc/42/fd/9", "anon_inode:[eventfd]");
	put_link("proc/self", "42");

	CMDLINE("cloud-hypervisor\0--kernel");
	doctor_check_vms(&doctor, &no_vms, &no_vcpus);
	expect(0, FINDING_NOTE, "process 41 runs a VM");
	CMDLINE("qemu-system-x86_64\0-m\0"
		"1G");
	doctor_check_vms(&doctor, &no_vms, &no_vcpus);
	expect(1, FINDING_NOTE, "QEMU 41 has no pvsched device");
	CMDLINE("qemu\0-device\0vhost-user-test-device-pci,x");
	doctor_check_vms(&doctor, &no_vms, &no_vcpus);
	expect(2, FINDING_BAD, "does not share its memory");
	CMDLINE("qemu\0-device\0vhost-user-test-device-pci\0-object\0m,share=on");
	doctor_check_vms(&doctor, &no_vms, &no_vcpus);
	expect(3, FINDING_BAD, "no back end");
	ck_assert_uint_eq(doctor.count, 4);
}
END_TEST

START_TEST(vm_known)
{
	struct pvsched_vcpu_info vcpu[] = { { .vm_id = 7, .bound = true },
					    { .vm_id = 7 },
					    { .vm_id = 8 } };
	struct pvsched_vm_info vm = { .id = 7, .name = "web", .pid = 41 };
	const struct pvsched_vms vms = { .vm = &vm, .count = 1 };
	const struct pvsched_vcpus vcpus = { .vcpu = vcpu, .count = 3 };

	put_link("proc/41/fd/9", "anon_inode:kvm-vm");
	CMDLINE("qemu");
	doctor_check_vms(&doctor, &vms, &vcpus);
	expect(0, FINDING_NOTE, "has registered no vCPU");
	vm.vcpus = 2;
	doctor_check_vms(&doctor, &vms, &vcpus);
	expect(1, FINDING_NOTE, "1 of 2 vCPUs are known");
	vcpu[1].bound = true;
	vcpu[1].flags = PVSCHED_VCPU_FLAG_OWNER_CHANGED;
	doctor_check_vms(&doctor, &vms, &vcpus);
	expect(2, FINDING_NOTE, "scheduling of 1 of 2");
	vcpu[1].flags = 0;
	doctor_check_vms(&doctor, &vms, &vcpus);
	expect(3, FINDING_OK, "web is attached; vCPUs: 2");
	ck_assert_uint_eq(doctor.count, 4);
}
END_TEST

/* A group of threads has no guest, and it may be empty. */
START_TEST(group_known)
{
	struct pvsched_vcpu_info vcpu = { .vm_id = 7, .bound = true };
	struct pvsched_vm_info vm = { .id = 7,
				      .name = "audio",
				      .kind = PVSCHED_VM_KIND_THREADS };
	const struct pvsched_vms vms = { .vm = &vm, .count = 1 };
	const struct pvsched_vcpus vcpus = { .vcpu = &vcpu, .count = 1 };

	doctor_check_vms(&doctor, &vms, &no_vcpus);
	expect(0, FINDING_OK, "audio is a group; threads: 0");
	vm.vcpus = 1;
	vcpu.flags = PVSCHED_VCPU_FLAG_OWNER_CHANGED;
	doctor_check_vms(&doctor, &vms, &vcpus);
	expect(1, FINDING_NOTE, "scheduling of 1 of 1 threads");
}
END_TEST

START_TEST(boosts)
{
	struct pvsched_host_info host = { .enabled = true };

	doctor_check_boosts(&doctor, &host);
	expect(0, FINDING_OK, "boosts are allowed");
	host.held = true;
	doctor_check_boosts(&doctor, &host);
	expect(1, FINDING_NOTE, "held back");
	host.enabled = false;
	doctor_check_boosts(&doctor, &host);
	expect(2, FINDING_NOTE, "disabled");
}
END_TEST

static Suite *doctor_suite(void)
{
	Suite *suite = suite_create("doctor");
	TCase *tcase = tcase_create("checks");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, no_control_characters);
	tcase_add_test(tcase, kernel_good);
	tcase_add_test(tcase, kernel_config_with_its_modules);
	tcase_add_test(tcase, kernel_without_options);
	tcase_add_test(tcase, kernel_too_old);
	tcase_add_test(tcase, kernel_config_unknown);
	tcase_add_test(tcase, kvm_and_its_timer);
	tcase_add_test(tcase, module_and_device);
	tcase_add_test(tcase, throttling);
	tcase_add_test(tcase, qemu);
	tcase_add_test(tcase, vm_unknown);
	tcase_add_test(tcase, vm_known);
	tcase_add_test(tcase, group_known);
	tcase_add_test(tcase, boosts);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return check_run(doctor_suite());
}
