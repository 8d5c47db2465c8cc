// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A line a VM: id and pid, hash of the rule, what was changed by hand, name, and the
 * rule's name, which may have spaces.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "applied.h"

#define LINE_LEN 512

static void file_close(FILE **file)
{
	if (*file)
		fclose(*file);
}

static bool line_get(const char *line, const struct pvsched_vm_info *vm,
		     struct ruling *ruling)
{
	struct ruling found = { 0 };
	uint32_t id, pid;
	int name;

	if (sscanf(line, "%" SCNu32 " %" SCNu32 " %" SCNx32 " %" SCNx32 " %n",
		   &id, &pid, &found.hash, &found.by_hand, &name) < 4 ||
	    id != vm->id || pid != vm->pid)
		return false;
	line += name;
	if (strncmp(line, vm->name, strlen(vm->name)) ||
	    line[strlen(vm->name)] != '\t')
		return false;
	line += strlen(vm->name) + 1;
	snprintf(found.rule, sizeof(found.rule), "%.*s",
		 (int)strcspn(line, "\n"), line);
	*ruling = found;
	return found.rule[0];
}

bool applied_get(const char *path, const struct pvsched_vm_info *vm,
		 struct ruling *ruling)
{
	FILE *file __attribute__((cleanup(file_close))) = fopen(path, "re");
	char line[LINE_LEN];

	while (file && fgets(line, sizeof(line), file))
		if (line_get(line, vm, ruling))
			return true;
	return false;
}

static int lines_put(FILE *file, const struct world *world)
{
	size_t i;

	for (i = 0; i < world->count; i++) {
		const struct vm *vm = world->vm[i];

		if (vm->ruling.rule[0])
			fprintf(file,
				"%" PRIu32 " %" PRIu32 " %" PRIx32 " %" PRIx32
				" %s\t%s\n",
				vm->info.id, vm->info.pid, vm->ruling.hash,
				vm->ruling.by_hand, vm->info.name,
				vm->ruling.rule);
	}
	return ferror(file) ? -EIO : 0;
}

int applied_put(const char *path, const struct world *world)
{
	char new[4096];
	FILE *file;
	int err;

	snprintf(new, sizeof(new), "%s.new", path);
	file = fopen(new, "we");
	if (!file)
		return -errno;
	err = lines_put(file, world);
	if (fclose(file) && !err)
		err = -errno;
	/* It is of this boot only, so a crash of the host does not matter. */
	if (!err && rename(new, path))
		err = -errno;
	return err;
}
