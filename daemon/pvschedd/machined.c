// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-bus.h>

#include "machined.h"

#define SERVICE	  "org.freedesktop.machine1"
#define MANAGER	  "org.freedesktop.machine1.Manager"
#define MACHINE	  "org.freedesktop.machine1.Machine"
#define UUID_SIZE 16

/* It is on this host, or it is not there: nobody waits for it for long. */
#define PATIENCE_US 500000ULL

typedef sd_bus *bus_ptr;
typedef sd_bus_message *message_ptr;

/* Return: a reply, to be released, or NULL. Does not start the service. */
static sd_bus_message *machine_ask(sd_bus *bus, uint32_t pid)
{
	__attribute__((cleanup(sd_bus_message_unrefp))) message_ptr call = NULL;
	sd_bus_message *reply = NULL;

	if (sd_bus_message_new_method_call(bus, &call, SERVICE,
					   "/org/freedesktop/machine1", MANAGER,
					   "GetMachineByPID") < 0 ||
	    sd_bus_message_set_auto_start(call, false) < 0 ||
	    sd_bus_message_append(call, "u", pid) < 0 ||
	    sd_bus_call(bus, call, PATIENCE_US, NULL, &reply) < 0)
		return NULL;
	return reply;
}

static void name_take(struct identity *id, sd_bus *bus, const char *path)
{
	char *name = NULL;

	if (sd_bus_get_property_string(bus, SERVICE, path, MACHINE, "Name",
				       NULL, &name) < 0)
		return;
	identity_name(id, name);
	free(name);
}

static void uuid_take(struct identity *id, sd_bus *bus, const char *path)
{
	__attribute__((cleanup(sd_bus_message_unrefp))) message_ptr reply =
		NULL;
	const uint8_t *byte;
	const void *data;
	size_t size;

	if (sd_bus_get_property(bus, SERVICE, path, MACHINE, "Id", NULL, &reply,
				"ay") < 0 ||
	    sd_bus_message_read_array(reply, 'y', &data, &size) < 0 ||
	    size != UUID_SIZE)
		return;
	byte = data;
	snprintf(id->uuid, sizeof(id->uuid),
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
		 "%02x%02x%02x%02x%02x%02x",
		 byte[0], byte[1], byte[2], byte[3], byte[4], byte[5], byte[6],
		 byte[7], byte[8], byte[9], byte[10], byte[11], byte[12],
		 byte[13], byte[14], byte[15]);
}

void machined_find(struct identity *id, uint32_t pid)
{
	__attribute__((cleanup(sd_bus_flush_close_unrefp))) bus_ptr bus = NULL;
	__attribute__((cleanup(sd_bus_message_unrefp))) message_ptr reply =
		NULL;
	const char *path;

	if (!pid || (id->name[0] && id->uuid[0]) ||
	    sd_bus_open_system(&bus) < 0)
		return;
	sd_bus_set_method_call_timeout(bus, PATIENCE_US);
	reply = machine_ask(bus, pid);
	if (!reply || sd_bus_message_read(reply, "o", &path) < 0)
		return;
	if (!id->name[0])
		name_take(id, bus, path);
	if (!id->uuid[0])
		uuid_take(id, bus, path);
}
