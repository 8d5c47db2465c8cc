// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is published in the guest words, and the doorbell.
 *
 * Who writes the word of a CPU: the CPU itself, at context switches and at the
 * end of interrupts, and any CPU that wakes a task there or a task that had
 * gone to sleep there. So every change is a compare-and-exchange of the whole
 * word, and carries all that came of the event at once: the host never sees one
 * half of it.
 *
 * Nothing here sleeps, allocates, locks or prints. The word is stored only if it
 * changes, and the host word is read only at the end of interrupts and after
 * the vCPU became less urgent.
 */
#include <linux/atomic.h>
#include <linux/sched.h>
#include <linux/virtio.h>

#include "guest.h"

DEFINE_PER_CPU(struct pvsched_cpu, pvsched_cpus);
struct virtqueue *pvsched_doorbell;

/* Of the byte with the section flags, in the guest word. */
#define SECTION_SHIFT 40

/* What a task is worth now. Any context: reads two fields. */
u8 pvsched_task_level(const struct task_struct *p)
{
	return pvsched_level(READ_ONCE(p->prio),
			     READ_ONCE(p->policy) == SCHED_IDLE,
			     is_idle_task(p));
}

static u64 word_read(const struct pvsched_page *page)
{
	return le64_to_cpu(READ_ONCE(page->guest_word));
}

static u64 host_word_read(const struct pvsched_page *page)
{
	return le64_to_cpu(READ_ONCE(page->host_word));
}

/*
 * On failure *old is what was found. A full barrier towards the host: the
 * sync_ variant, as a kernel with one CPU removes the lock prefix from the
 * ordinary one, and the host is another CPU even then.
 */
static bool word_replace(struct pvsched_page *page, u64 *old, u64 new)
{
	__le64 expected = cpu_to_le64(*old);
	__le64 wanted = cpu_to_le64(pvsched_word_count_raise(*old, new));
	__le64 found = sync_cmpxchg(&page->guest_word, expected, wanted);

	*old = le64_to_cpu(found);
	return found == expected;
}

/*
 * The lowering rule of linux/pvsched.h, after old was replaced by new: that was
 * the full barrier. virtqueue_notify() on a queue without buffers is one write
 * to the device's notification address, and nothing if the device is broken.
 *
 * Context: on CPU c, interrupts off; the run-queue lock may be held.
 */
static void ring_if_due(struct pvsched_cpu *c, u64 old, u64 new)
{
	u64 host;

	if (!pvsched_word_lowers(old, new))
		return;
	host = host_word_read(c->page);
	if (!pvsched_doorbell_due(old, new, host, &c->rung))
		return;
	c->rung.host = host;
	c->rung.urgency = pvsched_guest_urgency(new);
	c->doorbells++;
	virtqueue_notify(pvsched_doorbell);
}

/*
 * Until the word has the most urgent sleeper of that CPU. Whoever stores it
 * last also looks at the sleepers after that, so it ends up right whatever
 * happens at the same time. Context: any CPU, interrupts off.
 */
static void publish_sleeper(struct pvsched_cpu *c)
{
	u64 old = word_read(c->page), new;

	for (;;) {
		new = pvsched_word_set_sleeper(old, pvsched_sleepers_max(c));
		if (new == old)
			return;
		if (word_replace(c->page, &old, new))
			old = new;
	}
}

/* Out of line, so that the common case needs no stack. */
static noinline void publish_switch(u8 level, struct task_struct *sleeping)
{
	struct pvsched_cpu *c = this_cpu_ptr(&pvsched_cpus);
	u64 old, new;

	if (sleeping)
		pvsched_sleepers_add(sleeping);
	old = word_read(c->page);
	do {
		new = pvsched_word_switched(old, level);
		if (sleeping)
			new = pvsched_word_set_sleeper(new,
						       pvsched_sleepers_max(c));
		if (new == old)
			return;
	} while (!word_replace(c->page, &old, new));
	ring_if_due(c, old, new);
	if (sleeping)
		publish_sleeper(c);
}

/*
 * This CPU switches to next, and sleeping, if not NULL, goes to sleep. Most
 * switches are between tasks that are worth the same: these cost one look at
 * the word.
 *
 * Context: sched_switch, on the CPU, run-queue lock held, interrupts off.
 */
