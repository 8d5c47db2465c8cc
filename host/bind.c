// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which thread runs a vCPU: found when it enters the guest, or named by whoever
 * attaches it; let go when it is switched out.
 *
 * A preempt notifier can be registered and unregistered only by its own thread,
 * and not inside a notifier. A thread that calls us does so there and then; the
 * threads of an unmodified VMM never do. So two tracepoints are probed, each
 * only while somebody waits for it: kvm_entry (in the thread, names the vCPU) to
 * register, sched_switch (in the thread that is switched out, before its
 * notifiers are called) to register threads that were named, and to unregister.
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
static DEFINE_HASHTABLE(awaiting, 10); /* VMs that await one, by process */
static DEFINE_HASHTABLE(bound, 10);    /* by the thread's id */
static DEFINE_HASHTABLE(threads, 10);  /* by the thread: exec changes its id */
static unsigned int entries_awaited;   /* by so many vCPUs */
static unsigned int switches_awaited;

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

/* May have changed when it is acted upon, unless bind_lock is held. */
static bool awaits_entry(const struct pvsched_vcpu *vcpu)
{
	return READ_ONCE(vcpu->binding) == PVSCHED_ATTACHING && !vcpu->by_hand;
}

/* What follow hold bind_lock. */

static bool awaits_switch(const struct pvsched_vcpu *vcpu)
{
	return vcpu->binding == PVSCHED_DETACHING ||
	       (vcpu->binding == PVSCHED_ATTACHING && vcpu->by_hand);
}

/*
 * A vCPU begins to wait for an entry, or does not any more. What every entry of every
 * VM looks through are VMs, not vCPUs: of these anybody may attach thousands.
 */
static void entry_await(struct pvsched_vm *vm, int change)
{
	if (!change)
		return;
	if (!vm->entries_awaited)
		hash_add_rcu(awaiting, &vm->awaiting_node,
			     (unsigned long)vm->pid);
	vm->entries_awaited += change;
	if (!vm->entries_awaited)
		hash_del_rcu(&vm->awaiting_node);
	WRITE_ONCE(entries_awaited, entries_awaited + change);
}

static void binding_set(struct pvsched_vcpu *vcpu, enum pvsched_binding binding)
{
	unsigned int switches = switches_awaited - awaits_switch(vcpu);
	bool awaited = awaits_entry(vcpu);

	WRITE_ONCE(vcpu->binding, binding);
	entry_await(vcpu->vm, awaits_entry(vcpu) - awaited);
	WRITE_ONCE(switches_awaited, switches + awaits_switch(vcpu));
}

static void tables_add(struct pvsched_vcpu *vcpu, struct task_struct *task)
{
	vcpu->task = get_task_struct(task);
	vcpu->pid = get_pid(task_pid(task));
	hash_add_rcu(bound, &vcpu->bound_node, (unsigned long)vcpu->pid);
	hash_add_rcu(threads, &vcpu->thread_node, (unsigned long)task);
}

static void tables_del(struct pvsched_vcpu *vcpu)
{
	hash_del_rcu(&vcpu->bound_node);
	hash_del_rcu(&vcpu->thread_node);
}

/* In the thread, and not inside a notifier. False: the vCPU is going away. */
static bool notifier_add(struct pvsched_vcpu *vcpu)
{
	if (!pvsched_vcpu_get(vcpu))
		return false;
	preempt_notifier_register(&vcpu->notifier);
	binding_set(vcpu, PVSCHED_BOUND);
	return true;
}

/* Likewise. What is left is for pvsched_bind_gone(). */
static void notifier_del(struct pvsched_vcpu *vcpu)
{
	preempt_notifier_unregister(&vcpu->notifier);
	binding_set(vcpu, PVSCHED_UNBOUND);
}

/* In the thread, preemption and irqs off, no locks held. */
static void bind_current(struct pvsched_vcpu *vcpu)
{
	bool found;

	raw_spin_lock(&bind_lock);
	/* One vCPU a thread: two notifiers would undo each other's boosts. */
	found = awaits_entry(vcpu) && !find_thread(current) &&
		notifier_add(vcpu);
	if (found)
		tables_add(vcpu, current);
	raw_spin_unlock(&bind_lock);
	if (!found)
		return;
	pvsched_watch_bound(vcpu);
	pvsched_worker_post(vcpu, PVSCHED_EV_BOUND);
}

