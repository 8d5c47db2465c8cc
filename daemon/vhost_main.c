// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvsched-vhost: the virtio device of pvsched for one VM.
 */
#include <errno.h>
#include <getopt.h>
#include <linux/pvsched.h>
#include <pvsched/name.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#include "listener.h"
#include "session.h"

#ifndef PVSCHED_VERSION
#define PVSCHED_VERSION "unknown"
#endif

#define EXIT_USAGE   1
#define EXIT_REFUSED 2

struct server {
	sd_event *event;
	struct listener listener;
	struct host host; /* what each session starts from */
	struct session *session;
	sd_event_source *connect;
	sd_event_source *ended;
	struct log_limit limit;
};

static const char usage[] =
	"usage: pvsched-vhost --name VM [--socket PATH] [OPTION...]\n"
	"\n"
	"Serve the pvsched virtio device of one VM to its VMM over vhost-user.\n"
	"\n"
	"  -n, --name VM        name of the VM on this host\n"
	"  -s, --socket PATH    listen here; not needed with systemd's socket\n"
	"  -p, --policy NAME    one that pvsched policy list has (default: boost)\n"
	"  -d, --device PATH    instead of " HOST_DEVICE "\n"
	"  -V, --version\n"
	"  -h, --help\n";

struct options {
	const char *socket;
	const char *name;
	const char *policy;
	const char *device;
};

static int on_signal(sd_event_source *source,
		     const struct signalfd_siginfo *info, void *arg)
{
	(void)info;
	(void)arg;
	return sd_event_exit(sd_event_source_get_event(source), 0);
}

/* Not freed where it ended: its own code is still running. */
static int on_ended(sd_event_source *source, void *arg)
{
	struct server *srv = arg;

	(void)source;
	session_free(srv->session);
	srv->session = NULL;
	return 0;
}

static void session_ended(void *arg)
{
	struct server *srv = arg;

	sd_event_source_set_enabled(srv->ended, SD_EVENT_ONESHOT);
}

static int on_connect(sd_event_source *source, int fd, uint32_t revents,
		      void *arg)
{
	struct server *srv = arg;
	int conn;

	(void)source;
	(void)revents;
	conn = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (conn < 0) {
		if (errno != EAGAIN && errno != EINTR)
			log_limited(&srv->limit, LOG_ERR, "accept: %s",
				    strerror(errno));
		return 0;
	}
	if (srv->session) {
		log_limited(
			&srv->limit, LOG_WARNING,
			"refused a second connection: a front end is being served");
		close(conn);
		return 0;
	}
	srv->session = session_alloc(srv->event, conn, &srv->host, &srv->limit,
				     session_ended, srv);
	return 0;
}

static int block_signals(void)
{
	sigset_t set;

	if (sigemptyset(&set) || sigaddset(&set, SIGTERM) ||
	    sigaddset(&set, SIGINT) || sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	return 0;
}

/*
 * A new connection is looked at after all that the one before has to say, so that a
 * front end which has gone does not keep the next one out.
 */
static int connect_add(struct server *srv)
{
	int ret = sd_event_add_io(srv->event, &srv->connect, srv->listener.fd,
				  EPOLLIN, on_connect, srv);

	return ret < 0 ? ret :
			 sd_event_source_set_priority(srv->connect,
						      SD_EVENT_PRIORITY_IDLE);
}

static int server_setup(struct server *srv)
{
	int ret = block_signals();

	if (!ret)
		ret = sd_event_new(&srv->event);
	if (ret >= 0)
		ret = sd_event_set_watchdog(srv->event, 1);
	if (ret >= 0)
		ret = sd_event_add_signal(srv->event, NULL, SIGTERM, on_signal,
					  srv);
	if (ret >= 0)
		ret = sd_event_add_signal(srv->event, NULL, SIGINT, on_signal,
					  srv);
	if (ret >= 0)
		ret = connect_add(srv);
	if (ret >= 0)
		ret = sd_event_add_defer(srv->event, &srv->ended, on_ended,
					 srv);
	if (ret >= 0)
		ret = sd_event_source_set_enabled(srv->ended, SD_EVENT_OFF);
	/* Before a new connection is looked at. */
	if (ret >= 0)
		ret = sd_event_source_set_priority(srv->ended,
						   SD_EVENT_PRIORITY_IMPORTANT);
	return ret;
}

static int server_run(struct server *srv)
{
	int ret = server_setup(srv);

	if (ret >= 0) {
		log_info("VM '%s' is served%s%s", srv->host.name,
			 srv->listener.path ? " on " : "",
			 srv->listener.path ?: "");
		sd_notify(0, "READY=1");
		ret = sd_event_loop(srv->event);
		sd_notify(0, "STOPPING=1");
	}
	if (ret < 0)
		log_error("event loop: %s", strerror(-ret));
	session_free(srv->session);
	sd_event_source_unref(srv->connect);
	sd_event_source_unref(srv->ended);
	sd_event_unref(srv->event);
	return ret < 0 ? EXIT_REFUSED : EXIT_SUCCESS;
}

static int bad_usage(const char *what)
{
	fprintf(stderr, "pvsched-vhost: %s (--help tells more)\n", what);
	return EXIT_USAGE;
}

static int options_check(const struct options *o)
{
	if (!o->name)
		return bad_usage("--name is missing");
	/* The name of a target of "pvsched set-cap". */
	if (!strcmp(o->name, "host"))
		return bad_usage("--name host would be mistaken for the host");
	if (!pvsched_name_ok(o->name))
		return bad_usage("--name has to be " PVSCHED_NAME_RULE);
	if (strlen(o->policy) >= PVSCHED_POLICY_LEN)
		return bad_usage("--policy has more than 15 characters");
	return 0;
}

/* -1: go on; else what to exit with. */
static int options_parse(struct options *o, int argc, char **argv)
{
	static const struct option longopts[] = {
		{ "socket", required_argument, NULL, 's' },
		{ "name", required_argument, NULL, 'n' },
		{ "policy", required_argument, NULL, 'p' },
		{ "device", required_argument, NULL, 'd' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	int c;

	while ((c = getopt_long(argc, argv, "s:n:p:d:Vh", longopts, NULL)) !=
	       -1) {
		switch (c) {
		case 's':
			o->socket = optarg;
			break;
		case 'n':
			o->name = optarg;
			break;
		case 'p':
			o->policy = optarg;
			break;
		case 'd':
			o->device = optarg;
			break;
		case 'V':
			puts("pvsched-vhost " PVSCHED_VERSION);
			return 0;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			return bad_usage("wrong usage");
		}
	}
	if (optind < argc)
		return bad_usage("takes options only");
	return options_check(o) ?: -1;
}

int main(int argc, char **argv)
{
	struct options o = { .policy = "", .device = HOST_DEVICE };
	struct server srv = { 0 };
	struct reason why;
	int ret;

	ret = options_parse(&o, argc, argv);
	if (ret >= 0)
		return ret;
	if (listener_init(&srv.listener, o.socket, &why)) {
		log_error("%s", why.text);
		return EXIT_REFUSED;
	}
	srv.host = (struct host){
		.ops = &host_device,
		.device = o.device,
		.name = o.name,
		.policy = o.policy,
		.fd = -1,
	};
	ret = server_run(&srv);
	listener_exit(&srv.listener);
	return ret;
}
