// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that panics may stay as it is for a long time, spinning in whatever
 * was urgent: the host must not boost that. The same goes for the kernel that is
 * started by a crash: it resets the device only when it finds it, and what the
 * old one has published stays in memory until then. Notifiers are called after
 * that by default, too late, so there is a kprobe as well.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/notifier.h>
#include <linux/panic_notifier.h>
#include <pvsched/probe.h>

#include "guest.h"

/* Context: panic. */
static int on_panic(struct notifier_block *nb, unsigned long event, void *data)
{
	pvsched_publish_end();
	return NOTIFY_DONE;
}

static struct notifier_block panic_notifier = {
	.notifier_call = on_panic,
};

/* Context: panic, any; the other CPUs run. Called without a crash kernel, too. */
static int on_crash(struct kprobe *probe, struct pt_regs *regs)
{
	pvsched_publish_end();
	return 0;
}

static struct kprobe *crash_probe;

/* Context: may sleep. */
void pvsched_panic_start(struct virtio_device *vdev)
{
	atomic_notifier_chain_register(&panic_notifier_list, &panic_notifier);
	crash_probe = pvsched_kprobe_add("__crash_kexec", on_crash);
	if (!IS_ERR(crash_probe))
		return;
	dev_info(&vdev->dev,
		 "going on without a probe of __crash_kexec: error %ld\n",
		 PTR_ERR(crash_probe));
}

/* Afterwards neither of them is being called. Context: may sleep. */
void pvsched_panic_stop(void)
{
	pvsched_kprobe_del(crash_probe);
	crash_probe = NULL;
	atomic_notifier_chain_unregister(&panic_notifier_list, &panic_notifier);
}
