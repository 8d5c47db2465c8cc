// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <mosquitto.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "mqtt.h"
#include "util.h"

#define US_PER_S    1000000ULL
#define KEEPALIVE_S 30
#define RETRY_MAX_S 64
#define PATIENCE_S  10 /* with a broker that lets us connect and says nothing */
#define IN_FLIGHT   16 /* handed over and not acknowledged */
#define QOS	    2

struct message {
	char *topic;
	char *text;
};

struct mqtt {
	struct mqtt_settings settings;
	const struct log *log;
	sd_event *event;
	sd_event_source *io;
	sd_event_source *timer;
	struct mosquitto *client;
	bool connected;
	bool broken; /* the socket is of no use */
	bool told;   /* that the broker is not there */
	unsigned int retry_s;
	unsigned int wait_s;	/* until the next try */
	unsigned int pending_s; /* how long the connection is not complete */
	/* a ring */
	struct message *queue;
	unsigned int first, count;
	unsigned int in_flight;
	uint64_t dropped;
};

/* Sets where the port begins. Returns the length of the host, 0 if it is none. */
static size_t broker_split(const char *broker, int *port)
{
	const char *colon = strrchr(broker, ':');
	char *end;

	if (!colon || colon == broker || colon[1] < '1' || colon[1] > '9')
		return 0;
	*port = strtol(colon + 1, &end, 10);
	return *end || *port > 65535 ? 0 : (size_t)(colon - broker);
}

bool mqtt_broker_valid(const char *broker)
{
	int port;

	return broker_split(broker, &port);
}

static void message_free(struct message *m)
{
	free(m->topic);
	free(m->text);
	*m = (struct message){ 0 };
}

static void oldest_remove(struct mqtt *m)
{
	message_free(&m->queue[m->first]);
	m->first = (m->first + 1) % m->settings.queue;
	m->count--;
}

/*
 * Did the library refuse it? Whatever else goes wrong, it has the message, and sends it
 * when it is connected again: to hand it over once more would be twice.
 */
static bool refused(int code)
{
	switch (code) {
	case MOSQ_ERR_NOMEM:
	case MOSQ_ERR_INVAL:
	case MOSQ_ERR_PROTOCOL:
	case MOSQ_ERR_PAYLOAD_SIZE:
	case MOSQ_ERR_MALFORMED_UTF8:
	case MOSQ_ERR_QOS_NOT_SUPPORTED:
	case MOSQ_ERR_OVERSIZE_PACKET:
		return true;
	default:
		return false;
	}
}

/* As much as may be in flight. The library keeps that over a reconnect. */
static void queue_send(struct mqtt *m)
{
	int ret = MOSQ_ERR_SUCCESS;

	while (!ret && m->connected && m->count && m->in_flight < IN_FLIGHT) {
		struct message *msg = &m->queue[m->first];

		ret = mosquitto_publish_v5(m->client, NULL, msg->topic,
					   (int)strlen(msg->text), msg->text,
					   QOS, false, NULL);
		if (refused(ret))
			m->dropped++;
		else
			m->in_flight++;
		oldest_remove(m);
	}
}

static void absent_tell(struct mqtt *m, const char *why)
{
	if (!m->told)
		log_warn(m->log, "mqtt", "the broker %s is not there: %s",
			 m->settings.broker, why);
	m->told = true;
}

/* code: of the library, whose calls leave errno as it was on failure. */
static const char *reason(int code)
{
	return code == MOSQ_ERR_ERRNO ? strerror(errno) :
					mosquitto_strerror(code);
}

static int watch(struct mqtt *m);

/*
 * Before the connection is complete, the library calls nobody when it fails, and may
 * keep a socket that has nothing but an error to tell. The timer tries another one.
 */
static int connecting_failed(struct mqtt *m, const char *why)
{
	absent_tell(m, why);
	m->broken = true;
	return watch(m);
}

