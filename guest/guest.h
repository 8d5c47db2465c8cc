/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * virtio_pvsched: what its files share.
 *
 *	main.c		the virtio driver: probe, remove, suspend
 *	ctrl.c		requests to the device
 *	vcpu.c		registers the page of each online CPU
 *	show.c		each CPU's words, in sysfs
 *	panic.c		nothing is urgent after a panic
 *	probes.c	trace points, and in which context they call us
 *	hooks.c		kprobes: what has no trace point
 *	publish.c	what is written to the guest word, and the doorbell
 *	queued.c	wake-ups that are left to another CPU
 *	sleepers.c	which urgent tasks sleep where
 *	urgent.c	which tasks count as urgent
 *	stats.c		counters in sysfs
 *
 * Locks: none of what the probes call takes one. Above it, struct pvsched_ctrl
 * has one, which is the innermost.
 */
#ifndef _GUEST_GUEST_H
#define _GUEST_GUEST_H

#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/completion.h>
#include <linux/irq_work.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/sched/deadline.h>
#include <linux/virtio.h>

#include <linux/pvsched.h>
#include <linux/virtio_pvsched.h>

#include "compat.h"
#include "word.h"

/**
 * struct pvsched_ctrl - the control queue
 * @vdev: the device
 * @vq: its control queue
 * @lock: one request at a time; guards all below
 * @done: the device has returned the request
 * @dead: it did not in time, or answered nonsense: nothing is asked any more,
 *	and the buffers are the device's until it is reset
 * @request: as sent
 * @reply: as received
 */
struct pvsched_ctrl {
	struct virtio_device *vdev;
	struct virtqueue *vq;
	struct mutex lock; /* see above */
	struct completion done;
	bool dead;
	union {
		struct virtio_pvsched_request head;
		struct virtio_pvsched_negotiate negotiate;
		struct virtio_pvsched_register attach;
		struct virtio_pvsched_atomic atomic;
		struct virtio_pvsched_unregister detach;
	} request;
	struct virtio_pvsched_reply reply;
};

void pvsched_ctrl_init(struct pvsched_ctrl *ctrl, struct virtio_device *vdev);
void pvsched_ctrl_done(struct virtqueue *vq);
int pvsched_ctrl_negotiate(struct pvsched_ctrl *ctrl, const char *protocol);
int pvsched_ctrl_register(struct pvsched_ctrl *ctrl, u32 hw_id, u64 addr);
int pvsched_ctrl_atomic(struct pvsched_ctrl *ctrl, u32 hw_id, u64 addr,
			u32 mask);
int pvsched_ctrl_unregister(struct pvsched_ctrl *ctrl, u32 hw_id);

/**
 * struct pvsched_guest - the device in use; there is at most one
 * @ctrl: its control queue
 * @max_vcpus: how many vCPUs it takes
 * @registered: how many it has; changed by CPU hotplug callbacks only
 * @cpuhp: dynamic CPU hotplug state
 * @started: between pvsched_start() and pvsched_stop()
 */
struct pvsched_guest {
	struct pvsched_ctrl ctrl;
	u32 max_vcpus;
	u32 registered;
	int cpuhp;
	bool started;
};

/* Where the doorbell is. Set before the probes start, valid until they stop. */
extern struct virtqueue *pvsched_doorbell;

int pvsched_vcpus_start(struct pvsched_guest *guest);
void pvsched_vcpus_stop(struct pvsched_guest *guest);
void pvsched_vcpus_free(void);
int pvsched_show_add(unsigned int cpu);
void pvsched_show_del(unsigned int cpu);

#define PVSCHED_URGENT_LEVELS (PVSCHED_LEVEL_MAX - PVSCHED_LEVEL_URGENT_MIN + 1)

/**
 * struct pvsched_sleepers - urgent tasks that sleep on one CPU
 * @count: of each urgent level, how many
 * @levels: the levels with a count that is not 0
 * @lost: the most urgent level of a task for which there was no room
 */
