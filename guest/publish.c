// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is published in the guest words, and the doorbell.
 *
 * Who writes the word of a CPU: the CPU itself, at context switches and at the
 * end of interrupts, and any CPU that wakes or migrates a task to or from there,
 * changes its priority, or wakes a task that had gone to sleep there. So every
 * change is a compare-and-exchange of the whole word, and carries all that came
 * of the event at once: the host never sees one half of it.
 *
 * Nothing here sleeps, allocates, locks or prints. The word is stored only if it
 * changes, and the host word is read only at interrupts, after the vCPU became
 * less urgent, and after another one became more urgent.
 */
#include <linux/atomic.h>
#include <linux/sched.h>
#include <linux/virtio.h>

#include "compat.h"
#include "guest.h"

DEFINE_PER_CPU(struct pvsched_cpu, pvsched_cpus);
struct virtqueue *pvsched_doorbell;

/* Of the byte with the section flags, in the guest word. */
#define SECTION_SHIFT 40

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
static void ring_if_due(struct pvsched_cpu *c, const struct pvsched_page *page,
			u64 old, u64 new)
{
	u64 host;

	if (!pvsched_word_lowers(old, new))
		return;
	host = host_word_read(page);
	if (!pvsched_doorbell_due(old, new, host, &c->rung))
		return;
	c->rung.host = host;
	c->rung.urgency = pvsched_guest_urgency(new);
	c->doorbells++;
	virtqueue_notify(pvsched_doorbell);
}

/*
 * The host has to look at CPU c, which is not this one: ring here, and say for
 * whom. The host reads that in the vCPU thread that rings, before the guest goes
 * on. Context: interrupts off.
 */
static void call(struct pvsched_cpu *c)
{
	struct pvsched_cpu *self = this_cpu_ptr(&pvsched_cpus);
	struct pvsched_page *page = READ_ONCE(self->page);

	if (!page)
		return;
	WRITE_ONCE(page->call, cpu_to_le32(c->hw_id + 1));
	virtqueue_notify(pvsched_doorbell);
	WRITE_ONCE(page->call, 0);
	self->calls++;
}

/*
 * As soon as interrupts are on, on the CPU that made c more or less urgent. Has
 * something changed meanwhile? Context: hard interrupt.
 */
static void call_if_due(struct irq_work *work)
{
	struct pvsched_cpu *c =
		container_of(work, struct pvsched_cpu, call_work);
	struct pvsched_page *page = READ_ONCE(c->page);

	if (page && pvsched_call_needed(word_read(page), host_word_read(page)))
		call(c);
}

/*
 * After old was replaced by new, on any CPU, with a full barrier. A CPU that
 * became more urgent by its own doing needs nobody to say so: it runs.
 *
 * Who changes another CPU's word may hold locks that this one needs, and a task that is
 * woken may not be queued yet. To call is to leave the guest, and the host may let c
 * run instead of this CPU: so not before all that is done. If somebody else is about
 * to call for c, he may be preempted before he can.
 */
static void ring_or_call(struct pvsched_cpu *c, const struct pvsched_page *page,
			 u64 old, u64 new)
{
	if (c == this_cpu_ptr(&pvsched_cpus))
		ring_if_due(c, page, old, new);
	else if (pvsched_call_due(old, new, host_word_read(page)) &&
		 !irq_work_queue(&c->call_work))
		call(c);
}

/*
 * Until the word has the most urgent sleeper of that CPU. Whoever stores it
 * last also looks at the sleepers after that, so it ends up right whatever
 * happens at the same time. Context: any CPU, interrupts off.
 */
void pvsched_publish_sleeper(struct pvsched_cpu *c)
{
	struct pvsched_page *page = READ_ONCE(c->page);
	u64 old, new;

	if (!page)
		return;
	old = word_read(page);

	for (;;) {
		new = pvsched_word_set_sleeper(old, pvsched_sleepers_max(c));
		if (new == old)
			return;
		if (word_replace(page, &old, new))
			old = new;
	}
}

/*
 * Who is the most urgent waiter, and how urgent can the next one be? That is
 * asked when the first one leaves without having run, so it need not be exact,
 * but it must not be too low. p waits on c, and word is what was there before.
 *
 * Context: c's run-queue lock held.
 */
static void waiter_note(struct pvsched_cpu *c, const struct task_struct *p,
			u64 word, u8 level)
{
	u8 waiter = pvsched_guest_waiter(word);

	if (level > pvsched_guest_urgency(word)) {
		c->waiter_next = waiter ? max(c->waiter_next, waiter) : 0;
		WRITE_ONCE(c->waiter, p);
	} else if (waiter && p != c->waiter && level > c->waiter_next) {
		c->waiter_next = level;
	}
}

/*
 * p, which waited on c with that level, leaves, or is less urgent from now on.
 * Context: c's run-queue lock held, interrupts off.
 */
