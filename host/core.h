/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of pvsched.ko share: VMs, their vCPUs, and who guards what.
 *
 * Lock order, outermost first:
 *
 *	pvsched_vm.lock		mutex, the ioctls of one file
 *	pvsched_vms_lock	mutex, the list of VMs and all caps
 *	pvsched_vcpu.apply_lock	one change of scheduling at a time. A vCPU thread of
 *				whatever priority may hold it, and a worker wait
 *				for it: so it inherits priority
 *	a list of boosted vCPUs	raw spinlock, irqs off; see gate.c
 *	an eventfd's lock	irqs off
 *	a run queue's lock	the scheduler's
 *	pvsched_vcpu.lock	raw spinlock, irqs off
 *	pvsched_slots.lock	raw spinlock, irqs off
 *	late_lock		raw spinlock, irqs off; see late.c
 *
 * Under a vCPU's lock nothing is called that takes a run queue's lock: no
 * wake-up, no change of scheduling.
 */
#ifndef PVSCHED_CORE_H
#define PVSCHED_CORE_H

#include <linux/atomic.h>
#include <linux/hrtimer.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/preempt.h>
#include <linux/pvsched.h>
#include <linux/rcupdate.h>
#include <linux/rtmutex.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/uidgid.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include <linux/pvsched_netlink.h>

#include "budget.h"
#include "caps.h"
#include "payback.h"
#include "place.h"
#include "stats.h"

struct pvsched_boosted;
struct pvsched_plug;

/* Why a vCPU is looked at again; bits of pvsched_vcpu.events. */
#define PVSCHED_EV_PREEMPTED BIT(0)
#define PVSCHED_EV_INTERRUPT BIT(1)
#define PVSCHED_EV_HALT	     BIT(2)
#define PVSCHED_EV_DOORBELL  BIT(3)
#define PVSCHED_EV_TIMER     BIT(4)
#define PVSCHED_EV_CAPS	     BIT(5)
#define PVSCHED_EV_BOUND     BIT(6)  /* the thread was found */
#define PVSCHED_EV_EXITED    BIT(7)  /* the thread is gone */
#define PVSCHED_EV_UNBOUND   BIT(8)  /* the notifier is gone */
#define PVSCHED_EV_OWNER     BIT(9)  /* somebody else changed its scheduling */
#define PVSCHED_EV_POLICY    BIT(10) /* its VM has another policy, or payback */
#define PVSCHED_EV_SLOT	     BIT(11) /* another of the VM gave its slot back */

/* Where a vCPU stands with its thread. */
enum pvsched_binding {
	PVSCHED_UNBOUND,   /* no notifier */
	PVSCHED_ATTACHING, /* waiting for the thread to enter the guest or, if it
			    * is attached by hand, to be switched out
			    */
	PVSCHED_BOUND,	   /* the notifier is registered */
	PVSCHED_DETACHING, /* waiting for the thread to be switched out */
};

/* The scheduling of a thread, as far as pvsched changes it. */
struct pvsched_sched {
	int policy;
	int rtprio;
	int nice;
	u64 fair_slice; /* ns, 0: the kernel's default */
	bool reset_on_fork;
	u64 timer_slack;	/* ns, of a thread that is not real-time */
	unsigned long rt_ticks; /* counted against RLIMIT_RTTIME */
};

/* Running totals of a thread, ns. */
struct pvsched_times {
	u64 ran;
	u64 waited;
	u64 exempt;
	u64 slept;
};

/**
 * struct pvsched_pin - a page of a guest that must stay where it is
 * @page: pinned, or NULL
 * @mm: whose RLIMIT_MEMLOCK pays for it
 */
struct pvsched_pin {
	struct page *page;
	struct mm_struct *mm;
};

/**
 * struct pvsched_marks - when what goes on now began, ns; 0: it does not
 * @wait: the thread waits for a CPU while the guest is urgent
 * @charged: up to when that is in the statistics
 * @event: the interrupt that made it so
 * @boost: the boost, also when it is over
 * @ending: the first reason to end it
 */
struct pvsched_marks {
	u64 wait;
	u64 charged;
	u64 event;
	u64 boost;
	u64 ending;
};

/**
 * struct pvsched_slots - vCPUs of a VM that are boosted at the same time
 * @lock: guards all of it
 * @taken: by so many
 * @queue: of those that wait for one, pvsched_vcpu.slot_node
 */
