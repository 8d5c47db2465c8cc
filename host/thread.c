// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads that are attached by hand: by themselves, or by somebody who may
 * change their scheduling.
 */
#include <linux/cred.h>
#include <linux/pid.h>
#include <linux/sched/task.h>

#include "bind.h"
#include "core.h"
#include "thread.h"
#include "vm.h"
#include "watch.h"

/* The thread, referenced, if it is one of the VM's process. */
static struct task_struct *thread_find(const struct pvsched_vm *vm, pid_t tid)
{
	struct task_struct *task = NULL;
	struct pid *pid;
	bool ours;

	if (!tid) {
		task = get_task_struct(current);
	} else {
		pid = find_get_pid(tid);
		task = get_pid_task(pid, PIDTYPE_PID);
		put_pid(pid);
	}
	if (!task)
		return NULL;
	rcu_read_lock();
	ours = task_tgid(task) == vm->pid;
	rcu_read_unlock();
	if (ours)
		return task;
	put_task_struct(task);
	return NULL;
}

/**
 * pvsched_thread_attach() - register a thread of the VM's process
 * @vm: the VM or group of threads, its lock held
 * @args: from user space, copied and checked
 *
 * Process context, in the caller. Return: 0 or an error as documented for
 * PVSCHED_IOC_THREAD_ATTACH.
 */
int pvsched_thread_attach(struct pvsched_vm *vm,
			  const struct pvsched_thread_attach *args)
{
	struct pvsched_hand hand = {
		.within_rlimits = !capable(CAP_SYS_NICE),
	};
	int err = -EPERM;

	hand.task = thread_find(vm, args->tid);
	if (!hand.task)
		return -ESRCH;
	/* Not the kernel's own, of which pvsched's workers are some. */
	if (!(hand.task->flags & PF_KTHREAD) && pvsched_vm_may(hand.task))
		err = pvsched_vm_attach(vm, args->vcpu_id, args->addr, &hand);
	put_task_struct(hand.task);
	return err;
}

/**
 * pvsched_thread_ring() - the current thread has become less urgent
 * @vm: the VM or group of threads that it was attached through
 *
 * Process context. Its boost is over when it is back in user space. Return: 0,
 * or -ENOENT: it is not attached.
 */
int pvsched_thread_ring(const struct pvsched_vm *vm)
{
	struct pvsched_vcpu *vcpu;
	int err = -ENOENT;

	rcu_read_lock();
	local_irq_disable();
	vcpu = pvsched_bind_find(task_pid(current));
	if (vcpu && vcpu->vm == vm) {
		pvsched_watch_ring(vcpu);
		err = 0;
	}
	local_irq_enable();
	rcu_read_unlock();
	return err;
}
