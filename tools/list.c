// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvsched list, pvsched show: VMs and their vCPUs.
 */
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "command.h"
#include "json.h"
#include "view.h"

static const char list_help[] =
	"usage: pvsched list [-j | --names]\n"
	"\n"
	"VMs and their vCPUs: those of the caller's user, or all with CAP_SYS_NICE,\n"
	"CAP_NET_ADMIN or CAP_SYS_RESOURCE.\n"
	"\n"
	"  -j, --json   JSON\n"
	"  -n, --names  names of VMs only, one a line; quick, for completion\n"
	"\n"
	"  ASKS        how urgent the guest says that its work on the vCPU is\n"
	"  SLEEPER     the most urgent task that sleeps there\n"
	"  GRANTED     what the vCPU's thread is boosted to\n"
	"\n"
	"Example: pvsched list -j | jq -r '.vms[].name'\n";

static const char show_help[] =
	"usage: pvsched show [-j] VM\n"
	"\n"
	"One VM in detail: what binds its vCPUs, why boosts began and ended, how long\n"
	"the vCPUs waited and how long things took. JSON has the whole histograms.\n"
	"\n"
	"  -j, --json  JSON\n"
	"\n"
	"  in vain          an interrupt brought a boost, and nothing urgent came of it\n"
	"  while urgent     while the guest had urgent work, allowed to boost or not\n"
	"  wait_urgent      waits for a CPU while urgent\n"
	"  event_latency    from an interrupt for an urgent task until the vCPU ran\n"
	"  boost_length     of whole boosts\n"
	"  deboost_latency  from the reason to end a boost until it was undone\n"
	"\n"
	"Example: pvsched show web-1\n";

struct listing {
	struct pvsched_client *client;
	struct pvsched_host_info host;
	struct pvsched_vms vms;
	struct pvsched_vcpus vcpus;
};

static void listing_free(struct listing *listing)
{
	pvsched_vms_free(&listing->vms);
	pvsched_vcpus_free(&listing->vcpus);
	pvsched_client_close(listing->client);
}

/* name: one VM, or NULL for all. */
static int listing_get(struct listing *listing, const char *name,
		       struct pvsched_error *error)
{
	int err = pvsched_client_open(&listing->client, error);

	if (!err)
		err = pvsched_host_get(listing->client, &listing->host,
				       sizeof(listing->host), error);
	if (!err)
		err = pvsched_vms_get(listing->client, name, &listing->vms,
				      sizeof(*listing->vms.vm), error);
	if (!err)
		err = pvsched_vcpus_get(listing->client, name, &listing->vcpus,
					sizeof(*listing->vcpus.vcpu), error);
	return err;
}

/* Without vCPUs, of which there may be thousands. */
static int names_print(void)
{
	struct listing listing __attribute__((cleanup(listing_free))) = {};
	struct pvsched_error error;
	size_t i;

	if (pvsched_client_open(&listing.client, &error) ||
	    pvsched_vms_get(listing.client, NULL, &listing.vms,
			    sizeof(*listing.vms.vm), &error))
		return command_failed("list", &error);
	for (i = 0; i < listing.vms.count; i++)
		puts(listing.vms.vm[i].name);
	return output_finish("list");
}

/* Return: true to go on, or false with *status. */
static bool list_options(int argc, char **argv, bool *json, bool *names,
			 int *status)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "names", no_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	int c;

	*json = *names = false;
	*status = COMMAND_USAGE;
	while ((c = getopt_long(argc, argv, "jnh", options, NULL)) != -1) {
		if (c == 'j') {
			*json = true;
		} else if (c == 'n') {
			*names = true;
		} else if (c == 'h') {
			fputs(list_help, stdout);
			*status = output_finish("list");
			return false;
		} else {
			usage_error("list", NULL);
			return false;
		}
	}
	if (!*json || !*names)
		return true;
	usage_error("list", "names are no JSON; use -j without --names");
	return false;
}

int list_main(int argc, char **argv)
{
	struct listing listing __attribute__((cleanup(listing_free))) = {};
	struct pvsched_error error;
	bool json, names;
	int status;

	if (!list_options(argc, argv, &json, &names, &status))
		return status;
	if (optind < argc)
		return usage_error("list", "takes no '%s'", argv[optind]);
	if (names)
		return names_print();
	if (listing_get(&listing, NULL, &error))
		return command_failed("list", &error);
	if (json)
		json_print(
			json_list(&listing.host, &listing.vms, &listing.vcpus),
			stdout);
	else
		view_list(&listing.host, &listing.vms, &listing.vcpus, stdout);
	return output_finish("list");
}

int show_main(int argc, char **argv)
{
	struct listing listing __attribute__((cleanup(listing_free))) = {};
	struct pvsched_error error;
	bool json;
	int status;

	if (!options_parse(argc, argv, show_help, &json, &status))
		return status;
	if (argc - optind != 1 || !*argv[optind] ||
	    strlen(argv[optind]) >= PVSCHED_NAME_LEN)
		return usage_error("show", "takes the name of one VM");
	if (listing_get(&listing, argv[optind], &error))
		return command_failed(argv[optind], &error);
	if (json)
		json_print(json_show(&listing.vms.vm[0], &listing.vcpus),
			   stdout);
	else
		view_vm(&listing.vms.vm[0], &listing.vcpus, stdout);
	return output_finish("show");
}
