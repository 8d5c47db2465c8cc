// SPDX-License-Identifier: GPL-2.0-only
/*
 * The canary: boosts must not keep the host's own work from running.
 *
 * Caps bound each vCPU; several that share a CPU may together take all of it.
 * What then suffers first is ordinary work that has to run on that very CPU. So
 * the canary is such work: an item of the system's workqueue, which an ordinary
 * kernel thread of the CPU executes. While it waits, the time that boosted vCPUs
 * run there is added up, and if that reaches the limit, all boosts of the host
 * are taken back.
 *
 * Only boosted time counts, so a host that is merely busy with ordinary work
 * does not trip it, and where nothing is boosted there is nothing to do. A
 * canary is sent after each eighth of the limit at most.
 *
 * When the hold is over (see hold.h) and the canary came home, boosts may begin
 * again; the ordinary work item that decides on it has shown by running that
 * ordinary work does run.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/irq_work.h>
#include <linux/math64.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/workqueue.h>

#include "canary.h"
#include "core.h"
#include "gate.h"
#include "hold.h"
#include "state.h"

/* Below what the scheduler leaves to real-time threads at a time, 0.95 s. */
#define LIMIT_DEFAULT 500U

/**
 * struct canary - one CPU's
 * @cpu: which
 * @ran: time that boosted vCPUs ran here since it was sent, ns; while it is at
 *	home, since it came
 * @sent: it waits to run
 * @notice: looks at @ran where it is allowed to act
 * @work: the canary itself
 */
struct canary {
	unsigned int cpu;
	atomic64_t ran;
	atomic_t sent;
	struct irq_work notice;
	struct work_struct work;
};

static DEFINE_PER_CPU(struct canary, canaries);

static unsigned int limit_ms = LIMIT_DEFAULT;

static int limit_param_set(const char *text, const struct kernel_param *param)
{
	unsigned int ms;
	int err = kstrtouint(text, 0, &ms);

	if (err)
		return err;
	if (!pvsched_canary_limit_ok(ms))
		return -EINVAL;
	pvsched_canary_limit_set(ms);
	return 0;
}

static const struct kernel_param_ops limit_param_ops = {
	.set = limit_param_set,
	.get = param_get_uint,
};

module_param_cb(canary, &limit_param_ops, &limit_ms, 0644);
MODULE_PARM_DESC(
	canary,
	"boosted time for which ordinary work of a CPU may have to wait before all boosts are taken back, 10 to 60000 ms; 0: any (default 500)");

/* What tripped; written by whoever closed the gate, before trip_work. */
static unsigned int tripped_cpu;
static u64 tripped_ran;

static atomic64_t trips;
static DEFINE_MUTEX(hold_lock); /* guards hold */
static struct pvsched_hold hold;

static void trip_fn(struct work_struct *work);
static DECLARE_WORK(trip_work, trip_fn);
static void recover_fn(struct work_struct *work);
static DECLARE_DELAYED_WORK(recover_work, recover_fn);

/* 0, or up to PVSCHED_CANARY_MAX. */
bool pvsched_canary_limit_ok(unsigned int ms)
{
	return !ms || (ms >= PVSCHED_CANARY_MIN && ms <= PVSCHED_CANARY_MAX);
}

/* ms: one that is ok. Any context. */
void pvsched_canary_limit_set(unsigned int ms)
{
	WRITE_ONCE(limit_ms, ms);
}

unsigned int pvsched_canary_limit(void)
{
	return READ_ONCE(limit_ms);
}

u64 pvsched_canary_trips(void)
{
	return atomic64_read(&trips);
}

static u64 limit_ns(void)
{
	return (u64)READ_ONCE(limit_ms) * NSEC_PER_MSEC;
}

/* After how much boosted time it has to be looked at; PVSCHED_NEVER: never. */
u64 pvsched_canary_step(void)
{
	u64 limit = limit_ns();

	return limit ? limit / 8 : PVSCHED_NEVER;
}

