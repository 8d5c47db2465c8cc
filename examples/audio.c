// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * audio - an audio engine's thread, with and without pvsched
 *
 * Every period it has a buffer to fill: that is urgent, and late is as bad as
 * wrong. What it does between buffers (meters, files, a display) is not.
 * Beside CPU hogs an ordinary thread is often late. A real-time thread never is,
 * but keeps its priority if it goes wild. This one is an ordinary thread that
 * is boosted while it is urgent, within what the administrator allows.
 *
 * usage: audio [--pvsched] [--period USEC] [--seconds N]
 *
 * Prints how late it woke up, and how many buffers were not full in time.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <pvsched/thread.h>

#define FRAMES	 256
#define VOICES	 16
#define URGENT	 PVSCHED_LEVEL_RT(50)
#define ORDINARY PVSCHED_LEVEL_NORMAL

struct engine {
	int fd; /* of /dev/pvsched, -1: without */
	struct pvsched_page *page;
	long period_us;
	double buffer[FRAMES];
	double phase;
};

struct results {
	double *late_us;
	size_t count;
	size_t missed;
};

/* What this is about: two calls around what is urgent. */

static void urgent_begin(struct engine *engine)
{
	if (engine->page)
		pvsched_thread_raise(engine->page, URGENT);
}

static void urgent_end(struct engine *engine)
{
	if (engine->page)
		pvsched_thread_lower(engine->fd, engine->page, ORDINARY);
}

/* And once, in the thread itself. */
static void pvsched_setup(struct engine *engine)
{
	int status;

	engine->fd = pvsched_threads_open("audio", 0);
	if (engine->fd < 0)
		errx(1,
		     "cannot open a group of threads on /dev/pvsched: %s; is pvsched loaded, and may you write to it?",
		     strerror(-engine->fd));
	engine->page = aligned_alloc(PVSCHED_PAGE_SIZE, PVSCHED_PAGE_SIZE);
	if (!engine->page)
		err(1, "no memory for the page");
	memset(engine->page, 0, PVSCHED_PAGE_SIZE);
	pvsched_page_init(engine->page);
	status = pvsched_thread_attach(engine->fd, 0, 0, engine->page);
	if (status)
		errx(1, "cannot attach the thread: %s", strerror(-status));
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void sleep_until(double us)
{
	const struct timespec t = {
		.tv_sec = us / 1e6,
		.tv_nsec = (us - (time_t)(us / 1e6) * 1e6) * 1e3,
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) ==
	       EINTR)
		;
}

/* Some triangle waves. */
static void fill(struct engine *engine)
{
	int frame, voice;

	for (frame = 0; frame < FRAMES; frame++) {
		double sum = 0;

		for (voice = 1; voice <= VOICES; voice++) {
			double x = engine->phase * voice;

			x -= (long)x;
			sum += x < 0.5 ? x : 1 - x;
		}
		engine->buffer[frame] = sum / VOICES;
		engine->phase += 1.0 / FRAMES;
	}
}

static void run(struct engine *engine, struct results *results, size_t count)
{
	double due = now_us();

	while (results->count < count) {
		due += engine->period_us;
		/* Before it sleeps, so that it is boosted when it wakes up. */
		urgent_begin(engine);
		sleep_until(due);
		results->late_us[results->count++] = now_us() - due;
		fill(engine);
		if (now_us() > due + engine->period_us) {
			results->missed++;
			due = now_us();
		}
		urgent_end(engine);
	}
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void print(const struct engine *engine, struct results *results)
{
	double sum = 0;
	size_t i;

	qsort(results->late_us, results->count, sizeof(*results->late_us),
	      compare);
	for (i = 0; i < results->count; i++)
		sum += results->late_us[i];
	printf("%s: %zu buffers, missed %zu, late us: avg %.0f, 99%% %.0f, max %.0f\n",
	       engine->page ? "with pvsched" : "without pvsched",
	       results->count, results->missed, sum / results->count,
	       results->late_us[results->count * 99 / 100],
	       results->late_us[results->count - 1]);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "pvsched", no_argument, NULL, 'v' },
		{ "period", required_argument, NULL, 'p' },
		{ "seconds", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 }
	};
	struct engine engine = { .fd = -1, .period_us = 10000 };
	struct results results = { 0 };
	long seconds = 10;
	bool pvsched = false;
	size_t count;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'v')
			pvsched = true;
		else if (c == 'p')
			engine.period_us = atol(optarg);
		else if (c == 's')
			seconds = atol(optarg);
		else
			return 1;
	}
	if (engine.period_us <= 0 || seconds <= 0)
		errx(1, "a period and a time are more than 0");
	count = seconds * 1000000 / engine.period_us + 1;
	results.late_us = calloc(count, sizeof(*results.late_us));
	if (!results.late_us)
		err(1, "no memory for %zu results", count);
	if (pvsched)
		pvsched_setup(&engine);
	run(&engine, &results, count);
	print(&engine, &results);
	if (engine.fd >= 0)
		close(engine.fd);
	free(engine.page);
	free(results.late_us);
	return 0;
}
