// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libmicrohttpd in the loop: its epoll descriptor becomes readable when it has
 * something to do, and it says when to look anyway.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "exporter.h"
#include "util.h"

#define CONNECTIONS 16
#define PATIENCE_S  10
#define BACKLOG	    16

/* So long, a page is handed out again: whoever asks all the time costs little. */
#define KEEP_NS NS_PER_S

/*
 * A connection, which is for one request. libmicrohttpd waits as long as something
 * comes now and then; who asks that slowly would hold one of few for ever.
 */
struct visit {
	int fd;		   /* -1: there is none */
	uint64_t until_ns; /* CLOCK_MONOTONIC; 0: it was ended */
};

/* What is told, in one of the formats. */
struct page {
	struct MHD_Response *response; /* NULL: not asked for yet */
	uint64_t made_ns;
};

struct exporter {
	struct MHD_Daemon *http;
	sd_event_source *io;
	sd_event_source *timer;
	sd_event_source *patience;
	struct visit visit[CONNECTIONS];
	bool left; /* a connection ended */
	exporter_fn fn;
	void *arg;
	struct page page[2]; /* [1]: OpenMetrics */
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
};

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
};

static bool port_parse(const char *text, in_port_t *port)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	*port = htons(number);
	return text[0] >= '1' && text[0] <= '9' && !*end && number < 65536;
}

/* Returns the size of it, 0 if it is none. */
static socklen_t address_parse(const char *text, union address *to)
{
	static const char v4[] = "127.0.0.1:", v6[] = "[::1]:";

	memset(to, 0, sizeof(*to));
	if (text[0] == '/' && strlen(text) < sizeof(to->un.sun_path)) {
		to->un.sun_family = AF_UNIX;
		strcpy(to->un.sun_path, text);
		return sizeof(to->un);
	}
	if (!strncmp(text, v4, strlen(v4))) {
		to->in.sin_family = AF_INET;
		to->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return port_parse(text + strlen(v4), &to->in.sin_port) ?
			       sizeof(to->in) :
			       0;
	}
	if (!strncmp(text, v6, strlen(v6))) {
		to->in6.sin6_family = AF_INET6;
		to->in6.sin6_addr = in6addr_loopback;
		return port_parse(text + strlen(v6), &to->in6.sin6_port) ?
			       sizeof(to->in6) :
			       0;
	}
	return 0;
}

bool exporter_address_valid(const char *text)
{
	union address address;

	return address_parse(text, &address);
}

/* Takes the text over. Return: NULL without memory. */
static struct MHD_Response *response_make(const char *type, char *text,
					  size_t len)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		len, text, MHD_RESPMEM_MUST_FREE);

	if (response)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
					type);
	else
		free(text);
	return response;
}

static struct MHD_Response *page_make(const struct exporter *e,
				      bool openmetrics)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	if (!to)
		return NULL;
	e->fn(openmetrics, to, e->arg);
	if (fclose(to)) {
		free(text);
		return NULL;
	}
	return response_make(
		openmetrics ?
			"application/openmetrics-text; version=1.0.0; charset=utf-8" :
			"text/plain; version=0.0.4; charset=utf-8",
		text, len);
}

static void page_drop(struct page *page)
{
	if (page->response)
		MHD_destroy_response(page->response);
	*page = (struct page){ 0 };
}

static enum MHD_Result metrics(struct exporter *e,
			       struct MHD_Connection *connection)
{
	const char *accept = MHD_lookup_connection_value(
		connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
	bool openmetrics =
		accept && strstr(accept, "application/openmetrics-text");
	struct page *page = &e->page[openmetrics];
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);

	if (!page->response || now_ns - page->made_ns >= KEEP_NS) {
		page_drop(page);
		*page = (struct page){ page_make(e, openmetrics), now_ns };
	}
	return page->response ? MHD_queue_response(connection, MHD_HTTP_OK,
						   page->response) :
				MHD_NO;
}

static enum MHD_Result refuse(struct MHD_Connection *connection,
			      unsigned int status, const char *reason)
{
	char *text = strdup(reason);
	struct MHD_Response *response =
		text ? response_make("text/plain", text, strlen(text)) : NULL;
	enum MHD_Result ret;

	if (!response)
		return MHD_NO;
	ret = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return ret;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection,
				  const char *url, const char *method,
				  const char *version, const char *data,
				  size_t *size, void **state)
{
	(void)version;
	(void)data;
	(void)state;
	if (*size)
		return MHD_NO;
	if (strcmp(method, MHD_HTTP_METHOD_GET) &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD))
		return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
			      "GET only\n");
	if (strcmp(url, "/metrics"))
		return refuse(connection, MHD_HTTP_NOT_FOUND,
			      "it is at /metrics\n");
	return metrics(arg, connection);
}

/* Look when the patience with the first of them is over. */
static int patience_set(struct exporter *e)
{
	uint64_t until_ns = UINT64_MAX;
	size_t i;
	int ret;

	for (i = 0; i < CONNECTIONS; i++)
		if (e->visit[i].until_ns && e->visit[i].until_ns < until_ns)
			until_ns = e->visit[i].until_ns;
	if (until_ns == UINT64_MAX)
		return sd_event_source_set_enabled(e->patience, SD_EVENT_OFF);
	ret = sd_event_source_set_time(e->patience, until_ns / 1000 + 1);
	return ret < 0 ? ret :
			 sd_event_source_set_enabled(e->patience,
						     SD_EVENT_ONESHOT);
}

