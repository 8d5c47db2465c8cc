// SPDX-License-Identifier: GPL-2.0-only
/*
 * pvsched: boosts vCPU threads whose guests run something urgent, within caps.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/workqueue.h>

#include "bind.h"
#include "canary.h"
#include "compat.h"
#include "core.h"
#include "dev.h"
#include "gate.h"
#include "late.h"
#include "policy.h"
#include "worker.h"

struct workqueue_struct *pvsched_wq;

static int __init pvsched_init(void)
{
	int err;

	pvsched_caps_host_default(&pvsched_host_caps);
	pvsched_gate_init();
	pvsched_canary_init();
	pvsched_policy_init();
	pvsched_place_init();
	pvsched_wq = alloc_workqueue("pvsched", WQ_UNBOUND, 0);
	if (!pvsched_wq)
		return -ENOMEM;
	err = pvsched_bind_init();
	if (err)
		goto wq;
	err = pvsched_workers_start();
	if (err)
		goto bind;
	err = pvsched_event_init();
	if (err)
		goto workers;
	err = pvsched_netlink_init();
	if (err)
		goto event;
	err = pvsched_dev_init();
	if (err)
		goto netlink;
	if (!pvsched_kicks_are_seen())
		pr_info("guest timers boost only if kvm_intel was loaded with preemption_timer=0\n");
	return 0;

netlink:
	pvsched_netlink_exit();
event:
	pvsched_event_exit();
workers:
	pvsched_workers_stop();
bind:
	pvsched_bind_exit();
wq:
	destroy_workqueue(pvsched_wq);
	return err;
}

/*
 * Only called when nothing refers to the module: no open file, no vCPU object,
 * so no notifier either.
 */
static void __exit pvsched_exit(void)
{
	pvsched_dev_exit();
	pvsched_late_exit();
	pvsched_canary_exit();
	pvsched_netlink_exit();
	pvsched_event_exit();
	pvsched_workers_stop();
	pvsched_bind_exit();
	/* Whoever dropped the last reference may still be on its way out. */
	rcu_barrier();
	drain_workqueue(pvsched_wq);
	synchronize_rcu_tasks();
	destroy_workqueue(pvsched_wq);
}

module_init(pvsched_init);
module_exit(pvsched_exit);

MODULE_DESCRIPTION("Paravirtual CPU scheduling, host side");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