void pvsched_publish_switch(const struct task_struct *next,
			    struct task_struct *sleeping)
{
	struct pvsched_page *page = this_cpu_read(pvsched_cpus.page);
	u8 level = pvsched_task_level(next);
	u64 word;

	if (unlikely(!page))
		return;
	word = word_read(page);
	if (sleeping || word != pvsched_word_switched(word, level))
		publish_switch(level, sleeping);
}

/*
 * A task becomes runnable, on a CPU that need not be this one, nor the one on
 * which it went to sleep. Raising needs no doorbell.
 *
 * Context: sched_wakeup and sched_wakeup_new, in any context but NMI,
 * interrupts off; the run-queue lock of the task's CPU is held unless the
 * task is current.
 */
void pvsched_publish_wakeup(struct task_struct *p)
{
	struct pvsched_cpu *c = per_cpu_ptr(&pvsched_cpus, task_cpu(p));
	struct pvsched_cpu *home = pvsched_sleepers_remove(p);
	u8 level = pvsched_task_level(p);
	u64 old, new;

	if (!READ_ONCE(c->page))
		goto sleeper;
	old = word_read(c->page);
	do {
		new = pvsched_word_woken(old, level);
		if (home == c)
			new = pvsched_word_set_sleeper(new,
						       pvsched_sleepers_max(c));
		if (new == old)
			break;
	} while (!word_replace(c->page, &old, new));
sleeper:
	if (home)
		publish_sleeper(home);
}

/*
 * A section begins, or goes on as another. The flags are a byte of the word,
 * which nobody else changes: one plain store, which the exchange of another CPU
 * either sees or does not touch. The host looks when it preempts the vCPU, so
 * there is nothing to be ordered.
 */
static void publish_section(struct pvsched_page *page, u64 section)
{
	u8 *byte = (u8 *)&page->guest_word + SECTION_SHIFT / 8;

	WRITE_ONCE(*byte, section >> SECTION_SHIFT);
}

/*
 * The handler of an interrupt has run, and softirqs follow, or what follows is
 * the softirq that was interrupted. Context: on the CPU, interrupts off.
 */
void pvsched_publish_softirq(void)
{
	struct pvsched_page *page = this_cpu_read(pvsched_cpus.page);

	if (page)
		publish_section(page, PVSCHED_GUEST_SOFTIRQ);
}

/*
 * An interrupt of this CPU begins: it is what the ticket that is in the host word
 * now was for. One that comes later is for an interrupt that is still pending
 * when this one ends, and must not be answered by it.
 *
 * Context: on the CPU, interrupts off.
 */
void pvsched_publish_irq_entry(void)
{
	struct pvsched_cpu *c = this_cpu_ptr(&pvsched_cpus);

	if (!c->page)
		return;
	c->ticket = pvsched_host_ticket(host_word_read(c->page));
	publish_section(c->page, PVSCHED_GUEST_HARDIRQ);
}

/*
 * The handlers of an interrupt of this CPU have run, and so have the softirqs
 * that it raised: answer the ticket, if there is one, in the same store that
 * says what came of it. woken is the level of a task that is about to be woken
 * here, or 0. softirq: what was interrupted is one, and goes on.
 *
 * need_resched() is true for whoever was woken to preempt what runs here: the
 * scheduler sets it before it tells that the task was woken. For a new task it
 * is the other way round; in between another CPU may hold the run-queue lock
 * and this one drop the waiter, for as long as it takes to set the flag.
 *
 * Context: on the CPU, interrupts off, no run-queue lock of this CPU held here.
 */
void pvsched_publish_irq_exit(u8 woken, bool softirq)
{
	struct pvsched_cpu *c = this_cpu_ptr(&pvsched_cpus);
	u8 level = pvsched_task_level(current);
	u64 old, new;

	if (!c->page)
		return;
	old = word_read(c->page);
	do {
		new = pvsched_word_irq_exited(
			old, level, need_resched(), c->ticket,
			softirq ? PVSCHED_GUEST_SOFTIRQ : 0);
		new = pvsched_word_woken(new, woken);
		if (new == old)
			return;
	} while (!word_replace(c->page, &old, new));
	if (pvsched_guest_ack(new) != pvsched_guest_ack(old))
		c->acks++;
	ring_if_due(c, old, new);
}
