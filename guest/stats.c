// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters of the publish path, summed up when somebody reads them: the
 * directory "stats" of the virtio device, one value a file.
 */
#include <linux/cpumask.h>
#include <linux/device.h>
#include <linux/sysfs.h>

#include "guest.h"

static ssize_t stat_show(char *buf, size_t offset)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(
			*(unsigned long *)((char *)per_cpu_ptr(&pvsched_cpus,
							       cpu) +
					   offset));
	return sysfs_emit(buf, "%lu\n", sum);
}

#define PVSCHED_STAT(_name, _field)                                           \
	static ssize_t _name##_show(struct device *dev,                       \
				    struct device_attribute *attr, char *buf) \
	{                                                                     \
		return stat_show(buf, offsetof(struct pvsched_cpu, _field));  \
	}                                                                     \
	static DEVICE_ATTR_RO(_name)

PVSCHED_STAT(doorbells, doorbells);
PVSCHED_STAT(calls, calls);
PVSCHED_STAT(acks, acks);
PVSCHED_STAT(sleeper_overflows, overflows);

static struct attribute *stats_attrs[] = {
	&dev_attr_doorbells.attr, &dev_attr_calls.attr, &dev_attr_acks.attr,
	&dev_attr_sleeper_overflows.attr, NULL
};

static const struct attribute_group stats_group = {
	.name = "stats",
	.attrs = stats_attrs,
};

const struct attribute_group *pvsched_groups[] = { &stats_group,
						   &pvsched_urgent_group,
						   NULL };
