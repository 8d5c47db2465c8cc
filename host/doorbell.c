// SPDX-License-Identifier: GPL-2.0-only
/*
 * The doorbell: an eventfd that is listened to in the kernel. KVM signals it in
 * the vCPU thread whose guest rang.
 *
 * The file is referenced while it is listened to, so its wait queue stays.
 */
#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/pid.h>

#include "bind.h"
#include "call.h"
#include "core.h"
#include "doorbell.h"
#include "state.h"
#include "watch.h"
#include "worker.h"

/*
 * Somebody other than a vCPU signalled: look at all of them. They may be many,
 * so not where it was signalled.
 */
static void ring_all(struct work_struct *work)
{
	struct pvsched_vm *vm =
		container_of(work, struct pvsched_vm, doorbell_work);
	struct pvsched_vcpu *vcpu;
	unsigned long id;

	rcu_read_lock();
	xa_for_each(&vm->vcpus, id, vcpu)
		if (READ_ONCE(vcpu->granted))
			pvsched_worker_post(vcpu, PVSCHED_EV_DOORBELL);
	rcu_read_unlock();
}

/* Under the eventfd's lock, irqs off. */
static int doorbell_rung(wait_queue_entry_t *wait, unsigned int mode, int sync,
			 void *key)
{
	struct pvsched_vm *vm =
		container_of(wait, struct pvsched_vm, doorbell_wait);
	struct pvsched_vcpu *vcpu;

	if (!(key_to_poll(key) & EPOLLIN))
		return 0;
	rcu_read_lock();
	vcpu = pvsched_bind_find(task_pid(current));
	if (vcpu && vcpu->vm == vm) {
		pvsched_watch_ring(vcpu);
		pvsched_call_forward(vcpu);
	} else if (pvsched_kicks_take(&vm->kicks, READ_ONCE(vm->kicks_max),
				      pvsched_state_now())) {
		queue_work(pvsched_wq, &vm->doorbell_work);
	}
	rcu_read_unlock();
	return 0;
}

static void doorbell_listen(struct file *file, wait_queue_head_t *head,
			    poll_table *poll)
{
	struct pvsched_vm *vm =
		container_of(poll, struct pvsched_vm, doorbell_poll);

	vm->doorbell_head = head;
	add_wait_queue(head, &vm->doorbell_wait);
}

/* vm->lock is held. */
void pvsched_doorbell_clear(struct pvsched_vm *vm)
{
	if (!vm->doorbell)
		return;
	remove_wait_queue(vm->doorbell_head, &vm->doorbell_wait);
	cancel_work_sync(&vm->doorbell_work);
	fput(vm->doorbell);
	vm->doorbell = NULL;
}

/**
 * pvsched_doorbell_set() - listen to an eventfd, instead of the one before
 * @vm: VM, its lock held
 * @fd: of the caller; -1: none
 *
 * Process context. Return: 0, -EBADF or -EINVAL; on error nothing changes.
 */
int pvsched_doorbell_set(struct pvsched_vm *vm, int fd)
{
	struct eventfd_ctx *ctx;
	struct file *file;

	if (fd == -1) {
		pvsched_doorbell_clear(vm);
		return 0;
	}
	file = fget(fd);
	if (!file)
		return -EBADF;
	ctx = eventfd_ctx_fileget(file);
	if (IS_ERR(ctx)) {
		fput(file);
		return PTR_ERR(ctx);
	}
	eventfd_ctx_put(ctx);
	pvsched_doorbell_clear(vm);
	vm->doorbell = file;
	INIT_WORK(&vm->doorbell_work, ring_all);
	init_waitqueue_func_entry(&vm->doorbell_wait, doorbell_rung);
	init_poll_funcptr(&vm->doorbell_poll, doorbell_listen);
	vfs_poll(file, &vm->doorbell_poll);
	return 0;
}
