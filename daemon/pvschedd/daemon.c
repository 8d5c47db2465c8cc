// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <systemd/sd-daemon.h>

#include "answers.h"
#include "daemon.h"
#include "machined.h"
#include "metrics.h"
#include "pace.h"
#include "util.h"

#define US_PER_S 1000000ULL

static void on_appeared(struct vm *vm, void *arg)
{
	struct daemon *d = arg;

	identity_find(&vm->who, d->root, vm->info.pid, vm->info.uid);
	machined_find(&vm->who, vm->info.pid);
	log_about(&d->log, LOG_INFO, "vm-add", vm->info.name,
		  "VM %s: it has %" PRIu32 " vCPUs", vm->info.name,
		  vm->info.vcpus);
	rules_apply(&d->rules, vm);
}

static void on_gone(struct vm *vm, void *arg)
{
	struct daemon *d = arg;

	log_about(&d->log, LOG_INFO, "vm-del", vm->info.name,
		  "VM %s: it is gone", vm->info.name);
	if (vm->ruling.rule[0])
		rules_forget(&d->rules);
}

/* When there is something new: systemd has others to listen to. */
static void status_tell(struct daemon *d)
{
	char status[sizeof(d->status)];

	snprintf(status, sizeof(status), "%zu VMs, %zu vCPUs%s", d->world.count,
		 d->world.vcpus.count,
		 d->settings.history[0] && !d->keeper.history ? "; no history" :
								"");
	if (!strcmp(status, d->status))
		return;
	sd_notifyf(0, "%sSTATUS=%s", d->status[0] ? "" : "READY=1\n", status);
	strcpy(d->status, status);
}

/* The kernel's family is gone with its module, and comes back as another one. */
static void kernel_failed(struct daemon *d, const struct pvsched_error *error)
{
	if (error->code != -ENOENT && error->code != -EOPNOTSUPP) {
		log_warn(&d->log, "kernel", "%s", error->text);
		return;
	}
	log_error(&d->log, "kernel", "the kernel's module is gone: %s",
		  error->text);
	sd_event_exit(d->event, error->code);
}

static void sample(struct daemon *d)
{
	struct pvsched_error error;

	if (world_sample(&d->world, d->kernel.client, &error)) {
		kernel_failed(d, &error);
		return;
	}
	keeper_sample(&d->keeper, &d->world, &d->log);
	tuner_sample(&d->tuner);
	publisher_sample(&d->publisher, &d->world);
	status_tell(d);
}