struct pvsched_slots {
	raw_spinlock_t lock; /* see above */
	u64 taken;
	struct list_head queue;
};

/**
 * struct pvsched_vm - one VM or group of threads: one open file of /dev/pvsched
 * @node: in pvsched_vms; guarded by pvsched_vms_lock
 * @ref: one for the file, one for each vCPU object
 * @id: never reused; orders dumps
 * @name: constant
 * @kind: constant
 * @notifiers: preempt notifiers are enabled for it
 * @pid: the VMM's process, or that of the threads; constant
 * @awaiting_node: in the table of VMs of which @entries_awaited is not 0; guarded by
 *	the lock of bind.c
 * @entries_awaited: by so many of @vcpus, until their thread is seen; likewise
 * @within_rlimits: whoever created it had no CAP_SYS_NICE; constant
 * @uid: the user that it ran as when the VM was created; constant
 * @creator: the user that created it; constant
 * @policy: changed under pvsched_vms_lock; pins its module while the VM is in
 *	pvsched_vms
 * @payback: boosted time is a debt; changed under pvsched_vms_lock
 * @protocol: set by negotiation; empty before; changed under @lock and
 *	pvsched_vms_lock
 * @protocol_version: likewise
 * @caps: of this level; guarded by pvsched_vms_lock
 * @slots: of the vCPUs that are boosted
 * @lock: serialises the ioctls of the file
 * @vcpus: by KVM's vCPU id; changed under @lock and pvsched_vms_lock
 * @leaving: was taken from @vcpus and is being stopped, or NULL; likewise
 * @gone: the statistics of those that are gone; guarded by pvsched_vms_lock
 * @doorbell: the eventfd's file, or NULL; guarded by @lock
 * @doorbell_wait: its listener
 * @kicks: of @doorbell by others than vCPUs; guarded by the eventfd's lock
 * @kicks_max: how many of a second have an effect
 * @doorbell_work: looks at all vCPUs when it was none of them that rang
 * @doorbell_poll: how @doorbell_wait is put there
 * @doorbell_head: where @doorbell_wait hangs
 */
struct pvsched_vm {
	struct list_head node;
	struct kref ref;
	u32 id;
	char name[PVSCHED_NAME_LEN];
	enum pvsched_vm_kind kind;
	bool notifiers;
	struct pid *pid;
	struct hlist_node awaiting_node;
	unsigned int entries_awaited;
	bool within_rlimits;
	kuid_t uid;
	kuid_t creator;
	struct pvsched_plug *policy;
	bool payback;
	char protocol[PVSCHED_PROTOCOL_LEN];
	u32 protocol_version;
	struct pvsched_caps caps;
	struct pvsched_slots slots;
	struct mutex lock; /* see above */
	struct xarray vcpus;
	struct pvsched_vcpu *leaving;
	struct pvsched_stats gone;
	struct file *doorbell;
	struct wait_queue_entry doorbell_wait;
	struct pvsched_kicks kicks;
	u64 kicks_max;
	struct work_struct doorbell_work;
	poll_table doorbell_poll;
	wait_queue_head_t *doorbell_head;
};

