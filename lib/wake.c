// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a listener waits for: its socket, or that it is time to do something.
 */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "error.h"
#include "wake.h"

#define NS_PER_S 1000000000ULL

uint64_t wake_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int poll_add(const struct wake *wake, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(wake->poll, EPOLL_CTL_ADD, fd, &event);
}

int wake_init(struct wake *wake, int socket, struct pvsched_error *error)
{
	wake->at_ns = 0;
	wake->timer =
		timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	wake->poll = epoll_create1(EPOLL_CLOEXEC);
	if (wake->timer < 0 || wake->poll < 0 || poll_add(wake, wake->timer) ||
	    poll_add(wake, socket))
		return error_errno(error, -errno, "preparing to listen");
	return 0;
}

void wake_exit(struct wake *wake)
{
	if (wake->timer >= 0)
		close(wake->timer);
	if (wake->poll >= 0)
		close(wake->poll);
}

int wake_set(struct wake *wake, uint64_t at_ns, struct pvsched_error *error)
{
	const struct itimerspec at = {
		.it_value = { .tv_sec = (time_t)(at_ns / NS_PER_S),
			      .tv_nsec = (long)(at_ns % NS_PER_S) },
	};

	/* It remains readable when it has expired, as nobody reads it. */
	if (at_ns == wake->at_ns)
		return 0;
	if (timerfd_settime(wake->timer, TFD_TIMER_ABSTIME, &at, NULL))
		return error_errno(error, -errno, "setting a timer");
	wake->at_ns = at_ns;
	return 0;
}
