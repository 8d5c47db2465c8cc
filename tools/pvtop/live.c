// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel as a source: one dump of VMs and one of vCPUs for each snapshot, and
 * the events of group config; those of group boost only while a vCPU is watched.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../system.h"
#include "source.h"

struct live {
	struct source source;
	struct live_open open;
	struct pvsched_client *client;
	struct pvsched_monitor *config;
	struct pvsched_monitor *boost;
	struct pvsched_target watched;
	bool watching;
	uint64_t lost;
	bool listening;
};

static struct live *live_of(const struct source *source)
{
	return (struct live *)source;
}

static void disconnect(struct live *live)
{
	pvsched_client_close(live->client);
	pvsched_monitor_close(live->config);
	pvsched_monitor_close(live->boost);
	live->client = NULL;
	live->config = live->boost = NULL;
	live->listening = false;
}

static int client_open(void *arg, struct pvsched_client **client,
		       struct pvsched_error *error)
{
	(void)arg;
	return pvsched_client_open(client, error);
}

static int monitor_open(void *arg, struct pvsched_monitor **monitor,
			unsigned int groups, struct pvsched_error *error)
{
	(void)arg;
	return pvsched_monitor_open(monitor, groups, 0,
				    sizeof(struct pvsched_event), error);
}

/* Without the right to hear events, all the rest is there. */
static int connect_kernel(struct live *live, struct pvsched_error *error)
{
	struct pvsched_error ignored;
	int err;

	if (live->client)
		return 0;
	err = live->open.client(live->open.arg, &live->client, error);
	if (err) {
		live->client = NULL;
		return err;
	}
	live->listening =
		!live->open.monitor(live->open.arg, &live->config,
				    1U << PVSCHED_GROUP_CONFIG, &ignored);
	if (!live->listening)
		live->config = NULL;
	if (live->watching &&
	    live->open.monitor(live->open.arg, &live->boost,
			       1U << PVSCHED_GROUP_BOOST, &ignored))
		live->boost = NULL;
	return 0;
}

static uint64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* "some avg10=12.34 avg60=..." */
static void pressure_get(struct snapshot *snapshot)
{
	char *text __attribute__((cleanup(system_free))) =
		system_read(-1, "/proc/pressure/cpu");
	double percent;

	if (!text || sscanf(text, "some avg10=%lf", &percent) != 1 ||
	    !(percent >= 0 && percent <= 100))
		return;
	snapshot->has_pressure = true;
	snapshot->pressure = (uint32_t)(percent * 100 + 0.5);
}

static int kernel_ask(struct live *live, struct snapshot *to,
		      struct pvsched_error *error)
{
	int err = connect_kernel(live, error);

	if (!err)
		err = pvsched_host_get(live->client, &to->host,
				       sizeof(to->host), error);
	if (!err)
		err = pvsched_vms_get(live->client, NULL, &to->vms,
				      sizeof(*to->vms.vm), error);
	if (!err)
		err = pvsched_vcpus_get(live->client, NULL, &to->vcpus,
					sizeof(*to->vcpus.vcpu), error);
	return err;
}

/*
 * A module that was loaded anew has another number, and the old one is nobody's:
 * the second try is with a new connection.
 */
static int live_sample(struct source *source, struct snapshot *to,
		       struct pvsched_error *error)
{
	struct live *live = live_of(source);
	bool connected = live->client;
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	int err;

	memset(to, 0, sizeof(*to));
	err = kernel_ask(live, to, error);
	if (err) {
		disconnect(live);
		snapshot_free(to);
	}
	if (err && connected) {
		err = kernel_ask(live, to, error);
		if (err) {
			disconnect(live);
			snapshot_free(to);
		}
	}
	if (err && err != -ENOENT)
		return err;
	to->missing = err;
	to->time_ns = now_ns(CLOCK_MONOTONIC);
	to->real_ns = now_ns(CLOCK_REALTIME);
	to->cpus = cpus > 0 ? (uint32_t)cpus : 1;
	to->listening = live->listening;
	to->lost = live->lost;
	pressure_get(to);
	return 0;
}

