// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "identity.h"
#include "util.h"

#define CMDLINE_MAX  32768
#define DOMAIN_MAX   65536
#define LIBVIRT_QEMU "run/libvirt/qemu"
#define UUID_LEN     36

/* Bytes read, without those that there is no room for; 0 if there are none. */
static size_t file_read(int root, const char *path, char *text, size_t size)
{
	_cleanup_(fd_close) int fd = openat(root, path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t got = 1;

	text[0] = '\0';
	if (fd < 0)
		return 0;
	while (len + 1 < size && got > 0) {
		got = read(fd, text + len, size - 1 - len);
		if (got > 0)
			len += got;
	}
	text[len] = '\0';
	return len;
}

/* Somebody else's text: printable, and no more than there is room for. */
static void text_take(char *to, size_t size, const char *from, size_t len)
{
	size_t i;

	for (i = 0; i < len && i + 1 < size && from[i]; i++)
		to[i] = isprint((unsigned char)from[i]) ? from[i] : '?';
	to[i] = '\0';
}

void identity_name(struct identity *id, const char *text)
{
	text_take(id->name, sizeof(id->name), text, strlen(text));
}

void identity_uuid(struct identity *id, const char *text)
{
	size_t i;

	for (i = 0; i < UUID_LEN; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return;
	}
	for (i = 0; i < UUID_LEN; i++)
		id->uuid[i] = tolower((unsigned char)text[i]);
	id->uuid[i] = '\0';
}

/* QEMU's -name: "web", "web,process=x", "guest=web,debug-threads=on". */
static void name_take(struct identity *id, const char *text)
{
	const char *guest = strstr(text, "guest=");

	if (guest && (guest == text || guest[-1] == ','))
		text = guest + strlen("guest=");
	else if (strchr(text, '=') && strcspn(text, "=") < strcspn(text, ","))
		return;
	text_take(id->name, sizeof(id->name), text, strcspn(text, ","));
}

/* .../pvsched/web.sock, the socket of the device, in whatever option. */
static void socket_take(struct identity *id, const char *text)
{
	const char *at = strstr(text, "/pvsched/");
	size_t len;

	if (!at || id->name[0])
		return;
	at += strlen("/pvsched/");
	len = strcspn(at, "/,");
	if (len > 5 && !memcmp(at + len - 5, ".sock", 5))
		text_take(id->name, sizeof(id->name), at, len - 5);
}

void identity_cmdline(struct identity *id, const char *text, size_t len)
{
	const char *before = "", *end = text + len;

	/* The last argument may lack its end. */
	for (; text < end && memchr(text, '\0', end - text);
	     before = text, text += strlen(text) + 1) {
		if (!strcmp(before, "-name") || !strcmp(before, "--name"))
			name_take(id, text);
		else if (!strcmp(before, "-uuid") || !strcmp(before, "--uuid"))
			identity_uuid(id, text);
		else
			socket_take(id, text);
	}
}

/* "0::/machine.slice/web.scope", of the unified hierarchy. */
static void cgroup_take(struct identity *id, const char *text)
{
	const char *line = text;

	while (line && strncmp(line, "0::", 3)) {
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	if (line)
		text_take(id->cgroup, sizeof(id->cgroup), line + 3,
			  strcspn(line + 3, "\n"));
}

static void owner_take(struct identity *id, uint32_t uid)
{
	struct passwd entry, *found = NULL;
	char buffer[4096];

	if (!getpwuid_r(uid, &entry, buffer, sizeof(buffer), &found) && found)
		text_take(id->owner, sizeof(id->owner), entry.pw_name,
			  strlen(entry.pw_name));
	else
		snprintf(id->owner, sizeof(id->owner), "%u", uid);
}

static void process_look(struct identity *id, int root, uint32_t pid)
{
	_cleanup_(freep) char *text = malloc(CMDLINE_MAX);
	char path[64];
	size_t len;

	if (!text)
		return;
	snprintf(path, sizeof(path), "proc/%u/cmdline", pid);
	len = file_read(root, path, text, CMDLINE_MAX);
	identity_cmdline(id, text, len);
	snprintf(path, sizeof(path), "proc/%u/cgroup", pid);
	if (file_read(root, path, text, CMDLINE_MAX))
		cgroup_take(id, text);
}

static void domain_take(struct identity *id, int dir, const char *name)
{
	_cleanup_(freep) char *text = malloc(DOMAIN_MAX);
	const char *uuid;
	char path[300];

	identity_name(id, name);
	snprintf(path, sizeof(path), "%s.xml", name);
	if (!text || !file_read(dir, path, text, DOMAIN_MAX))
		return;
	uuid = strstr(text, "<uuid>");
	if (uuid)
		identity_uuid(id, uuid + strlen("<uuid>"));
}

/* NAME.pid has the process, NAME.xml all about the domain. */
static void libvirt_look(struct identity *id, int root, uint32_t pid)
{
	int fd = openat(root, LIBVIRT_QEMU, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		fd_close(&fd);
		return;
	}
	while ((entry = readdir(dir))) {
		char *dot = strrchr(entry->d_name, '.');
		char text[32];

		if (!dot || strcmp(dot, ".pid") ||
		    !file_read(fd, entry->d_name, text, sizeof(text)) ||
		    strtoul(text, NULL, 10) != pid)
			continue;
		*dot = '\0';
		domain_take(id, fd, entry->d_name);
		break;
	}
	closedir(dir);
}

void identity_find(struct identity *id, int root, uint32_t pid, uint32_t uid)
{
	*id = (struct identity){ 0 };
	owner_take(id, uid);
	if (!pid)
		return;
	process_look(id, root, pid);
	libvirt_look(id, root, pid);
}
