// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fake-machined PID - a systemd-machined that has one machine, whose leader is PID
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-bus.h>

#define PATH "/org/freedesktop/machine1"

static int by_pid(sd_bus_message *call, void *arg, sd_bus_error *error)
{
	const uint32_t *leader = arg;
	uint32_t pid;
	int ret = sd_bus_message_read(call, "u", &pid);

	if (ret < 0)
		return ret;
	if (pid != *leader)
		return sd_bus_error_setf(
			error, "org.freedesktop.machine1.NoMachineForPID",
			"PID %u is of no machine", pid);
	return sd_bus_reply_method_return(call, "o", PATH "/machine/web");
}

static int name(sd_bus *bus, const char *path, const char *interface,
		const char *property, sd_bus_message *reply, void *arg,
		sd_bus_error *error)
{
	(void)bus;
	(void)path;
	(void)interface;
	(void)property;
	(void)arg;
	(void)error;
	return sd_bus_message_append(reply, "s", "web-of-machined");
}

static int id(sd_bus *bus, const char *path, const char *interface,
	      const char *property, sd_bus_message *reply, void *arg,
	      sd_bus_error *error)
{
	static const uint8_t uuid[16] = { 0x4d, 0xea, 0x22, 0xb3, 0x1d, 0x52,
					  0xd8, 0xf3, 0x25, 0x16, 0x78, 0x2e,
					  0x98, 0xab, 0x3f, 0xa0 };

	(void)bus;
	(void)path;
	(void)interface;
	(void)property;
	(void)arg;
	(void)error;
	return sd_bus_message_append_array(reply, 'y', uuid, sizeof(uuid));
}

static const sd_bus_vtable manager[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("GetMachineByPID", "u", "o", by_pid,
		      SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_VTABLE_END,
};

static const sd_bus_vtable machine[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_PROPERTY("Name", "s", name, 0, 0),
	SD_BUS_PROPERTY("Id", "ay", id, 0, 0),
	SD_BUS_VTABLE_END,
};

static int serve(sd_bus *bus)
{
	int ret = 1;

	while (ret >= 0) {
		ret = sd_bus_process(bus, NULL);
		if (!ret)
			ret = sd_bus_wait(bus, UINT64_MAX);
	}
	return ret;
}

int main(int argc, char **argv)
{
	uint32_t leader = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	sd_bus *bus = NULL;
	int ret = sd_bus_open_system(&bus);

	if (ret >= 0)
		ret = sd_bus_add_object_vtable(
			bus, NULL, PATH, "org.freedesktop.machine1.Manager",
			manager, &leader);
	if (ret >= 0)
		ret = sd_bus_add_object_vtable(
			bus, NULL, PATH "/machine/web",
			"org.freedesktop.machine1.Machine", machine, NULL);
	if (ret >= 0)
		ret = sd_bus_request_name(bus, "org.freedesktop.machine1", 0);
	if (ret >= 0) {
		puts("ready");
		fflush(stdout);
		ret = serve(bus);
	}
	sd_bus_unref(bus);
	return ret < 0;
}