static void waiter_gone(struct pvsched_cpu *c, struct pvsched_page *page,
			const struct task_struct *p, u8 level, u8 left)
{
	u8 next = max3(c->waiter_next, left, pvsched_queued_level(c));
	u64 old, new;

	if (READ_ONCE(c->waiter) != p)
		return;
	WRITE_ONCE(c->waiter, NULL);
	old = word_read(page);
	do {
		new = pvsched_word_waiter_gone(old, level, next);
		if (new == old)
			return;
	} while (!word_replace(page, &old, new));
	ring_or_call(c, page, old, new);
}

/*
 * Somebody more urgent waits on c: p, if c's run-queue lock is held; NULL: it is not.
 * Context: any CPU, interrupts off.
 */
static void waiter_raise(struct pvsched_cpu *c, struct pvsched_page *page,
			 const struct task_struct *p, u8 level)
{
	u64 old = word_read(page), new;

	for (;;) {
		if (p)
			waiter_note(c, p, old, level);
		new = pvsched_word_woken(old, level);
		if (new == old)
			return;
		if (word_replace(page, &old, new))
			break;
		/* That was about another word. */
		if (p)
			WRITE_ONCE(c->waiter, NULL);
	}
	ring_or_call(c, page, old, new);
}

/*
 * Without c's run-queue lock: nobody may take this level for another's. Who was
 * noted meanwhile may have left again, and this level with him. Context: any CPU,
 * interrupts off.
 */
static void waiter_raise_unlocked(struct pvsched_cpu *c, u8 level)
{
	struct pvsched_page *page = READ_ONCE(c->page);

	if (!page)
		return;
	WRITE_ONCE(c->waiter, NULL);
	waiter_raise(c, page, NULL, level);
	if (xchg(&c->waiter, NULL))
		waiter_raise(c, page, NULL, level);
}

/*
 * p is on the list of c, or about to be, see queued.c. It is no waiter by name: who
 * that is can be said only with c's run-queue lock. Context: p's pi_lock held,
 * interrupts off.
 */
static void queued_announce(struct pvsched_cpu *c, const struct task_struct *p,
			    u8 level)
{
	if (!pvsched_level_urgent(level))
		level = 0;
	pvsched_queued_set(c, p, level);
	if (level)
		waiter_raise_unlocked(c, level);
}

/*
 * An entry for the queue of calls of that CPU. If it is a wake-up, it is left to that
 * CPU to queue the task. Context: then the task's pi_lock is held, interrupts are off
 * and no run-queue lock is held; not in NMI.
 */
void pvsched_publish_queued(unsigned int cpu, const struct llist_node *entry)
{
	const struct task_struct *p = pvsched_queued_wakeup(entry);
	u8 level;

	if (!p)
		return;
	level = pvsched_task_level(p);
	if (pvsched_level_urgent(level) && !pvsched_task_throttled(p))
		queued_announce(per_cpu_ptr(&pvsched_cpus, cpu), p, level);
}

/*
 * This CPU's word has just been replaced, by which whoever is on its list may have been
 * dropped: one who came meanwhile and had found the word as it was before.
 */
static void queued_again(struct pvsched_cpu *c, struct pvsched_page *page)
{
	u8 level = pvsched_queued_level(c);

	if (level)
		waiter_raise(c, page, NULL, level);
}

/*
 * What counts as urgent may have changed since it was decided that the task is a
 * sleeper: only a level that was looked at may be counted.
 */
static void sleeper_add(struct task_struct *sleeping)
{
	u8 level = pvsched_task_level(sleeping);

	if (pvsched_sleepers_take(sleeping, level))
		pvsched_sleepers_add(sleeping, smp_processor_id(), level);
}

/*
 * This CPU switches to next, and sleeping, if not NULL, goes to sleep. Only for the
 * switches that pvsched_switch_tells() does not sort out.
 *
 * Context: sched_switch, on the CPU, run-queue lock held, interrupts off.
 */
void pvsched_publish_switch(const struct task_struct *next,
			    struct task_struct *sleeping)
{
	struct pvsched_cpu *c = this_cpu_ptr(&pvsched_cpus);
	struct pvsched_page *page = READ_ONCE(c->page);
	u8 level = pvsched_task_level(next), waits;
	u64 old, new;

	if (!page)
		return;
	if (sleeping)
		sleeper_add(sleeping);
	old = word_read(page);
	do {
		new = pvsched_word_switched(old, level);
		waits = pvsched_queued_level(c);
		if (waits)
			new = pvsched_word_woken(new, waits);
		if (sleeping)
			new = pvsched_word_set_sleeper(new,
						       pvsched_sleepers_max(c));
		if (new == old)
			return;
	} while (!word_replace(page, &old, new));
	c->waiter = NULL;
	queued_again(c, page);
	ring_if_due(c, page, old, new);
	if (sleeping)
		pvsched_publish_sleeper(c);
}

