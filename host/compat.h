/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Differences between the supported kernels, 6.1 to 7.3. No other file of the
 * module asks for a version, save compat_netlink.h for netlink.
 */
#ifndef PVSCHED_COMPAT_H
#define PVSCHED_COMPAT_H

#include <linux/hrtimer.h>
#include <linux/kvm_host.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sched/topology.h>
#include <linux/topology.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void
hrtimer_setup(struct hrtimer *timer,
	      enum hrtimer_restart (*function)(struct hrtimer *),
	      clockid_t clock, const enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

/*
 * For a thread that is being switched out: does it still want to run? Since
 * 6.12 a thread that goes to sleep may stay queued for a while.
 */
static inline bool pvsched_task_wants_cpu(struct task_struct *task)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	return task_is_runnable(task);
#else
	return task->on_rq;
#endif
}

/* The slice that sched_setattr(2) gave a fair thread, ns; 0: none. */
static inline u64 pvsched_task_fair_slice(const struct task_struct *task)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	return task->se.custom_slice ? task->se.slice : 0;
#else
	return 0;
#endif
}

/*
 * Does a thread that sleeps for some milliseconds lose its share of that time?
 * Before 6.6 it was given most of it back when it woke up.
 */
#define PVSCHED_SLEEP_LOSES_SHARE \
	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0))

/*
 * The thread that runs a vCPU, as a key: it is compared, never followed. The
 * field was RCU-protected until 6.12 and has a lock of its own since.
 */
static inline const struct pid *
pvsched_kvm_vcpu_pid(const struct kvm_vcpu *vcpu)
{
	return (__force const struct pid *)READ_ONCE(vcpu->pid);
}

/*
 * Is an interrupt for a vCPU that is preempted always seen where KVM kicks? Not
 * with Intel's preemption timer (kvm_intel.preemption_timer, on by default): a
 * guest's timer then expires only while its vCPU runs.
 */
static inline bool pvsched_kicks_are_seen(void)
{
	return !boot_cpu_has(X86_FEATURE_VMX);
}

/*
 * How much a CPU gets done, of SCHED_CAPACITY_SCALE for the biggest. Before 6.12
 * nobody knows on x86 that they differ.
 */
static inline u32 pvsched_cpu_capacity(unsigned int cpu)
{
	return clamp_t(unsigned long, arch_scale_cpu_capacity(cpu), 1,
		       SCHED_CAPACITY_SCALE);
}

/* CPUs of the same core have the same value. */
static inline u32 pvsched_cpu_core(unsigned int cpu)
{
	return topology_physical_package_id(cpu) << 16 | topology_core_id(cpu);
}

/* CPUs that share their last-level cache have the same value. */
static inline u32 pvsched_cpu_cache(unsigned int cpu)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	return per_cpu_llc_id(cpu);
#else
	return get_llc_id(cpu);
#endif
}

/* Arguments of the tracepoint kvm_entry. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
#define PVSCHED_KVM_ENTRY_PROTO(vcpu) \
	struct kvm_vcpu *vcpu, bool force_immediate_exit
#else
#define PVSCHED_KVM_ENTRY_PROTO(vcpu) struct kvm_vcpu *vcpu
#endif

#endif /* PVSCHED_COMPAT_H */
