/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between the kernels that this module is built for, 6.1 and
 * later. No other file of this module looks at the kernel's version.
 */
#ifndef _GUEST_COMPAT_H
#define _GUEST_COMPAT_H

#include <linux/hrtimer.h>
#include <linux/sched.h>
#include <linux/smp_types.h>
#include <linux/version.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>

#include <asm/processor.h>

/* 6.11 put names and callbacks of virtqueues into one structure. */
static inline int pvsched_find_vqs(struct virtio_device *vdev, unsigned int n,
				   struct virtqueue **vqs,
				   vq_callback_t **callbacks,
				   const char *const *names)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
	struct virtqueue_info info[8] = {};
	unsigned int i;

	if (n > ARRAY_SIZE(info))
		return -EINVAL;
	for (i = 0; i < n; i++) {
		info[i].name = names[i];
		info[i].callback = callbacks[i];
	}
	return virtio_find_vqs(vdev, n, vqs, info, NULL);
#else
	return virtio_find_vqs(vdev, n, vqs, callbacks, names, NULL);
#endif
}

/* The id that KVM knows the vCPU by. 6.7 moved it. */
static inline u32 pvsched_hw_cpu_id(unsigned int cpu)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	return cpu_data(cpu).topo.initial_apicid;
#else
	return cpu_data(cpu).initial_apicid;
#endif
}

/*
 * What keeps this CPU from being preempted is counted here; NULL: it is not. From
 * 6.2 to 6.14 that was kept with other hot data.
 */
static inline void *pvsched_preempt_count_of(unsigned int cpu)
{
#ifndef CONFIG_PREEMPT_COUNT
	return NULL;
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0) && \
	LINUX_VERSION_CODE < KERNEL_VERSION(6, 15, 0)
	return per_cpu_ptr(&pcpu_hot.preempt_count, cpu);
#else
	return per_cpu_ptr(&__preempt_count, cpu);
#endif
}

/* Queued to run, or running. Since 6.12 a fair task may stay queued for a while. */
static inline bool pvsched_task_queued(const struct task_struct *p)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	return READ_ONCE(p->on_rq) && !READ_ONCE(p->se.sched_delayed);
#else
	return READ_ONCE(p->on_rq);
#endif
}

/* Whose time that timer gives; since 6.8 it may be that of all fair tasks: NULL. */
static inline struct task_struct *pvsched_deadline_task(struct hrtimer *timer)
{
	struct task_struct *p =
		container_of(timer, struct task_struct, dl.dl_timer);

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
	if (p->dl.dl_server)
		return NULL;
#endif
	return p;
}

/* The trace point came with 6.5. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#include <trace/events/csd.h>
#define pvsched_check_type_csd_queue_cpu check_trace_callback_type_csd_queue_cpu
#else
#define pvsched_check_type_csd_queue_cpu(function) ((void)(function))
#endif

/*
 * Whom an entry in a CPU's queue of calls wakes; NULL: it is another call. A kernel
 * for one CPU has no such queue.
 */
static inline const struct task_struct *
pvsched_queued_wakeup(const struct llist_node *node)
{
#ifdef CONFIG_SMP
	const struct __call_single_node *entry =
		container_of(node, struct __call_single_node, llist);

	if ((entry->u_flags & CSD_FLAG_TYPE_MASK) == CSD_TYPE_TTWU)
		return container_of(entry, struct task_struct, wake_entry);
#endif
	return NULL;
}

/* Will what runs here be preempted as soon as that is possible, or at the tick? */
static inline bool pvsched_resched_due(void)
{
#ifdef TIF_NEED_RESCHED_LAZY
	if (test_thread_flag(TIF_NEED_RESCHED_LAZY))
		return true;
#endif
	return need_resched();
}

/* Since 6.14 a driver is told when its device is reset behind its back. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0)
#define PVSCHED_VIRTIO_RESET(prepare, done) \
	.reset_prepare = (prepare), .reset_done = (done),
#else
#define PVSCHED_VIRTIO_RESET(prepare, done)
#endif

#endif /* _GUEST_COMPAT_H */
