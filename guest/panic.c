// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that panics may stay as it is for a long time, spinning in whatever
 * was urgent: the host must not boost that. (A kernel that is started by a crash
 * resets the device when it finds it.)
 */
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

void pvsched_panic_start(void)
{
	atomic_notifier_chain_register(&panic_notifier_list, &panic_notifier);
}

/* Afterwards it is not being called. Context: may sleep. */
void pvsched_panic_stop(void)
{
	atomic_notifier_chain_unregister(&panic_notifier_list, &panic_notifier);
}
