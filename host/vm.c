// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMs: who they are, which caps bind them.
 */
#include <linux/cred.h>
#include <linux/pid.h>
#include <linux/preempt.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <pvsched/name.h>

#include "account.h"
#include "bind.h"
#include "core.h"
#include "doorbell.h"
#include "fork.h"
#include "kick.h"
#include "page.h"
#include "policy.h"
#include "slots.h"
#include "state.h"
#include "vcpu.h"
#include "vm.h"
#include "vmset.h"
#include "worker.h"

/* More than any host runs; bounds what a dump has to walk. */
#define VMS_MAX 4096

/* Of one user without CAP_SYS_RESOURCE: leaves room for others. */
#define VMS_MAX_USER (VMS_MAX / 4)

/* Guards the list, the ids, all tables of vCPUs and all caps. */
DEFINE_MUTEX(pvsched_vms_lock);
LIST_HEAD(pvsched_vms);
struct pvsched_caps pvsched_host_caps;

static unsigned int vms_count; /* under pvsched_vms_lock */
static u32 vms_last_id;	       /* likewise */

/*
 * May the caller change the scheduling of this thread? As sched_setattr(2); but
 * without CAP_SYS_NICE, only within the RLIMITs of its process.
 */
bool pvsched_vm_may(struct task_struct *task)
{
	return uid_eq(current_euid(), task_uid(task)) || capable(CAP_SYS_NICE);
}

static int vmm_check(struct pid *pid, kuid_t *uid)
{
	struct task_struct *task;
	int err = -ESRCH;

	rcu_read_lock();
	task = pid_task(pid, PIDTYPE_TGID);
	if (task) {
		*uid = task_uid(task);
		err = pvsched_vm_may(task) ? 0 : -EPERM;
	}
	rcu_read_unlock();
	return err;
}

/**
 * pvsched_vm_rlimit() - what the VM's process may set by itself
 * @vm: the VM
 * @uid: who asks
 * @id: a cap
 * @limit: set to its largest value; PVSCHED_CAP_UNLIMITED if RLIMITs do not
 *	matter to it, or to this VM
 *
 * Any context. Return: 0; -ESRCH: the process is gone; -EPERM: it is another
 * user's by now.
 */
int pvsched_vm_rlimit(const struct pvsched_vm *vm, kuid_t uid,
		      enum pvsched_cap_id id, u64 *limit)
{
	struct task_struct *task;
	int err = -ESRCH;

	*limit = PVSCHED_CAP_UNLIMITED;
	rcu_read_lock();
	task = pid_task(vm->pid, PIDTYPE_TGID);
	if (task)
		err = uid_eq(task_uid(task), uid) ? 0 : -EPERM;
	if (!err && vm->within_rlimits && id == PVSCHED_CAP_RTPRIO)
		*limit = task_rlimit(task, RLIMIT_RTPRIO);
	if (!err && vm->within_rlimits && id == PVSCHED_CAP_NICE)
		*limit = task_rlimit(task, RLIMIT_NICE);
	rcu_read_unlock();
	return err;
}

/* pvsched_vms_lock is held. */
struct pvsched_vm *pvsched_vm_find(const char *name)
{
	struct pvsched_vm *vm;

	list_for_each_entry(vm, &pvsched_vms, node)
		if (!strcmp(vm->name, name))
			return vm;
	return NULL;
}

/* KVM's kicks are of interest to VMs only. */
static int kicks_get(const struct pvsched_vm *vm)
{
	return vm->kind == PVSCHED_VM_KIND_VM ? pvsched_kick_get() : 0;
}

static void kicks_put(const struct pvsched_vm *vm)
{
	if (vm->kind == PVSCHED_VM_KIND_VM)
		pvsched_kick_put();
}

/* May this user have one more? pvsched_vms_lock is held. */
static bool vm_room(kuid_t creator)
{
	unsigned int count = 0;
	struct pvsched_vm *vm;

	if (vms_count >= VMS_MAX)
		return false;
	list_for_each_entry(vm, &pvsched_vms, node)
		count += uid_eq(vm->creator, creator);
	return count < VMS_MAX_USER || capable(CAP_SYS_RESOURCE);
}

