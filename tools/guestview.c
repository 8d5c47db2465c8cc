// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The vCPUs of this guest, as text and as JSON.
 */
#include <stdio.h>

#include "guestinfo.h"
#include "json.h"
#include "table.h"

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

int guest_cpus_print(const struct guest_cpus *cpus, FILE *to)
{
	struct table *table __attribute__((cleanup(free_table))) = table_new(
		">VCPU RUNNING WAITER SLEEPER GRANTED STATE >CAPACITY >TAKEN >LEFT CORE CACHE");
	size_t i;

	if (!table)
		return -1;
	for (i = 0; i < cpus->count; i++)
		cpu_cells(table, &cpus->cpu[i]);
	return table_print(table, to);
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

struct json_object *guest_cpus_json(const struct guest_cpus *cpus)
{
	struct json_object *document = json_document();
	struct json_object *array = json_object_new_array();
	size_t i;

	for (i = 0; i < cpus->count; i++)
		json_object_array_add(array, cpu_json(&cpus->cpu[i]));
	json_object_object_add(document, "vcpus", array);
	return document;
}
