/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text of what the kernel told, for people.
 */
#ifndef PVSCHED_TOOLS_VIEW_H
#define PVSCHED_TOOLS_VIEW_H

#include <stdio.h>

#include <pvsched/client.h>

#include "capchange.h"
#include "eventfilter.h"
#include "rates.h"

/* Each returns 0, or -1 if memory ran out or printing failed. */
int view_list(const struct pvsched_host_info *host,
	      const struct pvsched_vms *vms, const struct pvsched_vcpus *vcpus,
	      FILE *to);
int view_canary(const struct pvsched_host_info *host, FILE *to);
int view_host_set(const struct pvsched_host_info *host, FILE *to);
int view_vm(const struct pvsched_vm_info *vm, const struct pvsched_vcpus *vcpus,
	    FILE *to);
int view_vm_set(const struct pvsched_vm_info *vm, FILE *to);
int view_policies(const struct pvsched_policies *policies, FILE *to);
int view_caps(const struct pvsched_caps_info *caps, FILE *to);
int view_caps_changes(const struct cap_changes *changes, FILE *to);
int view_event(const struct pvsched_event *event,
	       const struct event_clock *clock, FILE *to);
/* interval_ns: in which the statistics have grown so much; 0: always. */
int view_stats(const struct sample *sample, uint64_t interval_ns, FILE *to);

#endif /* PVSCHED_TOOLS_VIEW_H */