/* libmicrohttpd closes what it finds to be shut down. */
static int on_patience(sd_event_source *source, uint64_t usec, void *arg)
{
	struct exporter *e = arg;
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	size_t i;

	(void)source;
	(void)usec;
	for (i = 0; i < CONNECTIONS; i++) {
		struct visit *visit = &e->visit[i];

		if (!visit->until_ns || visit->until_ns > now_ns)
			continue;
		shutdown(visit->fd, SHUT_RDWR);
		visit->until_ns = 0;
	}
	return patience_set(e);
}

static void visit_begin(struct exporter *e, struct MHD_Connection *connection,
			void **context)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	size_t i;

	for (i = 0; i < CONNECTIONS && e->visit[i].fd >= 0; i++)
		;
	if (!info || i == CONNECTIONS)
		return;
	e->visit[i] = (struct visit){
		.fd = info->connect_fd,
		.until_ns = clock_ns(CLOCK_MONOTONIC) + PATIENCE_S * NS_PER_S,
	};
	patience_set(e);
	*context = &e->visit[i];
}

static void visit_end(struct exporter *e, struct visit *visit)
{
	*visit = (struct visit){ .fd = -1 };
	e->left = true;
}

/* Begin and end of a connection. */
static void on_connection(void *arg, struct MHD_Connection *connection,
			  void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct visit *visit = *context;

	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		visit_begin(arg, connection, context);
	else if (visit)
		visit_end(arg, visit);
}

static int run(struct exporter *e)
{
	MHD_UNSIGNED_LONG_LONG ms;
	int ret;

	/* A place that was left is given to who waits by the next run only. */
	do {
		e->left = false;
		if (MHD_run(e->http) != MHD_YES)
			return -EIO;
	} while (e->left);
	if (MHD_get_timeout(e->http, &ms) != MHD_YES)
		return sd_event_source_set_enabled(e->timer, SD_EVENT_OFF);
	ret = sd_event_source_set_time_relative(e->timer, ms * 1000);
	return ret < 0 ?
		       ret :
		       sd_event_source_set_enabled(e->timer, SD_EVENT_ONESHOT);
}

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *arg)
{
	(void)source;
	(void)fd;
	(void)revents;
	return run(arg);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	(void)source;
	(void)usec;
	return run(arg);
}

static int fail(char *why, const char *address, int err)
{
	snprintf(why, EXPORTER_WHY_LEN, "metrics on %.128s: %s", address,
		 strerror(-err));
	return err;
}

/* A socket of one that was killed; nothing else. */
static void stale_remove(const char *path)
{
	struct stat st;

	if (!lstat(path, &st) && S_ISSOCK(st.st_mode))
		unlink(path);
}

/* Return: a descriptor or a negative errno value. */
static int socket_listen(struct exporter *e, const char *text)
{
	union address address;
	socklen_t size = address_parse(text, &address);
	int yes = 1, fd, err;

	if (!size)
		return -EINVAL;
	fd = socket(address.any.sa_family,
		    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (address.any.sa_family == AF_UNIX)
		stale_remove(address.un.sun_path);
	else
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (!bind(fd, &address.any, size) && !listen(fd, BACKLOG)) {
		if (address.any.sa_family == AF_UNIX)
			strcpy(e->path, address.un.sun_path);
		return fd;
	}
	err = -errno;
	close(fd);
	return err;
}

static int http_start(struct exporter *e, int fd)
{
	e->http = MHD_start_daemon(
		MHD_USE_EPOLL, 0, NULL, NULL, on_request, e,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned int)CONNECTIONS, MHD_OPTION_NOTIFY_CONNECTION,
		on_connection, e, MHD_OPTION_END);
	if (e->http)
		return 0;
	close(fd);
	return -EIO;
}

static int loop_add(struct exporter *e, sd_event *event)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(e->http, MHD_DAEMON_INFO_EPOLL_FD);
	int ret = info ? 0 : -EIO;

	if (!ret)
		ret = sd_event_add_io(event, &e->io, info->epoll_fd, EPOLLIN,
				      on_io, e);
	if (ret >= 0)
		ret = sd_event_add_time_relative(
			event, &e->timer, CLOCK_MONOTONIC, 0, 0, on_timer, e);
	if (ret >= 0)
		ret = sd_event_add_time(event, &e->patience, CLOCK_MONOTONIC,
					UINT64_MAX, 0, on_patience, e);
	return ret;
}

int exporter_start(struct exporter **exporter, sd_event *event,
		   const char *address, exporter_fn fn, void *arg, char *why)
{
	struct exporter *e = calloc(1, sizeof(*e));
	int ret, fd;
	size_t i;

	*exporter = NULL;
	if (!e)
		return fail(why, address, -ENOMEM);
	e->fn = fn;
	e->arg = arg;
	for (i = 0; i < CONNECTIONS; i++)
		e->visit[i].fd = -1;
	fd = socket_listen(e, address);
	ret = fd < 0 ? fd : http_start(e, fd);
	if (ret >= 0)
		ret = loop_add(e, event);
	if (ret < 0) {
		exporter_stop(e);
		return fail(why, address, ret);
	}
	*exporter = e;
	return 0;
}

void exporter_stop(struct exporter *e)
{
	if (!e)
		return;
	sd_event_source_disable_unref(e->io);
	sd_event_source_disable_unref(e->timer);
	sd_event_source_disable_unref(e->patience);
	if (e->http)
		MHD_stop_daemon(e->http);
	page_drop(&e->page[0]);
	page_drop(&e->page[1]);
	if (e->path[0])
		unlink(e->path);
	free(e);
}
