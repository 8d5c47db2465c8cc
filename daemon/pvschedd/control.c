// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include "control.h"
#include "frame.h"
#include "util.h"

#define PEERS_MAX 16

/* Who says nothing for so long, or does not read, is dropped. */
#define PATIENCE_US 10000000ULL

struct peer {
	struct control *control; /* NULL: nobody */
	int fd;
	uid_t uid;
	sd_event_source *io;
	sd_event_source *timer;
	unsigned char in[CONTROL_HEAD + CONTROL_CALL_MAX];
	size_t got;
	unsigned char *out; /* a reply under way */
	size_t out_size, sent;
};

struct control {
	sd_event *event;
	sd_event_source *io;
	control_fn fn;
	void *arg;
	struct peer peer[PEERS_MAX];
};

static void peer_drop(struct peer *p)
{
	sd_event_source_disable_unref(p->io);
	sd_event_source_disable_unref(p->timer);
	fd_close(&p->fd);
	free(p->out);
	*p = (struct peer){ .fd = -1 };
}

static int on_impatient(sd_event_source *source, uint64_t usec, void *arg)
{
	(void)source;
	(void)usec;
	peer_drop(arg);
	return 0;
}

static int patience(struct peer *p)
{
	int ret = sd_event_source_set_time_relative(p->timer, PATIENCE_US);

	return ret < 0 ?
		       ret :
		       sd_event_source_set_enabled(p->timer, SD_EVENT_ONESHOT);
}

/* Returns whether the peer stays. */
static bool reply_send(struct peer *p)
{
	while (p->sent < p->out_size) {
		ssize_t n = send(p->fd, p->out + p->sent, p->out_size - p->sent,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EAGAIN)
			return sd_event_source_set_io_events(p->io, EPOLLOUT) >=
			       0;
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			p->sent += n;
	}
	free(p->out);
	p->out = NULL;
	p->out_size = p->sent = 0;
	return sd_event_source_set_io_events(p->io, EPOLLIN) >= 0;
}

static bool call_answer(struct peer *p, size_t len)
{
	struct json_object *call =
		control_parse((const char *)p->in + CONTROL_HEAD, len);
	struct json_object *reply;

	/* NULL, for what is no call: answered as any other that is not known. */
	reply = p->control->fn(call, p->uid, p->control->arg);
	json_object_put(call);
	p->out = reply ? control_frame(reply, &p->out_size) : NULL;
	json_object_put(reply);
	p->got -= CONTROL_HEAD + len;
	memmove(p->in, p->in + CONTROL_HEAD + len, p->got);
	return p->out && reply_send(p);
}

/* One call at a time: the next is looked at when its reply is gone. */
static bool calls_answer(struct peer *p)
{
	while (!p->out && p->got >= CONTROL_HEAD) {
		size_t len = control_length(p->in);

		if (len > CONTROL_CALL_MAX)
			return false;
		if (p->got < CONTROL_HEAD + len)
			return true;
		if (!call_answer(p, len))
			return false;
	}
	return true;
}

static bool calls_read(struct peer *p)
{
	ssize_t n = recv(p->fd, p->in + p->got, sizeof(p->in) - p->got,
			 MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (!n)
		return false;
	p->got += n;
	return calls_answer(p);
}

static int on_peer(sd_event_source *source, int fd, uint32_t revents, void *arg)
{
	struct peer *p = arg;
	bool stays;

	(void)source;
	(void)fd;
	(void)revents;
	if (p->out)
		stays = reply_send(p) && calls_answer(p);
	else
		stays = calls_read(p);
	if (!stays || patience(p) < 0)
		peer_drop(p);
	return 0;
}

static struct peer *peer_free(struct control *c)
{
	size_t i;

	for (i = 0; i < PEERS_MAX; i++)
		if (!c->peer[i].control)
			return &c->peer[i];
	return NULL;
}

/* Who connected is the kernel's word. Takes fd over. */
static int peer_init(struct peer *p, struct control *c, int fd)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);
	int ret;

	*p = (struct peer){ .control = c, .fd = fd };
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return -errno;
	p->uid = cred.uid;
	ret = sd_event_add_io(c->event, &p->io, fd, EPOLLIN, on_peer, p);
	if (ret < 0)
		return ret;
	return sd_event_add_time_relative(c->event, &p->timer, CLOCK_MONOTONIC,
					  PATIENCE_US, 0, on_impatient, p);
}

static int on_connect(sd_event_source *source, int fd, uint32_t revents,
		      void *arg)
{
	struct control *c = arg;
	struct peer *p = peer_free(c);
	int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)source;
	(void)revents;
	if (peer < 0)
		return 0;
	if (!p)
		close(peer);
	else if (peer_init(p, c, peer) < 0)
		peer_drop(p);
	return 0;
}

/* Return: a descriptor, or -1 if there is none. */
static int socket_find(void)
{
	int i, n = sd_listen_fds(0);

	for (i = 0; i < n; i++)
		if (sd_is_socket_unix(SD_LISTEN_FDS_START + i, SOCK_STREAM, 1,
				      NULL, 0) > 0)
			return SD_LISTEN_FDS_START + i;
	return -1;
}

int control_start(struct control **control, sd_event *event, control_fn fn,
		  void *arg)
{
	int ret, fd = socket_find();
	struct control *c;
	size_t i;

	*control = NULL;
	if (fd < 0)
		return 0;
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->event = event;
	c->fn = fn;
	c->arg = arg;
	for (i = 0; i < PEERS_MAX; i++)
		c->peer[i].fd = -1;
	ret = sd_event_add_io(event, &c->io, fd, EPOLLIN, on_connect, c);
	if (ret < 0) {
		control_stop(c);
		return ret;
	}
	*control = c;
	return 0;
}

void control_stop(struct control *c)
{
	size_t i;

	if (!c)
		return;
	for (i = 0; i < PEERS_MAX; i++)
		peer_drop(&c->peer[i]);
	sd_event_source_disable_unref(c->io);
	free(c);
}
