// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * next-kernel - start another kernel from this one, by kexec
 *
 * usage: next-kernel now|crash KERNEL INITRAMFS COMMANDLINE
 *
 * now: at once, without asking any program to end. crash: only loads it, for when
 * this one panics; it needs memory that "crashkernel=" has set aside.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void need(int done, const char *what)
{
	if (done)
		return;
	fprintf(stderr, "next-kernel: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	need(fd >= 0, path);
	return fd;
}

int main(int argc, char **argv)
{
	int crash = argc == 5 && !strcmp(argv[1], "crash");

	if (argc != 5 || (!crash && strcmp(argv[1], "now"))) {
		fputs("usage: next-kernel now|crash KERNEL INITRAMFS COMMANDLINE\n",
		      stderr);
		return 1;
	}
	need(!syscall(SYS_kexec_file_load, open_read(argv[2]),
		      open_read(argv[3]), strlen(argv[4]) + 1, argv[4],
		      crash ? KEXEC_FILE_ON_CRASH : 0),
	     "kexec_file_load");
	if (crash)
		return 0;
	sync();
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
		LINUX_REBOOT_CMD_KEXEC, NULL);
	need(0, "reboot");
}