/**
 * struct pvsched_vcpu - one vCPU, or another thread
 * @vm: its VM, referenced
 * @ref: one for @vm's table, one while a notifier is registered, one while it
 *	is queued for a worker
 * @free_work: releases everything, in process context after a grace period
 * @id: KVM's id, or the number of the thread; constant
 * @by_hand: the thread was named when it was attached, rather than found when it
 *	entered the guest; constant
 * @within_rlimits: whoever attached it may not raise priorities, so a boost is
 *	bounded by the thread's RLIMIT_RTPRIO and RLIMIT_NICE, too; constant
 * @caps: of this level; guarded by pvsched_vms_lock
 * @page_pin: the guest's page, if there is a word
 * @count_pin: where the guest counts, if it told
 * @lock: guards everything from @attached to @stats
 * @attached: until it is detached
 * @policy: what its VM has; never called again once it was changed
 * @shared: the guest's page, mapped; NULL once detached, or if there is no word
 * @count: what keeps the guest from being preempted, mapped; NULL once detached,
 *	or if the guest has not told. Set once before
 * @count_mask: the bits of @count that tell
 * @host_word: what the host word says; the page's copy is never read back
 * @state: enum pvsched_vcpu_state, of the thread; PENDING unless bound
 * @away: the host word says that it is preempted: it wants a CPU, or rests
 * @ticket: last one issued
 * @kicked_at: when it was issued for an interrupt, ns
 * @interrupted: an interrupt found it not running, and the policy still counts
 *	that
 * @served: time run boosted since then, ns
 * @granted: level boosted to, 0: baseline
 * @cause: of the boost
 * @section: @granted is for a critical section only
 * @asks_section: likewise, what was wanted when it was asked last
 * @observed: an observing policy asked for a boost that was not ended yet
 * @owner_changed: somebody else changed the thread's scheduling; hands off
 * @throttled: a cap ended the last boost and has not recovered
 * @boostable: the baseline is of a class that can be restored
 * @payback: boosted time is a debt: the VM says so, and its thread has a share
 * @debt: what is owed, ns
 * @share: of the CPU, as it is measured; see payback.h
 * @resting: the thread sleeps to repay; a boost wakes it
 * @windows: how many were measured
 * @times: of the thread, when the current window began
 * @exempt: time run boosted to a real-time class, which the fair share does not
 *	count, ns
 * @slept: time slept while a debt was owed, ns
 * @restored_at: when the last boost ended, or its priority was taken back from somebody,
 *	ns; 0: whoever could keep that needs no boost
 * @seen_ran: what the thread had run when it last was seen as restored, ns
 * @since: up to when time was accounted, ns; 0: it is of no interest
 * @limits: what binds
 * @budget: what is used up
 * @kicks: doorbells that had an effect
 * @slot: it has one of @vm's slots
 * @slot_node: in the queue for one; changed under the lock of @vm's slots, too
 * @marks: for @stats: what is going on
 * @raises: likewise: how often the guest had been urgent when the boost began
 * @hoped: likewise: it was not urgent then, an interrupt was on its way
 * @counted: likewise: the thread's waiting since @waited_before counts
 * @waited_before: what it had waited when it was found, ns
 * @stats: since the vCPU was attached, written under @lock; see account.c
 * @place: what the guest was told of where it runs
 * @timer: ends a boost at a cap, and a throttling; looks whether the thread still has
 *	what was restored
 * @apply_lock: held while the thread's scheduling is changed
 * @applied: what pvsched set last; guarded by @apply_lock
 * @peak: the most that any boost gave so far, rtprio and nice; likewise, and read
 *	without it
 * @reniced_at: when a boost to a nice value, or from SCHED_IDLE, last began or ended,
 *	ns; likewise
 * @baseline: what is restored; guarded by @apply_lock, and its nice, which
 *	follows what others set, is changed under @lock, too
 * @boosted_on: the list of boosted vCPUs that it is on, or NULL; likewise
 * @boosted_node: there
 * @binding: enum pvsched_binding; changed under the lock of bind.c
 * @task: the thread, referenced; NULL before it is known and after it has gone
 * @pid: its id, referenced; likewise; key of the table of threads by id
 * @exec_id: changes when the thread runs another program
 * @notifier: registered while bound
 * @bound_node: in the table of threads, by id
 * @thread_node: likewise, by thread
 * @thread_work: what the thread does itself before it enters the guest: end a
 *	boost after it rang, rest
 * @thread_pending: @thread_work is queued and holds a reference
 * @events: PVSCHED_EV_*, set by anyone, taken by a worker
 * @queued: on a worker's list
 * @work_node: there
 */
struct pvsched_vcpu {
	struct pvsched_vm *vm;
	struct kref ref;
	struct rcu_work free_work;
	u32 id;
	bool by_hand;
	bool within_rlimits;
	struct pvsched_caps caps;
	struct pvsched_pin page_pin;
	struct pvsched_pin count_pin;

	raw_spinlock_t lock;
	bool attached;
	struct pvsched_plug *policy;
	struct pvsched_page *shared;
	const __le32 *count;
	u32 count_mask;
	u64 host_word;
	u8 state;
	bool away;
	u16 ticket;
	u64 kicked_at;
	bool interrupted;
	u64 served;
	u8 granted;
	u8 cause;
	bool section;
	bool asks_section;
	bool observed;
	bool owner_changed;
	bool throttled;
	bool boostable;
	bool payback;
	s64 debt;
	u32 share;
	bool resting;
	unsigned int windows;
	struct pvsched_times times;
	u64 exempt;
	u64 slept;
	u64 restored_at;
	u64 seen_ran;
	u64 since;
	struct pvsched_limits limits;
	struct pvsched_budget budget;
	struct pvsched_kicks kicks;
	bool slot;
	struct list_head slot_node;
	struct pvsched_marks marks;
	u16 raises;
	bool hoped;
	bool counted;
	u64 waited_before;
	struct pvsched_place place;
	struct pvsched_stats stats;