static void resync(struct daemon *d)
{
	struct pvsched_error error;
	size_t i;

	if (world_resync(&d->world, d->kernel.client, d->kernel.monitor,
			 &error)) {
		log_warn(&d->log, "kernel", "%s", error.text);
		return;
	}
	status_tell(d);
	for (i = 0; i < d->world.count; i++)
		rules_check(&d->rules, d->world.vm[i]);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	struct daemon *d = arg;
	uint64_t before = clock_ns(CLOCK_PROCESS_CPUTIME_ID), now, next;
	int ret;

	sample(d);
	next = US_PER_S *
	       pace_seconds(clock_ns(CLOCK_PROCESS_CPUTIME_ID) - before);
	/* What was missed, while it was stopped or had to wait, is not made up for. */
	now = clock_ns(CLOCK_MONOTONIC) / 1000;
	ret = sd_event_source_set_time(source, now < usec + next ? usec + next :
								   now + next);
	return ret < 0 ? ret :
			 sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static void vm_appeared(struct daemon *d, const char *name)
{
	struct pvsched_error error;

	/* It may be gone again; then there is another event. */
	if (world_sample_vm(&d->world, d->kernel.client, name, &error) &&
	    error.code != -ENOENT)
		log_warn(&d->log, "kernel", "VM %s: %s", name, error.text);
}

static void canary_tell(struct daemon *d, const struct pvsched_event *event)
{
	log_warn(&d->log, "canary",
		 "boosts kept CPU %" PRIu32 "'s own work waiting for %" PRIu64
		 " ms; there are none for %" PRIu64 " ms",
		 event->cpu, event->waited_ns / 1000000,
		 event->hold_ns / 1000000);
}

static void vm_changed(struct daemon *d, const struct pvsched_event *event)
{
	struct vm *vm =
		event->vm[0] ? world_find(&d->world, event->vm_id) : NULL;

	if (vm)
		rules_event(&d->rules, vm, event);
}

static bool on_event(const struct pvsched_event *event, void *arg)
{
	struct daemon *d = arg;

	publisher_event(&d->publisher, event);
	if (event->resync) {
		resync(d);
	} else if (event->gap) {
		d->losses++;
		log_info(&d->log, "gap", "events of the kernel were lost");
	} else if (event->kind == PVSCHED_EVENT_VM_ADD) {
		vm_appeared(d, event->vm);
	} else if (event->kind == PVSCHED_EVENT_VM_DEL) {
		world_remove(&d->world, event->vm_id);
	} else if (event->kind == PVSCHED_EVENT_CANARY) {
		canary_tell(d, event);
	} else {
		vm_changed(d, event);
	}
	return true;
}

static int on_monitor(sd_event_source *source, int fd, uint32_t revents,
		      void *arg)
{
	struct daemon *d = arg;
	struct pvsched_error error;

	(void)source;
	(void)fd;
	(void)revents;
	if (pvsched_monitor_read(d->kernel.monitor, on_event, d, &error))
		kernel_failed(d, &error);
	return 0;
}

static void metrics_tell(bool openmetrics, FILE *to, void *arg)
{
	const struct daemon *d = arg;
	const struct metrics metrics = {
		.world = &d->world,
		.vcpus = d->settings.exporter_vcpus,
		.tunings = d->tunings,
		.losses = d->losses,
		.dropped = mqtt_dropped(d->publisher.mqtt),
		.now_ns = clock_ns(CLOCK_MONOTONIC),
	};

	metrics_print(&metrics, openmetrics, to);
}

/* *exporter: NULL if there is to be none. */
static int exporter_open(struct daemon *d, const struct settings *settings,
			 struct exporter **exporter, char *why)
{
	*exporter = NULL;
	return settings->exporter[0] ?
		       exporter_start(exporter, d->event, settings->exporter,
				      metrics_tell, d, why) :
		       0;
}

/* All of it, or nothing: what may fail is begun before anything ends. */
static bool services_change(struct daemon *d, const struct settings *settings,
			    struct problem *why)
{
	bool other = strcmp(settings->exporter, d->settings.exporter);
	struct exporter *exporter = d->exporter;
	char reason[EXPORTER_WHY_LEN];

	if (other && exporter_open(d, settings, &exporter, reason) < 0) {
		snprintf(why->text, sizeof(why->text), "%s", reason);
		return false;
	}
	/* Both were zero at first. */
	if (memcmp(&settings->mqtt, &d->settings.mqtt,
		   sizeof(settings->mqtt)) &&
	    publisher_change(&d->publisher, d->event, &settings->mqtt,
			     &d->log) < 0) {
		snprintf(why->text, sizeof(why->text),
			 "the settings of [mqtt] cannot be used");
		if (other)
			exporter_stop(exporter);
		return false;
	}
	if (other)
		exporter_stop(d->exporter);
	d->exporter = exporter;
	return true;
}

/* That there can be no history is told, and no reason for anything else. */
static void keeper_change(struct daemon *d, const struct settings *settings)
{
	if (!strcmp(settings->history, d->settings.history) &&
	    settings->history_entries == d->settings.history_entries)
		return;
	keeper_exit(&d->keeper);
	keeper_init(&d->keeper, settings, d->root, &d->log);
}

bool daemon_reload(struct daemon *d, struct problem *why)
{
	struct settings settings;
	size_t i;

	if (!settings_load(&settings, d->path, d->optional, why))
		return false;
	if (!services_change(d, &settings, why)) {
		settings_free(&settings);
		return false;
	}
	keeper_change(d, &settings);
	settings_free(&d->settings);
	d->settings = settings;
	for (i = 0; i < d->world.count; i++)
		rules_apply(&d->rules, d->world.vm[i]);
	/* Not that everything is ready, if it is not. */
	if (d->status[0])
		status_tell(d);
	return true;
}

static int on_reload(sd_event_source *source,
		     const struct signalfd_siginfo *info, void *arg)
{
	struct daemon *d = arg;
	struct problem why;

	(void)source;
	(void)info;
	if (d->status[0])
		sd_notify(0, "RELOADING=1");
	if (daemon_reload(d, &why))
		log_info(&d->log, "reload", "%zu rules", d->settings.rules);
	else
		log_error(&d->log, "reload", "what held before still holds: %s",
			  why.text);
	if (d->status[0])
		sd_notify(0, "READY=1");
	return 0;
}

static int on_end(sd_event_source *source, const struct signalfd_siginfo *info,
		  void *arg)
{
	(void)info;
	(void)arg;
	return sd_event_exit(sd_event_source_get_event(source), 0);
}

/* A broker that hangs up is no reason to end; systemd ignores SIGPIPE for its units. */
static int signals_block(void)
{
	sigset_t set;

	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return -errno;
	if (sigemptyset(&set) || sigaddset(&set, SIGTERM) ||
	    sigaddset(&set, SIGINT) || sigaddset(&set, SIGHUP) ||
	    sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	return 0;
}

static int loop_init(struct daemon *d)
{
	int ret = sd_event_new(&d->event);

	if (ret >= 0)
		ret = sd_event_set_watchdog(d->event, 1);
	if (ret >= 0)
		ret = sd_event_add_signal(d->event, NULL, SIGTERM, on_end, d);
	if (ret >= 0)
		ret = sd_event_add_signal(d->event, NULL, SIGINT, on_end, d);
	if (ret >= 0)
		ret = sd_event_add_signal(d->event, NULL, SIGHUP, on_reload, d);
	if (ret >= 0)
		ret = sd_event_add_io(d->event, NULL,
				      pvsched_monitor_fd(d->kernel.monitor),
				      EPOLLIN, on_monitor, d);
	if (ret >= 0)
		ret = sd_event_add_time_relative(d->event, &d->timer,
						 CLOCK_MONOTONIC, US_PER_S, 0,
						 on_timer, d);
	if (ret < 0)
		log_error(&d->log, "start", "preparing the event loop: %s",
			  strerror(-ret));
	return ret;
}

/* Of systemd's RuntimeDirectory=; without one, nothing is kept. */
static void rules_init(struct daemon *d)
{
	const char *directory = getenv("RUNTIME_DIRECTORY");

	d->rules = (struct rules){
		.settings = &d->settings,
		.client = d->kernel.client,
		.log = &d->log,
		.world = &d->world,
	};
	if (directory)
		snprintf(d->rules.applied, sizeof(d->rules.applied),
			 "%s/applied", directory);
}

static void on_tuned(const struct vm *vm, uint64_t before_us,
		     const char *reason, void *arg)
{
	struct daemon *d = arg;

	d->tunings++;
	publisher_tuned(&d->publisher, vm, before_us, reason);
}

static int parts_init(struct daemon *d)
{
	struct pvsched_error error;
	struct problem why;
	int ret;

	d->world.appeared = on_appeared;
	d->world.gone = on_gone;
	d->world.arg = d;
	if (!settings_load(&d->settings, d->path, d->optional, &why)) {
		log_error(&d->log, "start", "%s", why.text);
		return -EINVAL;
	}
	ret = kernel_open(&d->kernel, &error);
	if (ret) {
		log_error(&d->log, "start", "%s", error.text);
		return ret;
	}
	rules_init(d);
	d->tuner = (struct tuner){
		.rules = &d->rules,
		.root = d->root,
		.changed = on_tuned,
		.arg = d,
	};
	keeper_init(&d->keeper, &d->settings, d->root, &d->log);
	return 0;
}

static int services_init(struct daemon *d)
{
	int ret = control_start(&d->control, d->event, answers_call, d);
	char why[EXPORTER_WHY_LEN];

	if (ret < 0) {
		log_error(&d->log, "start", "the control socket: %s",
			  strerror(-ret));
		return ret;
	}
	ret = exporter_open(d, &d->settings, &d->exporter, why);
	if (ret < 0) {
		log_error(&d->log, "start", "%s", why);
		return ret;
	}
	return publisher_init(&d->publisher, d->event, &d->settings.mqtt,
			      &d->log);
}

int daemon_run(struct daemon *d)
{
	int ret;

	/* First: one that comes while it starts is heard in the loop. */
	ret = signals_block();
	if (!ret)
		d->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (!ret)
		ret = d->root < 0 ? -errno : parts_init(d);
	if (!ret)
		ret = loop_init(d);
	if (ret >= 0)
		ret = services_init(d);
	if (ret < 0)
		return ret;
	ret = sd_event_loop(d->event);
	sd_notify(0, "STOPPING=1");
	if (ret < 0)
		log_error(&d->log, "stop", "event loop: %s", strerror(-ret));
	return ret;
}

void daemon_exit(struct daemon *d)
{
	publisher_exit(&d->publisher);
	exporter_stop(d->exporter);
	control_stop(d->control);
	sd_event_source_unref(d->timer);
	sd_event_unref(d->event);
	world_exit(&d->world);
	keeper_exit(&d->keeper);
	kernel_close(&d->kernel);
	settings_free(&d->settings);
	fd_close(&d->root);
}
