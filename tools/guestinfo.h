/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In a guest: what its driver tells the host of each vCPU, and what the host tells
 * it, read from sysfs.
 */
#ifndef PVSCHED_TOOLS_GUESTINFO_H
#define PVSCHED_TOOLS_GUESTINFO_H

#include <sched.h>
#include <stddef.h>
#include <stdio.h>

#define GUESTINFO_DIR	  "/sys/devices/system/cpu"
#define GUESTINFO_WHY_LEN 256

/* The files of a vCPU, in this order; docs/ABI describes them. */
enum guest_value {
	GUEST_RUNNING,
	GUEST_WAITER,
	GUEST_SLEEPER,
	GUEST_BOOSTED,
	GUEST_GRANTED,
	GUEST_PREEMPTED,
	GUEST_THROTTLED,
	GUEST_THROTTLED_US,
	GUEST_CAPACITY,
	GUEST_TAKEN,
	GUEST_CORE_ID,
	GUEST_CACHE_ID,
	GUEST_VALUES
};

/* A file that the driver does not have is 0, as one that the host leaves out. */
struct guest_cpu {
	unsigned int cpu;
	unsigned int value[GUEST_VALUES];
};

struct guest_cpus {
	struct guest_cpu *cpu; /* by ascending number */
	size_t count;
};

const char *guest_value_name(enum guest_value value);

/* Returns 0, or -1 with the reason in why. None at all is a reason, too. */
int guest_cpus_read(const char *dir, struct guest_cpus *cpus, char *why);
void guest_cpus_free(struct guest_cpus *cpus);

/* guestview.c: for people; returns 0, or -1. For programs; to be released. */
struct json_object;
int guest_cpus_print(const struct guest_cpus *cpus, FILE *to);
struct json_object *guest_cpus_json(const struct guest_cpus *cpus);

/*
 * What a vCPU can get done: its CPU's capacity less what others took of it, of
 * 1024.
 */
unsigned int guest_cpu_left(const struct guest_cpu *cpu);

/* The one of those allowed with the most of that, the first if several; or NULL. */
const struct guest_cpu *guest_cpu_best(const struct guest_cpus *cpus,
				       const cpu_set_t *allowed);

#endif /* PVSCHED_TOOLS_GUESTINFO_H */