/*
 * A task becomes runnable, on a CPU that need not be this one, nor the one on
 * which it went to sleep. If the host has preempted that CPU, it is told.
 *
 * Context: sched_wakeup and sched_wakeup_new, in any context but NMI,
 * interrupts off; the run-queue lock of the task's CPU is held unless the
 * task is current.
 */
void pvsched_publish_wakeup(struct task_struct *p)
{
	struct pvsched_cpu *c = per_cpu_ptr(&pvsched_cpus, task_cpu(p));
	struct pvsched_page *page = READ_ONCE(c->page);
	u8 level = pvsched_task_level(p);
	struct pvsched_cpu *home;
	u64 old, new;

	/* Its sleep goes on. */
	if (pvsched_task_throttled(p))
		return;
	home = pvsched_sleepers_remove(p);
	if (READ_ONCE(c->queued))
		pvsched_queued_forget(c, p);
	if (!page)
		goto sleeper;
	old = word_read(page);
	for (;;) {
		waiter_note(c, p, old, level);
		new = pvsched_word_woken(old, level);
		if (home == c)
			new = pvsched_word_set_sleeper(new,
						       pvsched_sleepers_max(c));
		if (new == old)
			goto sleeper;
		if (word_replace(page, &old, new))
			break;
		/* That was about another word. */
		WRITE_ONCE(c->waiter, NULL);
	}
	ring_or_call(c, page, old, new);
sleeper:
	if (home)
		pvsched_publish_sleeper(home);
}

/*
 * p leaves c, where it was announced before it was queued: it is known now who set
 * the waiter, unless somebody else has. Context: c's run-queue lock held,
 * interrupts off.
 */
static void raise_note(struct pvsched_cpu *c, const struct task_struct *p)
{
	struct pvsched_raise *raise = this_cpu_ptr(&pvsched_cpus.raise);

	if (raise->task != p || raise->cpu != c)
		return;
	raise->task = NULL;
	if (READ_ONCE(c->waiter))
		return;
	c->waiter_next = max(c->waiter_next, raise->waiter);
	WRITE_ONCE(c->waiter, p);
}

/*
 * A task that waits is about to be moved to another CPU. If it does not wait, it
 * is about to be woken there, and that is told by itself.
 *
 * Context: sched_migrate_task; interrupts off; for a task that waits, the
 * run-queue lock of the CPU it leaves is held, that of the other may be.
 */
void pvsched_publish_migrate(struct task_struct *p, unsigned int to)
{
	struct pvsched_cpu *from = per_cpu_ptr(&pvsched_cpus, task_cpu(p));
	struct pvsched_cpu *c = per_cpu_ptr(&pvsched_cpus, to);
	struct pvsched_page *page = READ_ONCE(from->page);
	u8 level = pvsched_task_level(p);

	if (!pvsched_level_urgent(level))
		return;
	/* There nobody would see it run. */
	if (!READ_ONCE(c->page))
		pvsched_sleepers_forget(p);
	if (!pvsched_task_runnable(p))
		return;
	waiter_raise_unlocked(c, level);
	raise_note(from, p);
	if (page)
		waiter_gone(from, page, p, level, 0);
}

/*
 * A timer gives p, which was throttled, more time: it is about to be queued, of
 * which no trace point tells, on a CPU that need not be this one, and may be moved
 * on from there at once. Said before it is, so that it is known when this interrupt
 * ends; if it then does not preempt what runs, that takes it back.
 *
 * Context: hard interrupt, interrupts off, no run-queue lock held here.
 */
void pvsched_publish_replenish(struct task_struct *p)
{
	struct pvsched_cpu *c = per_cpu_ptr(&pvsched_cpus, task_cpu(p));
	struct pvsched_raise *raise = this_cpu_ptr(&pvsched_cpus.raise);
	struct pvsched_page *page = READ_ONCE(c->page);

	if (!page || !pvsched_task_queued(p) || !pvsched_task_throttled(p))
		return;
	raise->task = p;
	raise->cpu = c;
	raise->waiter = pvsched_guest_waiter(word_read(page));
	waiter_raise_unlocked(c, pvsched_task_level(p));
}

/*
 * A task is, or is about to be, worth that much, with no context switch. What
 * becomes less urgent while it runs says so when its next interrupt ends, or
 * when it is switched out, whichever is first: mostly that is at once, and then
 * the doorbell would ring in vain if the next task is urgent, too.
 *
 * Context: any CPU; p's pi_lock and run-queue lock held, interrupts off.
 */
