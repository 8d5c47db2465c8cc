/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a listener waits for: its socket, or that it is time to do something.
 */
#ifndef PVSCHED_LIB_WAKE_H
#define PVSCHED_LIB_WAKE_H

#include <pvsched/client.h>

/* What failed, or costs the kernel something, is not done again before. */
#define WAKE_INTERVAL_NS 100000000ULL

/**
 * struct wake - what a program polls
 * @poll: readable when the socket is, or when @timer is
 * @timer: readable from then on that it is time
 * @at_ns: when that is, CLOCK_MONOTONIC; 0: never
 */
struct wake {
	int poll;
	int timer;
	uint64_t at_ns;
};

/* CLOCK_MONOTONIC */
uint64_t wake_now_ns(void);

/* On failure too, wake_exit() it. */
int wake_init(struct wake *wake, int socket, struct pvsched_error *error);
void wake_exit(struct wake *wake);

/* 0: never; what has passed: at once. */
int wake_set(struct wake *wake, uint64_t at_ns, struct pvsched_error *error);

#endif /* PVSCHED_LIB_WAKE_H */
