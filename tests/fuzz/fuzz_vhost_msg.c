// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzes what a front end and a guest send to pvsched-vhost: messages through
 * a socket with descriptors, and guest RAM with both layouts of the queues.
 *
 * Input: how many messages (1 byte); for each, what comes along (1 byte: bits
 * 0-3 how many descriptors, bit 4 eventfds instead of guest RAM, bit 5 new
 * content of guest RAM), header and payload, the content.
 *
 * tests/fuzz/run builds and runs it. With tests/fuzz/standalone.c, a program that
 * runs the files it is given.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "vhost_conn.h"
#include "vhost_msg.h"

#define RAM_SIZE     0x10000
#define RAM_CONTENT  576

#define WITH_FDS     0x0f
#define WITH_EVENTS  0x10
#define WITH_CONTENT 0x20

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *data;
	size_t size;
};

static size_t take(struct input *in, void *buf, size_t size)
{
	if (size > in->size)
		size = in->size;
	memcpy(buf, in->data, size);
	in->data += size;
	in->size -= size;
	return size;
}

/* A host that takes everything and looks at what it was given. */

static int fake_open(struct host *host, struct reason *why)
{
	(void)host;
	(void)why;
	return 0;
}

static void fake_close(struct host *host)
{
	(void)host;
}

static int fake_protocol(struct host *host, const char *name, uint32_t version,
			 struct reason *why)
{
	(void)host;
	return strlen(name) && version == 1 ?
		       0 :
		       reason_set(why, EPROTONOSUPPORT, "fake");
}

static int fake_doorbell(struct host *host, int fd, struct reason *why)
{
	(void)host;
	(void)fd;
	(void)why;
	return 0;
}

static int fake_attach(struct host *host, uint32_t vcpu, void *page,
		       struct reason *why)
{
	volatile uint8_t *p = page;

	(void)host;
	(void)vcpu;
	p[PVSCHED_PAGE_SIZE - 1] = p[0];
	(void)why;
	return 0;
}

static int fake_atomic(struct host *host, uint32_t vcpu, void *count,
		       uint32_t mask, struct reason *why)
{
	(void)host;
	(void)vcpu;
	(void)mask;
	/* All of it has to be mapped. */
	if (*(volatile uint32_t *)count == 1)
		return reason_set(why, EEXIST, "one");
	return 0;
}

static int fake_detach(struct host *host, uint32_t vcpu, struct reason *why)
{
	(void)host;
	(void)vcpu;
	(void)why;
	return 0;
}

static const struct host_ops fake_ops = {
	.open = fake_open,
	.close = fake_close,
	.protocol = fake_protocol,
	.doorbell = fake_doorbell,
	.attach = fake_attach,
	.atomic = fake_atomic,
	.detach = fake_detach,
};

/* Send one message of the input, with as much payload as it announces. */
static uint8_t send_message(struct input *in, int sock, int ram, int event)
{
	struct vhost_user_header h = { 0 };
	char control[CMSG_SPACE(16 * sizeof(int))] = { 0 };
	uint8_t buf[sizeof(h) + VHOST_USER_PAYLOAD_MAX], with = 0;
	struct iovec iov = { .iov_base = buf };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;
	unsigned int i, fds;
	int fd;

	take(in, &with, 1);
	iov.iov_len = take(in, buf, sizeof(h));
	memcpy(&h, buf, iov.iov_len);
	if (iov.iov_len == sizeof(h))
		iov.iov_len +=
			take(in, buf + sizeof(h),
			     h.size > VHOST_USER_PAYLOAD_MAX ? 0 : h.size);
	fd = with & WITH_EVENTS ? event : ram;
	fds = with & WITH_FDS;
	if (fds) {
		m.msg_control = control;
		m.msg_controllen = CMSG_SPACE(fds * sizeof(int));
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(fds * sizeof(int));
		for (i = 0; i < fds; i++)
			memcpy(CMSG_DATA(c) + i * sizeof(int), &fd, sizeof(fd));
	}
	(void)sendmsg(sock, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
	return with;
}

static void fill(struct input *in, int ram)
{
	uint8_t content[RAM_CONTENT];
	size_t size = take(in, content, sizeof(content));

	if (pwrite(ram, content, size, 0) != (ssize_t)size)
		abort();
}

static int handle(struct vhost_conn *conn, struct vhost_dev *dev)
{
	struct reason why;
	int ret = vhost_conn_read(conn, &why);

	if (ret <= 0)
		return ret;
	ret = vhost_msg_handle(dev, &conn->msg, &why);
	if (ret > 0)
		ret = vhost_conn_reply(conn, &why);
	vhost_conn_done(conn);
	vhost_dev_run(dev);
	return ret;
}

static void run(struct input in, struct vhost_conn *conn, int peer, int ram,
		int event)
{
	static struct vhost_dev dev;
	static struct log_limit limit;
	struct host host = { .ops = &fake_ops, .name = "fuzz", .fd = -1 };
	uint8_t messages = 0, drain[VHOST_USER_PAYLOAD_MAX];

	vhost_dev_init(&dev, &host, &limit);
	for (take(&in, &messages, 1); messages; messages--) {
		if (send_message(&in, peer, ram, event) & WITH_CONTENT)
			fill(&in, ram);
		if (handle(conn, &dev) < 0)
			break;
		while (recv(peer, drain, sizeof(drain), MSG_DONTWAIT) > 0)
			;
	}
	vhost_dev_exit(&dev);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(fd_close) int ram = memfd_create("ram", MFD_CLOEXEC);
	_cleanup_(fd_close) int event = eventfd(0, EFD_CLOEXEC);
	_cleanup_(fd_close) int peer = -1;
	struct vhost_conn conn;
	int sv[2];

	if (ram < 0 || event < 0 || ftruncate(ram, RAM_SIZE) ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv))
		abort();
	peer = sv[1];
	vhost_conn_init(&conn, sv[0]);
	if (size <= RAM_SIZE)
		run((struct input){ data, size }, &conn, peer, ram, event);
	vhost_conn_exit(&conn);
	return 0;
}