void pvsched_publish_prio(struct task_struct *p, u8 level)
{
	struct pvsched_cpu *c = per_cpu_ptr(&pvsched_cpus, task_cpu(p));
	struct pvsched_page *page = READ_ONCE(c->page);
	u64 old, new;

	if (!page)
		return;
	/* The switch that takes it off its CPU is still to come, and looks at it. */
	if (p->on_cpu && !pvsched_task_queued(p))
		return;
	if (!p->on_cpu && !pvsched_task_runnable(p)) {
		if (READ_ONCE(p->__state) != TASK_DEAD)
			pvsched_sleepers_change(p, level);
		if (READ_ONCE(p->__state) == TASK_WAKING)
			queued_announce(c, p, level);
		return;
	}
	/* Who was throttled, and has another class or time now. */
	pvsched_sleepers_forget(p);
	old = word_read(page);
	if (!p->on_cpu) {
		waiter_raise(c, page, p, level);
		if (level < pvsched_guest_waiter(old))
			waiter_gone(c, page, p, pvsched_guest_waiter(old),
				    level);
		return;
	}
	do {
		new = pvsched_word_raised(old, level);
		if (new == old)
			return;
	} while (!word_replace(page, &old, new));
	ring_or_call(c, page, old, new);
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

	this_cpu_write(pvsched_cpus.raise.task, NULL);
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
	struct pvsched_page *page = READ_ONCE(c->page);

	if (!page)
		return;
	c->ticket = pvsched_host_ticket(host_word_read(page));
	publish_section(page, PVSCHED_GUEST_HARDIRQ);
}

/*
 * The handlers of an interrupt of this CPU have run, and so have the softirqs
 * that it raised: answer the ticket, if there is one, in the same store that
 * says what came of it. woken is the level of a task that is about to be woken
 * here, or 0. softirq: what was interrupted is one, and goes on.
 *
 * A reschedule is due for whoever was woken to preempt what runs here: the
 * scheduler sets it before it tells that the task was woken. For a new task it
 * is the other way round; in between another CPU may hold the run-queue lock
 * and this one drop the waiter, for as long as it takes to set the flag.
 *
 * Context: on the CPU, interrupts off, no run-queue lock of this CPU held here.
 */
void pvsched_publish_irq_exit(u8 woken, bool softirq)
{
	struct pvsched_cpu *c = this_cpu_ptr(&pvsched_cpus);
	u64 section = softirq ? PVSCHED_GUEST_SOFTIRQ : 0;
	struct pvsched_page *page = READ_ONCE(c->page);
	u64 old, new;
	u8 waits;

	if (!page)
		return;
	c->raise.task = NULL;
	old = word_read(page);
	do {
		/* After the word: whoever raised that had set these before. */
		smp_rmb();
		new = pvsched_word_irq_exited(old, pvsched_task_level(current),
					      pvsched_resched_due(), c->ticket,
					      section);
		waits = max(woken, pvsched_queued_level(c));
		if (waits)
			new = pvsched_word_woken(new, waits);
		if (new == old)
			return;
	} while (!word_replace(page, &old, new));
	queued_again(c, page);
	if (pvsched_guest_ack(new) != pvsched_guest_ack(old))
		c->acks++;
	ring_if_due(c, page, old, new);
}

/* Context: may sleep; the probes are off. */
void pvsched_publish_start(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		per_cpu(pvsched_cpus, cpu).call_work =
			IRQ_WORK_INIT_HARD(call_if_due);
}

/* Afterwards nobody calls. Context: may sleep; the probes are off. */
void pvsched_publish_stop(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		irq_work_sync(per_cpu_ptr(&pvsched_cpus.call_work, cpu));
}

/*
 * Nothing is urgent any more on any CPU, and nothing is published from now on. As
 * if they idled: that a CPU which has panicked cannot be preempted keeps nobody
 * waiting. A CPU that has not been stopped yet, and was in the middle of a change,
 * may store that afterwards: it halts as soon as it is stopped, and then the host
 * looks again.
 *
 * Context: panic, interrupts off; possibly NMI.
 */
void pvsched_publish_end(void)
{
	struct pvsched_page *self = this_cpu_read(pvsched_cpus.page);
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct pvsched_cpu *c = per_cpu_ptr(&pvsched_cpus, cpu);
		struct pvsched_page *page = c->page;
		u16 ticket;

		if (!page)
			continue;
		WRITE_ONCE(c->page, NULL);
		ticket = pvsched_host_ticket(host_word_read(page));
		WRITE_ONCE(page->guest_word,
			   cpu_to_le64(pvsched_guest_pack(PVSCHED_LEVEL_IDLE, 0,
							  0, ticket)));
		/* The lowering rule of linux/pvsched.h. */
		mb();
		if (!self || !pvsched_host_boosted(host_word_read(page)))
			continue;
		WRITE_ONCE(self->call,
			   page == self ? 0 : cpu_to_le32(c->hw_id + 1));
		virtqueue_notify(pvsched_doorbell);
	}
}
