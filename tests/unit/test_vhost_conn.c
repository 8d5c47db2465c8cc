// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages through a socketpair, as they come and as they should not. */
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "test_vhost_util.h"
#include "vhost_conn.h"
#include "vhost_msg.h"

static struct vhost_conn conn;
static struct vhost_dev dev;
static struct fake_host host;
static struct log_limit limit;
static struct reason why;
static int peer;

static void setup(void)
{
	int sv[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	peer = sv[1];
	vhost_conn_init(&conn, sv[0]);
	fake_init(&host);
	vhost_dev_init(&dev, &host.host, &limit);
}

static void teardown(void)
{
	vhost_dev_exit(&dev);
	vhost_conn_exit(&conn);
	close(peer);
}

static void put(const void *data, size_t size, const int *fds, size_t count)
{
	char control[CMSG_SPACE(16 * sizeof(int))] = { 0 };
	struct iovec iov = { (void *)data, size };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;

	if (count) {
		m.msg_control = control;
		m.msg_controllen = CMSG_SPACE(count * sizeof(int));
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(c), fds, count * sizeof(int));
	}
	ck_assert_int_eq(sendmsg(peer, &m, 0), (ssize_t)size);
}

static void put_header(uint32_t request, uint32_t flags, uint32_t size)
{
	struct vhost_user_header h = { request, flags, size };

	put(&h, sizeof(h), NULL, 0);
}

/* One whole message to the device, acknowledged; the result. */
static uint64_t order(uint32_t request, const void *payload, uint32_t size,
		      const int *fds, size_t count)
{
	struct vhost_user_header h = {
		request, VHOST_USER_VERSION | VHOST_USER_NEED_REPLY, size
	};
	char data[sizeof(h) + 512];

	memcpy(data, &h, sizeof(h));
	memcpy(data + sizeof(h), payload, size);
	put(data, sizeof(h) + size, fds, count);
	dev.protocol_features = vhost_dev_protocol_features();
	ck_assert_int_eq(vhost_conn_read(&conn, &why), 1);
	ck_assert_int_eq(vhost_msg_handle(&dev, &conn.msg, &why), 1);
	ck_assert_uint_eq(conn.msg.header.flags, 5);
	vhost_conn_done(&conn);
	return conn.msg.payload.u64;
}