struct pvsched_sleepers {
	atomic_t count[PVSCHED_URGENT_LEVELS];
	DECLARE_BITMAP(levels, PVSCHED_URGENT_LEVELS);
	u8 lost;
};

/**
 * struct pvsched_raise - a deadline task to which a timer gives time
 * @task: only compared; NULL: none
 * @cpu: on which it was announced to wait
 * @waiter: the level that waited there before
 *
 * From the timer's function, which may move the task on, to the end of the
 * interrupt; used by the CPU that takes it only.
 */
struct pvsched_raise {
	const struct task_struct *task;
	struct pvsched_cpu *cpu;
	u8 waiter;
};

/**
 * struct pvsched_cpu - what the publish path knows about one CPU
 * @page: shared with the host, or NULL; once set it stays until the probes
 *	are off, whether the CPU is online or not, but for a panic, which takes it
 *	away at any moment: to be read once
 * @registered: the host knows of the page; for CPU hotplug callbacks only
 * @shown: sysfs has files of it; likewise
 * @softirqs: rest of the round of softirqs, see pvsched_softirqs_done()
 * @rung: the last doorbell
 * @waiter: who set the waiter in the guest word, only compared; NULL: unknown
 * @waiter_next: a bound of the levels of the others that wait
 * @raise: what the timer that runs here has announced
 * @queued: the most urgent task that was left to this CPU to be queued, see queued.c
 * @call_work: calls on behalf of this CPU, on the one that made it more or less urgent
 * @hw_id: by which the host knows the CPU
 * @doorbells: how many
 * @calls: beside these, how many were rung here on behalf of another CPU
 * @ticket: what the host word had when the last interrupt began
 * @acks: tickets answered
 * @overflows: urgent tasks for which the table of sleepers had no room
 * @sleepers: changed by any CPU
 *
 * @waiter and @waiter_next are guarded by the CPU's run-queue lock, save that who
 * raises the waiter without it may take @waiter away. Except for these, @queued,
 * @call_work, @sleepers and the guest word in @page, only the CPU itself changes
 * anything here, with interrupts off.
 */
struct pvsched_cpu {
	struct pvsched_page *page;
	u64 queued;
	bool registered;
	bool shown;
	u32 softirqs;
	u16 ticket;
	struct pvsched_rung rung;
	const struct task_struct *waiter;
	u8 waiter_next;
	struct pvsched_raise raise;
	struct irq_work call_work;
	u32 hw_id;
	unsigned long doorbells;
	unsigned long calls;
	unsigned long acks;
	unsigned long overflows;
	struct pvsched_sleepers sleepers;
};

DECLARE_PER_CPU(struct pvsched_cpu, pvsched_cpus);

extern const struct attribute_group *pvsched_groups[];
extern const struct attribute_group pvsched_urgent_group;

/*
 * By the low byte of the kernel's priority: each has an entry, so that nobody has to
 * ask whether it is one that there is.
 */
#define PVSCHED_PRIOS 256
extern u8 pvsched_levels[PVSCHED_PRIOS];

void pvsched_urgent_init(void);
void pvsched_urgent_start(void);
void pvsched_urgent_stop(void);

/*
 * What a task is worth that has this priority. Any context: reads what it is
 * made of once. One that inherited a real-time priority runs with it, whatever
 * its own class.
 */
static inline u8 pvsched_task_level_at(const struct task_struct *p, int prio)
{
	if (is_idle_task(p))
		return PVSCHED_LEVEL_IDLE;
	if (prio >= PVSCHED_PRIO_RT && READ_ONCE(p->policy) == SCHED_IDLE)
		return PVSCHED_LEVEL_BATCH;
	return READ_ONCE(pvsched_levels[(u8)prio]);
}

/*
 * A deadline task that has used up its time: it is queued for all that trace points
 * tell, but sleeps until a timer gives it more, mostly one of the CPU on which it ran.
 * Context: its run-queue lock held; else it may change meanwhile.
 */