/*
 * kvm_entry: in the thread that enters the guest, preemption and irqs off. A VM that is
 * taken from the table meanwhile is held by the vCPU that waited last, for a grace
 * period at least.
 */
static void entry_probe(void *data, PVSCHED_KVM_ENTRY_PROTO(kvm_vcpu))
{
	const struct pid *process = task_tgid(current);
	struct pvsched_vcpu *vcpu;
	struct pvsched_vm *vm;

	hash_for_each_possible_rcu(awaiting, vm, awaiting_node,
				   (unsigned long)process) {
		if (vm->pid != process)
			continue;
		vcpu = xa_load(&vm->vcpus, kvm_vcpu->vcpu_id);
		if (vcpu && awaits_entry(vcpu) && !find_thread(current)) {
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
	unsigned int event = 0;

	if (!vcpu)
		return;
	raw_spin_lock(&bind_lock);
	if (vcpu->binding == PVSCHED_DETACHING) {
		notifier_del(vcpu);
		event = PVSCHED_EV_UNBOUND;
	} else if (vcpu->binding == PVSCHED_ATTACHING && notifier_add(vcpu)) {
		event = PVSCHED_EV_BOUND;
	}
	raw_spin_unlock(&bind_lock);
	/* Its notifier is called next, and tells if the thread is exiting. */
	if (event == PVSCHED_EV_BOUND)
		pvsched_watch_bound(vcpu);
	if (event)
		pvsched_worker_post_locked(vcpu, event);
}

/* Probe what is waited for. probes_lock is held. */
static int probes_add(void)
{
	int err = 0;

	if (READ_ONCE(entries_awaited) && !entry_probed) {
		err = tracepoint_probe_register(&__tracepoint_kvm_entry,
						entry_probe, NULL);
		entry_probed = !err;
	}
	if (!err && READ_ONCE(switches_awaited) && !switch_probed) {
		err = tracepoint_probe_register(sched_switch_tp, switch_probe,
						NULL);
		switch_probed = !err;
	}
	return err;
}

/* Likewise: nothing else. */
static int probes_del(void)
{
	int err = 0;

	if (!READ_ONCE(entries_awaited) && entry_probed) {
		err = tracepoint_probe_unregister(&__tracepoint_kvm_entry,
						  entry_probe, NULL);
		entry_probed = err;
	}
	if (!err && !READ_ONCE(switches_awaited) && switch_probed) {
		err = tracepoint_probe_unregister(sched_switch_tp, switch_probe,
						  NULL);
		switch_probed = err;
	}
	return err;
}

static int probes_update(void)
{
	return probes_add() ?: probes_del();
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

/*
 * A probe may not be needed any more. Removing it, and adding it again, waits for
 * everybody who might be in it: not for each of many threads in a row.
 */
static void probes_later(void)
{
	queue_delayed_work(pvsched_wq, &probes_work, HZ / 10);
}

static void attach_add(struct pvsched_vcpu *vcpu)
{
	raw_spin_lock_irq(&bind_lock);
	binding_set(vcpu, PVSCHED_ATTACHING);
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
	err = probes_add();
	mutex_unlock(&probes_lock);
	return err;
}

static int bind_self(struct pvsched_vcpu *vcpu)
{
	int err = 0;

	local_irq_disable();
	raw_spin_lock(&bind_lock);
	if (find_thread(current) || !notifier_add(vcpu))
		err = -EBUSY;
	else
		tables_add(vcpu, current);
	raw_spin_unlock(&bind_lock);
	if (!err)
		pvsched_watch_bound(vcpu);
	local_irq_enable();
	if (!err)
		pvsched_worker_post(vcpu, PVSCHED_EV_BOUND);
	return err;
}

static int bind_other(struct pvsched_vcpu *vcpu, struct task_struct *task)
{
	int err = 0;

	mutex_lock(&probes_lock);
	raw_spin_lock_irq(&bind_lock);
	if (find_thread(task)) {
		err = -EBUSY;
	} else {
		binding_set(vcpu, PVSCHED_ATTACHING);
		tables_add(vcpu, task);
	}
	raw_spin_unlock_irq(&bind_lock);
	if (!err)
		err = probes_add();
	mutex_unlock(&probes_lock);
	if (err)
		return err;
	/* If it is exiting, nobody may see it being switched out any more. */
	if (READ_ONCE(task->flags) & PF_EXITING)
		return -ESRCH;
	pvsched_worker_disturb(task);
	return 0;
}

/**
 * pvsched_bind_thread() - the thread is known
 * @vcpu: referenced, attached by hand, not bound
 * @task: the thread, referenced
 *
 * If it is not the current thread, it is bound when it is next switched out.
 * Process context. Return: 0 or a negative error, then pvsched_bind_stop()
 * still has to be called; -EBUSY: it is attached already.
 */
int pvsched_bind_thread(struct pvsched_vcpu *vcpu, struct task_struct *task)
{
	return task == current ? bind_self(vcpu) : bind_other(vcpu, task);
}

/* As pvsched_bind_start(), after the thread has exited: a VMM may replace it by another. */
void pvsched_bind_again(struct pvsched_vcpu *vcpu)
{
	attach_add(vcpu);
	probes_soon();
}

/* A worker has learned that the thread was found. */
void pvsched_bind_done(struct pvsched_vcpu *vcpu)
{
	probes_later();
	pvsched_notify_vcpu(vcpu, PVSCHED_EVENT_VCPU_BOUND);
}

/* In the current thread: it is let go at once. */
static bool unbind_self(struct pvsched_vcpu *vcpu)
{
	bool self;

	raw_spin_lock_irq(&bind_lock);
	self = vcpu->binding == PVSCHED_BOUND && vcpu->task == current;
	if (self) {
		notifier_del(vcpu);
		tables_del(vcpu);
	}
	raw_spin_unlock_irq(&bind_lock);
	return self;
}

static void unbind_other(struct pvsched_vcpu *vcpu)
{
	struct task_struct *disturb = NULL;

	mutex_lock(&probes_lock);
	raw_spin_lock_irq(&bind_lock);
	if (vcpu->binding == PVSCHED_ATTACHING) {
		tables_del(vcpu);
		binding_set(vcpu, PVSCHED_UNBOUND);
	} else if (vcpu->binding == PVSCHED_BOUND &&
		   !(READ_ONCE(vcpu->task->flags) & PF_EXITING)) {
		/* One that is exiting goes by itself. */
		binding_set(vcpu, PVSCHED_DETACHING);
		disturb = get_task_struct(vcpu->task);
	}
	raw_spin_unlock_irq(&bind_lock);
	if (probes_add())
		probes_soon();
	mutex_unlock(&probes_lock);
	probes_later();
	if (disturb) {
		pvsched_worker_disturb(disturb);
		put_task_struct(disturb);
	}
}

/**
 * pvsched_bind_stop() - let the thread go
 * @vcpu: referenced
 *
 * Returns at once; unless it is the current thread, the notifier, which does
 * nothing any more, goes when the thread is next switched out. Process context.
 */
void pvsched_bind_stop(struct pvsched_vcpu *vcpu)
{
	if (unbind_self(vcpu))
		/* The notifier's reference. */
		pvsched_vcpu_put(vcpu);
	else
		unbind_other(vcpu);
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
	tables_del(vcpu);
	binding_set(vcpu, PVSCHED_UNBOUND);
	raw_spin_unlock_irq(&bind_lock);
	probes_later();
	if (exited)
		pvsched_vcpu_exited(vcpu);
	pvsched_vcpu_put(vcpu);
}

struct wanted {
	const char *name;
	struct tracepoint *tp;
};

static void tracepoint_compare(struct tracepoint *tp, void *data)
{
	struct wanted *wanted = data;

	if (!strcmp(tp->name, wanted->name))
		wanted->tp = tp;
}

/* A tracepoint of the kernel proper, which is not exported; or NULL. */
struct tracepoint *pvsched_tracepoint_find(const char *name)
{
	struct wanted wanted = { .name = name };

	for_each_kernel_tracepoint(tracepoint_compare, &wanted);
	return wanted.tp;
}

int pvsched_bind_init(void)
{
	sched_switch_tp = pvsched_tracepoint_find("sched_switch");
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
