// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "session.h"
#include "vhost_conn.h"
#include "vhost_dev.h"
#include "vhost_msg.h"

/* Messages handled before others have their turn. */
#define SESSION_BURST 32

struct session {
	sd_event *event;
	sd_event_source *socket;
	sd_event_source *kick;
	struct host host;
	struct vhost_conn conn;
	struct vhost_dev dev;
	struct log_limit *limit;
	void (*ended)(void *arg);
	void *arg;
};

static void run(struct session *s)
{
	/* More to do: ring ourselves, so that others have their turn first. */
	if (vhost_dev_run(&s->dev))
		(void)eventfd_write(s->dev.vring[0].kick, 1);
}

/* A kick may be spurious: front ends send one when they start and stop. */
static int on_kick(sd_event_source *source, int fd, uint32_t revents, void *arg)
{
	eventfd_t count;

	(void)source;
	(void)revents;
	if (eventfd_read(fd, &count) && errno != EAGAIN)
		return -errno;
	run(arg);
	return 0;
}

static void watch(void *arg, int fd)
{
	struct session *s = arg;
	int ret;

	s->kick = sd_event_source_disable_unref(s->kick);
	if (fd < 0)
		return;
	ret = sd_event_add_io(s->event, &s->kick, fd, EPOLLIN, on_kick, s);
	if (ret < 0)
		log_error("cannot wait for the control queue: %s",
			  strerror(-ret));
}

static int step(struct session *s, struct reason *why)
{
	int ret = vhost_conn_read(&s->conn, why);

	if (ret <= 0)
		return ret;
	ret = vhost_msg_handle(&s->dev, &s->conn.msg, why);
	if (ret > 0)
		ret = vhost_conn_reply(&s->conn, why);
	vhost_conn_done(&s->conn);
	if (ret)
		return ret;
	run(s);
	return 1;
}

static int on_socket(sd_event_source *source, int fd, uint32_t revents,
		     void *arg)
{
	struct session *s = arg;
	struct reason why;
	int i, ret = 1;

	(void)source;
	(void)fd;
	(void)revents;
	for (i = 0; i < SESSION_BURST && ret > 0; i++)
		ret = step(s, &why);
	if (ret >= 0)
		return 0;
	if (ret == -ENOTCONN)
		log_limited(s->limit, LOG_INFO, "%s", why.text);
	else
		log_limited(s->limit, LOG_ERR, "connection dropped: %s",
			    why.text);
	s->ended(s->arg);
	return 0;
}

/* The VMM is whoever connected; only the kernel's word for it is taken. */
static pid_t peer_pid(int fd)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len)) {
		log_error("cannot tell who connected: %s", strerror(errno));
		return 0;
	}
	return cred.pid;
}

struct session *session_alloc(sd_event *event, int fd, const struct host *host,
			      struct log_limit *limit, void (*ended)(void *arg),
			      void *arg)
{
	struct session *s = calloc(1, sizeof(*s));
	struct reason why;
	int ret;

	if (!s) {
		log_error("out of memory");
		fd_close(&fd);
		return NULL;
	}
	s->event = event;
	s->limit = limit;
	s->ended = ended;
	s->arg = arg;
	s->host = *host;
	s->host.pid = peer_pid(fd);
	vhost_conn_init(&s->conn, fd);
	vhost_dev_init(&s->dev, &s->host, limit);
	s->dev.watch = watch;
	s->dev.watch_arg = s;
	ret = sd_event_add_io(event, &s->socket, fd, EPOLLIN, on_socket, s);
	if (ret < 0) {
		log_error("cannot serve the connection: %s", strerror(-ret));
		session_free(s);
		return NULL;
	}
	log_limited(limit, LOG_INFO, "process %d is connected", s->host.pid);
	/* A failure is logged there; negotiation tries again. */
	(void)ctrl_open(&s->dev.ctrl, &why);
	return s;
}

void session_free(struct session *s)
{
	if (!s)
		return;
	vhost_dev_exit(&s->dev);
	sd_event_source_disable_unref(s->kick);
	sd_event_source_disable_unref(s->socket);
	vhost_conn_exit(&s->conn);
	free(s);
}
