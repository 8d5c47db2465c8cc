/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pvsched doctor: is this host ready, and what is to do?
 *
 * A check adds findings. Whatever it reads of the system it reads below a
 * directory, so that the tests can show it another system.
 */
#ifndef PVSCHED_TOOLS_DOCTOR_H
#define PVSCHED_TOOLS_DOCTOR_H

#include <stdio.h>

#include <pvsched/client.h>

enum finding_status {
	FINDING_OK,
	FINDING_NOTE, /* works, but not as well as it could */
	FINDING_BAD,  /* does not work */
};

#define FINDING_TEXT_LEN 512

/* advice is empty where nothing is to do. */
struct finding {
	enum finding_status status;
	char check[16];
	char text[FINDING_TEXT_LEN];
	char advice[FINDING_TEXT_LEN];
};

/**
 * struct doctor - a system, and what was found
 * @root: descriptor of the directory that stands for "/"; the caller's
 * @release: of its kernel
 * @finding: found so far; doctor_free() frees them
 * @count: how many
 * @incomplete: memory ran out for at least one
 */
struct doctor {
	int root;
	char release[65];
	struct finding *finding;
	size_t count;
	bool incomplete;
};

/* advice may be NULL. */
__attribute__((format(printf, 5, 6))) void
doctor_add(struct doctor *doctor, enum finding_status status, const char *check,
	   const char *advice, const char *fmt, ...);
void doctor_free(struct doctor *doctor);

/* For people, and for programs; the latter is the caller's to release. */
struct json_object;
void doctor_print(const struct doctor *doctor, FILE *to);
struct json_object *doctor_json(const struct doctor *doctor);

/* doctor_host.c */
void doctor_check_kernel(struct doctor *doctor);
void doctor_check_kvm(struct doctor *doctor);
void doctor_check_module(struct doctor *doctor);
void doctor_check_throttling(struct doctor *doctor);
void doctor_check_boosts(struct doctor *doctor,
			 const struct pvsched_host_info *host);

/*
 * doctor_vmm.c. version and devices: what "qemu-system-x86_64 --version" and
 * "-device help" print, NULL if it cannot be run. vms and vcpus: what the kernel
 * has.
 */
void doctor_check_qemu(struct doctor *doctor, const char *version,
		       const char *devices);
void doctor_check_vms(struct doctor *doctor, const struct pvsched_vms *vms,
		      const struct pvsched_vcpus *vcpus);

#endif /* PVSCHED_TOOLS_DOCTOR_H */
