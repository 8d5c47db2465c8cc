// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <inttypes.h>

#include "keeper.h"
#include "util.h"
#include "write.h"

static uint64_t boot_find(int root)
{
	_cleanup_(fd_close) int fd = openat(
		root, "proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	char text[64] = "";

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		return 0;
	return history_boot(text);
}

void keeper_init(struct keeper *k, const struct settings *settings, int root,
		 const struct log *log)
{
	char why[HISTORY_WHY_LEN];

	*k = (struct keeper){ .boot = boot_find(root) };
	if (!settings->history[0])
		return;
	if (history_start(&k->history, settings->history,
			  settings->history_entries, why))
		log_error(log, "history", "there will be no history: %s", why);
}

void keeper_exit(struct keeper *k)
{
	history_stop(k->history);
	*k = (struct keeper){ 0 };
}

static void full_tell(struct keeper *k, const struct log *log, uint32_t dropped)
{
	if (dropped && !k->full)
		log_warn(
			log, "history",
			"the history has no room for %" PRIu32
			" VMs and vCPUs: raise history-entries, and start anew",
			dropped);
	k->full = dropped;
}

void keeper_sample(struct keeper *k, const struct world *world,
		   const struct log *log)
{
	const struct history_time time = {
		.real_ns = clock_ns(CLOCK_REALTIME),
		.mono_ns = clock_ns(CLOCK_BOOTTIME),
		.boot = k->boot,
	};
	size_t i;

	if (!k->history)
		return;
	if (!history_whole(k->history)) {
		log_error(log, "history",
			  "there is no history from now on: it was cut short");
		keeper_exit(k);
		return;
	}
	history_begin(k->history, &time);
	/* Where there is no room for all, VMs rather than vCPUs. */
	for (i = 0; i < world->count; i++)
		history_add_vm(k->history, &world->vm[i]->info);
	for (i = 0; i < world->vcpus.count; i++)
		history_add_vcpu(k->history, &world->vcpus.vcpu[i]);
	full_tell(k, log, history_end(k->history));
}
