// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <linux/pvsched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "host.h"

/* The reason starts with what a guest has to know: its field is short. */
static int vm_refused(const struct host *host, int err, struct reason *why)
{
	switch (err) {
	case EEXIST:
		return reason_set(
			why, err,
			"VM name '%s' is in use on the host: give this one another --name",
			host->name);
	case EPERM:
		return reason_set(
			why, err,
			"not allowed to schedule process %d: run pvsched-vhost as its user or with CAP_SYS_NICE",
			host->pid);
	case ESRCH:
		return reason_set(
			why, err,
			"no process %d: the VMM must connect itself, from this pid namespace",
			host->pid);
	case ENOENT:
		return reason_set(
			why, err,
			"host has no policy '%s': pvsched policy list tells which there are",
			host->policy);
	case ENOSPC:
		return reason_set(why, err, "host has too many VMs");
	default:
		return reason_set(why, err, "VM '%s' of process %d: %s",
				  host->name, host->pid, strerror(err));
	}
}

static int device_refused(const struct host *host, int err, struct reason *why)
{
	const char *hint = "";

	if (err == ENOENT || err == ENXIO || err == ENODEV)
		hint = " (host module not loaded? modprobe pvsched)";
	else if (err == EACCES || err == EPERM)
		hint = " (check its owner and mode)";
	return reason_set(why, err, "open %s: %s%s", host->device,
			  strerror(err), hint);
}

static int device_open(struct host *host, struct reason *why)
{
	struct pvsched_vm_create vm = { .pid = host->pid };
	_cleanup_(fd_close) int fd = -1;

	if (host->pid <= 0)
		return reason_set(
			why, ESRCH,
			"process id of the VMM is not known: it is outside of this pid namespace");
	fd = open(host->device, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return device_refused(host, errno, why);
	snprintf(vm.name, sizeof(vm.name), "%s", host->name);
	snprintf(vm.policy, sizeof(vm.policy), "%s", host->policy);
	if (ioctl(fd, PVSCHED_IOC_VM_CREATE, &vm))
		return vm_refused(host, errno, why);
	host->fd = fd_take(&fd);
	return 0;
}

static void device_close(struct host *host)
{
	fd_close(&host->fd);
}

static int device_protocol(struct host *host, const char *name,
			   uint32_t version, struct reason *why)
{
	struct pvsched_vm_protocol p = { .version = version };

	snprintf(p.name, sizeof(p.name), "%s", name);
	if (ioctl(host->fd, PVSCHED_IOC_VM_PROTOCOL, &p))
		return reason_set(why, errno, "protocol %s/%u: %s", name,
				  version, strerror(errno));
	return 0;
}

static int device_doorbell(struct host *host, int fd, struct reason *why)
{
	struct pvsched_vm_doorbell d = { .fd = fd };

	if (ioctl(host->fd, PVSCHED_IOC_VM_DOORBELL, &d))
		return reason_set(why, errno, "doorbell: %s", strerror(errno));
	return 0;
}

static const char *attach_strerror(int err)
{
	switch (err) {
	case EINVAL:
		return "the page has no pvsched header";
	case EPROTO:
		return "page version or size unknown to the host";
	case ENOMEM:
		return "cannot pin the page, raise LimitMEMLOCK of pvsched-vhost";
	case ENOSPC:
		return "the host has too many vCPUs";
	case ESRCH:
		return "the VMM is gone";
	default:
		return strerror(err);
	}
}

static int device_attach(struct host *host, uint32_t vcpu, void *page,
			 struct reason *why)
{
	struct pvsched_vcpu_attach a = {
		.vcpu_id = vcpu,
		.addr = (uintptr_t)page,
	};

	if (ioctl(host->fd, PVSCHED_IOC_VCPU_ATTACH, &a))
		return reason_set(why, errno, "vCPU %u: %s", vcpu,
				  attach_strerror(errno));
	return 0;
}

static int device_atomic(struct host *host, uint32_t vcpu, void *count,
			 uint32_t mask, struct reason *why)
{
	struct pvsched_vcpu_atomic a = {
		.vcpu_id = vcpu,
		.mask = mask,
		.addr = (uintptr_t)count,
	};

	if (ioctl(host->fd, PVSCHED_IOC_VCPU_ATOMIC, &a))
		return reason_set(why, errno, "sections of vCPU %u: %s", vcpu,
				  errno == ENOTTY ?
					  "the host's module is too old" :
					  attach_strerror(errno));
	return 0;
}

static int device_detach(struct host *host, uint32_t vcpu, struct reason *why)
{
	struct pvsched_vcpu_detach d = { .vcpu_id = vcpu };

	if (ioctl(host->fd, PVSCHED_IOC_VCPU_DETACH, &d))
		return reason_set(why, errno, "detach vCPU %u: %s", vcpu,
				  strerror(errno));
	return 0;
}

const struct host_ops host_device = {
	.open = device_open,
	.close = device_close,
	.protocol = device_protocol,
	.doorbell = device_doorbell,
	.attach = device_attach,
	.atomic = device_atomic,
	.detach = device_detach,
};
