// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A source that writes down what another one tells.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record.h"
#include "source.h"

struct recorder {
	struct source source;
	struct source *inner;
	struct record_writer *writer; /* NULL: it has failed */
	bool caps_changed;	      /* since they were written */
};

static struct recorder *recorder_of(const struct source *source)
{
	return (struct recorder *)source;
}

static void caps_write(struct recorder *recorder,
		       const struct pvsched_target *target)
{
	struct pvsched_caps_info caps;
	struct pvsched_error ignored;

	/* One that is gone meanwhile has none. */
	if (!recorder->inner->ops->caps_get(recorder->inner, target, &caps,
					    &ignored))
		record_caps(recorder->writer, target, &caps);
}

static bool has_own(const struct pvsched_vcpu_info *vcpu)
{
	unsigned int i;

	for (i = 0; i < PVSCHED_CAP_COUNT; i++)
		if (vcpu->binding[i].level == PVSCHED_CAP_LEVEL_VCPU)
			return true;
	return false;
}

/*
 * The caps of the host, of all VMs, and of vCPUs whose own bind. To ask for those
 * of each vCPU would cost more than all the rest.
 */
static void all_caps_write(struct recorder *recorder,
			   const struct snapshot *snapshot)
{
	struct pvsched_target target = {};
	size_t i;

	caps_write(recorder, &target);
	for (i = 0; i < snapshot->vms.count; i++) {
		memcpy(target.vm, snapshot->vms.vm[i].name, sizeof(target.vm));
		caps_write(recorder, &target);
	}
	for (i = 0; i < snapshot->vcpus.count; i++) {
		const struct pvsched_vcpu_info *vcpu = &snapshot->vcpus.vcpu[i];

		if (!has_own(vcpu))
			continue;
		memcpy(target.vm, vcpu->vm, sizeof(target.vm));
		target.has_vcpu = true;
		target.vcpu = vcpu->id;
		caps_write(recorder, &target);
	}
}

static int recorder_sample(struct source *source, struct snapshot *snapshot,
			   struct pvsched_error *error)
{
	struct recorder *recorder = recorder_of(source);
	int err =
		recorder->inner->ops->sample(recorder->inner, snapshot, error);

	if (err || !recorder->writer)
		return err;
	if (!snapshot->missing &&
	    (recorder->caps_changed || record_key_due(recorder->writer)))
		all_caps_write(recorder, snapshot);
	/* A module that comes has caps of its own. */
	recorder->caps_changed = snapshot->missing;
	if (!record_snapshot(recorder->writer, snapshot))
		return 0;
	err = source_error(
		error, -errno,
		"the recording ends here, as it cannot be written: %s",
		strerror(errno));
	snapshot_free(snapshot);
	record_writer_close(recorder->writer);
	recorder->writer = NULL;
	return err;
}

static int recorder_caps_get(struct source *source,
			     const struct pvsched_target *target,
			     struct pvsched_caps_info *caps,
			     struct pvsched_error *error)
{
	struct recorder *recorder = recorder_of(source);
	int err = recorder->inner->ops->caps_get(recorder->inner, target, caps,
						 error);

	/* If it fails, the next sample does, too, and tells. */
	if (!err && recorder->writer)
		record_caps(recorder->writer, target, caps);
	return err;
}

static int recorder_caps_set(struct source *source,
			     const struct pvsched_target *target,
			     const struct pvsched_cap_wish *wishes,
			     size_t count, struct pvsched_error *error)
{
	struct source *inner = recorder_of(source)->inner;

	return inner->ops->caps_set(inner, target, wishes, count, error);
}

static int recorder_enable(struct source *source, bool enabled,
			   struct pvsched_host_info *host,
			   struct pvsched_error *error)
{
	struct source *inner = recorder_of(source)->inner;

	return inner->ops->enable(inner, enabled, host, error);
}

static int recorder_watch(struct source *source,
			  const struct pvsched_target *vcpu,
			  struct pvsched_error *error)
{
	struct source *inner = recorder_of(source)->inner;

	return inner->ops->watch(inner, vcpu, error);
}

static size_t recorder_fds(const struct source *source,
			   struct pollfd fds[SOURCE_FDS])
{
	struct source *inner = recorder_of(source)->inner;

	return inner->ops->fds(inner, fds);
}

/* Who gets events beside the file. */
struct listener {
	struct recorder *recorder;
	pvsched_event_fn fn;
	void *arg;
};

static bool on_event(const struct pvsched_event *event, void *arg)
{
	const struct listener *listener = arg;

	if (listener->recorder->writer)
		record_event(listener->recorder->writer, event);
	/*
	 * A vCPU's or a VM's own bind differently from now on, or it is new; or that
	 * may have been told among what was lost.
	 */
	if (event->gap || event->kind == PVSCHED_EVENT_CAPS ||
	    event->kind == PVSCHED_EVENT_VM_ADD)
		listener->recorder->caps_changed = true;
	return listener->fn(event, listener->arg);
}

static int recorder_events(struct source *source, pvsched_event_fn fn,
			   void *arg, struct pvsched_error *error)
{
	struct recorder *recorder = recorder_of(source);
	struct listener listener = { recorder, fn, arg };

	return recorder->inner->ops->events(recorder->inner, on_event,
					    &listener, error);
}

static void recorder_close(struct source *source)
{
	struct recorder *recorder = recorder_of(source);

	record_writer_close(recorder->writer);
	recorder->inner->ops->close(recorder->inner);
	free(recorder);
}

/* Nobody else's: it tells what every VM does. */
static struct record_writer *writer_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (!file && fd >= 0)
		close(fd);
	return file ? record_writer_new(file) : NULL;
}

struct source *recorder_open(struct source *inner, const char *path,
			     struct pvsched_error *error)
{
	static const struct source_ops ops = {
		.sample = recorder_sample,
		.caps_get = recorder_caps_get,
		.caps_set = recorder_caps_set,
		.enable = recorder_enable,
		.watch = recorder_watch,
		.fds = recorder_fds,
		.events = recorder_events,
		.close = recorder_close,
	};
	struct recorder *recorder = calloc(1, sizeof(*recorder));

	if (recorder)
		recorder->writer = writer_open(path);
	if (!recorder || !recorder->writer) {
		source_error(error, -errno, "%s: %s", path, strerror(errno));
		inner->ops->close(inner);
		free(recorder);
		return NULL;
	}
	recorder->source.ops = &ops;
	recorder->inner = inner;
	return &recorder->source;
}