/**
 * pvsched_canary_charge() - a boosted vCPU ran
 * @cpu: where
 * @time: for how long, ns
 *
 * Any context, a run queue's lock and a vCPU's may be held.
 */
void pvsched_canary_charge(unsigned int cpu, u64 time)
{
	struct canary *canary = per_cpu_ptr(&canaries, cpu);

	if (atomic64_add_return(time, &canary->ran) >= pvsched_canary_step())
		irq_work_queue(&canary->notice);
}

static void trip(unsigned int cpu, u64 ran)
{
	unsigned int count;

	if (!pvsched_gate_close(PVSCHED_GATE_CANARY, &count))
		return;
	tripped_cpu = cpu;
	tripped_ran = ran;
	atomic64_inc(&trips);
	queue_work(pvsched_wq, &trip_work);
}

/* Hard irq context, no locks held, of whatever CPU. */
static void notice(struct irq_work *irq_work)
{
	struct canary *canary = container_of(irq_work, struct canary, notice);
	u64 limit = limit_ns();
	u64 ran = atomic64_read(&canary->ran);

	if (!limit)
		return;
	if (!atomic_xchg(&canary->sent, 1)) {
		atomic64_set(&canary->ran, 0);
		schedule_work_on(canary->cpu, &canary->work);
	} else if (ran >= limit) {
		trip(canary->cpu, ran);
	}
}

/* An ordinary kernel thread of the CPU runs: all is well. */
static void canary_fn(struct work_struct *work)
{
	struct canary *canary = container_of(work, struct canary, work);

	atomic64_set(&canary->ran, 0);
	atomic_set(&canary->sent, 0);
}

/* An ordinary kernel thread: say what happened, and when it will be over. */
static void trip_fn(struct work_struct *work)
{
	u64 now = pvsched_state_now();

	mutex_lock(&hold_lock);
	hold.length = pvsched_hold_next(&hold, now);
	pr_warn_ratelimited(
		"boosts kept ordinary work of CPU %u waiting for %llu ms: no boosts for %llu s\n",
		tripped_cpu, div_u64(tripped_ran, NSEC_PER_MSEC),
		div_u64(hold.length, NSEC_PER_SEC));
	pvsched_notify_canary(PVSCHED_EVENT_CANARY, tripped_cpu, tripped_ran,
			      hold.length);
	mod_delayed_work(pvsched_wq, &recover_work,
			 nsecs_to_jiffies(hold.length));
	mutex_unlock(&hold_lock);
}

static void recover(void)
{
	mutex_lock(&hold_lock);
	hold.ended = pvsched_state_now();
	if (pvsched_gate_open(PVSCHED_GATE_CANARY))
		pvsched_notify_canary(PVSCHED_EVENT_RECOVER, tripped_cpu, 0, 0);
	mutex_unlock(&hold_lock);
}

static void recover_fn(struct work_struct *work)
{
	if (atomic_read(&per_cpu_ptr(&canaries, tripped_cpu)->sent))
		queue_delayed_work(pvsched_wq, &recover_work, HZ);
	else
		recover();
}

/**
 * pvsched_canary_release() - end the hold now, if there is one
 *
 * An operator knows better. Process context.
 */
void pvsched_canary_release(void)
{
	flush_work(&trip_work);
	cancel_delayed_work_sync(&recover_work);
	recover();
	mutex_lock(&hold_lock);
	hold.length = 0;
	mutex_unlock(&hold_lock);
}

void pvsched_canary_init(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct canary *canary = per_cpu_ptr(&canaries, cpu);

		canary->cpu = cpu;
		canary->notice = IRQ_WORK_INIT_HARD(notice);
		INIT_WORK(&canary->work, canary_fn);
	}
}

/* Nobody is boosted any more, and nobody can be. */
void pvsched_canary_exit(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		irq_work_sync(&per_cpu_ptr(&canaries, cpu)->notice);
		cancel_work_sync(&per_cpu_ptr(&canaries, cpu)->work);
	}
	cancel_work_sync(&trip_work);
	cancel_delayed_work_sync(&recover_work);
}
