// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The vCPUs of this guest, as its driver shows them in sysfs.
 */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/pvsched.h>

#include "guestinfo.h"

static const char *const names[GUEST_VALUES] = {
	[GUEST_RUNNING] = "running",	 [GUEST_WAITER] = "waiter",
	[GUEST_SLEEPER] = "sleeper",	 [GUEST_BOOSTED] = "boosted",
	[GUEST_GRANTED] = "granted",	 [GUEST_PREEMPTED] = "preempted",
	[GUEST_THROTTLED] = "throttled", [GUEST_THROTTLED_US] = "throttled_us",
	[GUEST_CAPACITY] = "capacity",	 [GUEST_TAKEN] = "taken",
	[GUEST_CORE_ID] = "core_id",	 [GUEST_CACHE_ID] = "cache_id",
};

const char *guest_value_name(enum guest_value value)
{
	return names[value];
}

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static void close_file(FILE **file)
{
	if (*file)
		fclose(*file);
}

/* False if there is no such file, or no number in it. */
static bool value_read(const char *dir, unsigned int cpu, const char *name,
		       unsigned int *value)
{
	FILE *file __attribute__((cleanup(close_file))) = NULL;
	char path[4096];

	if ((size_t)snprintf(path, sizeof(path), "%s/cpu%u/pvsched/%s", dir,
			     cpu, name) >= sizeof(path))
		return false;
	file = fopen(path, "re");
	return file && fscanf(file, "%u", value) == 1;
}

/* False if the driver does not have that CPU. */
static bool cpu_read(const char *dir, unsigned int number,
		     struct guest_cpu *cpu)
{
	unsigned int i;

	*cpu = (struct guest_cpu){ .cpu = number };
	if (!value_read(dir, number, names[GUEST_RUNNING],
			&cpu->value[GUEST_RUNNING]))
		return false;
	for (i = GUEST_RUNNING + 1; i < GUEST_VALUES; i++)
		value_read(dir, number, names[i], &cpu->value[i]);
	return true;
}

/* "cpu12"; anything else is no CPU. */
static bool number_parse(const char *name, unsigned int *number)
{
	int length = 0;

	return sscanf(name, "cpu%5u%n", number, &length) == 1 && !name[length];
}

static int cpu_add(struct guest_cpus *cpus, const struct guest_cpu *cpu)
{
	struct guest_cpu *grown =
		reallocarray(cpus->cpu, cpus->count + 1, sizeof(*grown));

	if (!grown)
		return -1;
	cpus->cpu = grown;
	cpus->cpu[cpus->count++] = *cpu;
	return 0;
}

static int by_number(const void *a, const void *b)
{
	const struct guest_cpu *left = a, *right = b;

	return (left->cpu > right->cpu) - (left->cpu < right->cpu);
}

int guest_cpus_read(const char *dir, struct guest_cpus *cpus, char *why)
{
	DIR *entries __attribute__((cleanup(close_dir))) = opendir(dir);
	const struct dirent *entry;
	struct guest_cpu cpu;
	unsigned int number;

	*cpus = (struct guest_cpus){};
	if (!entries) {
		snprintf(why, GUESTINFO_WHY_LEN, "%s: %s", dir,
			 strerror(errno));
		return -1;
	}
	while ((entry = readdir(entries))) {
		if (!number_parse(entry->d_name, &number) ||
		    !cpu_read(dir, number, &cpu))
			continue;
		if (cpu_add(cpus, &cpu)) {
			guest_cpus_free(cpus);
			snprintf(why, GUESTINFO_WHY_LEN, "%s",
				 strerror(ENOMEM));
			return -1;
		}
	}
	if (!cpus->count) {
		snprintf(
			why, GUESTINFO_WHY_LEN,
			"no vCPU is registered with a host: this needs a guest with virtio_pvsched loaded");
		return -1;
	}
	qsort(cpus->cpu, cpus->count, sizeof(*cpus->cpu), by_number);
	return 0;
}

void guest_cpus_free(struct guest_cpus *cpus)
{
	free(cpus->cpu);
	*cpus = (struct guest_cpus){};
}

unsigned int guest_cpu_left(const struct guest_cpu *cpu)
{
	unsigned int capacity = cpu->value[GUEST_CAPACITY];
	unsigned int taken = cpu->value[GUEST_TAKEN];

	/* Unknown: as good as any. */
	if (!capacity || capacity > PVSCHED_CAPACITY_MAX)
		capacity = PVSCHED_CAPACITY_MAX;
	if (taken > PVSCHED_TAKEN_ALL)
		taken = 0;
	return capacity * (PVSCHED_TAKEN_ALL - taken) / PVSCHED_TAKEN_ALL;
}

const struct guest_cpu *guest_cpu_best(const struct guest_cpus *cpus,
				       const cpu_set_t *allowed)
{
	const struct guest_cpu *best = NULL;
	size_t i;

	for (i = 0; i < cpus->count; i++) {
		const struct guest_cpu *cpu = &cpus->cpu[i];

		if (cpu->cpu >= CPU_SETSIZE || !CPU_ISSET(cpu->cpu, allowed))
			continue;
		if (!best || guest_cpu_left(cpu) > guest_cpu_left(best))
			best = cpu;
	}
	return best;
}
