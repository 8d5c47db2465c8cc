/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON of what the kernel told. tools/schema describes it; members are only
 * ever added, or else "schema" changes.
 */
#ifndef PVSCHED_TOOLS_JSON_H
#define PVSCHED_TOOLS_JSON_H

#include <stdio.h>

#include <json-c/json.h>

#include <pvsched/client.h>

#include "capchange.h"
#include "eventfilter.h"
#include "past.h"
#include "rates.h"

#define JSON_SCHEMA 1

/* Each returns a new object, or NULL when out of memory. */
struct json_object *json_document(void);
struct json_object *json_host(const struct pvsched_host_info *host);
struct json_object *json_host_set(const struct pvsched_host_info *host);
struct json_object *json_level(uint32_t level);
/* An array that is there only when it is printed: nobody else finds anything in it. */
struct json_object *json_buckets(const struct pvsched_hist_info *hist);
struct json_object *json_vm(const struct pvsched_vm_info *vm,
			    const struct pvsched_vcpus *vcpus);
struct json_object *json_list(const struct pvsched_host_info *host,
			      const struct pvsched_vms *vms,
			      const struct pvsched_vcpus *vcpus);
struct json_object *json_show(const struct pvsched_vm_info *vm,
			      const struct pvsched_vcpus *vcpus);
struct json_object *json_policies(const struct pvsched_policies *policies);
struct json_object *json_policy(const struct pvsched_policy_info *policy);
struct json_object *json_vm_set(const struct pvsched_vm_info *vm);
struct json_object *json_caps_get(const struct pvsched_target *target,
				  const struct pvsched_caps_info *caps);
/* Of several targets, each with its caps. */
struct json_object *json_caps_get_all(const struct pvsched_target *targets,
				      const struct pvsched_caps_info *caps,
				      size_t count);
struct json_object *json_caps_set(const struct cap_changes *changes);
struct json_object *json_caps(const struct pvsched_cap_info *caps);
/* interval_ns: in which the statistics have grown so much; 0: always. */
struct json_object *json_stats(const struct sample *sample,
			       uint64_t interval_ns);
/* Of a history: what it has. */
struct json_object *json_stats_since(const struct sample *growth,
				     const struct past_span *span);
struct json_object *json_event(const struct pvsched_event *event,
			       const struct event_clock *clock);
/* tid: by number, 0 where there is none */
struct json_object *json_attached(const char *name, bool threads, int pid,
				  const char *policy, const int *tid,
				  size_t count);
struct json_object *json_detached(const struct pvsched_target *target);
/* status: of wait(2); stats may be NULL */
struct json_object *json_ran(const char *name, int pid, int status,
			     unsigned int threads,
			     const struct pvsched_stats_info *stats);

/* Prints a document and releases it. Returns 0, or -1. */
int json_print(struct json_object *document, FILE *to);
int json_print_line(struct json_object *document, FILE *to);

#endif /* PVSCHED_TOOLS_JSON_H */
