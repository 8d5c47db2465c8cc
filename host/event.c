// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events of group "boost": many, so gathered for a moment and sent together.
 *
 * Each CPU has a ring, which those write who run there, under its lock. One
 * work item empties all rings, oldest event first, and is their only reader.
 * What does not fit into a ring is counted, and its numbers are skipped.
 *
 * A message has room for a full ring, so there is at most one for each CPU that
 * had events, each time.
 */
#include <linux/bitops.h>
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/pid.h>
#include <linux/topology.h>
#include <linux/workqueue.h>

#include "netlink.h"

#define RING_SIZE 128U /* a power of two */

static int batch_ms_set(const char *value, const struct kernel_param *param)
{
	return param_set_uint_minmax(value, param, 1, 1000);
}

static const struct kernel_param_ops batch_ms_ops = {
	.set = batch_ms_set,
	.get = param_get_uint,
};

static unsigned int batch_ms = 10;
module_param_cb(batch_ms, &batch_ms_ops, &batch_ms, 0644);
MODULE_PARM_DESC(
	batch_ms,
	"events of boosts are sent that often at most, 1 to 1000 ms (default: 10)");

struct boost_event {
	u64 time;
	u32 vm_id;
	u32 vcpu;
	pid_t pid;
	u8 kind;
	u8 cause;
	u8 level;
	char vm[PVSCHED_NAME_LEN];
};

/**
 * struct ring - events of one CPU
 * @lock: orders the writers; guards @dropped
 * @head: where the next event goes, written by the writers
 * @tail: the oldest event, written by the reader
 * @end: how far the reader goes this time; the reader's
 * @dropped: events that found the ring full, since the reader last looked
 * @events: RING_SIZE of them
 *
 * @head and @tail count on and on.
 */
struct ring {
	raw_spinlock_t lock;
	unsigned int head;
	unsigned int tail;
	unsigned int end;
	u64 dropped;
	struct boost_event *events;
};

static DEFINE_PER_CPU(struct ring, rings);

/* All below belong to the reader. */

static void gather(struct work_struct *work);
static DECLARE_DELAYED_WORK(gather_work, gather);
static u64 boost_seq;

/* The message that is being filled. */
struct batch {
	struct sk_buff *skb;
	void *header;
};

static void gather_soon(void)
{
	queue_delayed_work(pvsched_wq, &gather_work,
			   msecs_to_jiffies(READ_ONCE(batch_ms)));
}

static bool anybody_listens(void)
{
	return genl_has_listeners(&pvsched_nl_family, &init_net,
				  PVSCHED_NLGRP_BOOST);
}

/* The ring's lock is held. */
static void ring_push(struct ring *ring, const struct boost_event *event)
{
	/* Pairs with the release in ring_pop(). */
	if (ring->head - smp_load_acquire(&ring->tail) == RING_SIZE) {
		WRITE_ONCE(ring->dropped, ring->dropped + 1);
		return;
	}
	ring->events[ring->head % RING_SIZE] = *event;
	/* Pairs with the acquire in rings_close(). */
	smp_store_release(&ring->head, ring->head + 1);
}

static const struct boost_event *ring_peek(const struct ring *ring)
{
	return ring->tail == ring->end ? NULL :
					 &ring->events[ring->tail % RING_SIZE];
}

static void ring_pop(struct ring *ring)
{
	/* The event was used; pairs with the acquire in ring_push(). */
	smp_store_release(&ring->tail, ring->tail + 1);
}

/**
 * pvsched_event_boost() - a boost started, ended or changed
 * @vcpu: referenced
 * @kind: which of these
 * @cause: why
 * @level: what is granted now
 * @now: CLOCK_MONOTONIC, ns
 *
 * Process context, no spinlock held.
 */
void pvsched_event_boost(const struct pvsched_vcpu *vcpu,
			 enum pvsched_event_kind kind, enum pvsched_cause cause,
			 u8 level, u64 now)
{
	struct boost_event event = {
		.time = now,
		.vm_id = vcpu->vm->id,
		.vcpu = vcpu->id,
		.kind = kind,
		.cause = cause,
		.level = level,
	};
	struct ring *ring;
	unsigned long flags;

	if (!anybody_listens())
		return;
	event.pid = pid_nr(READ_ONCE(vcpu->pid));
	memcpy(event.vm, vcpu->vm->name, sizeof(event.vm));
	local_irq_save(flags);
	ring = this_cpu_ptr(&rings);
	raw_spin_lock(&ring->lock);
	ring_push(ring, &event);
	raw_spin_unlock(&ring->lock);
	local_irq_restore(flags);
	gather_soon();
}