static int socket_error(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len))
		return errno;
	return error;
}

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *arg)
{
	struct mqtt *m = arg;
	int ret = MOSQ_ERR_SUCCESS;

	(void)source;
	if (!m->connected && revents & EPOLLERR)
		return connecting_failed(m, strerror(socket_error(fd)));
	if (revents & (EPOLLIN | EPOLLHUP | EPOLLERR))
		ret = mosquitto_loop_read(m->client, 1);
	if (!ret && revents & EPOLLOUT)
		ret = mosquitto_loop_write(m->client, 1);
	if (ret && !m->connected)
		return connecting_failed(m, reason(ret));
	queue_send(m);
	return watch(m);
}

/* The library opens and closes its socket as it likes. */
static int watch(struct mqtt *m)
{
	int fd = mosquitto_socket(m->client);
	uint32_t events = EPOLLIN;

	if (m->io && (m->broken || sd_event_source_get_io_fd(m->io) != fd))
		m->io = sd_event_source_disable_unref(m->io);
	if (m->broken || fd < 0)
		return 0;
	if (!m->connected || mosquitto_want_write(m->client))
		events |= EPOLLOUT;
	if (!m->io)
		return sd_event_add_io(m->event, &m->io, fd, events, on_io, m);
	return sd_event_source_set_io_events(m->io, events);
}

static void on_connected(struct mosquitto *client, void *arg, int code,
			 int flags, const mosquitto_property *properties)
{
	struct mqtt *m = arg;

	(void)client;
	(void)flags;
	(void)properties;
	if (code) {
		absent_tell(m, mosquitto_reason_string(code));
		return;
	}
	m->connected = true;
	m->retry_s = 1;
	if (m->told)
		log_about(m->log, LOG_NOTICE, "mqtt", NULL,
			  "the broker %s is there", m->settings.broker);
	m->told = false;
}

static void on_disconnected(struct mosquitto *client, void *arg, int code,
			    const mosquitto_property *properties)
{
	struct mqtt *m = arg;

	(void)client;
	(void)properties;
	m->connected = false;
	m->wait_s = m->retry_s;
	absent_tell(m, code ? mosquitto_strerror(code) : "it said good-bye");
}

static void on_published(struct mosquitto *client, void *arg, int id, int code,
			 const mosquitto_property *properties)
{
	struct mqtt *m = arg;

	(void)client;
	(void)id;
	(void)code;
	(void)properties;
	if (m->in_flight)
		m->in_flight--;
}

