// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A kernel for the client library.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "fake_kernel.h"

#define COMMANDS 32

struct fake_kernel {
	int fd;
	uint32_t port;
	pthread_t thread;
	fake_answer_fn answer;
	void *arg;
	unsigned int counts[COMMANDS];
	unsigned int requests;
	/* of the request under way */
	const struct nlmsghdr *request;
	uint32_t from;
	uint32_t seq;
};

static void must(int truth, const char *what)
{
	if (truth)
		return;
	perror(what);
	abort();
}

static void *serve(void *arg)
{
	struct fake_kernel *kernel = arg;
	char buffer[8192] __attribute__((aligned(8)));

	for (;;) {
		struct nlmsghdr *msg = (struct nlmsghdr *)buffer;
		struct sockaddr_nl from = {};
		socklen_t from_len = sizeof(from);
		struct genlmsghdr *header;
		ssize_t len = recvfrom(kernel->fd, buffer, sizeof(buffer), 0,
				       (struct sockaddr *)&from, &from_len);

		must(len >= NLMSG_HDRLEN, "fake kernel: receiving");
		if (msg->nlmsg_type == NLMSG_DONE)
			return NULL;
		header = NLMSG_DATA(msg);
		kernel->from = from.nl_pid;
		kernel->seq = msg->nlmsg_seq;
		kernel->request = msg;
		kernel->requests++;
		must(header->cmd < COMMANDS, "fake kernel: command");
		kernel->answer(kernel, header->cmd,
			       ++kernel->counts[header->cmd], kernel->arg);
	}
}

struct fake_kernel *fake_start(fake_answer_fn answer, void *arg)
{
	struct fake_kernel *kernel = calloc(1, sizeof(*kernel));
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	socklen_t len = sizeof(address);

	must(!!kernel, "fake kernel");
	kernel->answer = answer;
	kernel->arg = arg;
	kernel->fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK);
	must(kernel->fd >= 0 &&
		     !bind(kernel->fd, (struct sockaddr *)&address, len) &&
		     !getsockname(kernel->fd, (struct sockaddr *)&address,
				  &len),
	     "fake kernel: socket");
	kernel->port = address.nl_pid;
	must(!pthread_create(&kernel->thread, NULL, serve, kernel),
	     "fake kernel: thread");
	return kernel;
}

const struct nlmsghdr *fake_request(const struct fake_kernel *kernel)
{
	return kernel->request;
}

static int send_raw(struct fake_kernel *kernel, uint32_t port,
		    const struct nlmsghdr *msg, int flags)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK, .nl_pid = port };

	return sendto(kernel->fd, msg, msg->nlmsg_len, flags,
		      (struct sockaddr *)&to,
		      sizeof(to)) == (ssize_t)msg->nlmsg_len ?
		       0 :
		       -1;
}

unsigned int fake_stop(struct fake_kernel *kernel)
{
	struct nlmsghdr end = { .nlmsg_len = NLMSG_HDRLEN,
				.nlmsg_type = NLMSG_DONE };
	unsigned int requests;

	must(!send_raw(kernel, kernel->port, &end, 0), "fake kernel: end");
	must(!pthread_join(kernel->thread, NULL), "fake kernel: join");
	requests = kernel->requests;
	close(kernel->fd);
	free(kernel);
	return requests;
}

struct pvsched_client *fake_client_of(uint32_t port)
{
	struct pvsched_client *client = calloc(1, sizeof(*client));

	must(!!client, "fake client");
	client->family = FAKE_FAMILY;
	client->sock = nl_socket_alloc();
	must(client->sock && !nl_connect(client->sock, NETLINK_USERSOCK),
	     "fake client: connecting");
	nl_socket_set_peer_port(client->sock, port);
	return client;
}

struct pvsched_client *fake_client(struct fake_kernel *kernel)
{
	return fake_client_of(kernel->port);
}

uint32_t fake_port(const struct fake_kernel *kernel)
{
	return kernel->port;
}

uint32_t fake_client_port(const struct pvsched_client *client)
{
	return nl_socket_get_local_port(client->sock);
}

struct nl_msg *fake_message_of(uint16_t family, uint8_t command)
{
	struct nl_msg *msg = nlmsg_alloc();

	must(msg && genlmsg_put(msg, 0, 1, family, 0, 0, command,
				PVSCHED_FAMILY_VERSION),
	     "message");
	return msg;
}

struct nl_msg *fake_message(uint8_t command)
{
	return fake_message_of(FAKE_FAMILY, command);
}