/* What binds the VM as a whole. pvsched_vms_lock is held. */
static void vm_limits_update(struct pvsched_vm *vm)
{
	struct pvsched_limits limits;

	pvsched_limits_combine(&limits, &pvsched_host_caps, &vm->caps,
			       &vm->caps);
	WRITE_ONCE(vm->kicks_max, limits.value[PVSCHED_CAP_KICKS]);
}

/* Return: 0, or an error as documented for PVSCHED_IOC_VM_CREATE. */
static int vm_publish(struct pvsched_vm *vm, const char *policy)
{
	struct pvsched_plug *plug;
	int err = 0;

	mutex_lock(&pvsched_vms_lock);
	plug = pvsched_policy_find(policy);
	if (!plug) {
		err = -ENOENT;
	} else if (pvsched_vm_find(vm->name)) {
		err = -EEXIST;
	} else if (!vm_room(vm->creator)) {
		err = -ENOSPC;
	} else if (!pvsched_policy_get(plug)) {
		err = -ENOENT;
	} else {
		vm->policy = plug;
		vms_count++;
		vm->id = ++vms_last_id;
		vm_limits_update(vm);
		list_add_tail(&vm->node, &pvsched_vms);
		pvsched_notify_dumps();
	}
	mutex_unlock(&pvsched_vms_lock);
	return err;
}

/**
 * pvsched_vm_alloc() - a VM comes
 * @args: from user space, copied
 *
 * Process context, in the caller. Return: the VM, one reference the caller's,
 * or an ERR_PTR as documented for PVSCHED_IOC_VM_CREATE.
 */
struct pvsched_vm *pvsched_vm_alloc(const struct pvsched_vm_create *args)
{
	struct pvsched_vm *vm;
	int err;

	if (args->flags & ~PVSCHED_VM_THREADS || !pvsched_name_ok(args->name) ||
	    strnlen(args->policy, PVSCHED_POLICY_LEN) == PVSCHED_POLICY_LEN)
		return ERR_PTR(-EINVAL);
	vm = kzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);
	if (!vm)
		return ERR_PTR(-ENOMEM);
	kref_init(&vm->ref);
	mutex_init(&vm->lock);
	xa_init(&vm->vcpus);
	pvsched_slots_init(vm);
	pvsched_caps_unlimited(&vm->caps);
	strscpy(vm->name, args->name, sizeof(vm->name));
	vm->kind = args->flags & PVSCHED_VM_THREADS ? PVSCHED_VM_KIND_THREADS :
						      PVSCHED_VM_KIND_VM;
	/* Nobody kicks an ordinary thread, so nothing would end a rest in time. */
	vm->payback =
		vm->kind == PVSCHED_VM_KIND_VM && pvsched_payback_default();
	vm->creator = current_euid();
	err = -ESRCH;
	vm->pid = find_get_pid(args->pid);
	if (!vm->pid)
		goto put;
	vm->within_rlimits = !capable(CAP_SYS_NICE);
	err = vmm_check(vm->pid, &vm->uid);
	if (err)
		goto put;
	preempt_notifier_inc();
	vm->notifiers = true;
	err = kicks_get(vm);
	if (err)
		goto put;
	err = pvsched_fork_get();
	if (err)
		goto kick;
	err = vm_publish(vm, args->policy);
	if (err)
		goto fork;
	pvsched_notify_vm(vm, PVSCHED_EVENT_VM_ADD);
	return vm;

fork:
	pvsched_fork_put();
kick:
	kicks_put(vm);
put:
	pvsched_vm_put(vm);
	return ERR_PTR(err);
}

static void vm_release(struct kref *ref)
{
	struct pvsched_vm *vm = container_of(ref, struct pvsched_vm, ref);

	if (vm->notifiers)
		preempt_notifier_dec();
	put_pid(vm->pid);
	xa_destroy(&vm->vcpus);
	kfree(vm);
}

