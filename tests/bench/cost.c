// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cost - what pvsched costs those whom it does nothing for
 *
 * usage: cost switch yield|sleep plain|attached	instructions, to and fro
 *	  cost kick			instructions of KVM_SIGNAL_MSI
 *	  cost resume SECONDS plain|attached	microseconds, one a line
 *
 * The first two are for a machine on which the time stamp counter counts
 * instructions (tests/vm/lab run --icount). They print the median of many
 * rounds: some of them took a timer interrupt. A VM is open all the time, so what
 * KVM switches on for the whole machine is on in every measurement.
 */
#define _GNU_SOURCE
#include <err.h>
#include <linux/futex.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

#include <pvsched/thread.h>

#include "../subcommand.h"

#define ROUNDS	 5000
#define URGENT	 PVSCHED_LEVEL_RT(50)
#define GAP_US	 20.0
#define MSI_ADDR 0xfee00000 /* to the local APIC 0 */
#define MSI_DATA 0x400	    /* an NMI, which it takes in any state */

static uint64_t ticks(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc; lfence"
			 : "=a"(low), "=d"(high)
			 :
			 : "memory");
	return (uint64_t)high << 32 | low;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static int report(uint64_t *times)
{
	qsort(times, ROUNDS, sizeof(*times), compare);
	printf("%llu\n", (unsigned long long)times[ROUNDS / 2]);
	return 0;
}

static int kvm_vm(void)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	int vm = kvm < 0 ? -1 : ioctl(kvm, KVM_CREATE_VM, 0);

	if (vm < 0)
		err(1, "/dev/kvm");
	return vm;
}

/* Attach the calling thread. Return: the group. */
static int attach(struct pvsched_page **page)
{
	int fd = pvsched_threads_open("cost", 0);
	int status;

	if (fd < 0)
		errx(1, "/dev/pvsched: %s", strerror(-fd));
	*page = mmap(NULL, sizeof(**page), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (*page == MAP_FAILED)
		err(1, "mmap");
	pvsched_page_init(*page);
	status = pvsched_thread_attach(fd, 0, 0, *page);
	if (status)
		errx(1, "attach: %s", strerror(-status));
	return fd;
}

/* Two threads that take turns, by yielding the CPU or by waking each other. */
struct turns {
	bool yield;
	uint32_t ping;
	uint32_t pong;
};

static void turn_give(uint32_t *turn)
{
	__atomic_store_n(turn, 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void turn_await(uint32_t *turn)
{
	while (!__atomic_load_n(turn, __ATOMIC_SEQ_CST))
		syscall(SYS_futex, turn, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
	*turn = 0;
}

static void *partner(void *arg)
{
	struct turns *turns = arg;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (turns->yield) {
			sched_yield();
			continue;
		}
		turn_await(&turns->ping);
		turn_give(&turns->pong);
	}
	return NULL;
}

static void turn_take(struct turns *turns)
{
	if (turns->yield) {
		sched_yield();
		return;
	}
	turn_give(&turns->ping);
	turn_await(&turns->pong);
}

/* Real-time threads, so that nobody else comes in between. */
static void realtime(void)
{
	const struct sched_param param = { .sched_priority = 20 };

	if (sched_setscheduler(0, SCHED_FIFO, &param))
		err(1, "sched_setscheduler");
}

static int cmd_switch(char **argv)
{
	struct turns turns = { .yield = !strcmp(argv[0], "yield") };
	static uint64_t times[ROUNDS];
	struct pvsched_page *page;
	pthread_t thread;
	int i;

	kvm_vm();
	realtime();
	if (!strcmp(argv[1], "attached"))
		attach(&page);
	errno = pthread_create(&thread, NULL, partner, &turns);
	if (errno)
		err(1, "pthread_create");
	for (i = 0; i < ROUNDS; i++) {
		times[i] = ticks();
		turn_take(&turns);
		times[i] = ticks() - times[i];
	}
	pthread_join(thread, NULL);
	return report(times);
}

static int cmd_kick(char **argv)
{
	const struct kvm_msi msi = { .address_lo = MSI_ADDR, .data = MSI_DATA };
	static uint64_t times[ROUNDS];
	struct kvm_lapic_state lapic;
	int vm = kvm_vm(), vcpu, i;

	(void)argv;
	if (ioctl(vm, KVM_CREATE_IRQCHIP))
		err(1, "KVM_CREATE_IRQCHIP");
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	/* As it is; this makes it known to those who send interrupts. */
	if (vcpu < 0 || ioctl(vcpu, KVM_GET_LAPIC, &lapic) ||
	    ioctl(vcpu, KVM_SET_LAPIC, &lapic))
		err(1, "vCPU");
	for (i = 0; i < ROUNDS; i++) {
		times[i] = ticks();
		if (ioctl(vm, KVM_SIGNAL_MSI, &msi) != 1)
			err(1, "KVM_SIGNAL_MSI");
		times[i] = ticks() - times[i];
	}
	return report(times);
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static long preemptions(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nivcsw;
}

/* Run until preempted. Return: for how long the thread did not run, us. */
static double gap(double end)
{
	long before = preemptions();
	double last = now_us(), time;

	for (; last < end; last = time) {
		time = now_us();
		if (time - last > GAP_US && preemptions() != before)
			return time - last;
	}
	return 0;
}

/* Preempted while it is urgent: how soon does it run again? */
static int cmd_resume(char **argv)
{
	double end = now_us() + atof(argv[0]) * 1e6, time;
	struct pvsched_page *page = NULL;
	int fd = -1;

	if (!strcmp(argv[1], "attached"))
		fd = attach(&page);
	do {
		if (page)
			pvsched_thread_raise(page, URGENT);
		time = gap(end);
		if (page)
			pvsched_thread_lower(fd, page, PVSCHED_LEVEL_NORMAL);
		if (time)
			printf("%.1f\n", time);
	} while (time);
	return 0;
}

static const struct subcommand commands[] = {
	{ "switch", 2, cmd_switch },
	{ "kick", 0, cmd_kick },
	{ "resume", 2, cmd_resume },
};

int main(int argc, char **argv)
{
	return subcommand_run(commands, sizeof(commands) / sizeof(commands[0]),
			      argc, argv);
}