	struct hrtimer timer;
	struct rt_mutex apply_lock; /* see above */
	struct pvsched_sched applied;
	struct pvsched_sched peak;
	u64 reniced_at;
	struct pvsched_sched baseline;
	struct pvsched_boosted *boosted_on;
	struct list_head boosted_node;

	enum pvsched_binding binding;
	struct task_struct *task;
	struct pid *pid;
	u64 exec_id;
	struct preempt_notifier notifier;
	struct hlist_node bound_node;
	struct hlist_node thread_node;

	struct callback_head thread_work;
	atomic_t thread_pending;

	atomic_t events;
	atomic_t queued;
	struct llist_node work_node;
};

/**
 * struct pvsched_vcpu_info - a vCPU at one moment, for people to see
 * @pid: the thread's, referenced: put_pid() it; NULL while it is not bound
 * @cpu: where the thread is; -1 while it is not bound
 * @nice: of the thread
 * @payback: see struct pvsched_vcpu
 * @debt: boosted time that is still owed, ns
 * @time: when, CLOCK_MONOTONIC, ns; events of the vCPU before are in @stats
 * @share: see struct pvsched_vcpu
 * @guest_word: as the guest wrote it, and PVSCHED_GUEST_ATOMIC by its count
 * @state: enum pvsched_vcpu_state
 * @granted: level
 * @owner_changed: see struct pvsched_vcpu
 * @rttime_short: no real-time boosts because of RLIMIT_RTTIME
 * @throttled: likewise
 * @baseline: likewise
 * @limits: likewise
 * @stats: likewise
 */
struct pvsched_vcpu_info {
	struct pid *pid;
	int cpu;
	int nice;
	bool payback;
	u64 debt;
	u64 time;
	u32 share;
	u64 guest_word;
	u8 state;
	u8 granted;
	bool owner_changed;
	bool rttime_short;
	bool throttled;
	struct pvsched_sched baseline;
	struct pvsched_limits limits;
	struct pvsched_stats stats;
};

/* main.c */
extern struct workqueue_struct *pvsched_wq;

/* vm.c */
extern struct mutex pvsched_vms_lock;
extern struct list_head pvsched_vms;	      /* by ascending id */
extern struct pvsched_caps pvsched_host_caps; /* under pvsched_vms_lock */

struct pvsched_vm *pvsched_vm_alloc(const struct pvsched_vm_create *args);
void pvsched_vm_detach_all(struct pvsched_vm *vm);
void pvsched_vm_stop(struct pvsched_vm *vm);
void pvsched_vm_put(struct pvsched_vm *vm);
struct pvsched_vm *pvsched_vm_find(const char *name);
void pvsched_vm_stats(struct pvsched_vm *vm, struct pvsched_stats *sum);
void pvsched_vm_limits_update(struct pvsched_vm *vm);
void pvsched_limits_update_all(void);

/* netlink.c, netlink_event.c; process context */
int pvsched_netlink_init(void);
void pvsched_netlink_exit(void);
void pvsched_notify_host(enum pvsched_event_kind kind);
void pvsched_notify_canary(enum pvsched_event_kind kind, u32 cpu, u64 waited,
			   u64 hold);
void pvsched_notify_vm(const struct pvsched_vm *vm,
		       enum pvsched_event_kind kind);
/* The set of VMs, vCPUs or policies changes; pvsched_vms_lock is held. */
void pvsched_notify_dumps(void);
/* The vCPU has no thread yet, or its apply_lock is held. */
void pvsched_notify_vcpu(const struct pvsched_vcpu *vcpu,
			 enum pvsched_event_kind kind);

/* event.c; any context a worker runs in; cheap when nobody listens */
int pvsched_event_init(void);
void pvsched_event_exit(void);
void pvsched_event_boost(const struct pvsched_vcpu *vcpu,
			 enum pvsched_event_kind kind, enum pvsched_cause cause,
			 u8 level, u64 now);

#endif /* PVSCHED_CORE_H */
