// SPDX-License-Identifier: GPL-2.0-only
/*
 * What counts as urgent: three thresholds in the device's directory in sysfs,
 * and the table of levels that follows from them. By default it is real-time
 * and deadline tasks.
 */
#include <linux/device.h>
#include <linux/kstrtox.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "guest.h"

u8 pvsched_levels[PVSCHED_PRIOS] __read_mostly;

/* Guards the thresholds, the table, and what follows. */
static DEFINE_MUTEX(thresholds_lock);
static bool probes_on;
static struct pvsched_thresholds thresholds = {
	.min_class = PVSCHED_MIN_REALTIME,
	.min_rtprio = 1,
	.max_nice = -1,
};

static const char *const class_names[] = {
	[PVSCHED_MIN_NORMAL] = "normal",
	[PVSCHED_MIN_REALTIME] = "realtime",
	[PVSCHED_MIN_DEADLINE] = "deadline",
};

/* Each entry is read by itself, so they may change one by one. */
static void levels_fill(void)
{
	int prio;

	for (prio = PVSCHED_PRIO_MIN; prio < PVSCHED_PRIO_MIN + PVSCHED_PRIOS;
	     prio++)
		WRITE_ONCE(pvsched_levels[(u8)prio],
			   pvsched_level_bounded(prio, &thresholds));
}

/* Context: may sleep; the probes are off. */
void pvsched_urgent_init(void)
{
	mutex_lock(&thresholds_lock);
	levels_fill();
	mutex_unlock(&thresholds_lock);
}

/* All that sleeps is looked at. Context: may sleep; the probes are on. */
void pvsched_urgent_start(void)
{
	mutex_lock(&thresholds_lock);
	probes_on = true;
	pvsched_sleepers_scan();
	mutex_unlock(&thresholds_lock);
}

/* Context: may sleep; the probes are still on. */
void pvsched_urgent_stop(void)
{
	mutex_lock(&thresholds_lock);
	probes_on = false;
	mutex_unlock(&thresholds_lock);
}

/*
 * What runs or waits follows at its next event, at the latest the next tick;
 * who sleeps would stay as it is for as long as it sleeps. Context: may sleep.
 */
static void threshold_set(int *threshold, int value)
{
	mutex_lock(&thresholds_lock);
	if (*threshold != value) {
		*threshold = value;
		levels_fill();
		if (probes_on)
			pvsched_sleepers_scan();
	}
	mutex_unlock(&thresholds_lock);
}

static ssize_t number_store(const char *buf, size_t count, int *threshold,
			    int min, int max)
{
	int value;
	int err = kstrtoint(buf, 0, &value);

	if (err)
		return err;
	if (value < min || value > max)
		return -ERANGE;
	threshold_set(threshold, value);
	return count;
}

static ssize_t min_class_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	return sysfs_emit(buf, "%s\n",
			  class_names[READ_ONCE(thresholds.min_class)]);
}

static ssize_t min_class_store(struct device *dev,
			       struct device_attribute *attr, const char *buf,
			       size_t count)
{
	int value = sysfs_match_string(class_names, buf);

	if (value < 0)
		return value;
	threshold_set(&thresholds.min_class, value);
	return count;
}
static DEVICE_ATTR_RW(min_class);

static ssize_t min_rtprio_show(struct device *dev,
			       struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(thresholds.min_rtprio));
}

static ssize_t min_rtprio_store(struct device *dev,
				struct device_attribute *attr, const char *buf,
				size_t count)
{
	return number_store(buf, count, &thresholds.min_rtprio, 1, 99);
}
static DEVICE_ATTR_RW(min_rtprio);

static ssize_t max_nice_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(thresholds.max_nice));
}

static ssize_t max_nice_store(struct device *dev, struct device_attribute *attr,
			      const char *buf, size_t count)
{
	return number_store(buf, count, &thresholds.max_nice, -20, -1);
}
static DEVICE_ATTR_RW(max_nice);

static struct attribute *urgent_attrs[] = { &dev_attr_min_class.attr,
					    &dev_attr_min_rtprio.attr,
					    &dev_attr_max_nice.attr, NULL };

const struct attribute_group pvsched_urgent_group = {
	.attrs = urgent_attrs,
};
