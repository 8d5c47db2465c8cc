// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What there was when a listener last asked, and when it has to ask again.
 *
 * Each vCPU's answer tells when it was given, and each event when it happened,
 * both taken under that vCPU's lock: so it is certain which boosts the figures
 * have and which they do not.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "resync.h"
#include "socket.h"
#include "wake.h"

void resync_init(struct resync *resync, struct pvsched_client *client)
{
	resync->client = client;
	resync->due = true;
}

void resync_exit(struct resync *resync)
{
	if (!resync->client)
		return;
	pvsched_client_close(resync->client);
	pvsched_vms_free(&resync->vms);
	pvsched_vcpus_free(&resync->vcpus);
}

void resync_overrun(struct resync *resync)
{
	unsigned int group;

	resync->due = true;
	for (group = 0; group < PVSCHED_GROUP_COUNT; group++)
		resync->overrun[group] = OVERRUN_NEW;
}

void resync_note(struct resync *resync, const struct pvsched_event *event,
		 uint64_t dropped)
{
	enum overrun *overrun = &resync->overrun[event->group];

	/* The gap that an overrun leaves shows with the next event only. */
	if (dropped || (event->gap && *overrun != OVERRUN_COVERED))
		resync->due = true;
	if (!event->gap && *overrun == OVERRUN_COVERED)
		*overrun = OVERRUN_NONE;
}

void resync_forget(struct resync *resync)
{
	if (!resync->client)
		return;
	pvsched_vms_free(&resync->vms);
	pvsched_vcpus_free(&resync->vcpus);
	resync->due = false;
}

void resync_anew(struct resync *resync, int family)
{
	unsigned int group;

	if (!resync->client)
		return;
	resync->client->family = family;
	resync->due = true;
	for (group = 0; group < PVSCHED_GROUP_COUNT; group++)
		resync->overrun[group] = OVERRUN_NONE;
}

bool resync_awaited(const struct resync *resync)
{
	return resync->client && !resync->begun;
}

static int vcpu_compare(const void *a, const void *b)
{
	const struct pvsched_vcpu_info *left = a, *right = b;

	if (left->vm_id != right->vm_id)
		return left->vm_id < right->vm_id ? -1 : 1;
	return (left->id > right->id) - (left->id < right->id);
}

bool resync_has(const struct resync *resync, const struct pvsched_event *event)
{
	const struct pvsched_vcpu_info *found;
	struct pvsched_vcpu_info key;

	if (event->group != PVSCHED_GROUP_BOOST || !event->has_vcpu ||
	    event->time_ns > resync->newest_ns)
		return false;
	key.vm_id = event->vm_id;
	key.id = event->vcpu;
	found = bsearch(&key, resync->vcpus.vcpu, resync->vcpus.count,
			sizeof(key), vcpu_compare);
	if (!found)
		return event->time_ns < resync->began_ns;
	return event->time_ns <= found->time_ns;
}

static void vcpus_take(struct resync *resync, struct pvsched_vcpus vcpus,
		       uint64_t began_ns)
{
	size_t i;

	pvsched_vcpus_free(&resync->vcpus);
	resync->vcpus = vcpus;
	resync->began_ns = resync->newest_ns = began_ns;
	if (!vcpus.count)
		return;
	qsort(vcpus.vcpu, vcpus.count, sizeof(*vcpus.vcpu), vcpu_compare);
	for (i = 0; i < vcpus.count; i++)
		if (vcpus.vcpu[i].time_ns > resync->newest_ns)
			resync->newest_ns = vcpus.vcpu[i].time_ns;
}

static int ask(struct resync *resync, struct pvsched_error *error)
{
	struct pvsched_vcpus vcpus;
	struct pvsched_vms vms;
	uint64_t began_ns = wake_now_ns();
	int err = pvsched_vms_get(resync->client, NULL, &vms, sizeof(*vms.vm),
				  error);

	if (err)
		return err;
	err = pvsched_vcpus_get(resync->client, NULL, &vcpus,
				sizeof(*vcpus.vcpu), error);
	if (err) {
		pvsched_vms_free(&vms);
		return err;
	}
	pvsched_vms_free(&resync->vms);
	resync->vms = vms;
	vcpus_take(resync, vcpus, began_ns);
	return 0;
}

static void overruns_cover(struct resync *resync)
{
	unsigned int group;

	for (group = 0; group < PVSCHED_GROUP_COUNT; group++)
		if (resync->overrun[group] == OVERRUN_NEW)
			resync->overrun[group] = OVERRUN_COVERED;
}

uint64_t resync_due_ns(const struct resync *resync)
{
	if (!resync->client || !resync->due)
		return 0;
	/* A dump costs the kernel something, and events may get lost all the time. */
	return resync->asked_ns ? resync->asked_ns + WAKE_INTERVAL_NS : 1;
}

int resync_ask(struct resync *resync, struct pvsched_error *error)
{
	uint64_t due_ns = resync_due_ns(resync);
	int err;

	if (!due_ns || wake_now_ns() < due_ns)
		return 0;
	err = ask(resync, error);
	resync->asked_ns = wake_now_ns();
	if (err)
		return err;
	resync->due = false;
	resync->begun = true;
	overruns_cover(resync);
	return 1;
}
