// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvsched get-cap, pvsched set-cap: how far boosts may go.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "capchange.h"
#include "command.h"
#include "json.h"
#include "targets.h"
#include "view.h"

#define TARGET_HELP                                                                       \
	"TARGET is host, a VM's name, VM/VCPU, or a pattern for VMs such as 'web-*' or\n" \
	"'web-*/0', see glob(7). The smallest soft value of the three levels binds a\n"   \
	"vCPU.\n"

#define PID_HELP                                                                          \
	"  -p, --pid PID  in place of TARGET: the VM of that process, or the vCPU that\n" \
	"                 is that thread\n"

static const char get_help[] =
	"usage: pvsched get-cap [-j] [TARGET | --pid PID]\n"
	"\n"
	"The caps of TARGET (host if there is none) and, for a vCPU, what binds it.\n" TARGET_HELP
	"\n"
	"  -j, --json     JSON; times in microseconds, null for unlimited\n" PID_HELP
	"\n"
	"Example: pvsched get-cap web-1/0\n";

static const char set_help[] =
	"usage: pvsched set-cap [-jn] TARGET CAP=VALUE...\n"
	"       pvsched set-cap [-jn] --pid PID CAP=VALUE...\n"
	"\n"
	"Set caps of TARGET: all that are named, or none. Prints old and new values, and\n"
	"what now binds the vCPUs of TARGET.\n" TARGET_HELP
	"Of a pattern, the VMs are set one after the other; what is refused for one of\n"
	"them is printed, and changes nothing for the others.\n"
	"\n"
	"  -j, --json     JSON; times in microseconds, null for unlimited\n"
	"  -n, --dry-run  set nothing; print what would be set, and what would bind. It\n"
	"                 does not tell whether the caller may\n" PID_HELP "\n"
	"  CAP\n"
	"  rtprio      real-time priority that a boost may reach, 0 to 98; 0: none\n"
	"  nice        nice value that a boost may reach where there is no real-time\n"
	"              boost, -20 to 19; 20: none\n"
	"  runtime     boosted time of a vCPU per period, up to 1s\n"
	"  period      1ms to 1s; of the host only\n"
	"  slice       longest boost without a pause, up to 1s\n"
	"  kicks       doorbells of a vCPU heard in each second, up to 1000000\n"
	"  section     longest boost for a critical section of the guest, up to 1s\n"
	"  vcpus       vCPUs of a VM boosted at the same time, up to 4096\n"
	"\n"
	"  VALUE       as for prlimit(1)\n"
	"  10          soft and hard\n"
	"  10:49       soft, hard\n"
	"  10:         soft only\n"
	"  :49         hard only\n"
	"Each may be unlimited: no bound at this level. Times are in microseconds, or\n"
	"have one of us, ms, s behind.\n"
	"\n"
	"The owner of a VM may set its caps. Raising hard, and the host's caps, need\n"
	"CAP_SYS_RESOURCE.\n"
	"\n"
	"Example: pvsched set-cap web-1 rtprio=20: slice=5ms:20ms\n";

struct options {
	uint32_t pid; /* 0: none */
	bool json;
	bool dry_run;
};

/* A client, and what the kernel told it. */
struct session {
	struct pvsched_client *client;
	struct pvsched_vms vms;
	struct pvsched_vcpus vcpus;
	struct targets targets;
};

static void session_free(struct session *session)
{
	targets_free(&session->targets);
	pvsched_vms_free(&session->vms);
	pvsched_vcpus_free(&session->vcpus);
	pvsched_client_close(session->client);
}

