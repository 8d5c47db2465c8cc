/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * pvsched: the shared page and /dev/pvsched.
 *
 * Two parties read this file. A guest needs the first half: the layout of the
 * shared page and the meaning of its two words. A virtual machine's back end, and
 * any process that wants to publish the urgency of its own threads, needs the
 * second half as well: the ioctls with which pages and threads are handed to the
 * host.
 *
 * All multi-byte fields are little-endian.
 */
#ifndef _UAPI_LINUX_PVSCHED_H
#define _UAPI_LINUX_PVSCHED_H

#include <linux/ioctl.h>
#include <linux/types.h>

/*
 * Urgency levels: one linear scale for every scheduling class, so that "more
 * urgent" is a comparison of two numbers. A value above PVSCHED_LEVEL_MAX has
 * no meaning and is read as PVSCHED_LEVEL_NORMAL.
 *
 *	level	means
 *	0	idle: nothing to run
 *	1	idle class (SCHED_IDLE)
 *	2-41	normal classes, nice 19 (2) to nice -20 (41); nice 0 is 21
 *	42	not used
 *	43-141	real-time classes, priority 1 (43) to 99 (141)
 *	142	deadline class
 */
#define PVSCHED_LEVEL_IDLE     0
#define PVSCHED_LEVEL_BATCH    1
#define PVSCHED_LEVEL_NICE(n)  (21 - (n))
#define PVSCHED_LEVEL_NORMAL   21
#define PVSCHED_LEVEL_RT(prio) (42 + (prio))
#define PVSCHED_LEVEL_RT_MIN   43
#define PVSCHED_LEVEL_RT_MAX   141
#define PVSCHED_LEVEL_DEADLINE 142
#define PVSCHED_LEVEL_MAX      142

/*
 * The guest word: 64 bits, written by the guest with one atomic store (or
 * compare-and-exchange), read by the host whenever it likes.
 *
 *	bits	field	meaning
 *	0-7	current	level of what runs on this vCPU now
 *	8-15	waiter	level of the most urgent task that was woken here and
 *			does not run yet; 0: none
 *	16-23	sleeper	level of the most urgent task that sleeps here, so that
 *			an interrupt of this vCPU may wake it; 0: no urgent one
 *	24-39	raises	how often this vCPU has become urgent, modulo 65536: it
 *			counts each time that the urgency goes from below
 *			PVSCHED_LEVEL_RT_MIN to at least that. Statistics only:
 *			it tells boosts that were in vain
 *	40-43	section	flags: what runs must not be interrupted for long, as
 *			others wait for it; see below
 *	44-47	-	reserved: written as 0, ignored when read
 *	48-63	ack	the last ticket (see the host word) that this word
 *			already takes into account
 *
 * The urgency of the vCPU is the larger of current and waiter.
 *
 * A vCPU that is preempted in a section is boosted for a short time, whatever
 * its urgency is (the host's cap "section"). While a section flag is set, the
 * vCPU has no more of a boost than it needs; that its section is over lowers it.
 * A guest sets the flags that it can: each of them may stay 0. They are a byte of
 * their own, which the guest may also store alone.
 *
 * ATOMIC is not stored by a guest that lets the host read where its preemption is
 * counted, see struct pvsched_vcpu_atomic: sections then cost it nothing.
 */
#define PVSCHED_GUEST_CURRENT_SHIFT 0
#define PVSCHED_GUEST_WAITER_SHIFT  8
#define PVSCHED_GUEST_SLEEPER_SHIFT 16
#define PVSCHED_GUEST_RAISES_SHIFT  24
#define PVSCHED_GUEST_ACK_SHIFT	    48
#define PVSCHED_GUEST_HARDIRQ	    (1ULL << 40) /* handles an interrupt */
#define PVSCHED_GUEST_SOFTIRQ	    (1ULL << 41)
#define PVSCHED_GUEST_NMI	    (1ULL << 42)
#define PVSCHED_GUEST_ATOMIC	    (1ULL << 43)   /* may not be preempted */
#define PVSCHED_GUEST_SECTION	    (0xfULL << 40) /* any of these */

