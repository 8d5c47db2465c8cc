// SPDX-License-Identifier: GPL-2.0-only
/*
 * Children of a boosted thread begin with its baseline.
 *
 * That a child does not inherit the boost is seen to by reset-on-fork, with
 * which it begins as SCHED_NORMAL with nice 0. What the parent would have passed
 * on without the boost is set here, before the child first runs; so is a boost
 * that got through. There while there is a VM, and not otherwise.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/tracepoint.h>

#include "bind.h"
#include "core.h"
#include "fork.h"
#include "sched.h"
#include "state.h"

static DEFINE_MUTEX(fork_lock); /* guards both */
static struct tracepoint *fork_tp;
static unsigned int fork_users;

/*
 * sched_process_fork: in the parent, no locks held; preemption is off, save in 7.x.
 * Nobody knows the child yet.
 */
static void fork_probe(void *data, struct task_struct *parent,
		       struct task_struct *child)
{
	struct pvsched_vcpu *vcpu;

	/* As every thread that is bound. */
	if (hlist_empty(&parent->preempt_notifiers))
		return;
	rcu_read_lock();
	vcpu = pvsched_bind_find(task_pid(parent));
	if (vcpu && READ_ONCE(vcpu->state) != PVSCHED_VCPU_STATE_PENDING &&
	    vcpu->boostable && !READ_ONCE(vcpu->owner_changed))
		pvsched_sched_child(child, &vcpu->baseline,
				    pvsched_state_nice(vcpu),
				    READ_ONCE(vcpu->peak.rtprio));
	rcu_read_unlock();
}

/* Process context. */
int pvsched_fork_get(void)
{
	int err = 0;

	mutex_lock(&fork_lock);
	if (!fork_tp)
		fork_tp = pvsched_tracepoint_find("sched_process_fork");
	if (!fork_tp)
		err = -ENOENT;
	else if (!fork_users)
		err = tracepoint_probe_register(fork_tp, fork_probe, NULL);
	if (!err)
		fork_users++;
	mutex_unlock(&fork_lock);
	return err;
}

/* Process context. */
void pvsched_fork_put(void)
{
	mutex_lock(&fork_lock);
	if (!--fork_users)
		tracepoint_probe_unregister(fork_tp, fork_probe, NULL);
	mutex_unlock(&fork_lock);
}
