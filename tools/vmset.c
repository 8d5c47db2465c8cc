// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvsched policy, pvsched payback: what decides on the boosts of a VM, and whether
 * it repays them.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "json.h"
#include "view.h"

static const char policy_help[] =
	"usage: pvsched policy [-j] list\n"
	"       pvsched policy [-j] set VM POLICY\n"
	"\n"
	"The policies that there are, or another policy for a VM, from now on.\n"
	"\n"
	"  -j, --json  JSON\n"
	"\n"
	"  boost       believes the guest (default)\n"
	"  observe     counts the boosts that there would be, and makes none\n"
	"  blind       for guests without the driver: a short boost after an interrupt\n"
	"  none        never boosts\n"
	"Others are brought by modules. PROTOCOL is what the guest has to speak, FAULTS\n"
	"are answers that made no sense and were ignored.\n"
	"\n"
	"Setting needs the VM's user, or CAP_SYS_RESOURCE.\n"
	"\n"
	"Example: pvsched policy set web-1 observe\n";

static const char payback_help[] =
	"usage: pvsched payback [-j] VM on|off\n"
	"\n"
	"Should the vCPUs of VM repay boosted time that exceeds their fair share? They\n"
	"do so by resting when nothing urgent runs. show tells what is owed.\n"
	"\n"
	"  -j, --json  JSON\n"
	"\n"
	"Switching it on needs the VM's user, or CAP_SYS_RESOURCE; off needs the latter.\n"
	"\n"
	"Example: pvsched payback web-1 off\n";

static void policies_free(struct pvsched_policies *policies)
{
	pvsched_policies_free(policies);
}

static bool name_ok(const char *name)
{
	return *name && strlen(name) < PVSCHED_NAME_LEN;
}

static int policy_list(bool json)
{
	struct pvsched_policies policies
		__attribute__((cleanup(policies_free))) = {};
	struct pvsched_client *client __attribute__((cleanup(client_close))) =
		NULL;
	struct pvsched_error error;

	if (pvsched_client_open(&client, &error) ||
	    pvsched_policies_get(client, &policies, sizeof(*policies.policy),
				 &error))
		return command_failed("policy list", &error);
	if (json)
		json_print(json_policies(&policies), stdout);
	else
		view_policies(&policies, stdout);
	return output_finish("policy");
}

static int vm_set(const char *command, const char *name,
		  const struct pvsched_vm_wish *wish, bool json)
{
	struct pvsched_client *client __attribute__((cleanup(client_close))) =
		NULL;
	struct pvsched_vm_info vm;
	struct pvsched_error error;

	if (pvsched_client_open(&client, &error) ||
	    pvsched_vm_set(client, name, wish, sizeof(*wish), &vm, sizeof(vm),
			   &error))
		return command_failed(name, &error);
	if (json)
		json_print(json_vm_set(&vm), stdout);
	else
		view_vm_set(&vm, stdout);
	return output_finish(command);
}

int policy_main(int argc, char **argv)
{
	struct pvsched_vm_wish wish = {};
	bool json;
	int status;

	if (!options_parse(argc, argv, policy_help, &json, &status))
		return status;
	argc -= optind;
	argv += optind;
	if (argc == 1 && !strcmp(argv[0], "list"))
		return policy_list(json);
	if (argc != 3 || strcmp(argv[0], "set"))
		return usage_error("policy", "takes list, or set VM POLICY");
	if (!name_ok(argv[1]))
		return usage_error("policy", "'%s' is no name of a VM",
				   argv[1]);
	if (!*argv[2] || strlen(argv[2]) >= PVSCHED_POLICY_LEN)
		return usage_error("policy", "'%s' is no name of a policy",
				   argv[2]);
	wish.policy = argv[2];
	return vm_set("policy", argv[1], &wish, json);
}

int payback_main(int argc, char **argv)
{
	struct pvsched_vm_wish wish = { .has_payback = true };
	bool json;
	int status;

	if (!options_parse(argc, argv, payback_help, &json, &status))
		return status;
	argc -= optind;
	argv += optind;
	if (argc != 2 || !name_ok(argv[0]))
		return usage_error("payback", "takes a VM, and on or off");
	wish.payback = !strcmp(argv[1], "on");
	if (!wish.payback && strcmp(argv[1], "off"))
		return usage_error("payback", "'%s' is neither on nor off",
				   argv[1]);
	return vm_set("payback", argv[0], &wish, json);
}