/*
 * The host word: 64 bits, written by the host only, with one atomic store.
 * Whatever the guest writes there has no effect on the host.
 *
 *	bits	field	meaning
 *	0-7	granted	level that the vCPU thread is boosted to; 0: not boosted
 *	8-31	-	reserved: 0
 *	32	BOOSTED	the thread is boosted, or about to be: a guest that
 *			becomes less urgent than granted must ring the doorbell
 *	33	PREEMPTED  the vCPU wants a CPU, and the host runs something else
 *	34	THROTTLED  a cap is used up: no boost until this is clear
 *	35-47	-	reserved: 0
 *	48-63	ticket	changes whenever the host sees an interrupt for a vCPU
 *			on which an urgent task sleeps
 *
 * Tickets: an interrupt that is on its way can make the vCPU urgent, but the
 * guest word cannot say so before the guest has run. While ack differs from
 * ticket the guest word is therefore stale and does not end a boost. The guest
 * reads ticket when it enters an interrupt, and when it leaves it, copies what
 * it read to ack in the same store that publishes what came of it. A ticket
 * that came meanwhile is for an interrupt that is still pending. The slice cap
 * bounds a guest that never answers.
 */
#define PVSCHED_HOST_GRANTED_SHIFT 0
#define PVSCHED_HOST_TICKET_SHIFT  48
#define PVSCHED_HOST_BOOSTED	   (1ULL << 32)
#define PVSCHED_HOST_PREEMPTED	   (1ULL << 33)
#define PVSCHED_HOST_THROTTLED	   (1ULL << 34)

#define PVSCHED_LEVEL_MASK	   0xffULL
#define PVSCHED_RAISES_MASK	   0xffffULL
#define PVSCHED_TICKET_MASK	   0xffffULL

/*
 * Ordering. Neither a raise nor a lowering may be lost:
 *
 *	guest, becoming less urgent	host, boosting
 *	---------------------------	--------------
 *	store guest word		store host word with BOOSTED
 *	full barrier			full barrier
 *	load host word			load guest word
 *	if BOOSTED and less urgent	if no longer urgent and not
 *	than granted: doorbell		stale: take the boost back
 *
 * At least one of the two sees the other's store. A vCPU that raises its own
 * urgency needs neither barrier nor doorbell: the host looks at the guest word
 * when it preempts the vCPU and when it has an interrupt for it.
 *
 * Raising that of another vCPU may need the doorbell, since the host need not
 * see the interrupt that goes with it:
 *
 *	guest, for another vCPU		host, preempting that one
 *	-----------------------		-------------------------
 *	store its guest word		store its host word with PREEMPTED
 *	full barrier			full barrier
 *	load its host word		load its guest word
 *	if PREEMPTED and less than	boost if urgent
 *	that granted: call, doorbell
 *
 * To call is to ring one's own doorbell with the other's id in the page, see
 * struct pvsched_page. The same goes for lowering that of another vCPU.
 */

/*
 * Threads. A thread that is no vCPU can have a page, too, and is then its own
 * guest: current is its level, waiter and sleeper are 0, ack is copied from
 * ticket. It is boosted while it wants a CPU and its word is urgent. A thread
 * that is about to wait for something urgent raises its word before it does: it
 * is then boosted while it sleeps, so it runs as soon as it is woken. It
 * lowers its word with the sequence above; its doorbell is
 * PVSCHED_IOC_THREAD_RING.
 */

#define PVSCHED_PAGE_MAGIC   0x48435350 /* "PSCH" */
#define PVSCHED_PAGE_VERSION 1