static inline bool pvsched_task_throttled(const struct task_struct *p)
{
	return dl_prio(p->prio) && p->dl.dl_throttled;
}

/* Will run when nobody more urgent does, or runs. Context: likewise. */
static inline bool pvsched_task_runnable(const struct task_struct *p)
{
	return pvsched_task_queued(p) && !pvsched_task_throttled(p);
}

/*
 * No more than a look: whatever is not of a normal class says so by its priority.
 * Context: its run-queue lock held.
 */
static inline bool pvsched_task_urgent(const struct task_struct *p)
{
	/* The levels may change meanwhile: either will do. */
	return pvsched_level_urgent(data_race(pvsched_levels[(u8)p->prio]));
}

static inline u8 pvsched_task_level(const struct task_struct *p)
{
	return pvsched_task_level_at(p, READ_ONCE(p->prio));
}

/*
 * Does a switch to next change what this CPU publishes? Most are between tasks that
 * are worth the same: these cost one look at the word, and no call. It may say yes
 * in vain, and does for all classes that are numbered after SCHED_BATCH, since what
 * they are worth takes a closer look, and for all that is as urgent as a deadline
 * task: next or who was before it may be one that was throttled, and nobody woke.
 *
 * Context: sched_switch, run-queue lock held, which keeps class and priority.
 */
static inline bool pvsched_switch_tells(const struct task_struct *next)
{
	const struct pvsched_page *page = this_cpu_read(pvsched_cpus.page);
	u8 level;

	if (!page)
		return false;
	if (is_idle_task(next) || next->policy > SCHED_BATCH ||
	    dl_prio(next->prio))
		return true;
	/* The levels may change meanwhile: either will do. */
	level = data_race(pvsched_levels[(u8)next->prio]);
	return !pvsched_word_is_switched(
		le64_to_cpu(READ_ONCE(page->guest_word)), level);
}

int pvsched_probes_start(struct virtio_device *vdev);
void pvsched_probes_stop(void);
bool pvsched_probe_on(const char *name);
void pvsched_hooks_start(struct virtio_device *vdev);
void pvsched_hooks_stop(void);

void pvsched_publish_switch(const struct task_struct *next,
			    struct task_struct *sleeping);
void pvsched_publish_wakeup(struct task_struct *p);
void pvsched_publish_migrate(struct task_struct *p, unsigned int to);
void pvsched_publish_prio(struct task_struct *p, u8 level);
void pvsched_publish_replenish(struct task_struct *p);
void pvsched_publish_queued(unsigned int cpu, const struct llist_node *entry);
void pvsched_publish_start(void);
void pvsched_publish_stop(void);
void pvsched_publish_sleeper(struct pvsched_cpu *c);
void pvsched_publish_end(void);
void pvsched_panic_start(struct virtio_device *vdev);
void pvsched_panic_stop(void);
void pvsched_publish_irq_entry(void);
void pvsched_publish_softirq(void);
void pvsched_publish_irq_exit(u8 woken, bool softirq);

void pvsched_queued_init(void);
void pvsched_queued_set(struct pvsched_cpu *c, const struct task_struct *p,
			u8 level);
void pvsched_queued_forget(struct pvsched_cpu *c, const struct task_struct *p);
u8 pvsched_queued_level(const struct pvsched_cpu *c);

void pvsched_sleepers_init(void);
void pvsched_sleepers_scan(void);
bool pvsched_sleepers_take(const struct task_struct *p, u8 level);
void pvsched_sleepers_add(struct task_struct *p, unsigned int cpu, u8 level);
struct pvsched_cpu *pvsched_sleepers_remove(struct task_struct *p);
void pvsched_sleepers_forget(struct task_struct *p);
void pvsched_sleepers_change(struct task_struct *p, u8 level);
u8 pvsched_sleepers_max(const struct pvsched_cpu *c);

#endif /* _GUEST_GUEST_H */
