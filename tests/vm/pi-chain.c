// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pi-chain - an ordinary thread that has to run with the priority of another
 *
 * usage: pi-chain CPU SECONDS
 *
 * The ordinary thread runs on CPU all the time and holds a mutex with priority
 * inheritance. A SCHED_FIFO 10 thread holds another one and waits for the
 * first; a SCHED_FIFO 30 thread waits for that. These two run elsewhere. After
 * SECONDS the ordinary thread lets go and runs on for as long again.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct chain {
	int cpu;
	int seconds;
	pthread_mutex_t first;
	pthread_mutex_t second;
	atomic_int steps;
};

static void need(int err, const char *what)
{
	if (!err)
		return;
	fprintf(stderr, "pi-chain: %s: %s\n", what, strerror(err));
	exit(1);
}

static void mutex_init(pthread_mutex_t *mutex)
{
	pthread_mutexattr_t attr;

	need(pthread_mutexattr_init(&attr), "pthread_mutexattr_init");
	need(pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT),
	     "pthread_mutexattr_setprotocol");
	need(pthread_mutex_init(mutex, &attr), "pthread_mutex_init");
	pthread_mutexattr_destroy(&attr);
}

static void become_urgent(int priority)
{
	const struct sched_param param = { .sched_priority = priority };

	need(pthread_setschedparam(pthread_self(), SCHED_FIFO, &param),
	     "pthread_setschedparam");
}

static void step_wait(struct chain *chain, int step)
{
	while (atomic_load(&chain->steps) < step)
		usleep(1000);
}

static void spin(int seconds)
{
	struct timespec now, end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec < end.tv_sec ||
		 (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec));
}

static void *low(void *arg)
{
	struct chain *chain = arg;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(chain->cpu, &set);
	need(pthread_setaffinity_np(pthread_self(), sizeof(set), &set),
	     "pthread_setaffinity_np");
	need(pthread_mutex_lock(&chain->first), "pthread_mutex_lock");
	atomic_store(&chain->steps, 1);
	spin(chain->seconds);
	need(pthread_mutex_unlock(&chain->first), "pthread_mutex_unlock");
	spin(chain->seconds);
	return NULL;
}

static void *middle(void *arg)
{
	struct chain *chain = arg;

	step_wait(chain, 1);
	become_urgent(10);
	need(pthread_mutex_lock(&chain->second), "pthread_mutex_lock");
	atomic_store(&chain->steps, 2);
	need(pthread_mutex_lock(&chain->first), "pthread_mutex_lock");
	need(pthread_mutex_unlock(&chain->first), "pthread_mutex_unlock");
	need(pthread_mutex_unlock(&chain->second), "pthread_mutex_unlock");
	return NULL;
}

static void *high(void *arg)
{
	struct chain *chain = arg;

	step_wait(chain, 2);
	become_urgent(30);
	need(pthread_mutex_lock(&chain->second), "pthread_mutex_lock");
	need(pthread_mutex_unlock(&chain->second), "pthread_mutex_unlock");
	return NULL;
}

int main(int argc, char **argv)
{
	void *(*const parts[])(void *) = { low, middle, high };
	struct chain chain = {};
	pthread_t threads[3];
	int i;

	if (argc != 3) {
		fputs("usage: pi-chain CPU SECONDS\n", stderr);
		return 1;
	}
	chain.cpu = atoi(argv[1]);
	chain.seconds = atoi(argv[2]);
	mutex_init(&chain.first);
	mutex_init(&chain.second);
	for (i = 0; i < 3; i++)
		need(pthread_create(&threads[i], NULL, parts[i], &chain),
		     "pthread_create");
	for (i = 0; i < 3; i++)
		need(pthread_join(threads[i], NULL), "pthread_join");
	return 0;
}
