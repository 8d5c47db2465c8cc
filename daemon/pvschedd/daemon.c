// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "daemon.h"
#include "pace.h"

#define US_PER_S 1000000ULL

static void on_appeared(struct vm *vm, void *arg)
{
	struct daemon *d = arg;

	log_about(&d->log, LOG_INFO, "vm-add", vm->info.name,
		  "VM %s: it has %" PRIu32 " vCPUs", vm->info.name,
		  vm->info.vcpus);
}

static void on_gone(struct vm *vm, void *arg)
{
	struct daemon *d = arg;

	log_about(&d->log, LOG_INFO, "vm-del", vm->info.name,
		  "VM %s: it is gone", vm->info.name);
}

static void status_tell(struct daemon *d)
{
	sd_notifyf(0, "%sSTATUS=%zu VMs, %zu vCPUs",
		   d->synced ? "" : "READY=1\n", d->world.count,
		   d->world.vcpus.count);
	d->synced = true;
}

static uint64_t cpu_ns(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return used.tv_sec * 1000000000ULL + used.tv_nsec;
}

/* The kernel's family is gone with its module, and comes back as another one. */
static int kernel_failed(struct daemon *d, const struct pvsched_error *error)
{
	if (error->code != -ENOENT && error->code != -EOPNOTSUPP) {
		log_warn(&d->log, "kernel", "%s", error->text);
		return 0;
	}
	log_error(&d->log, "kernel", "the kernel's module is gone: %s",
		  error->text);
	return error->code;
}

static int sample(struct daemon *d)
{
	struct pvsched_error error;

	if (world_sample(&d->world, d->kernel.client, &error))
		return kernel_failed(d, &error);
	status_tell(d);
	return 0;
}

static void resync(struct daemon *d)
{
	struct pvsched_error error;

	if (world_resync(&d->world, d->kernel.monitor, &error))
		log_warn(&d->log, "kernel", "%s", error.text);
	else
		status_tell(d);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	struct daemon *d = arg;
	uint64_t before = cpu_ns();
	int ret = sample(d);
	unsigned int seconds = pace_seconds(cpu_ns() - before);

	if (ret < 0)
		return ret;
	ret = sd_event_source_set_time(source, usec + seconds * US_PER_S);
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

static bool on_event(const struct pvsched_event *event, void *arg)
{
	struct daemon *d = arg;

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
		return kernel_failed(d, &error);
	return 0;
}

static int on_end(sd_event_source *source, const struct signalfd_siginfo *info,
		  void *arg)
{
	(void)info;
	(void)arg;
	return sd_event_exit(sd_event_source_get_event(source), 0);
}

static int signals_block(void)
{
	sigset_t set;

	if (sigemptyset(&set) || sigaddset(&set, SIGTERM) ||
	    sigaddset(&set, SIGINT) || sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	return 0;
}

static int loop_init(struct daemon *d)
{
	int ret = signals_block();

	if (!ret)
		ret = sd_event_new(&d->event);
	if (ret >= 0)
		ret = sd_event_set_watchdog(d->event, 1);
	if (ret >= 0)
		ret = sd_event_add_signal(d->event, NULL, SIGTERM, on_end, d);
	if (ret >= 0)
		ret = sd_event_add_signal(d->event, NULL, SIGINT, on_end, d);
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

int daemon_run(struct daemon *d)
{
	struct pvsched_error error;
	int ret;

	d->world.appeared = on_appeared;
	d->world.gone = on_gone;
	d->world.arg = d;
	ret = kernel_open(&d->kernel, &error);
	if (ret) {
		log_error(&d->log, "start", "%s", error.text);
		return ret;
	}
	ret = loop_init(d);
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
	sd_event_source_unref(d->timer);
	sd_event_unref(d->event);
	world_exit(&d->world);
	kernel_close(&d->kernel);
}