/* Who asked may have been killed since, which is no reason to end. */
static void answered(bool sent)
{
	must(sent || errno == ECONNREFUSED, "fake kernel: sending");
}

static void answer_send(struct fake_kernel *kernel, struct nlmsghdr *msg)
{
	msg->nlmsg_seq = kernel->seq;
	msg->nlmsg_pid = kernel->from;
	answered(!send_raw(kernel, kernel->from, msg, 0));
}

void fake_send(struct fake_kernel *kernel, struct nl_msg *msg, int flags)
{
	nlmsg_hdr(msg)->nlmsg_flags |= flags;
	answer_send(kernel, nlmsg_hdr(msg));
	nlmsg_free(msg);
}

void fake_send_all(struct fake_kernel *kernel, struct nlmsghdr *msgs, int size)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK,
				  .nl_pid = kernel->from };
	struct nlmsghdr *msg = msgs;
	int rest = size;

	for (; nlmsg_ok(msg, rest); msg = nlmsg_next(msg, &rest)) {
		msg->nlmsg_seq = kernel->seq;
		msg->nlmsg_pid = kernel->from;
		msg->nlmsg_flags |= NLM_F_MULTI;
	}
	answered(sendto(kernel->fd, msgs, size, 0, (struct sockaddr *)&to,
			sizeof(to)) == size);
}

void fake_done(struct fake_kernel *kernel, int flags)
{
	struct {
		struct nlmsghdr header;
		int error;
	} done = {
		.header = { .nlmsg_len = sizeof(done),
			    .nlmsg_type = NLMSG_DONE,
			    .nlmsg_flags = NLM_F_MULTI | flags },
	};

	answer_send(kernel, &done.header);
}

void fake_ack(struct fake_kernel *kernel, int error, const char *text)
{
	struct nl_msg *msg = nlmsg_alloc();
	struct nlmsgerr answer = { .error = error };

	must(msg && nlmsg_put(msg, 0, 0, NLMSG_ERROR, 0, NLM_F_CAPPED),
	     "acknowledgement");
	must(!nlmsg_append(msg, &answer, sizeof(answer), NLMSG_ALIGNTO),
	     "acknowledgement");
	if (text) {
		must(!nla_put_string(msg, NLMSGERR_ATTR_MSG, text), "text");
		nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_ACK_TLVS;
	}
	answer_send(kernel, nlmsg_hdr(msg));
	nlmsg_free(msg);
}

int fake_event(struct fake_kernel *kernel, uint32_t port, struct nl_msg *msg)
{
	int ret = send_raw(kernel, port, nlmsg_hdr(msg), MSG_DONTWAIT);

	nlmsg_free(msg);
	return ret;
}

int fake_news(struct fake_kernel *kernel, uint32_t port, uint8_t command,
	      uint16_t family, const uint32_t *groups)
{
	struct nl_msg *msg = fake_message_of(GENL_ID_CTRL, command);
	struct nlattr *list, *entry;
	unsigned int group;

	nla_put_string(msg, CTRL_ATTR_FAMILY_NAME, PVSCHED_FAMILY_NAME);
	nla_put_u16(msg, CTRL_ATTR_FAMILY_ID, family);
	list = nla_nest_start(msg, CTRL_ATTR_MCAST_GROUPS);
	for (group = 0; group < PVSCHED_GROUP_COUNT; group++) {
		entry = nla_nest_start(msg, group + 1);
		nla_put_u32(msg, CTRL_ATTR_MCAST_GRP_ID, groups[group]);
		nla_put_string(msg, CTRL_ATTR_MCAST_GRP_NAME,
			       pvsched_group_name(group));
		nla_nest_end(msg, entry);
	}
	nla_nest_end(msg, list);
	return fake_event(kernel, port, msg);
}

void fake_multicast(struct fake_kernel *kernel, unsigned int group,
		    struct nl_msg *msg)
{
	const struct nlmsghdr *header = nlmsg_hdr(msg);
	struct sockaddr_nl to = { .nl_family = AF_NETLINK,
				  .nl_groups = 1U << (group - 1) };

	must(sendto(kernel->fd, header, header->nlmsg_len, MSG_DONTWAIT,
		    (struct sockaddr *)&to, sizeof(to)) >= 0 ||
		     errno == ENOBUFS || errno == ECONNREFUSED,
	     "fake kernel: telling all");
	nlmsg_free(msg);
}
