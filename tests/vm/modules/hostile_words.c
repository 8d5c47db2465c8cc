// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attacks on the shared page, and by interrupts and doorbells. Each is made by
 * vCPU 0, which the host is to boost, and vCPU 1, which helps, at the same time.
 *
 *	flip		vCPU 1 changes the word of vCPU 0 as fast as it can
 *	scribble	vCPU 1 overwrites the whole page of vCPU 0, again and again
 *	stuck		vCPU 0 is urgent and never leaves guest mode
 *	silent		vCPU 0 is interrupted and never answers a ticket
 *	doorbell	vCPU 0 is urgent and rings as fast as it can
 *	bystander	vCPU 1, which is not registered, rings as fast as it can
 *	call		vCPU 1 rings for vCPU 0, and for anybody, as fast as it can
 *	yoyo		vCPU 0 is woken, boosted and not urgent, as fast as vCPU 1 can
 *	churn		vCPU 1 registers and unregisters vCPU 0 as fast as it can
 */
#include <linux/completion.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/string.h>

#include <pvsched/word.h>

#include "hostile.h"

/* Rounds between two looks at the clock. */
#define BATCH  256

#define URGENT pvsched_guest_pack(PVSCHED_LEVEL_RT(99), 0, 0, 0)

/**
 * struct words - one attack
 * @h: the device
 * @until: it ends, ns
 * @turns: of each vCPU, how often it did what it does
 */
struct words {
	struct hostile *h;
	u64 until;
	u64 turns[HOSTILE_VCPUS];
};

static bool over(const struct words *w)
{
	return ktime_get_ns() >= w->until;
}

static struct pvsched_page *page(const struct words *w)
{
	return w->h->page[0];
}

static void word_write(const struct words *w, u64 word)
{
	WRITE_ONCE(page(w)->guest_word, cpu_to_le64(word));
}

static u64 host_word(const struct words *w)
{
	return le64_to_cpu(READ_ONCE(page(w)->host_word));
}

/* What vCPU 0 does, unless it does something better: be busy. */
static void spin(struct words *w)
{
	unsigned int i;

	while (!over(w)) {
		for (i = 0; i < BATCH; i++)
			cpu_relax();
		cond_resched();
	}
}

static void urgent_spin(struct words *w)
{
	word_write(w, URGENT);
	spin(w);
}

static void flip(struct words *w)
{
	unsigned int i;

	while (!over(w)) {
		for (i = 0; i < BATCH; i++)
			word_write(w, hostile_random(w->h));
		w->turns[1] += BATCH;
		cond_resched();
	}
}

static void scribble(struct words *w)
{
	u64 *at = (u64 *)page(w);
	unsigned int i;

	while (!over(w)) {
		for (i = 0; i < PVSCHED_PAGE_SIZE / sizeof(*at); i++)
			WRITE_ONCE(at[i], hostile_random(w->h));
		word_write(w, URGENT | hostile_random(w->h) << 24);
		w->turns[1]++;
		cond_resched();
	}
}

/* No interrupt, no exit, if the host does not force one. */
static void stuck(struct words *w)
{
	unsigned long flags;

	word_write(w, URGENT);
	local_irq_save(flags);
	while (!over(w))
		cpu_relax();
	local_irq_restore(flags);
}

static void silent(struct words *w)
{
	word_write(w, pvsched_guest_pack(PVSCHED_LEVEL_NORMAL, 0,
					 PVSCHED_LEVEL_RT(99), 0));
	spin(w);
}

static void nothing(void *arg)
{
}

static void interrupt(struct words *w)
{
	while (!over(w)) {
		smp_call_function_single(0, nothing, NULL, 1);
		w->turns[1]++;
		cond_resched();
	}
}

static void ring(struct words *w, unsigned int cpu)
{
	unsigned int i;

	while (!over(w)) {
		for (i = 0; i < BATCH / 16; i++)
			virtqueue_notify(w->h->doorbell);
		w->turns[cpu] += BATCH / 16;
		cond_resched();
	}
}

static void urgent_ring(struct words *w)
{
	word_write(w, URGENT);
	ring(w, 0);
}

static void bystander_ring(struct words *w)
{
	ring(w, 1);
}

/*
 * Each time vCPU 0 is something else than before, so that the host has to do
 * something about it. Now and then a vCPU is called that need not exist.
 */
