// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pvsched guest: in a guest, what its vCPUs and their host tell each other, and
 * a command on the vCPU that can get the most done.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "guestinfo.h"
#include "json.h"
#include "table.h"

static const char guest_help[] =
	"usage: pvsched guest [-j]\n"
	"       pvsched guest place [--] COMMAND [ARGUMENT...]\n"
	"\n"
	"In a guest with virtio_pvsched: what each vCPU tells the host and what the\n"
	"host tells it; or run a command on the vCPU that can get the most done now,\n"
	"of those that the caller may use.\n"
	"\n"
	"  -j, --json  JSON\n"
	"\n"
	"  RUNNING, WAITER, SLEEPER   the most urgent task that does so there\n"
	"  GRANTED     what the host has boosted the vCPU to\n"
	"  STATE       what the host does with it\n"
	"  CAPACITY    of the CPU under it, of 1024 for the host's biggest\n"
	"  TAKEN       how much of its recent time others have had\n"
	"  LEFT        capacity less that, of 1024\n"
	"  CORE, CACHE vCPUs with the same value share it\n"
	"\n"
	"Example: pvsched guest place -- make\n";

static void free_table(struct table **table)
{
	table_free(*table);
}

static void level_cell(struct table *table, unsigned int level)
{
	char text[PVSCHED_TEXT_LEN];

	table_cell(table, "%s", level ? pvsched_level_text(level, text) : "-");
}

static void state_cell(struct table *table, const struct guest_cpu *cpu)
{
	const char *state = cpu->value[GUEST_PREEMPTED] ? "preempted" :
			    cpu->value[GUEST_BOOSTED]	? "boosted" :
							  "ordinary";

	if (cpu->value[GUEST_THROTTLED])
		table_cell(table, "%s,throttled %uus", state,
			   cpu->value[GUEST_THROTTLED_US]);
	else
		table_cell(table, "%s", state);
}

static void id_cell(struct table *table, unsigned int id)
{
	if (id)
		table_cell(table, "%08x", id);
	else
		table_cell(table, "-");
}

static void cpu_cells(struct table *table, const struct guest_cpu *cpu)
{
	char text[PVSCHED_TEXT_LEN];

	table_cell(table, "%u", cpu->cpu);
	table_cell(table, "%s",
		   pvsched_level_text(cpu->value[GUEST_RUNNING], text));
	level_cell(table, cpu->value[GUEST_WAITER]);
	level_cell(table, cpu->value[GUEST_SLEEPER]);
	level_cell(table, cpu->value[GUEST_GRANTED]);
	state_cell(table, cpu);
	if (cpu->value[GUEST_CAPACITY])
		table_cell(table, "%u", cpu->value[GUEST_CAPACITY]);
	else
		table_cell(table, "-");
	table_cell(table, "%u%%", cpu->value[GUEST_TAKEN] * 100 / 1024);
	table_cell(table, "%u", guest_cpu_left(cpu));
	id_cell(table, cpu->value[GUEST_CORE_ID]);
	id_cell(table, cpu->value[GUEST_CACHE_ID]);
}

static void print_table(const struct guest_cpus *cpus)
{
	struct table *table __attribute__((cleanup(free_table))) = table_new(
		">VCPU RUNNING WAITER SLEEPER GRANTED STATE >CAPACITY >TAKEN >LEFT CORE CACHE");
	size_t i;

	if (!table)
		return;
	for (i = 0; i < cpus->count; i++)
		cpu_cells(table, &cpus->cpu[i]);
	table_print(table, stdout);
}

static bool is_level(enum guest_value value)
{
	return value <= GUEST_SLEEPER || value == GUEST_GRANTED;
}

static bool is_flag(enum guest_value value)
{
	return value == GUEST_BOOSTED || value == GUEST_PREEMPTED ||
	       value == GUEST_THROTTLED;
}

static struct json_object *value_json(enum guest_value id, unsigned int value)
{
	if (is_flag(id))
		return json_object_new_boolean(value);
	if (!is_level(id))
		return json_object_new_int64(value);
	/* Something always runs, if only the idle task. */
	return value || id == GUEST_RUNNING ? json_level(value) : NULL;
}

static struct json_object *cpu_json(const struct guest_cpu *cpu)
{
	struct json_object *object = json_object_new_object();
	unsigned int i;

	json_object_object_add(object, "vcpu", json_object_new_int64(cpu->cpu));
	for (i = 0; i < GUEST_VALUES; i++)
		json_object_object_add(object, guest_value_name(i),
				       value_json(i, cpu->value[i]));
	json_object_object_add(object, "left",
			       json_object_new_int64(guest_cpu_left(cpu)));
	return object;
}

static void print_json(const struct guest_cpus *cpus)
{
	struct json_object *document = json_document();
	struct json_object *array = json_object_new_array();
	size_t i;

	for (i = 0; i < cpus->count; i++)
		json_object_array_add(array, cpu_json(&cpus->cpu[i]));
	json_object_object_add(document, "vcpus", array);
	json_print(document, stdout);
}

static int failed(const char *what, const char *why)
{
	fprintf(stderr, "pvsched guest: %s: %s\n", what, why);
	return COMMAND_FAILED;
}

/* Where this process may run, of what the driver shows. */
static int place(const struct guest_cpus *cpus)
{
	const struct guest_cpu *best;
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return failed("sched_getaffinity", strerror(errno));
	best = guest_cpu_best(cpus, &set);
	if (!best)
		return failed(
			"no vCPU to use",
			"none that the host knows is in the caller's affinity; see taskset(1)");
	CPU_ZERO(&set);
	CPU_SET(best->cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		return failed("sched_setaffinity", strerror(errno));
	return COMMAND_DONE;
}

static int place_main(char **command)
{
	struct guest_cpus cpus __attribute__((cleanup(guest_cpus_free))) = {};
	char why[GUESTINFO_WHY_LEN];
	int status;

	if (*command && !strcmp(*command, "--"))
		command++;
	if (!*command)
		return usage_error("guest", "place takes a command");
	if (guest_cpus_read(GUESTINFO_DIR, &cpus, why))
		return failed("place", why);
	status = place(&cpus);
	if (status)
		return status;
	execvp(*command, command);
	return failed(*command, strerror(errno));
}

int guest_main(int argc, char **argv)
{
	struct guest_cpus cpus __attribute__((cleanup(guest_cpus_free))) = {};
	char why[GUESTINFO_WHY_LEN];
	bool json;
	int status;

	/* What follows is another program's. */
	if (argc > 1 && !strcmp(argv[1], "place"))
		return place_main(argv + 2);
	if (!options_parse(argc, argv, guest_help, &json, &status))
		return status;
	if (optind < argc)
		return usage_error("guest", "takes no '%s'", argv[optind]);
	if (guest_cpus_read(GUESTINFO_DIR, &cpus, why))
		return failed("cannot read " GUESTINFO_DIR, why);
	if (json)
		print_json(&cpus);
	else
		print_table(&cpus);
	return output_finish("guest");
}