/* Return: true to go on, or false with *status. */
static bool cap_options(int argc, char **argv, const char *help,
			struct options *o, int *status)
{
	static const struct option options[] = {
		{ "dry-run", no_argument, NULL, 'n' }, /* set-cap only */
		{ "json", no_argument, NULL, 'j' },
		{ "pid", required_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	bool set = help == set_help;
	int c;

	*o = (struct options){};
	*status = COMMAND_USAGE;
	while ((c = getopt_long(argc, argv, set ? "njp:h" : "jp:h",
				options + !set, NULL)) != -1) {
		if (c == 'j') {
			o->json = true;
		} else if (c == 'n') {
			o->dry_run = true;
		} else if (c == 'p') {
			o->pid = id_parse(argv[0], optarg);
			if (!o->pid)
				return false;
		} else if (c == 'h') {
			fputs(help, stdout);
			*status = output_finish(argv[0]);
			return false;
		} else {
			usage_error(argv[0], NULL);
			return false;
		}
	}
	return true;
}

/*
 * Find out who is meant; text is not used with --pid. Return: COMMAND_DONE, or an
 * exit code after saying what is wrong.
 */
static int session_open(struct session *session, const char *command,
			const struct options *o, const char *text)
{
	char why[CAPSPEC_WHY_LEN];
	struct pvsched_target target;
	struct pvsched_error error;
	bool listed = o->pid || pattern_is(text);
	char pid[16];
	int err;

	if (!o->pid && !target_parse(text, &target, why))
		return usage_error(command, "'%s': %s", text, why);
	if (pvsched_client_open(&session->client, &error) ||
	    (listed && pvsched_vms_get(session->client, NULL, &session->vms,
				       sizeof(*session->vms.vm), &error)) ||
	    (o->pid && pvsched_vcpus_get(session->client, NULL, &session->vcpus,
					 sizeof(*session->vcpus.vcpu), &error)))
		return command_failed(command, &error);
	if (o->pid)
		err = targets_by_pid(&session->targets, o->pid, &session->vms,
				     &session->vcpus, why);
	else
		err = targets_find(&session->targets, text, &session->vms, why);
	if (!err)
		return COMMAND_DONE;
	snprintf(pid, sizeof(pid), "%" PRIu32, o->pid);
	fprintf(stderr, "pvsched %s: %s: %s\n", command, o->pid ? pid : text,
		why);
	return COMMAND_FAILED;
}

static int get_print(const struct targets *targets,
		     const struct pvsched_caps_info *caps, bool json)
{
	char text[TARGET_TEXT_LEN];
	size_t i;

	if (json) {
		json_print(targets->pattern ?
				   json_caps_get_all(targets->target, caps,
						     targets->count) :
				   json_caps_get(targets->target, caps),
			   stdout);
		return output_finish("get-cap");
	}
	for (i = 0; i < targets->count; i++) {
		if (targets->pattern)
			printf("%s%s\n", i ? "\n" : "",
			       target_text(&targets->target[i], text));
		view_caps(&caps[i], stdout);
	}
	return output_finish("get-cap");
}

static void free_caps(struct pvsched_caps_info **caps)
{
	free(*caps);
}

int get_cap_main(int argc, char **argv)
{
	struct session session __attribute__((cleanup(session_free))) = {};
	struct pvsched_caps_info *caps __attribute__((cleanup(free_caps))) =
		NULL;
	const struct pvsched_target *target;
	struct pvsched_error error;
	char text[TARGET_TEXT_LEN];
	struct options o;
	int status;
	size_t i;

	if (!cap_options(argc, argv, get_help, &o, &status))
		return status;
	if (argc - optind > !o.pid)
		return usage_error("get-cap", "takes one TARGET");
	status = session_open(&session, "get-cap", &o,
			      optind < argc ? argv[optind] : "host");
	if (status)
		return status;
	caps = calloc(session.targets.count, sizeof(*caps));
	if (!caps)
		return out_of_memory("get-cap");
	for (i = 0; i < session.targets.count; i++) {
		target = &session.targets.target[i];
		if (pvsched_caps_get(session.client, target, &caps[i],
				     sizeof(caps[i]), &error))
			return command_failed(target_text(target, text),
					      &error);
	}
	return get_print(&session.targets, caps, o.json);
}

/* Returns how many, or -1 after saying what is wrong. */
static int wishes_from(int count, char **texts, struct pvsched_cap_wish *wishes)
{
	bool seen[PVSCHED_CAP_COUNT] = {};
	char why[CAPSPEC_WHY_LEN];
	int i;

	for (i = 0; i < count; i++) {
		struct pvsched_cap_wish wish;

		if (!wish_parse(texts[i], &wish, why)) {
			usage_error("set-cap", "%s", why);
			return -1;
		}
		if (seen[wish.id]) {
			usage_error("set-cap", "%s is there twice",
				    pvsched_cap_name(wish.id));
			return -1;
		}
		seen[wish.id] = true;
		wishes[i] = wish;
	}
	return count;
}

static int set_print(const struct cap_changes *changes, bool good, bool json)
{
	int status;

	/* Of one target that was refused there is nothing to tell. */
	if (!good && !changes->pattern)
		return COMMAND_FAILED;
	if (json)
		json_print(json_caps_set(changes), stdout);
	else
		view_caps_changes(changes, stdout);
	status = output_finish("set-cap");
	return good ? status : COMMAND_FAILED;
}

int set_cap_main(int argc, char **argv)
{
	struct cap_changes changes
		__attribute__((cleanup(cap_changes_free))) = {};
	struct session session __attribute__((cleanup(session_free))) = {};
	struct pvsched_cap_wish wishes[PVSCHED_CAP_COUNT];
	int status, count, operands;
	struct options o;
	bool good;

	if (!cap_options(argc, argv, set_help, &o, &status))
		return status;
	operands = optind + !o.pid;
	if (argc <= operands)
		return usage_error("set-cap",
				   "takes a TARGET and at least one CAP=VALUE");
	count = wishes_from(argc - operands, argv + operands, wishes);
	if (count < 0)
		return COMMAND_USAGE;
	status = session_open(&session, "set-cap", &o, argv[optind]);
	if (status)
		return status;
	if (cap_changes_init(&changes, session.targets.target,
			     session.targets.count))
		return out_of_memory("set-cap");
	changes.pattern = session.targets.pattern;
	changes.dry_run = o.dry_run;
	good = cap_changes_make(session.client, &changes, wishes, count);
	return set_print(&changes, good, o.json);
}
