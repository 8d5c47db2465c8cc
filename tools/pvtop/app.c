// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvtop from its start to its end.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "../command.h"
#include "options.h"
#include "term.h"

/* The first rates are there soon, however long the delay is. */
#define FIRST_DELAY_MS 250

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Signals that end it leave the terminal as it was. */
static int signals_open(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* Wait for a key, an event, a signal, or the next sample. */
static void wait_and_take(struct ui *ui, struct term *term, int signals, int ms)
{
	struct pollfd polled[2 + SOURCE_FDS] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};
	size_t i, count = 2 + ui->source->ops->fds(ui->source, &polled[2]);

	/* A signal such as SIGWINCH: ncurses has it as a key. */
	if (poll(polled, count, ms) < 0) {
		if (errno == EINTR)
			term_read(term, ui);
		else
			ui->quit = true;
		return;
	}
	if (polled[1].revents || polled[0].revents & (POLLERR | POLLHUP))
		ui->quit = true;
	for (i = 2; i < count; i++)
		if (polled[i].revents) {
			ui_events(ui);
			break;
		}
	if (polled[0].revents)
		term_read(term, ui);
}

static void screen_run(struct ui *ui, struct term *term, int signals,
		       int delay_ms)
{
	int64_t next;
	int delay = delay_ms < FIRST_DELAY_MS ? delay_ms : FIRST_DELAY_MS;

	ui_sample(ui);
	next = now_ms() + delay;
	while (!ui->quit) {
		int64_t left;

		term_show(term, ui);
		/* Events alone are no reason to draw. */
		do {
			left = next - now_ms();
			wait_and_take(ui, term, signals,
				      left > 0 ? (int)left : 0);
			left = next - now_ms();
		} while (!ui->quit && left > 0 && !ui->redraw && !ui->touched);
		ui->touched = false;
		if (left > 0)
			continue;
		ui_sample(ui);
		next += delay_ms;
		if (next < now_ms())
			next = now_ms() + delay_ms;
	}
}

static int screen_open(struct ui *ui, const struct options *options)
{
	struct term *term;
	int signals;

	if (!isatty(STDIN_FILENO)) {
		fputs("pvtop: standard input is no terminal, so there are no keys; try: pvtop -b\n",
		      stderr);
		return COMMAND_FAILED;
	}
	signals = signals_open();
	if (signals < 0) {
		fprintf(stderr, "pvtop: taking signals: %s\n", strerror(errno));
		return COMMAND_FAILED;
	}
	term = term_open(ui, options->colours_set);
	if (!term) {
		close(signals);
		fputs("pvtop: this terminal (TERM) is not known; try: pvtop -b\n",
		      stderr);
		return COMMAND_FAILED;
	}
	screen_run(ui, term, signals, options->delay_ms);
	term_close(term);
	close(signals);
	return COMMAND_DONE;
}

/* What is shown: the kernel, also to a file, or a recording. */
static struct source *source_open(const struct options *options,
				  struct source *live)
{
	struct pvsched_error error;
	struct source *source = live;

	if (options->replay) {
		live->ops->close(live);
		source = history_is(options->replay) ?
				 chronicle_open(options->replay, &error) :
				 replay_open(options->replay, &error);
	} else if (options->record) {
		source = recorder_open(live, options->record, &error);
	}
	if (!source)
		fprintf(stderr, "pvtop: %s\n", error.text);
	return source;
}

int app_run(const struct options *options, struct source *live)
{
	struct source *source __attribute__((cleanup(source_close))) =
		source_open(options, live);
	struct ui ui __attribute__((cleanup(ui_free))) = {};

	if (!source)
		return COMMAND_FAILED;
	ui_init(&ui, source);
	options_apply(options, &ui);
	return options->batch ? batch_run(&ui, options) :
				screen_open(&ui, options);
}
