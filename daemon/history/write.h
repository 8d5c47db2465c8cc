/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeping the history.
 */
#ifndef PVSCHED_HISTORY_WRITE_H
#define PVSCHED_HISTORY_WRITE_H

#include <pvsched/client.h>

#include "history.h"

struct history;

/* When a sample was taken. */
struct history_time {
	uint64_t real_ns; /* CLOCK_REALTIME */
	uint64_t mono_ns; /* CLOCK_BOOTTIME */
	uint64_t boot;	  /* of the host's run, any number */
};

/*
 * Go on with a file that has room for so many VMs and vCPUs, or begin one, with all
 * the room that it will ever need. Returns 0 or a negative errno value, and why.
 */
int history_start(struct history **history, const char *path, uint32_t entries,
		  char *why);
void history_stop(struct history *history);

/* Somebody may have cut it short, and then to write to it is the end of the process. */
bool history_whole(const struct history *history);

/* A sample: begin, add VMs and vCPUs, end. */
void history_begin(struct history *history, const struct history_time *time);
void history_add_vm(struct history *history, const struct pvsched_vm_info *vm);
/* Its VM was added before. */
void history_add_vcpu(struct history *history,
		      const struct pvsched_vcpu_info *vcpu);
/* Returns how many did not fit. */
uint32_t history_end(struct history *history);

/* A number for the host's run: of the kernel's boot_id, "xxxxxxxx-...". */
uint64_t history_boot(const char *boot_id);

#endif