/**
 * struct pvsched_page - what one vCPU and its host share
 * @magic: PVSCHED_PAGE_MAGIC, written by the guest before it registers
 * @version: PVSCHED_PAGE_VERSION, likewise
 * @size: bytes of this structure that the guest knows, at least
 *	PVSCHED_PAGE_SIZE; the host uses nothing beyond it
 * @guest_word: written by the guest, see above
 * @call: written by the guest: whom the doorbell is rung for, if it is not this
 *	vCPU: the hardware id of another one plus 1. 0: nobody. Read by the
 *	host while this vCPU rings
 * @host_word: written by the host, see above
 * @cpu_capacity: of the CPU that the vCPU got last, of PVSCHED_CAPACITY_MAX for
 *	the host's biggest
 * @taken: how much of the time that the vCPU wanted to run others ran instead, of
 *	PVSCHED_TAKEN_ALL; of the last 100 ms of such time, so it stays when the
 *	vCPU idles
 * @throttled_us: if not 0, boosts have been used up, and this much time was left
 *	until they are possible again when the vCPU last got a CPU, us
 * @core_id: vCPUs of this VM with the same value run on the same core. It says
 *	nothing else, and another VM has other values
 * @cache_id: likewise, for the last-level cache
 *
 * The structure is aligned to its size, so it never crosses a page. Each word
 * has a cache line of its own, and what changes seldom shares that of the host
 * word. The host writes what follows @host_word only when the vCPU gets a CPU and
 * it has changed; each field is valid by itself, and 0 is unknown, which is what a
 * host that does not know a field leaves there. A guest treats a value beyond its
 * range as unknown. Reserved bytes are zero when the guest
 * registers; afterwards each side ignores those of the other. The memory
 * belongs to the guest, which may reuse it after it has unregistered the vCPU
 * or reset the device.
 */
struct pvsched_page {
	__le32 magic;
	__le16 version;
	__le16 size;
	__u8 reserved0[56];
	__le64 guest_word;
	__le32 call;
	__u8 reserved1[52];
	__le64 host_word;
	__le32 cpu_capacity;
	__le32 taken;
	__le32 throttled_us;
	__le32 core_id;
	__le32 cache_id;
	__u8 reserved2[100];
};

#define PVSCHED_PAGE_SIZE    256

#define PVSCHED_CAPACITY_MAX 1024
#define PVSCHED_TAKEN_ALL    1024

/* Names are NUL-terminated within their field and not empty. */
#define PVSCHED_NAME_LEN     64 /* of a VM, see struct pvsched_vm_create */
#define PVSCHED_PROTOCOL_LEN 24
#define PVSCHED_POLICY_LEN   16

/* The protocol that this file describes. */
#define PVSCHED_PROTOCOL_NAME	 "urgency"
#define PVSCHED_PROTOCOL_VERSION 1

#define PVSCHED_VCPU_ID_MAX	 4095

/*
 * /dev/pvsched. One open file description is at most one VM or group of threads.
 * Everything that was set up through it ends with it: when the last descriptor
 * is closed, for whatever reason, every thread has the scheduling it had
 * before. What is said of a VM's vCPUs below holds for the threads of a group
 * as well.
 *
 * Any ioctl may fail with EFAULT (bad pointer), EINVAL (a reserved field or
 * flag that is not 0, a value out of range) or ENOTTY (unknown command).
 */

#define PVSCHED_VM_THREADS (1U << 0)

/**
 * struct pvsched_vm_create - PVSCHED_IOC_VM_CREATE: name the VM of this file
 * @pid: process id of the VMM, in the caller's pid namespace; it may be the
 *	caller's own
 * @flags: 0, or PVSCHED_VM_THREADS: this is no VM but a group of threads of
 *	the process @pid. KVM need not be in use
 * @name: name of the VM, unique on this host: 1 to 63 of the letters and digits of
 *	ASCII and of . _ - : @ +, not with a '-' in front, and not "host". So it means
 *	itself in a shell, as a pattern, as an option's value and in name/vcpu
 * @policy: name of a registered policy; empty: the host's default
 *
 * The caller must be allowed to change the scheduling of the VMM: it has the
 * VMM's user id, or CAP_SYS_NICE in the initial user namespace. Without the latter
 * no boost goes beyond RLIMIT_RTPRIO and RLIMIT_NICE of the VMM. All of this is
 * checked anew when a vCPU is attached.
 *
 * Errors: EALREADY (this file has a VM), EINVAL (also for a name that may not be),
 * EEXIST (name in use), ESRCH (no such process), EPERM (not allowed to change its
 * scheduling), ENOENT (no such policy), ENOSPC (too many VMs: 4096 of all, 1024 of
 * a user without CAP_SYS_RESOURCE).
 */
