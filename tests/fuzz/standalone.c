// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A fuzz target as a program that runs the files and folders it is given.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>

#define INPUT_MAX 0x10000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
	static uint8_t data[INPUT_MAX];
	FILE *f = fopen(path, "rb");
	size_t size;

	if (!f) {
		perror(path);
		return 1;
	}
	size = fread(data, 1, sizeof(data), f);
	fclose(f);
	LLVMFuzzerTestOneInput(data, size);
	printf("%s: %zu bytes\n", path, size);
	return 0;
}

static int run_path(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *e;
	char file[4096];
	int ret = 0;

	if (!dir)
		return run_file(path);
	while ((e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, e->d_name);
		ret |= run_file(file);
	}
	closedir(dir);
	return ret;
}

int main(int argc, char **argv)
{
	int i, ret = 0;

	for (i = 1; i < argc; i++)
		ret |= run_path(argv[i]);
	return ret;
}