static int open_fds(void)
{
	int fd, n = 0;

	for (fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

START_TEST(test_pieces)
{
	uint8_t data[20] = { VHOST_USER_SET_FEATURES, 0, 0, 0, 1, 0, 0, 0, 8 };
	size_t i;

	data[12] = 0x5a;
	for (i = 0; i < sizeof(data); i++) {
		ck_assert_int_eq(vhost_conn_read(&conn, &why), 0);
		put(&data[i], 1, NULL, 0);
	}
	ck_assert_int_eq(vhost_conn_read(&conn, &why), 1);
	ck_assert_uint_eq(conn.msg.payload.u64, 0x5a);
	vhost_conn_done(&conn);
	ck_assert_int_eq(vhost_conn_read(&conn, &why), 0);
}
END_TEST

START_TEST(test_two_at_once)
{
	put_header(VHOST_USER_GET_FEATURES, 1, 0);
	put_header(VHOST_USER_GET_QUEUE_NUM, 1, 0);
	ck_assert_int_eq(vhost_conn_read(&conn, &why), 1);
	ck_assert_uint_eq(conn.msg.header.request, VHOST_USER_GET_FEATURES);
	vhost_conn_done(&conn);
	ck_assert_int_eq(vhost_conn_read(&conn, &why), 1);
	ck_assert_uint_eq(conn.msg.header.request, VHOST_USER_GET_QUEUE_NUM);
}
END_TEST

START_TEST(test_closed)
{
	shutdown(peer, SHUT_WR);
	ck_assert_int_eq(vhost_conn_read(&conn, &why), -ENOTCONN);
}
END_TEST

START_TEST(test_truncated_header)
{
	put("abc", 3, NULL, 0);
	shutdown(peer, SHUT_WR);
	ck_assert_int_eq(vhost_conn_read(&conn, &why), -EPIPE);
	ck_assert_ptr_nonnull(strstr(why.text, "after 3 of 12"));
}
END_TEST

START_TEST(test_truncated_payload)
{
	put_header(VHOST_USER_SET_FEATURES, 1, 8);
	put("abc", 3, NULL, 0);
	shutdown(peer, SHUT_WR);
	ck_assert_int_eq(vhost_conn_read(&conn, &why), -EPIPE);
	ck_assert_ptr_nonnull(strstr(why.text, "after 3 of 8"));
}
END_TEST

START_TEST(test_oversized)
{
	put_header(VHOST_USER_SET_FEATURES, 1, VHOST_USER_PAYLOAD_MAX + 1);
	ck_assert_int_eq(vhost_conn_read(&conn, &why), -EMSGSIZE);
	ck_assert_ptr_nonnull(strstr(why.text, "oversized"));
}
END_TEST

START_TEST(test_reply_refused)
{
	put_header(VHOST_USER_SET_FEATURES, 1 | VHOST_USER_REPLY, 8);
	ck_assert_int_eq(vhost_conn_read(&conn, &why), -EPROTO);
	ck_assert_ptr_nonnull(strstr(why.text, "is a reply"));
}
END_TEST

/* Whatever happens to a message, its descriptors do not stay behind. */
START_TEST(test_descriptors)
{
	struct vhost_user_header h = { VHOST_USER_SET_OWNER, 1, 0 };
	int fds[12], i, before = open_fds();

	for (i = 0; i < 12; i++)
		fds[i] = peer;
	put(&h, sizeof(h), fds, 8);
	ck_assert_int_eq(vhost_conn_read(&conn, &why), 1);
	ck_assert_uint_eq(conn.msg.fds, 8);
	ck_assert_int_eq(vhost_msg_handle(&dev, &conn.msg, &why), -EPROTO);
	vhost_conn_done(&conn);
	ck_assert_int_eq(open_fds(), before);
	put(&h, sizeof(h), fds, 12);
	ck_assert_int_eq(vhost_conn_read(&conn, &why), -EMSGSIZE);
	vhost_conn_done(&conn);
	ck_assert_int_eq(open_fds(), before);
}
END_TEST

START_TEST(test_unknown)
{
	uint64_t data[32] = { 0 };

	ck_assert_uint_ne(order(12345, data, sizeof(data), NULL, 0), 0);
	ck_assert_ptr_nonnull(strstr(why.text, "12345 (?) refused: unknown"));
	put_header(12345, 1, 0);
	ck_assert_int_eq(vhost_conn_read(&conn, &why), 1);
	ck_assert_int_eq(vhost_msg_handle(&dev, &conn.msg, &why), -EPROTO);
}
END_TEST

/* No request accepts a size, or a number of descriptors, that is not its own. */
START_TEST(test_every_request)
{
	static struct vhost_user_msg msg;
	uint32_t request, size;

	for (request = 0; request < 64; request++) {
		for (size = 0; size < 320; size++) {
			memset(&msg, 0xff, sizeof(msg));
			msg.header =
				(struct vhost_user_header){ request, 1, size };
			msg.fds = 0;
			vhost_msg_handle(&dev, &msg, &why);
			ck_assert_uint_le(msg.header.size, 320);
		}
	}
}
END_TEST

START_TEST(test_vring_fd)
{
	uint64_t kick = 0, none = VHOST_USER_VRING_NOFD, bits = 1 << 9;
	uint64_t beyond = 2;
	int event = eventfd(0, 0), file = ram_file(1);

	ck_assert_uint_eq(order(VHOST_USER_SET_VRING_CALL, &kick, 8, &event, 1),
			  0);
	ck_assert_int_ne(fcntl(dev.vring[0].call, F_GETFL) & O_NONBLOCK, 0);
	ck_assert_uint_eq(order(VHOST_USER_SET_VRING_CALL, &none, 8, NULL, 0),
			  0);
	ck_assert_int_eq(dev.vring[0].call, -1);
	ck_assert_uint_eq(order(VHOST_USER_SET_VRING_CALL, &none, 8, &event, 1),
			  1);
	ck_assert_uint_eq(order(VHOST_USER_SET_VRING_CALL, &kick, 8, NULL, 0),
			  1);
	ck_assert_uint_eq(order(VHOST_USER_SET_VRING_CALL, &bits, 8, &event, 1),
			  1);
	ck_assert_uint_eq(
		order(VHOST_USER_SET_VRING_CALL, &beyond, 8, &event, 1), 1);
	ck_assert_uint_eq(order(VHOST_USER_SET_VRING_CALL, &kick, 8, &file, 1),
			  1);
	ck_assert_ptr_nonnull(strstr(why.text, "not an eventfd"));
	close(event);
	close(file);
}
END_TEST

/* The doorbell goes to the host, and is taken back when the queue stops. */
START_TEST(test_doorbell)
{
	struct vhost_vring_state s = { .index = 1 };
	uint64_t queue = 1, none = 1 | VHOST_USER_VRING_NOFD;
	int event = eventfd(0, 0);

	ck_assert_uint_eq(
		order(VHOST_USER_SET_VRING_KICK, &queue, 8, &event, 1), 0);
	ck_assert_int_eq(host.doorbell, -1);
	ck_assert_int_eq(ctrl_open(&dev.ctrl, &why), 0);
	ck_assert_int_eq(host.doorbell, dev.vring[1].kick);
	ck_assert_uint_eq(order(VHOST_USER_SET_VRING_KICK, &none, 8, NULL, 0),
			  0);
	ck_assert_int_eq(host.doorbell, -1);
	ck_assert_uint_eq(
		order(VHOST_USER_SET_VRING_KICK, &queue, 8, &event, 1), 0);
	ck_assert_int_ge(host.doorbell, 0);
	order(VHOST_USER_GET_VRING_BASE, &s, sizeof(s), NULL, 0);
	ck_assert_int_eq(host.doorbell, -1);
	close(event);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("conn");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_pieces);
	tcase_add_test(tc, test_two_at_once);
	tcase_add_test(tc, test_closed);
	tcase_add_test(tc, test_truncated_header);
	tcase_add_test(tc, test_truncated_payload);
	tcase_add_test(tc, test_oversized);
	tcase_add_test(tc, test_reply_refused);
	tcase_add_test(tc, test_descriptors);
	tcase_add_test(tc, test_unknown);
	tcase_add_test(tc, test_every_request);
	tcase_add_test(tc, test_vring_fd);
	tcase_add_test(tc, test_doorbell);
	return test_run(tc, "vhost_conn");
}
