// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvsched doctor: the VMM, the VMs that run, and which of them is attached.
 *
 * A process is a VMM if it holds a VM of KVM: that is so for every VMM, while
 * names of programs and threads differ.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "system.h"

#define FRONT_END "vhost-user-test-device-pci"

/* "QEMU 10.2.0" of "QEMU emulator version 10.2.0 (...", as far as it is so. */
static void qemu_name(const char *version, char *name, size_t size)
{
	static const char before[] = "version ";
	const char *number = version ? strstr(version, before) : NULL;
	int len = 0;

	if (number) {
		number += strlen(before);
		len = strspn(number, "0123456789.");
	}
	snprintf(name, size, "QEMU%s%.*s", len ? " " : "", len, number ?: "");
}

void doctor_check_qemu(struct doctor *doctor, const char *version,
		       const char *devices)
{
	char name[32];

	qemu_name(version, name, sizeof(name));
	if (!devices)
		doctor_add(
			doctor, FINDING_NOTE, "vmm", NULL,
			"qemu-system-x86_64 cannot be run; another VMM needs a generic vhost-user front end");
	else if (!strstr(devices, FRONT_END))
		doctor_add(
			doctor, FINDING_BAD, "vmm",
			"install QEMU 10.2 or later (on Debian 13 from backports)",
			"%s has no " FRONT_END, name);
	else
		doctor_add(doctor, FINDING_OK, "vmm", NULL, "%s has " FRONT_END,
			   name);
}

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static DIR *open_dir(int root, const char *path)
{
	int fd = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (fd >= 0 && !dir)
		close(fd);
	return dir;
}

/* 1 it is one, 0 it is none, -1 not allowed to know. */
static int is_vmm(int root, unsigned long pid)
{
	char path[48];
	DIR *dir __attribute__((cleanup(close_dir))) = NULL;
	struct dirent *entry;

	snprintf(path, sizeof(path), "proc/%lu/fd", pid);
	dir = open_dir(root, path);
	if (!dir)
		return errno == EACCES ? -1 : 0;
	while ((entry = readdir(dir))) {
		char target[32];
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, target,
					 sizeof(target) - 1);

		if (len < 0)
			continue;
		target[len] = '\0';
		if (!strcmp(target, "anon_inode:kvm-vm"))
			return 1;
	}
	return 0;
}

/* The command line with blanks between arguments, or NULL. */
static char *command_line(int root, unsigned long pid)
{
	char path[48];
	size_t size, i;
	char *text;

	snprintf(path, sizeof(path), "proc/%lu/cmdline", pid);
	text = system_read_all(root, path, &size);
	for (i = 0; text && i + 1 < size; i++)
		if (!text[i])
			text[i] = ' ';
	return text;
}

/* A VM of KVM that pvsched does not know: why? */
static void report_stranger(struct doctor *doctor, unsigned long pid)
{
	char *line __attribute__((cleanup(system_free))) =
		command_line(doctor->root, pid);

	if (!line || !strstr(line, "qemu"))
		doctor_add(
			doctor, FINDING_NOTE, "vm",
			"give it the device of a pvsched-vhost and shared memory",
			"process %lu runs a VM that is not attached", pid);
	else if (!strstr(line, "vhost-user-test-device"))
		doctor_add(doctor, FINDING_NOTE, "vm",
			   "add -device " FRONT_END ", see pvsched's README",
			   "QEMU %lu has no pvsched device", pid);
	else if (!strstr(line, "share=on") && !strstr(line, "\"share\":true"))
		doctor_add(
			doctor, FINDING_BAD, "vm",
			"use -object memory-backend-memfd,...,share=on as the machine's memory",
			"QEMU %lu does not share its memory", pid);
	else
		doctor_add(
			doctor, FINDING_BAD, "vm",
			"look at the messages of its pvsched-vhost",
			"QEMU %lu has the device, but no back end told the kernel of it",
			pid);
}

struct vcpu_counts {
	unsigned int bound;
	unsigned int taken;
};

static struct vcpu_counts count_vcpus(const struct pvsched_vm_info *vm,
				      const struct pvsched_vcpus *vcpus)
{
	struct vcpu_counts counts = {};
	size_t i;

	for (i = 0; i < vcpus->count; i++) {
		const struct pvsched_vcpu_info *vcpu = &vcpus->vcpu[i];

		if (vcpu->vm_id != vm->id)
			continue;
		counts.bound += vcpu->bound;
		counts.taken +=
			!!(vcpu->flags & PVSCHED_VCPU_FLAG_OWNER_CHANGED);
	}
	return counts;
}

static void report_group(struct doctor *doctor,
			 const struct pvsched_vm_info *vm,
			 const struct vcpu_counts *counts)
{
	if (counts->taken)
		doctor_add(
			doctor, FINDING_NOTE, "vm",
			"attach them again to have them boosted",
			"%s: somebody else changed the scheduling of %u of %u threads, which are left alone",
			vm->name, counts->taken, vm->vcpus);
	else
		doctor_add(doctor, FINDING_OK, "vm", NULL,
			   "%s is a group; threads: %u", vm->name, vm->vcpus);
}

static void report_vm(struct doctor *doctor, const struct pvsched_vm_info *vm,
		      const struct pvsched_vcpus *vcpus)
{
	struct vcpu_counts counts = count_vcpus(vm, vcpus);

	if (vm->kind == PVSCHED_VM_KIND_THREADS)
		report_group(doctor, vm, &counts);
	else if (!vm->vcpus)
		doctor_add(doctor, FINDING_NOTE, "vm",
			   "in the guest: modprobe virtio_pvsched",
			   "%s: its guest has registered no vCPU", vm->name);
	else if (counts.bound < vm->vcpus)
		doctor_add(
			doctor, FINDING_NOTE, "vm",
			"a vCPU's thread is found when it next enters the guest",
			"%s: threads of %u of %u vCPUs are known", vm->name,
			counts.bound, vm->vcpus);
	else if (counts.taken)
		doctor_add(
			doctor, FINDING_NOTE, "vm",
			"reload the guest's driver to hand them back",
			"%s: somebody else changed the scheduling of %u of %u vCPUs, which are left alone",
			vm->name, counts.taken, vm->vcpus);
	else
		doctor_add(doctor, FINDING_OK, "vm", NULL,
			   "%s is attached; vCPUs: %u", vm->name, vm->vcpus);
}

static bool known(const struct pvsched_vms *vms, unsigned long pid)
{
	size_t i;

	for (i = 0; i < vms->count; i++)
		if (vms->vm[i].pid == pid)
			return true;
	return false;
}

void doctor_check_vms(struct doctor *doctor, const struct pvsched_vms *vms,
		      const struct pvsched_vcpus *vcpus)
{
	DIR *proc __attribute__((cleanup(close_dir))) =
		open_dir(doctor->root, "proc");
	struct dirent *entry;
	bool closed = false;
	size_t i;

	for (i = 0; i < vms->count; i++)
		report_vm(doctor, &vms->vm[i], vcpus);
	while (proc && (entry = readdir(proc))) {
		unsigned long pid = strtoul(entry->d_name, NULL, 10);
		int vmm = pid ? is_vmm(doctor->root, pid) : 0;

		closed |= vmm < 0;
		if (vmm > 0 && !known(vms, pid))
			report_stranger(doctor, pid);
	}
	if (closed)
		doctor_add(doctor, FINDING_NOTE, "vm", "run it as root",
			   "other users' processes cannot be looked at");
}
