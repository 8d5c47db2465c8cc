// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which thread runs a vCPU: found when it enters the guest, let go when it is
 * switched out.
 *
 * A preempt notifier can be registered and unregistered only by its own thread,
 * and not inside a notifier. The threads of an unmodified VMM never call us. So
 * two tracepoints are probed, each only while somebody waits for it: kvm_entry
 * (in the thread, names the vCPU) to register, sched_switch (in the thread that
 * is switched out, before its notifiers are called) to unregister.
 *
 * bind_lock guards every vCPU's binding and the tables, which are read under
 * RCU. It nests inside a run queue's lock and takes no other.
 * probes_lock orders changes of the probes and is taken in process context.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hashtable.h>
#include <linux/pid.h>
#include <linux/rculist.h>
#include <linux/sched/task.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "bind.h"
#include "compat.h"
#include "core.h"
#include "vcpu.h"
#include "watch.h"
#include "worker.h"

extern struct tracepoint __tracepoint_kvm_entry;

static DEFINE_RAW_SPINLOCK(bind_lock);
static DEFINE_HASHTABLE(attaching, 8); /* by process and vCPU id */
static DEFINE_HASHTABLE(bound, 8);     /* by the thread's id */
static DEFINE_HASHTABLE(threads, 8);   /* by the thread: exec changes its id */
static unsigned int attaching_count;
static unsigned int detaching_count;

static DEFINE_MUTEX(probes_lock);
static struct tracepoint *sched_switch_tp;
static bool entry_probed;
static bool switch_probed;

static void probes_work_fn(struct work_struct *work);
static DECLARE_DELAYED_WORK(probes_work, probes_work_fn);

/**
 * pvsched_bind_find() - the vCPU that a thread runs
 * @pid: the thread's, only compared
 *
 * Return: the vCPU, protected by RCU, or NULL.
 */
struct pvsched_vcpu *pvsched_bind_find(const struct pid *pid)
{
	struct pvsched_vcpu *vcpu;

	hash_for_each_possible_rcu(bound, vcpu, bound_node, (unsigned long)pid,
				   lockdep_is_held(&bind_lock))
		if (vcpu->pid == pid)
			return vcpu;
	return NULL;
}

static struct pvsched_vcpu *find_thread(const struct task_struct *task)
{
	struct pvsched_vcpu *vcpu;

	hash_for_each_possible_rcu(threads, vcpu, thread_node,
				   (unsigned long)task,
				   lockdep_is_held(&bind_lock))
		if (vcpu->task == task)
			return vcpu;
	return NULL;
}

static unsigned long attach_key(const struct pid *process, u32 id)
{
	return (unsigned long)process ^ id;
}

/* In the thread, preemption and irqs off, no locks held. */
static void bind_current(struct pvsched_vcpu *vcpu)
{
	raw_spin_lock(&bind_lock);
	/* One vCPU a thread: two notifiers would undo each other's boosts. */
	if (vcpu->binding != PVSCHED_ATTACHING || find_thread(current) ||
	    !pvsched_vcpu_get(vcpu)) {
		raw_spin_unlock(&bind_lock);
		return;
	}
	hash_del_rcu(&vcpu->attach_node);
	WRITE_ONCE(attaching_count, attaching_count - 1);
	vcpu->task = get_task_struct(current);
	vcpu->pid = get_pid(task_pid(current));
	vcpu->binding = PVSCHED_BOUND;
	preempt_notifier_register(&vcpu->notifier);
	hash_add_rcu(bound, &vcpu->bound_node, (unsigned long)vcpu->pid);
	hash_add_rcu(threads, &vcpu->thread_node, (unsigned long)current);
	raw_spin_unlock(&bind_lock);
	pvsched_watch_bound(vcpu);
}

/* kvm_entry: in the thread that enters the guest, preemption and irqs off. */
static void entry_probe(void *data, PVSCHED_KVM_ENTRY_PROTO(kvm_vcpu))
{
	u32 id = kvm_vcpu->vcpu_id;
	struct pvsched_vcpu *vcpu;

	hash_for_each_possible_rcu(attaching, vcpu, attach_node,
				   attach_key(task_tgid(current), id)) {
		if (vcpu->id == id && vcpu->vm->pid == task_tgid(current)) {
			bind_current(vcpu);
			return;
		}
	}
}

/* sched_switch: prev is current, its run queue is locked, irqs off. */
static void switch_probe(void *data, bool preempt, struct task_struct *prev,
			 struct task_struct *next, unsigned int prev_state)
{
	struct pvsched_vcpu *vcpu = find_thread(prev);

	if (!vcpu)
		return;
	raw_spin_lock(&bind_lock);
	if (vcpu->binding != PVSCHED_DETACHING) {
		raw_spin_unlock(&bind_lock);
		return;
	}
	preempt_notifier_unregister(&vcpu->notifier);
	vcpu->binding = PVSCHED_UNBOUND;
	raw_spin_unlock(&bind_lock);
	pvsched_worker_post_locked(vcpu, PVSCHED_EV_UNBOUND);
}

