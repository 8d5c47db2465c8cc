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
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "error.h"
#include "resync.h"
#include "socket.h"

#define NS_PER_S 1000000000ULL

/* A dump costs the kernel something, and events may get lost all the time. */
#define INTERVAL_NS (NS_PER_S / 10)

uint64_t resync_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int timer_set(const struct resync *resync, uint64_t when_ns)
{
	const struct itimerspec when = {
		.it_value = { .tv_sec = (time_t)(when_ns / NS_PER_S),
			      .tv_nsec = (long)(when_ns % NS_PER_S) },
	};

	return timerfd_settime(resync->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static int poll_add(const struct resync *resync, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(resync->poll, EPOLL_CTL_ADD, fd, &event);
}

int resync_init(struct resync *resync, struct pvsched_client *client,
		int events, struct pvsched_error *error)
{
	resync->client = client;
	resync->due = true;
	resync->timer =
		timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	resync->poll = epoll_create1(EPOLL_CLOEXEC);
	/* Readable at once, for the first time. */
	if (resync->timer < 0 || resync->poll < 0 || timer_set(resync, 1) ||
	    poll_add(resync, resync->timer) || poll_add(resync, events))
		return error_errno(error, -errno, "preparing to listen");
	return 0;
}

void resync_exit(struct resync *resync)
{
	if (!resync->client)
		return;
	pvsched_client_close(resync->client);
	pvsched_vms_free(&resync->vms);
	pvsched_vcpus_free(&resync->vcpus);
	if (resync->timer >= 0)
		close(resync->timer);
	if (resync->poll >= 0)
		close(resync->poll);
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
	timer_set(resync, 0);
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
	uint64_t began_ns = resync_now_ns();
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

int resync_ask(struct resync *resync, struct pvsched_error *error)
{
	uint64_t next_ns = resync->asked_ns + INTERVAL_NS;
	int err;

	if (!resync->due)
		return 0;
	if (resync->asked_ns && resync_now_ns() < next_ns)
		return timer_set(resync, next_ns) ?
			       error_errno(error, -errno, "setting a timer") :
			       0;
	err = ask(resync, error);
	resync->asked_ns = resync_now_ns();
	/* Not readable before it is to be tried again, or at all. */
	if (timer_set(resync, err ? resync->asked_ns + INTERVAL_NS : 0) && !err)
		err = error_errno(error, -errno, "setting a timer");
	if (err)
		return err;
	resync->due = false;
	resync->begun = true;
	overruns_cover(resync);
	return 1;
}