struct pvsched_vm_create {
	__s32 pid;
	__u32 flags;
	char name[PVSCHED_NAME_LEN];
	char policy[PVSCHED_POLICY_LEN];
};

/**
 * struct pvsched_vm_protocol - PVSCHED_IOC_VM_PROTOCOL: what the guest speaks
 * @name: name of the protocol
 * @version: its version
 * @flags: 0
 *
 * Errors: ENXIO (no VM yet), EBUSY (vCPUs are registered),
 * EPROTONOSUPPORT (the VM's policy does not speak it).
 */
struct pvsched_vm_protocol {
	char name[PVSCHED_PROTOCOL_LEN];
	__u32 version;
	__u32 flags;
};

/**
 * struct pvsched_vm_doorbell - PVSCHED_IOC_VM_DOORBELL: where the guest rings
 * @fd: an eventfd, or -1 for none; replaces the one set before
 * @flags: 0
 *
 * The eventfd is listened to, never read. Without one, boosts are ended only
 * by preemption, blocking and caps.
 *
 * Errors: ENXIO (no VM yet), EBADF, EINVAL (not an eventfd).
 */
struct pvsched_vm_doorbell {
	__s32 fd;
	__u32 flags;
};

/**
 * struct pvsched_vcpu_attach - PVSCHED_IOC_VCPU_ATTACH: register one vCPU
 * @vcpu_id: KVM's id of the vCPU (on x86 its initial APIC id), at most
 *	PVSCHED_VCPU_ID_MAX
 * @flags: 0
 * @addr: where a struct pvsched_page of the guest is mapped in the caller's
 *	address space, writable; pinned until the vCPU is detached and charged
 *	to the caller's RLIMIT_MEMLOCK
 *
 * Returns when the page is pinned. The thread itself is found when it next
 * enters the guest; the netlink group "config" tells when that was.
 *
 * Errors: ENXIO (no VM or no protocol yet), EEXIST (this vCPU is registered),
 * EFAULT (not mapped writable), EINVAL (unaligned, wrong magic), EPROTO (a
 * page version or size that the host does not know), ENOMEM (RLIMIT_MEMLOCK),
 * ENOSPC (too many vCPUs), ESRCH (the VMM is gone), EPERM (not allowed to
 * change its scheduling any more), EOPNOTSUPP (a group of threads).
 */
struct pvsched_vcpu_attach {
	__u32 vcpu_id;
	__u32 flags;
	__u64 addr;
};

/**
 * struct pvsched_vcpu_detach - PVSCHED_IOC_VCPU_DETACH: give one vCPU back
 * @vcpu_id: as in struct pvsched_vcpu_attach, or PVSCHED_VCPU_ALL
 * @flags: 0
 *
 * When it returns, the thread has the scheduling it had before, and the host
 * neither reads nor writes the page any more.
 *
 * Errors: ENXIO (no VM), ENOENT (no such vCPU is registered).
 */
struct pvsched_vcpu_detach {
	__u32 vcpu_id;
	__u32 flags;
};

#define PVSCHED_VCPU_ALL 0xffffffffU

/**
 * struct pvsched_vcpu_atomic - PVSCHED_IOC_VCPU_ATOMIC: where a vCPU counts what
 * keeps it from being preempted
 * @vcpu_id: of a vCPU that is registered with a page
 * @mask: the bits of the count that tell; not 0
 * @addr: where the 32-bit count of the guest, little-endian, is mapped in the
 *	caller's address space, writable and aligned; pinned and charged as the
 *	page is, until the vCPU is detached
 *
 * From then on the host reads the count when it reads the guest word. While any
 * bit of @mask is set and something runs in the guest, that is as if
 * PVSCHED_GUEST_ATOMIC were set. The guest does not tell when this ends: the
 * host looks again and again for as long as it boosts the vCPU for it.
 *
 * Errors: ENXIO (no VM yet), ENOENT (no such vCPU is registered, or without a
 * page), EEXIST (the host knows already), EFAULT (not mapped writable), EINVAL
 * (unaligned), ENOMEM (RLIMIT_MEMLOCK).
 */