/* Probe what is waited for, and nothing else. probes_lock is held. */
static int probes_update(void)
{
	bool want_entry = READ_ONCE(attaching_count);
	bool want_switch = READ_ONCE(detaching_count);
	int err = 0;

	if (want_entry != entry_probed) {
		err = want_entry ?
			      tracepoint_probe_register(&__tracepoint_kvm_entry,
							entry_probe, NULL) :
			      tracepoint_probe_unregister(
				      &__tracepoint_kvm_entry, entry_probe,
				      NULL);
		if (!err)
			entry_probed = want_entry;
	}
	if (!err && want_switch != switch_probed) {
		err = want_switch ?
			      tracepoint_probe_register(sched_switch_tp,
							switch_probe, NULL) :
			      tracepoint_probe_unregister(sched_switch_tp,
							  switch_probe, NULL);
		if (!err)
			switch_probed = want_switch;
	}
	return err;
}

/* What does not work now, for want of memory, is tried again. */
static void probes_work_fn(struct work_struct *work)
{
	int err;

	mutex_lock(&probes_lock);
	err = probes_update();
	mutex_unlock(&probes_lock);
	if (!err)
		return;
	pr_warn_ratelimited("cannot change the probes: error %d\n", err);
	queue_delayed_work(pvsched_wq, &probes_work, HZ);
}

static void probes_soon(void)
{
	mod_delayed_work(pvsched_wq, &probes_work, 0);
}

static void attach_add(struct pvsched_vcpu *vcpu)
{
	raw_spin_lock_irq(&bind_lock);
	vcpu->binding = PVSCHED_ATTACHING;
	hash_add_rcu(attaching, &vcpu->attach_node,
		     attach_key(vcpu->vm->pid, vcpu->id));
	WRITE_ONCE(attaching_count, attaching_count + 1);
	raw_spin_unlock_irq(&bind_lock);
}

/**
 * pvsched_bind_start() - wait for the thread to enter the guest
 * @vcpu: referenced, not bound
 *
 * Process context. Return: 0 or a negative error, then pvsched_bind_stop()
 * still has to be called.
 */
int pvsched_bind_start(struct pvsched_vcpu *vcpu)
{
	int err;

	mutex_lock(&probes_lock);
	attach_add(vcpu);
	err = probes_update();
	mutex_unlock(&probes_lock);
	return err;
}

/* Likewise after the thread has exited: a VMM may replace it by another. */
void pvsched_bind_again(struct pvsched_vcpu *vcpu)
{
	attach_add(vcpu);
	probes_soon();
}

/* A worker has learned that the thread was found. */
void pvsched_bind_done(struct pvsched_vcpu *vcpu)
{
	probes_soon();
	pvsched_notify_vcpu(vcpu, PVSCHED_EVENT_VCPU_BOUND);
}

/**
 * pvsched_bind_stop() - let the thread go
 * @vcpu: referenced
 *
 * Returns at once; the notifier, which does nothing any more, goes when the
 * thread is next switched out. Process context.
 */
void pvsched_bind_stop(struct pvsched_vcpu *vcpu)
{
	struct task_struct *disturb = NULL;

	mutex_lock(&probes_lock);
	raw_spin_lock_irq(&bind_lock);
	if (vcpu->binding == PVSCHED_ATTACHING) {
		hash_del_rcu(&vcpu->attach_node);
		WRITE_ONCE(attaching_count, attaching_count - 1);
		vcpu->binding = PVSCHED_UNBOUND;
	} else if (vcpu->binding == PVSCHED_BOUND) {
		vcpu->binding = PVSCHED_DETACHING;
		WRITE_ONCE(detaching_count, detaching_count + 1);
		disturb = get_task_struct(vcpu->task);
	}
	raw_spin_unlock_irq(&bind_lock);
	if (probes_update())
		probes_soon();
	mutex_unlock(&probes_lock);
	if (disturb) {
		pvsched_worker_disturb(disturb);
		put_task_struct(disturb);
	}
}

/**
 * pvsched_bind_gone() - the notifier is gone
 * @vcpu: referenced
 * @exited: because the thread exited, rather than because it was let go
 *
 * Process context. Drops the notifier's reference.
 */
void pvsched_bind_gone(struct pvsched_vcpu *vcpu, bool exited)
{
	raw_spin_lock_irq(&bind_lock);
	hash_del_rcu(&vcpu->bound_node);
	hash_del_rcu(&vcpu->thread_node);
	if (vcpu->binding != PVSCHED_BOUND)
		WRITE_ONCE(detaching_count, detaching_count - 1);
	vcpu->binding = PVSCHED_UNBOUND;
	raw_spin_unlock_irq(&bind_lock);
	probes_soon();
	if (exited)
		pvsched_vcpu_exited(vcpu);
	pvsched_vcpu_put(vcpu);
}

static void sched_switch_find(struct tracepoint *tp, void *found)
{
	if (!strcmp(tp->name, "sched_switch"))
		*(struct tracepoint **)found = tp;
}

int pvsched_bind_init(void)
{
	for_each_kernel_tracepoint(sched_switch_find, &sched_switch_tp);
	return sched_switch_tp ? 0 : -ENOENT;
}

/* Nothing is bound any more: the module's references have seen to that. */
void pvsched_bind_exit(void)
{
	cancel_delayed_work_sync(&probes_work);
	mutex_lock(&probes_lock);
	WARN_ON_ONCE(probes_update());
	mutex_unlock(&probes_lock);
	tracepoint_synchronize_unregister();
}