/* Process context. */
void pvsched_vm_put(struct pvsched_vm *vm)
{
	kref_put(&vm->ref, vm_release);
}

static void vcpu_sum(struct pvsched_vcpu *vcpu, struct pvsched_stats *sum)
{
	rt_mutex_lock(&vcpu->apply_lock);
	raw_spin_lock_irq(&vcpu->lock);
	pvsched_account_sum(vcpu, sum);
	raw_spin_unlock_irq(&vcpu->lock);
	rt_mutex_unlock(&vcpu->apply_lock);
}

/**
 * pvsched_vm_stats() - the statistics of all vCPUs that a VM has, or had
 * @vm: the VM
 * @sum: set to them
 *
 * Process context, pvsched_vms_lock is held.
 */
void pvsched_vm_stats(struct pvsched_vm *vm, struct pvsched_stats *sum)
{
	struct pvsched_vcpu *vcpu;
	unsigned long id;

	*sum = vm->gone;
	if (vm->leaving)
		vcpu_sum(vm->leaving, sum);
	xa_for_each(&vm->vcpus, id, vcpu)
		vcpu_sum(vcpu, sum);
}

/* Take a vCPU out of the table and end it. vm->lock is held. */
static void vcpu_remove(struct pvsched_vm *vm, struct pvsched_vcpu *vcpu)
{
	mutex_lock(&pvsched_vms_lock);
	xa_erase(&vm->vcpus, vcpu->id);
	vm->leaving = vcpu;
	pvsched_notify_dumps();
	mutex_unlock(&pvsched_vms_lock);
	pvsched_vcpu_stop(vcpu);
	mutex_lock(&pvsched_vms_lock);
	vcpu_sum(vcpu, &vm->gone);
	vm->leaving = NULL;
	mutex_unlock(&pvsched_vms_lock);
	pvsched_page_unpin(vcpu);
	pvsched_vcpu_put(vcpu);
}

/* vm->lock is held. Return: 0 or -ENOENT. */
int pvsched_vm_detach(struct pvsched_vm *vm, u32 id)
{
	struct pvsched_vcpu *vcpu = xa_load(&vm->vcpus, id);

	if (!vcpu)
		return -ENOENT;
	vcpu_remove(vm, vcpu);
	return 0;
}

/* vm->lock is held. */
void pvsched_vm_detach_all(struct pvsched_vm *vm)
{
	struct pvsched_vcpu *vcpu;
	unsigned long id;

	xa_for_each(&vm->vcpus, id, vcpu)
		vcpu_remove(vm, vcpu);
}

/**
 * pvsched_vm_stop() - a VM goes: the mirror of pvsched_vm_alloc()
 * @vm: the VM, the caller's reference, which is dropped
 *
 * Process context, no locks held.
 */
void pvsched_vm_stop(struct pvsched_vm *vm)
{
	mutex_lock(&vm->lock);
	pvsched_doorbell_clear(vm);
	pvsched_vm_detach_all(vm);
	mutex_unlock(&vm->lock);
	mutex_lock(&pvsched_vms_lock);
	list_del(&vm->node);
	vms_count--;
	pvsched_policy_put(vm->policy);
	pvsched_notify_dumps();
	mutex_unlock(&pvsched_vms_lock);
	pvsched_notify_vm(vm, PVSCHED_EVENT_VM_DEL);
	pvsched_fork_put();
	kicks_put(vm);
	pvsched_vm_put(vm);
}

/* vm->lock is held. */
static int vcpu_insert(struct pvsched_vm *vm, struct pvsched_vcpu *vcpu)
{
	int err;

	mutex_lock(&pvsched_vms_lock);
	pvsched_limits_combine(&vcpu->limits, &pvsched_host_caps, &vm->caps,
			       &vcpu->caps);
	vcpu->policy = vm->policy;
	err = xa_insert(&vm->vcpus, vcpu->id, vcpu, GFP_KERNEL_ACCOUNT);
	pvsched_notify_dumps();
	mutex_unlock(&pvsched_vms_lock);
	if (!err)
		pvsched_notify_vcpu(vcpu, PVSCHED_EVENT_VCPU_ADD);
	return err;
}