struct pvsched_vcpu_atomic {
	__u32 vcpu_id;
	__u32 mask;
	__u64 addr;
};

/**
 * struct pvsched_thread_attach - PVSCHED_IOC_THREAD_ATTACH: register a thread
 * @tid: thread id, in the caller's pid namespace; 0: the calling thread
 * @vcpu_id: KVM's id of the vCPU that the thread runs or, in a group of
 *	threads, a number of the caller's choice; at most PVSCHED_VCPU_ID_MAX
 * @flags: 0
 * @reserved: 0
 * @addr: where a struct pvsched_page is mapped in the caller's address space,
 *	as in struct pvsched_vcpu_attach; 0: there is no word, and boosts are up
 *	to the policy
 *
 * For threads that never enter a guest, and for vCPUs whose guest has no driver.
 * The thread must belong to the process of the VM or group. The caller must
 * be allowed to change its scheduling, as for PVSCHED_IOC_VM_CREATE; without
 * CAP_SYS_NICE the thread's RLIMIT_RTPRIO and RLIMIT_NICE bound every boost, as
 * they would bound sched_setattr(2).
 *
 * If it is the calling thread, it is attached at once, and can be boosted when
 * the call returns. Any other is attached when it is next switched out.
 *
 * A thread that exits leaves its number attached until it is given back with
 * PVSCHED_IOC_VCPU_DETACH. A thread that executes another program is no longer
 * boosted. A child process has the file, but its threads are not of the group.
 *
 * Errors: as PVSCHED_IOC_VCPU_ATTACH; ENXIO only with a page; ESRCH (no such
 * thread in that process, or it is exiting), EPERM (not allowed to change its
 * scheduling, or a kernel thread), EBUSY (the thread is attached already, here or
 * through another file; or was until just now, and has not been switched out
 * since somebody else detached it).
 */
struct pvsched_thread_attach {
	__s32 tid;
	__u32 vcpu_id;
	__u32 flags;
	__u32 reserved;
	__u64 addr;
};

/*
 * PVSCHED_IOC_THREAD_RING: the calling thread, which was attached through this
 * file, has become less urgent than what it is boosted to. When it returns, the
 * boost has been taken back. Never waits for a lock that another ioctl holds.
 *
 * Errors: ENXIO (no VM), ENOENT (the calling thread is not attached here).
 */

#define PVSCHED_IOC_MAGIC 0xbc
#define PVSCHED_IOC_VM_CREATE \
	_IOW(PVSCHED_IOC_MAGIC, 0, struct pvsched_vm_create)
#define PVSCHED_IOC_VM_PROTOCOL \
	_IOW(PVSCHED_IOC_MAGIC, 1, struct pvsched_vm_protocol)
#define PVSCHED_IOC_VM_DOORBELL \
	_IOW(PVSCHED_IOC_MAGIC, 2, struct pvsched_vm_doorbell)
#define PVSCHED_IOC_VCPU_ATTACH \
	_IOW(PVSCHED_IOC_MAGIC, 3, struct pvsched_vcpu_attach)
#define PVSCHED_IOC_VCPU_DETACH \
	_IOW(PVSCHED_IOC_MAGIC, 4, struct pvsched_vcpu_detach)
#define PVSCHED_IOC_THREAD_ATTACH \
	_IOW(PVSCHED_IOC_MAGIC, 5, struct pvsched_thread_attach)
#define PVSCHED_IOC_THREAD_RING _IO(PVSCHED_IOC_MAGIC, 6)
#define PVSCHED_IOC_VCPU_ATOMIC \
	_IOW(PVSCHED_IOC_MAGIC, 7, struct pvsched_vcpu_atomic)

#endif /* _UAPI_LINUX_PVSCHED_H */