/* Fix how far this round goes; returns how many events were dropped before. */
static u64 rings_close(struct cpumask *filled)
{
	unsigned int cpu;
	u64 dropped = 0;

	for_each_possible_cpu(cpu) {
		struct ring *ring = per_cpu_ptr(&rings, cpu);

		/* Pairs with the release in ring_push(). */
		ring->end = smp_load_acquire(&ring->head);
		if (ring->tail != ring->end)
			cpumask_set_cpu(cpu, filled);
		/*
		 * Some may have been dropped while the reader emptied the ring,
		 * and none have come since. A writer that has just dropped one
		 * has this work done once more.
		 */
		if (!READ_ONCE(ring->dropped))
			continue;
		raw_spin_lock_irq(&ring->lock);
		dropped += ring->dropped;
		WRITE_ONCE(ring->dropped, 0);
		raw_spin_unlock_irq(&ring->lock);
	}
	return dropped;
}

/* The CPU that has the oldest event, or nr_cpu_ids. */
static unsigned int rings_oldest(struct cpumask *filled)
{
	unsigned int cpu, oldest = nr_cpu_ids;
	u64 time = U64_MAX;

	for_each_cpu(cpu, filled) {
		const struct boost_event *event =
			ring_peek(per_cpu_ptr(&rings, cpu));

		if (!event) {
			cpumask_clear_cpu(cpu, filled);
		} else if (event->time < time) {
			time = event->time;
			oldest = cpu;
		}
	}
	return oldest;
}

static void batch_send(struct batch *batch)
{
	if (!batch->skb)
		return;
	genlmsg_end(batch->skb, batch->header);
	genlmsg_multicast(&pvsched_nl_family, batch->skb, 0,
			  PVSCHED_NLGRP_BOOST, GFP_KERNEL);
	batch->skb = NULL;
}

/* Of a message: a full ring of events, each as large as they come. */
static size_t batch_size(void)
{
	size_t event = nla_total_size(0) +
		       2 * nla_total_size_64bit(sizeof(u64)) +
		       7 * nla_total_size(sizeof(u32)) +
		       nla_total_size(PVSCHED_NAME_LEN);

	return nla_total_size_64bit(sizeof(u64)) + RING_SIZE * event;
}

static bool batch_start(struct batch *batch, u64 dropped)
{
	batch->skb = genlmsg_new(batch_size(), GFP_KERNEL);
	if (!batch->skb)
		return false;
	batch->header = genlmsg_put(batch->skb, 0, 0, &pvsched_nl_family, 0,
				    PVSCHED_CMD_BOOST_NTF);
	return !dropped ||
	       !nla_put_u64_64bit(batch->skb, PVSCHED_A_EVENTS_DROPPED, dropped,
				  PVSCHED_A_EVENTS_PAD);
}

static void batch_add(struct batch *batch, unsigned int cpu,
		      const struct boost_event *event, u64 *dropped)
{
	const struct pvsched_nl_event nl_event = {
		.time = event->time,
		.kind = event->kind,
		.vm = event->vm,
		.vm_id = event->vm_id,
		.vcpu = event->vcpu,
		.pid = event->pid,
		.level = event->level,
		.cause = event->cause,
		.cpu = cpu,
	};

	boost_seq++;
	if (batch->skb &&
	    !pvsched_nl_event_put(batch->skb, boost_seq, &nl_event))
		return;
	batch_send(batch);
	/* Without memory the event is lost: its number tells. */
	if (!batch_start(batch, *dropped))
		return;
	*dropped = 0;
	pvsched_nl_event_put(batch->skb, boost_seq, &nl_event);
}

static void gather(struct work_struct *work)
{
	struct batch batch = {};
	cpumask_var_t filled;
	unsigned int cpu;
	u64 dropped;

	if (!zalloc_cpumask_var(&filled, GFP_KERNEL)) {
		gather_soon();
		return;
	}
	dropped = rings_close(filled);
	boost_seq += dropped;
	while ((cpu = rings_oldest(filled)) < nr_cpu_ids) {
		struct ring *ring = per_cpu_ptr(&rings, cpu);

		batch_add(&batch, cpu, ring_peek(ring), &dropped);
		ring_pop(ring);
		cond_resched();
	}
	/* Without an event to go before, the count goes alone. */
	if (dropped && !batch.skb)
		batch_start(&batch, dropped);
	batch_send(&batch);
	free_cpumask_var(filled);
}

static void rings_free(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		kvfree(per_cpu(rings, cpu).events);
}

int pvsched_event_init(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct ring *ring = per_cpu_ptr(&rings, cpu);

		raw_spin_lock_init(&ring->lock);
		ring->events = kvmalloc_node(
			array_size(RING_SIZE, sizeof(*ring->events)),
			GFP_KERNEL, cpu_to_node(cpu));
		if (!ring->events) {
			rings_free();
			return -ENOMEM;
		}
	}
	return 0;
}

/* Before the family goes. Nobody calls pvsched_event_boost() any more. */
void pvsched_event_stop(void)
{
	cancel_delayed_work_sync(&gather_work);
}

void pvsched_event_exit(void)
{
	rings_free();
}
