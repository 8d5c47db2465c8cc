// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that panics may stay as it is for a long time, spinning in whatever
 * was urgent: the host must not boost that. The same goes for the kernel that is
 * started by a crash: it resets the device only when it finds it, and what the
 * old one has published stays in memory until then. Notifiers are called after
 * that by default, too late, so there is a kprobe as well.
 */
#include <linux/device.h>
#include <linux/kprobes.h>
#include <linux/notifier.h>
#include <linux/panic_notifier.h>

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

static struct kprobe crash_probe;

/* Context: may sleep. */
void pvsched_panic_start(struct virtio_device *vdev)
{
	int err;

	atomic_notifier_chain_register(&panic_notifier_list, &panic_notifier);
	/* A kprobe that was unregistered must be set up anew. */
	crash_probe = (struct kprobe){
		.symbol_name = "__crash_kexec",
		.pre_handler = on_crash,
	};
	err = register_kprobe(&crash_probe);
	if (!err)
		return;
	crash_probe.symbol_name = NULL;
	dev_info(&vdev->dev,
		 "going on without a probe of __crash_kexec: error %d\n", err);
}

/* Afterwards neither of them is being called. Context: may sleep. */
void pvsched_panic_stop(void)
{
	if (crash_probe.symbol_name)
		unregister_kprobe(&crash_probe);
	atomic_notifier_chain_unregister(&panic_notifier_list, &panic_notifier);
}