static void call(struct words *w)
{
	struct pvsched_page *mine = w->h->page[1];
	u32 id = hostile_hw_id(0) + 1;

	if (hostile_register(w->h, 1))
		return;
	while (!over(w)) {
		WRITE_ONCE(mine->call, cpu_to_le32(id));
		word_write(w, URGENT);
		virtqueue_notify(w->h->doorbell);
		word_write(w, 0);
		virtqueue_notify(w->h->doorbell);
		WRITE_ONCE(mine->call, cpu_to_le32(hostile_random(w->h)));
		virtqueue_notify(w->h->doorbell);
		w->turns[1]++;
		cond_resched();
	}
	hostile_unregister(w->h, 1);
}

/*
 * The host boosts for an interrupt, and because the vCPU halts; each time the
 * guest says at once that it was in vain, so that hardly any time is boosted.
 */
static void yoyo(struct words *w)
{
	u16 ticket;
	u64 host;

	while (!over(w)) {
		ticket = pvsched_host_ticket(host_word(w));
		word_write(w, pvsched_guest_pack(0, 0, PVSCHED_LEVEL_RT(99),
						 ticket));
		asm volatile("hlt" : : : "memory");
		host = host_word(w);
		word_write(w, pvsched_guest_pack(PVSCHED_LEVEL_NORMAL, 0,
						 PVSCHED_LEVEL_RT(99),
						 pvsched_host_ticket(host)));
		if (pvsched_host_boosted(host))
			virtqueue_notify(w->h->doorbell);
		w->turns[0]++;
		cond_resched();
	}
}

/* A registration that the host has at any moment, and an urgent vCPU. */
static void churn(struct words *w)
{
	while (!over(w)) {
		hostile_unregister(w->h, 0);
		hostile_page_init(page(w));
		word_write(w, URGENT);
		hostile_register(w->h, 0);
		w->turns[1]++;
	}
}

static const struct attack {
	const char *name;
	void (*vcpu0)(struct words *w);
	void (*vcpu1)(struct words *w);
} attacks[] = {
	{ "flip", spin, flip },
	{ "scribble", spin, scribble },
	{ "stuck", stuck, NULL },
	{ "silent", silent, interrupt },
	{ "doorbell", urgent_ring, NULL },
	{ "bystander", urgent_spin, bystander_ring },
	{ "call", spin, call },
	{ "yoyo", yoyo, interrupt },
	{ "churn", spin, churn },
};

/* What one vCPU does, in a thread that is bound to it. */
struct part {
	struct words *w;
	void (*run)(struct words *w);
	struct completion done;
};

static int part_thread(void *arg)
{
	struct part *part = arg;

	part->run(part->w);
	kthread_complete_and_exit(&part->done, 0);
}

static int part_start(struct part *part, unsigned int cpu)
{
	struct task_struct *thread;

	init_completion(&part->done);
	if (!part->run) {
		complete(&part->done);
		return 0;
	}
	thread = kthread_create(part_thread, part, "hostile/%u", cpu);
	if (IS_ERR(thread)) {
		complete(&part->done);
		return PTR_ERR(thread);
	}
	kthread_bind(thread, cpu);
	wake_up_process(thread);
	return 0;
}

static int attack_run(const struct attack *attack, struct words *w)
{
	struct part part[HOSTILE_VCPUS] = {
		{ .w = w, .run = attack->vcpu0 },
		{ .w = w, .run = attack->vcpu1 },
	};
	unsigned int i;
	int err = 0;

	for (i = 0; i < HOSTILE_VCPUS; i++)
		err = part_start(&part[i], i) ?: err;
	for (i = 0; i < HOSTILE_VCPUS; i++)
		wait_for_completion(&part[i].done);
	return err;
}

/* Context: may sleep. */
int hostile_words(struct hostile *h, const char *name, unsigned int seconds)
{
	const struct attack *attack = attacks;
	struct words w = { .h = h };
	int err;

	while (strcmp(attack->name, name))
		if (++attack == attacks + ARRAY_SIZE(attacks))
			return -EINVAL;
	if (num_online_cpus() < HOSTILE_VCPUS)
		return -ENXIO;
	hostile_page_init(h->page[0]);
	err = hostile_register(h, 0);
	if (err)
		return err;
	w.until = ktime_get_ns() + seconds * NSEC_PER_SEC;
	err = attack_run(attack, &w);
	pr_info("pvsched_hostile: %s: %llu and %llu turns\n", name, w.turns[0],
		w.turns[1]);
	return hostile_unregister(h, 0) ?: err;
}
