// SPDX-License-Identifier: GPL-2.0-only
/*
 * What this guest tells the host of a CPU, and what the host tells it: the
 * directory "pvsched" of the CPU in sysfs, while the host knows the CPU. See
 * docs/ABI/testing/sysfs-devices-system-cpu-pvsched.
 *
 * What the host wrote is checked: a value without a meaning is shown as 0.
 */
#include <linux/cpu.h>
#include <linux/device.h>
#include <linux/sysfs.h>

#include "guest.h"

/* The page stays until these files are gone. */
static const struct pvsched_page *page_of(const struct device *dev)
{
	return per_cpu_ptr(&pvsched_cpus, dev->id)->page;
}

static u64 guest_word(const struct device *dev)
{
	return le64_to_cpu(READ_ONCE(page_of(dev)->guest_word));
}

static u64 host_word(const struct device *dev)
{
	return le64_to_cpu(READ_ONCE(page_of(dev)->host_word));
}

static u32 bounded(__le32 value, u32 max)
{
	u32 v = le32_to_cpu(value);

	return v <= max ? v : 0;
}

#define PVSCHED_SHOW(_name, _value)                                           \
	static ssize_t _name##_show(struct device *dev,                       \
				    struct device_attribute *attr, char *buf) \
	{                                                                     \
		return sysfs_emit(buf, "%u\n", (u32)(_value));                \
	}                                                                     \
	static DEVICE_ATTR_RO(_name)

#define PVSCHED_TOLD(_field, _max) \
	bounded(READ_ONCE(page_of(dev)->_field), _max)

PVSCHED_SHOW(running, pvsched_guest_current(guest_word(dev)));
PVSCHED_SHOW(waiter, pvsched_guest_waiter(guest_word(dev)));
PVSCHED_SHOW(sleeper, pvsched_guest_sleeper(guest_word(dev)));
PVSCHED_SHOW(boosted, pvsched_host_boosted(host_word(dev)));
PVSCHED_SHOW(granted, pvsched_host_granted(host_word(dev)));
PVSCHED_SHOW(preempted, !!(host_word(dev) & PVSCHED_HOST_PREEMPTED));
PVSCHED_SHOW(throttled, !!(host_word(dev) & PVSCHED_HOST_THROTTLED));
PVSCHED_SHOW(throttled_us, PVSCHED_TOLD(throttled_us, U32_MAX));
PVSCHED_SHOW(capacity, PVSCHED_TOLD(cpu_capacity, PVSCHED_CAPACITY_MAX));
PVSCHED_SHOW(taken, PVSCHED_TOLD(taken, PVSCHED_TAKEN_ALL));
PVSCHED_SHOW(core_id, PVSCHED_TOLD(core_id, U32_MAX));
PVSCHED_SHOW(cache_id, PVSCHED_TOLD(cache_id, U32_MAX));

static struct attribute *cpu_attrs[] = { &dev_attr_running.attr,
					 &dev_attr_waiter.attr,
					 &dev_attr_sleeper.attr,
					 &dev_attr_boosted.attr,
					 &dev_attr_granted.attr,
					 &dev_attr_preempted.attr,
					 &dev_attr_throttled.attr,
					 &dev_attr_throttled_us.attr,
					 &dev_attr_capacity.attr,
					 &dev_attr_taken.attr,
					 &dev_attr_core_id.attr,
					 &dev_attr_cache_id.attr,
					 NULL };

static const struct attribute_group cpu_group = {
	.name = "pvsched",
	.attrs = cpu_attrs,
};

/* Context: CPU hotplug callback, may sleep. */
int pvsched_show_add(unsigned int cpu)
{
	struct device *dev = get_cpu_device(cpu);

	return dev ? sysfs_create_group(&dev->kobj, &cpu_group) : -ENODEV;
}

/* Afterwards nobody reads the files any more. Context: likewise. */
void pvsched_show_del(unsigned int cpu)
{
	sysfs_remove_group(&get_cpu_device(cpu)->kobj, &cpu_group);
}