/**
 * pvsched_vm_attach() - register a vCPU, or another thread
 * @vm: the VM, its lock held
 * @id: KVM's id of the vCPU, or the number of the thread
 * @addr: of its page, in the caller's memory
 * @hand: the thread and what holds for it, or NULL: it is found when it enters
 *	the guest
 *
 * Process context, in the caller. Return: 0 or an error as documented for
 * PVSCHED_IOC_VCPU_ATTACH and PVSCHED_IOC_THREAD_ATTACH.
 */
int pvsched_vm_attach(struct pvsched_vm *vm, u32 id, u64 addr,
		      const struct pvsched_hand *hand)
{
	struct pvsched_page *shared = NULL;
	struct pvsched_vcpu *vcpu;
	kuid_t uid;
	int err;

	err = vmm_check(vm->pid, &uid);
	if (err)
		return err;
	if (xa_load(&vm->vcpus, id))
		return -EEXIST;
	vcpu = pvsched_vcpu_alloc(vm, id);
	if (!vcpu)
		return -ENOMEM;
	vcpu->by_hand = hand;
	vcpu->within_rlimits =
		hand ? hand->within_rlimits : !capable(CAP_SYS_NICE);
	if (addr || !hand)
		shared = pvsched_page_pin(vcpu, addr);
	if (IS_ERR(shared)) {
		pvsched_vcpu_put(vcpu);
		return PTR_ERR(shared);
	}
	vcpu->shared = shared;
	err = vcpu_insert(vm, vcpu);
	if (err) {
		pvsched_page_unpin(vcpu);
		pvsched_vcpu_put(vcpu);
		return err;
	}
	err = hand ? pvsched_bind_thread(vcpu, hand->task) :
		     pvsched_bind_start(vcpu);
	if (err)
		vcpu_remove(vm, vcpu);
	return err;
}

/**
 * pvsched_vm_atomic() - a guest tells where a vCPU counts
 * @vm: the VM, its lock held
 * @args: what the caller wants, its mask not 0
 *
 * Process context, in the caller. Return: 0 or an error as documented for
 * PVSCHED_IOC_VCPU_ATOMIC.
 */
int pvsched_vm_atomic(struct pvsched_vm *vm,
		      const struct pvsched_vcpu_atomic *args)
{
	struct pvsched_vcpu *vcpu = xa_load(&vm->vcpus, args->vcpu_id);
	__le32 *count;

	if (!vcpu || !vcpu->shared)
		return -ENOENT;
	if (vcpu->count)
		return -EEXIST;
	count = pvsched_count_pin(vcpu, args->addr);
	if (IS_ERR(count))
		return PTR_ERR(count);
	raw_spin_lock_irq(&vcpu->lock);
	vcpu->count_mask = args->mask;
	vcpu->count = count;
	raw_spin_unlock_irq(&vcpu->lock);
	return 0;
}

/* Caps have changed: what binds now, also for boosts under way. */
static void limits_update(struct pvsched_vcpu *vcpu)
{
	struct pvsched_limits limits;

	pvsched_limits_combine(&limits, &pvsched_host_caps, &vcpu->vm->caps,
			       &vcpu->caps);
	raw_spin_lock_irq(&vcpu->lock);
	vcpu->limits = limits;
	pvsched_account_ending(vcpu, pvsched_state_now());
	raw_spin_unlock_irq(&vcpu->lock);
	pvsched_worker_post(vcpu, PVSCHED_EV_CAPS);
}

/* Process context; pvsched_vms_lock is held. */
void pvsched_vm_limits_update(struct pvsched_vm *vm)
{
	struct pvsched_vcpu *vcpu;
	unsigned long id;

	vm_limits_update(vm);

	xa_for_each(&vm->vcpus, id, vcpu)
		limits_update(vcpu);
}

/* Process context; pvsched_vms_lock is held. */
void pvsched_limits_update_all(void)
{
	struct pvsched_vm *vm;

	list_for_each_entry(vm, &pvsched_vms, node)
		pvsched_vm_limits_update(vm);
}
