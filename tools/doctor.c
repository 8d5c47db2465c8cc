// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvsched doctor: is this host ready, and what is to do?
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "command.h"
#include "doctor.h"
#include "json.h"
#include "system.h"

static const char help[] =
	"usage: pvsched doctor [-j]\n"
	"\n"
	"Is this host ready, and if not, what is to do? One line a check: \"ok\", \"note\"\n"
	"(works, could be better) or \"BAD\". Run as root to see all VMs.\n"
	"\n"
	"  -j, --json  JSON\n"
	"\n"
	"Exit status: 0 nothing is bad, 1 wrong usage, 2 something is.\n"
	"\n"
	"Example: pvsched doctor -j | jq -r '.findings[] | select(.status == \"bad\").advice'\n";

/* What a command prints; NULL if it fails. */
static char *output_of(const char *command)
{
	FILE *pipe = popen(command, "r");
	char *text = NULL;

	if (!pipe)
		return NULL;
	text = system_read_fd(fileno(pipe), NULL);
	if (!pclose(pipe))
		return text;
	free(text);
	return NULL;
}

struct known {
	struct pvsched_client *client;
	struct pvsched_vms vms;
	struct pvsched_vcpus vcpus;
};

static void known_free(struct known *known)
{
	pvsched_vms_free(&known->vms);
	pvsched_vcpus_free(&known->vcpus);
	pvsched_client_close(known->client);
}

/* What the module knows. Without it the VMs are strangers all. */
static void check_vms(struct doctor *doctor)
{
	struct known known __attribute__((cleanup(known_free))) = {};
	struct pvsched_host_info host;
	struct pvsched_error error;

	if (pvsched_client_open(&known.client, &error) ||
	    pvsched_host_get(known.client, &host, sizeof(host), &error) ||
	    pvsched_vms_get(known.client, NULL, &known.vms,
			    sizeof(*known.vms.vm), &error) ||
	    pvsched_vcpus_get(known.client, NULL, &known.vcpus,
			      sizeof(*known.vcpus.vcpu), &error)) {
		doctor_add(doctor, FINDING_BAD, "netlink", NULL, "%s",
			   error.text);
	} else {
		doctor_add(doctor, FINDING_OK, "netlink", NULL,
			   "the kernel answers; VMs: %zu", known.vms.count);
		doctor_check_boosts(doctor, &host);
	}
	doctor_check_vms(doctor, &known.vms, &known.vcpus);
}

static void check_all(struct doctor *doctor)
{
	char *version __attribute__((cleanup(system_free))) =
		output_of("qemu-system-x86_64 --version 2>/dev/null");
	char *devices __attribute__((cleanup(system_free))) =
		output_of("qemu-system-x86_64 -device help 2>/dev/null");

	doctor_check_kernel(doctor);
	doctor_check_kvm(doctor);
	doctor_check_module(doctor);
	doctor_check_throttling(doctor);
	doctor_check_qemu(doctor, version, devices);
	check_vms(doctor);
}

static bool anything_bad(const struct doctor *doctor)
{
	size_t i;

	for (i = 0; i < doctor->count; i++)
		if (doctor->finding[i].status == FINDING_BAD)
			return true;
	return false;
}

int doctor_main(int argc, char **argv)
{
	struct doctor doctor __attribute__((cleanup(doctor_free))) = {
		.root = -1,
	};
	struct utsname name;
	bool json;
	int status;

	if (!options_parse(argc, argv, help, &json, &status))
		return status;
	if (optind < argc)
		return usage_error("doctor", "takes no '%s'", argv[optind]);
	doctor.root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (doctor.root < 0 || uname(&name)) {
		fprintf(stderr, "pvsched doctor: looking at this system: %s\n",
			strerror(errno));
		return COMMAND_FAILED;
	}
	snprintf(doctor.release, sizeof(doctor.release), "%s", name.release);
	check_all(&doctor);
	if (json)
		json_print(doctor_json(&doctor), stdout);
	else
		doctor_print(&doctor, stdout);
	if (doctor.incomplete) {
		fputs("pvsched doctor: out of memory: findings are missing\n",
		      stderr);
		return COMMAND_FAILED;
	}
	status = output_finish("doctor");
	return status == COMMAND_DONE && anything_bad(&doctor) ?
		       COMMAND_FAILED :
		       status;
}