static int live_caps_get(struct source *source,
			 const struct pvsched_target *target,
			 struct pvsched_caps_info *caps,
			 struct pvsched_error *error)
{
	struct live *live = live_of(source);
	int err = connect_kernel(live, error);

	return err   ?:
		       pvsched_caps_get(live->client, target, caps,
					sizeof(*caps), error);
}

static int live_caps_set(struct source *source,
			 const struct pvsched_target *target,
			 const struct pvsched_cap_wish *wishes, size_t count,
			 struct pvsched_error *error)
{
	struct live *live = live_of(source);
	struct pvsched_caps_info caps;
	int err = connect_kernel(live, error);

	return err   ?:
		       pvsched_caps_set(live->client, target, wishes, count,
					&caps, sizeof(caps), error);
}

static int live_enable(struct source *source, bool enabled,
		       struct pvsched_host_info *host,
		       struct pvsched_error *error)
{
	struct live *live = live_of(source);
	int err = connect_kernel(live, error);

	return err   ?:
		       pvsched_host_enable(live->client, enabled, host,
					   sizeof(*host), error);
}

static int live_watch(struct source *source, const struct pvsched_target *vcpu,
		      struct pvsched_error *error)
{
	struct live *live = live_of(source);
	int err;

	pvsched_monitor_close(live->boost);
	live->boost = NULL;
	live->watching = vcpu;
	if (!vcpu)
		return 0;
	live->watched = *vcpu;
	err = live->open.monitor(live->open.arg, &live->boost,
				 1U << PVSCHED_GROUP_BOOST, error);
	if (err)
		live->boost = NULL;
	return err;
}

static size_t live_fds(const struct source *source,
		       struct pollfd fds[SOURCE_FDS])
{
	const struct live *live = live_of(source);
	size_t count = 0;

	if (live->config)
		fds[count++] =
			(struct pollfd){ .fd = pvsched_monitor_fd(live->config),
					 .events = POLLIN };
	if (live->boost)
		fds[count++] =
			(struct pollfd){ .fd = pvsched_monitor_fd(live->boost),
					 .events = POLLIN };
	return count;
}

/* Who gets events, and of what. */
struct listener {
	struct live *live;
	pvsched_event_fn fn;
	void *arg;
};

static bool on_event(const struct pvsched_event *event, void *arg)
{
	const struct listener *listener = arg;
	struct live *live = listener->live;

	if (event->gap)
		live->lost += event->lost;
	/* Group boost tells of all vCPUs. */
	if (!event->gap && event->group == PVSCHED_GROUP_BOOST &&
	    (!event->has_vcpu || event->vcpu != live->watched.vcpu ||
	     strcmp(event->vm, live->watched.vm) != 0))
		return true;
	return listener->fn(event, listener->arg);
}

/* One that fails is closed: it would be readable, and fail, for ever. */
static int monitor_read(struct live *live, struct pvsched_monitor **monitor,
			struct listener *listener, struct pvsched_error *error)
{
	int err;

	if (!*monitor)
		return 0;
	err = pvsched_monitor_read(*monitor, on_event, listener, error);
	if (!err)
		return 0;
	pvsched_monitor_close(*monitor);
	*monitor = NULL;
	live->listening = live->config;
	return err;
}

static int live_events(struct source *source, pvsched_event_fn fn, void *arg,
		       struct pvsched_error *error)
{
	struct live *live = live_of(source);
	struct listener listener = { live, fn, arg };

	return monitor_read(live, &live->config, &listener, error) ?:
		       monitor_read(live, &live->boost, &listener, error);
}

static void live_close(struct source *source)
{
	disconnect(live_of(source));
	free(source);
}

struct source *live_new(const struct live_open *open)
{
	static const struct live_open own = { client_open, monitor_open, NULL };
	static const struct source_ops ops = {
		.sample = live_sample,
		.caps_get = live_caps_get,
		.caps_set = live_caps_set,
		.enable = live_enable,
		.watch = live_watch,
		.fds = live_fds,
		.events = live_events,
		.close = live_close,
	};
	struct live *live = calloc(1, sizeof(*live));

	if (!live)
		return NULL;
	live->source.ops = &ops;
	live->open = open ? *open : own;
	return &live->source;
}
