// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel that pvschedd-fake sees: fake-host, at the port that PVSCHED_FAKE_PORT
 * has.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <netlink/netlink.h>

#include "../../daemon/pvschedd/kernel.h"
#include "../../lib/monitor.h"
#include "../unit/fake_kernel.h"

#define GROUP_CONFIG 1

/* As a real listener has it: what a test tells at once is not lost on a busy computer. */
#define BUFFER_BYTES (4 << 20)

static void buffer_enlarge(int fd)
{
	int bytes = BUFFER_BYTES;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes))) {
		perror("pvschedd-fake: a larger buffer");
		abort();
	}
}

int kernel_open(struct kernel *kernel, struct pvsched_error *error)
{
	const char *port = getenv("PVSCHED_FAKE_PORT");
	struct pvsched_client *events;
	struct monitor_setup setup;
	uint32_t to;

	if (!port) {
		error->code = -ENOENT;
		snprintf(error->text, sizeof(error->text),
			 "no fake kernel is there");
		return -ENOENT;
	}
	to = strtoul(port, NULL, 10);
	kernel->client = fake_client_of(to);
	events = fake_client_of(to);
	buffer_enlarge(nl_socket_get_fd(events->sock));
	if (nl_socket_add_membership(events->sock, GROUP_CONFIG)) {
		perror("pvschedd-fake: joining");
		abort();
	}
	setup = (struct monitor_setup){
		.events = events,
		.requests = fake_client_of(to),
	};
	return monitor_new(&kernel->monitor, &setup,
			   sizeof(struct pvsched_event), error);
}

void kernel_close(struct kernel *kernel)
{
	pvsched_monitor_close(kernel->monitor);
	pvsched_client_close(kernel->client);
	*kernel = (struct kernel){ 0 };
}
