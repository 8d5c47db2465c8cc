/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Caps: how far a boost may go, with setrlimit(2)'s rules.
 *
 * Pure arithmetic, without kernel dependencies: the unit tests compile the same
 * file as the module.
 */
#ifndef PVSCHED_CAPS_H
#define PVSCHED_CAPS_H

#include <linux/pvsched_netlink.h>
#include <linux/types.h>

/* No bound at this level; as RLIM_INFINITY. */
#define PVSCHED_CAP_UNLIMITED (~0ULL)

/* 99 stays with the host's own workers, which must always be able to run. */
#define PVSCHED_RTPRIO_MAX 98

/* Longest runtime, period and slice: one second, in microseconds. */
#define PVSCHED_TIME_MAX 1000000ULL

/* Nice -20, as 20 - nice: the cap's units are those of RLIMIT_NICE. */
#define PVSCHED_NICE_MAX 40

/* Most doorbells a second that a cap may allow. */
#define PVSCHED_KICKS_MAX 1000000ULL

/* More vCPUs than a VM has. */
#define PVSCHED_VCPUS_MAX 4096

/* A shorter period would mean more timer work than boosting. */
#define PVSCHED_PERIOD_MIN 1000ULL

#define PVSCHED_CAP_COUNT  (PVSCHED_CAP_MAX + 1)

/**
 * struct pvsched_cap - one bound
 * @soft: what is enforced
 * @hard: how far @soft may be raised
 */
struct pvsched_cap {
	__u64 soft;
	__u64 hard;
};

/* The caps of one level: the host, a VM or a vCPU. Index: enum pvsched_cap_id */
struct pvsched_caps {
	struct pvsched_cap cap[PVSCHED_CAP_COUNT];
};

/* What binds a vCPU: for each cap the smallest soft value of its levels. */
struct pvsched_limits {
	__u64 value[PVSCHED_CAP_COUNT];
};

/* Who asks for a change, and where. */
struct pvsched_cap_change {
	enum pvsched_cap_id id;
	enum pvsched_cap_level level;
	struct pvsched_cap to;
	bool privileged; /* may raise hard: CAP_SYS_RESOURCE */
	__u64 rlimit;	 /* for the others: what their process may set itself */
};

void pvsched_caps_host_default(struct pvsched_caps *caps);
void pvsched_caps_unlimited(struct pvsched_caps *caps);

const char *pvsched_cap_name(enum pvsched_cap_id id);
const char *pvsched_cap_level_name(enum pvsched_cap_level level);

int pvsched_caps_check(const struct pvsched_caps *caps,
		       const struct pvsched_cap_change *change,
		       const char **why, __u64 *bound);

void pvsched_limits_combine(struct pvsched_limits *out,
			    const struct pvsched_caps *host,
			    const struct pvsched_caps *vm,
			    const struct pvsched_caps *vcpu);
__u8 pvsched_boost_level(__u64 rtprio, __u64 nice, __u8 wanted, __u8 baseline);

#endif /* PVSCHED_CAPS_H */
