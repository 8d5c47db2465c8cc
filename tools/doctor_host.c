// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvsched doctor: kernel, KVM, module, real-time throttling.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "system.h"

/* Options that the module needs beside KVM's own. */
static const char *const kernel_options[] = {
	"CONFIG_KPROBES",
	"CONFIG_TRACEPOINTS",
	"CONFIG_HIGH_RES_TIMERS",
	"CONFIG_KVM",
};

static bool option_set(const char *config, const char *option)
{
	size_t len = strlen(option);
	const char *line = config;

	while ((line = strstr(line, option))) {
		if ((line == config || line[-1] == '\n') &&
		    (!strncmp(line + len, "=y", 2) ||
		     !strncmp(line + len, "=m", 2)))
			return true;
		line += len;
	}
	return false;
}

/* Those that are missing, separated by blanks, in a buffer of that size. */
static void options_missing(const char *config, char *missing, size_t size)
{
	size_t i, used = 0;

	*missing = '\0';
	for (i = 0; i < sizeof(kernel_options) / sizeof(*kernel_options); i++)
		if (!option_set(config, kernel_options[i]) && used < size)
			used += snprintf(missing + used, size - used, "%s%s",
					 used ? " " : "", kernel_options[i]);
}

/* The options that the kernel was built with, or NULL. */
static char *config_read(const struct doctor *doctor)
{
	static const char *const places[] = { "boot/config-%s",
					      "lib/modules/%s/config" };
	char *config = NULL;
	char path[96];
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(*places) && !config; i++) {
		snprintf(path, sizeof(path), places[i], doctor->release);
		config = system_read(doctor->root, path);
	}
	return config;
}

void doctor_check_kernel(struct doctor *doctor)
{
	char missing[128];
	char *config __attribute__((cleanup(system_free))) = NULL;
	int major = 0, minor = 0;

	if (sscanf(doctor->release, "%d.%d", &major, &minor) != 2 ||
	    major < 6 || (major == 6 && minor < 1)) {
		doctor_add(doctor, FINDING_BAD, "kernel",
			   "use a kernel from 6.1 to 7.3",
			   "%s is older than 6.1", doctor->release);
		return;
	}
	config = config_read(doctor);
	if (!config) {
		doctor_add(
			doctor, FINDING_NOTE, "kernel", NULL,
			"%s; its options are not known, as /boot/config-%s cannot be read",
			doctor->release, doctor->release);
		return;
	}
	options_missing(config, missing, sizeof(missing));
	if (*missing)
		doctor_add(doctor, FINDING_BAD, "kernel",
			   "use a distribution's kernel, or set these options",
			   "%s was built without %s", doctor->release, missing);
	else
		doctor_add(doctor, FINDING_OK, "kernel", NULL,
			   "%s has all options", doctor->release);
}

/* With the timer of VMX, a guest's timer interrupt is not seen; see README. */
static void check_preemption_timer(struct doctor *doctor)
{
	char *value __attribute__((cleanup(system_free))) =
		system_read(doctor->root,
			    "sys/module/kvm_intel/parameters/preemption_timer");

	if (!value || *value != 'Y')
		return;
	doctor_add(
		doctor, FINDING_NOTE, "kvm",
		"stop the VMs; modprobe -r kvm_intel; modprobe kvm_intel preemption_timer=0",
		"timers of preempted guests do not boost: kvm_intel uses the preemption timer");
}

void doctor_check_kvm(struct doctor *doctor)
{
	if (faccessat(doctor->root, "dev/kvm", F_OK, 0)) {
		doctor_add(
			doctor, FINDING_BAD, "kvm",
			"modprobe kvm-amd or kvm-intel; enable virtualisation in the firmware",
			"there is no /dev/kvm");
		return;
	}
	doctor_add(doctor, FINDING_OK, "kvm", NULL, "/dev/kvm is there");
	check_preemption_timer(doctor);
}

void doctor_check_module(struct doctor *doctor)
{
	if (faccessat(doctor->root, "sys/module/pvsched", F_OK, 0)) {
		doctor_add(doctor, FINDING_BAD, "module", "modprobe pvsched",
			   "pvsched is not loaded");
		return;
	}
	doctor_add(doctor, FINDING_OK, "module", NULL, "pvsched is loaded");
	if (!faccessat(doctor->root, "dev/pvsched", R_OK | W_OK, AT_EACCESS)) {
		doctor_add(doctor, FINDING_OK, "device", NULL,
			   "/dev/pvsched can be opened");
		return;
	}
	doctor_add(
		doctor, errno == EACCES ? FINDING_NOTE : FINDING_BAD, "device",
		errno == EACCES ?
			"back ends run as root, or as a user that it is given to" :
			"udev or devtmpfs makes it; see dmesg",
		"/dev/pvsched: %s", strerror(errno));
}

/*
 * The kernel's own safety net for ordinary tasks beside real-time ones: the
 * throttling before 6.12, the fair server since. Both go by this value.
 */
void doctor_check_throttling(struct doctor *doctor)
{
	char *text __attribute__((cleanup(system_free))) = system_read(
		doctor->root, "proc/sys/kernel/sched_rt_runtime_us");

	if (!text)
		doctor_add(doctor, FINDING_NOTE, "throttling", NULL,
			   "/proc/sys/kernel/sched_rt_runtime_us: %s",
			   strerror(errno));
	else if (strtol(text, NULL, 10) < 0)
		doctor_add(
			doctor, FINDING_NOTE, "throttling",
			"sysctl kernel.sched_rt_runtime_us=950000",
			"the kernel's real-time throttling is off: only the caps protect the host");
	else
		doctor_add(doctor, FINDING_OK, "throttling", NULL,
			   "the kernel's real-time throttling is on");
}

void doctor_check_boosts(struct doctor *doctor,
			 const struct pvsched_host_info *host)
{
	if (!host->enabled)
		doctor_add(doctor, FINDING_NOTE, "boosts", "pvsched enable",
			   "boosts are disabled on this host");
	else if (host->held)
		doctor_add(
			doctor, FINDING_NOTE, "boosts",
			"lower the caps, see pvsched set-cap --help",
			"boosts are held back for a while: they had kept ordinary work from running");
	else
		doctor_add(doctor, FINDING_OK, "boosts", NULL,
			   "boosts are allowed");
}