static void broker_connect(struct mqtt *m)
{
	char host[sizeof(m->settings.broker)];
	int port = 0, ret;

	snprintf(host, sizeof(host), "%.*s",
		 (int)broker_split(m->settings.broker, &port),
		 m->settings.broker);
	/* Another socket, even if it has the same number. */
	m->io = sd_event_source_disable_unref(m->io);
	m->broken = false;
	ret = mosquitto_connect_async(m->client, host, port, KEEPALIVE_S);
	if (ret != MOSQ_ERR_SUCCESS)
		absent_tell(m, reason(ret));
	m->pending_s = 0;
	m->wait_s = m->retry_s;
	if (m->retry_s < RETRY_MAX_S)
		m->retry_s *= 2;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	struct mqtt *m = arg;
	int ret;

	(void)usec;

	/* Sends what keeps the connection, and notices that it is broken. */
	if (mosquitto_socket(m->client) >= 0 && !m->broken)
		mosquitto_loop_misc(m->client);
	if (mosquitto_socket(m->client) < 0 || m->broken) {
		if (!m->wait_s || !--m->wait_s)
			broker_connect(m);
	} else if (!m->connected && ++m->pending_s > PATIENCE_S) {
		absent_tell(m, "it does not answer");
		broker_connect(m);
	}
	queue_send(m);
	ret = watch(m);
	/* From now on: looking a name up may have taken many of them. */
	if (ret >= 0)
		ret = sd_event_source_set_time_relative(source, US_PER_S);
	return ret < 0 ? ret :
			 sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int password_read(const char *path, char *text, size_t size)
{
	_cleanup_(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text, size - 1);

	if (len < 0)
		return -errno;
	text[len] = '\0';
	text[strcspn(text, "\r\n")] = '\0';
	return 0;
}

/* Return: a code of the library. */
static int secrets_set(struct mqtt *m)
{
	const struct mqtt_settings *s = &m->settings;
	char password[256] = "";
	int ret = MOSQ_ERR_SUCCESS;

	if (s->ca[0])
		ret = mosquitto_tls_set(m->client, s->ca, NULL,
					s->cert[0] ? s->cert : NULL,
					s->key[0] ? s->key : NULL, NULL);
	if (ret || !s->user[0])
		return ret;
	if (s->password_file[0] &&
	    password_read(s->password_file, password, sizeof(password)))
		return MOSQ_ERR_ERRNO;
	ret = mosquitto_username_pw_set(m->client, s->user, password);
	explicit_bzero(password, sizeof(password));
	return ret;
}

static int client_make(struct mqtt *m)
{
	char id[128], host[96] = "";
	int ret;

	gethostname(host, sizeof(host) - 1);
	snprintf(id, sizeof(id), "pvschedd-%s", host);
	/* Not a clean session: what is in flight is made good after a reconnect. */
	m->client = mosquitto_new(id, false, m);
	if (!m->client)
		return MOSQ_ERR_NOMEM;
	mosquitto_connect_v5_callback_set(m->client, on_connected);
	mosquitto_disconnect_v5_callback_set(m->client, on_disconnected);
	mosquitto_publish_v5_callback_set(m->client, on_published);
	ret = mosquitto_int_option(m->client, MOSQ_OPT_PROTOCOL_VERSION,
				   MQTT_PROTOCOL_V5);
	return ret ?: secrets_set(m);
}

int mqtt_start(struct mqtt **mqtt, sd_event *event,
	       const struct mqtt_settings *settings, const struct log *log)
{
	struct mqtt *m = calloc(1, sizeof(*m));
	int ret;

	*mqtt = NULL;
	if (!m)
		return -ENOMEM;
	mosquitto_lib_init();
	m->settings = *settings;
	m->log = log;
	m->event = event;
	m->retry_s = 1;
	m->queue = calloc(settings->queue, sizeof(*m->queue));
	ret = m->queue ? client_make(m) : MOSQ_ERR_NOMEM;
	if (ret) {
		log_error(log, "mqtt", "MQTT: %s", reason(ret));
		mqtt_stop(m);
		return -EINVAL;
	}
	ret = sd_event_add_time_relative(event, &m->timer, CLOCK_MONOTONIC, 0,
					 0, on_timer, m);
	if (ret < 0) {
		mqtt_stop(m);
		return ret;
	}
	*mqtt = m;
	return 0;
}

void mqtt_stop(struct mqtt *m)
{
	if (!m)
		return;
	sd_event_source_disable_unref(m->io);
	sd_event_source_disable_unref(m->timer);
	if (m->client)
		mosquitto_destroy(m->client);
	while (m->count)
		oldest_remove(m);
	free(m->queue);
	free(m);
	mosquitto_lib_cleanup();
}

void mqtt_publish(struct mqtt *m, const char *topic, const char *text)
{
	struct message msg = { 0 };

	if (!m)
		return;
	if (asprintf(&msg.topic, "%s/%s", m->settings.topic, topic) < 0)
		msg.topic = NULL;
	msg.text = strdup(text);
	if (!msg.topic || !msg.text) {
		message_free(&msg);
		m->dropped++;
		return;
	}
	if (m->count == m->settings.queue) {
		oldest_remove(m);
		m->dropped++;
	}
	m->queue[(m->first + m->count++) % m->settings.queue] = msg;
	queue_send(m);
	(void)watch(m);
}

uint64_t mqtt_dropped(const struct mqtt *m)
{
	return m ? m->dropped : 0;
}
