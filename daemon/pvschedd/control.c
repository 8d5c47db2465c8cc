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

/* Of one user who is not root: there is room for others. */
#define PEERS_USER 4

/* Who takes longer for a call, or to read the reply, is dropped. */
#define PATIENCE_US 10000000ULL

/* So many times as long as a call took, nobody but root is answered another one. */
#define REST 9

struct peer {
	struct control *control; /* NULL: nobody */
	int fd;
	uid_t uid;
	sd_event_source *io;
	sd_event_source *timer;
	sd_event_source *turn; /* for a call that waits */
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
	uint64_t rest_ns; /* until then, CLOCK_MONOTONIC */
	struct peer peer[PEERS_MAX];
};

bool control_privileged(uid_t uid)
{
	return !uid || uid == geteuid();
}

static void peer_drop(struct peer *p)
{
	sd_event_source_disable_unref(p->io);
	sd_event_source_disable_unref(p->timer);
	sd_event_source_disable_unref(p->turn);
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

static bool timer_set(sd_event_source *timer, uint64_t usec)
{
	return sd_event_source_set_time_relative(timer, usec) >= 0 &&
	       sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT) >= 0;
}

static bool call_whole(const struct peer *p)
{
	return p->got >= CONTROL_HEAD &&
	       p->got - CONTROL_HEAD >= control_length(p->in);
}

static uint64_t rest_us(const struct peer *p)
{
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);

	return control_privileged(p->uid) || now_ns >= p->control->rest_ns ?
		       0 :
		       (p->control->rest_ns - now_ns) / 1000 + 1;
}

/*
 * For what a peer does next, or for its turn: one call, and then the others' come,
 * however many it has sent at once. Returns whether the peer stays.
 */
static bool peer_wait(struct peer *p)
{
	bool waits = !p->out && call_whole(p);
	uint32_t events = p->out ? EPOLLOUT : EPOLLIN;

	if (sd_event_source_set_io_events(p->io, waits ? 0 : events) < 0)
		return false;
	return !waits ||
	       (sd_event_source_set_enabled(p->timer, SD_EVENT_OFF) >= 0 &&
		timer_set(p->turn, rest_us(p)));
}

/* Returns whether the peer stays. */
static bool reply_send(struct peer *p)
{
	while (p->sent < p->out_size) {
		ssize_t n = send(p->fd, p->out + p->sent, p->out_size - p->sent,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EAGAIN)
			return true;
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			p->sent += n;
	}
	free(p->out);
	p->out = NULL;
	p->out_size = p->sent = 0;
	return timer_set(p->timer, PATIENCE_US);
}

static struct json_object *answer(struct peer *p, size_t len)
{
	uint64_t before_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	struct json_object *call =
		control_parse((const char *)p->in + CONTROL_HEAD, len);
	struct json_object *reply;

	/* NULL, for what is no call: answered as any other that is not known. */
	reply = p->control->fn(call, p->uid, p->control->arg);
	json_object_put(call);
	if (!control_privileged(p->uid))
		p->control->rest_ns =
			clock_ns(CLOCK_MONOTONIC) +
			REST * (clock_ns(CLOCK_PROCESS_CPUTIME_ID) - before_ns);
	return reply;
}

static bool call_answer(struct peer *p)
{
	size_t len = control_length(p->in);
	struct json_object *reply = answer(p, len);

	p->out = reply ? control_frame(reply, &p->out_size) : NULL;
	json_object_put(reply);
	p->got -= CONTROL_HEAD + len;
	memmove(p->in, p->in + CONTROL_HEAD + len, p->got);
	return p->out && timer_set(p->timer, PATIENCE_US) && reply_send(p);
}

static bool call_read(struct peer *p)
{
	ssize_t n = recv(p->fd, p->in + p->got, sizeof(p->in) - p->got,
			 MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	p->got += n;
	return n && (p->got < CONTROL_HEAD ||
		     control_length(p->in) <= CONTROL_CALL_MAX);
}

static int on_peer(sd_event_source *source, int fd, uint32_t revents, void *arg)
{
	struct peer *p = arg;
	bool stays;

	(void)source;
	(void)fd;
	if (p->out)
		stays = reply_send(p);
	else if (call_whole(p))
		/* It waits, and only hears that nobody is there any more. */
		stays = !(revents & (EPOLLHUP | EPOLLERR));
	else
		stays = call_read(p);
	if (!stays || !peer_wait(p))
		peer_drop(p);
	return 0;
}

static int on_turn(sd_event_source *source, uint64_t usec, void *arg)
{
	struct peer *p = arg;

	(void)source;
	(void)usec;
	/* Somebody else may have had it meanwhile. */
	if ((!rest_us(p) && !call_answer(p)) || !peer_wait(p))
		peer_drop(p);
	return 0;
}

/* Root finds a place even if others have taken all. NULL: there is none. */
static struct peer *place_find(struct control *c, uid_t uid)
{
	struct peer *free = NULL, *other = NULL;
	size_t i, same = 0;

	for (i = 0; i < PEERS_MAX; i++) {
		struct peer *p = &c->peer[i];

		if (!p->control)
			free = p;
		else if (!control_privileged(p->uid))
			other = p;
		same += p->control && p->uid == uid;
	}
	if (!control_privileged(uid))
		return same < PEERS_USER ? free : NULL;
	if (!free && other)
		peer_drop(other);
	return free ?: other;
}

static int sources_add(struct peer *p, sd_event *event)
{
	int ret = sd_event_add_io(event, &p->io, p->fd, EPOLLIN, on_peer, p);

	if (ret >= 0)
		ret = sd_event_add_time_relative(event, &p->timer,
						 CLOCK_MONOTONIC, PATIENCE_US,
						 0, on_impatient, p);
	if (ret >= 0)
		ret = sd_event_add_time_relative(
			event, &p->turn, CLOCK_MONOTONIC, 0, 1, on_turn, p);
	if (ret >= 0)
		ret = sd_event_source_set_enabled(p->turn, SD_EVENT_OFF);
	/* What the daemon is there for comes first. */
	if (ret >= 0)
		ret = sd_event_source_set_priority(p->io,
						   SD_EVENT_PRIORITY_IDLE);
	if (ret >= 0)
		ret = sd_event_source_set_priority(p->turn,
						   SD_EVENT_PRIORITY_IDLE);
	return ret;
}

/* Who connected is the kernel's word. Takes fd over. */
static void peer_init(struct control *c, int fd)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);
	struct peer *p = NULL;

	if (!getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		p = place_find(c, cred.uid);
	if (!p) {
		close(fd);
		return;
	}
	*p = (struct peer){ .control = c, .fd = fd, .uid = cred.uid };
	if (sources_add(p, c->event) < 0)
		peer_drop(p);
}

static int on_connect(sd_event_source *source, int fd, uint32_t revents,
		      void *arg)
{
	int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)source;
	(void)revents;
	if (peer >= 0)
		peer_init(arg, peer);
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
