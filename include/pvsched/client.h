/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The client of the kernel's netlink family "pvsched".
 *
 * All state is in the objects that the caller owns. Functions that can fail
 * return 0, or a negative errno value and say why in a struct pvsched_error.
 */
#ifndef PVSCHED_CLIENT_H
#define PVSCHED_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/pvsched.h>
#include <linux/pvsched_netlink.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PVSCHED_CAP_COUNT   (PVSCHED_CAP_MAX + 1)
#define PVSCHED_CAUSE_COUNT (PVSCHED_CAUSE_MAX + 1)

/* A cap that does not bind at its level. */
#define PVSCHED_UNLIMITED UINT64_MAX

/**
 * struct pvsched_error - why something failed
 * @code: negative errno value
 * @refused: the kernel answered, and its answer was no
 * @text: what was tried, why it failed and, if known, what to do
 */
struct pvsched_error {
	int code;
	bool refused;
	char text[512];
};

struct pvsched_client;

int pvsched_client_open(struct pvsched_client **client,
			struct pvsched_error *error);
void pvsched_client_close(struct pvsched_client *client);

/* How often something took how long; see struct pvsched_hist_info. */
enum pvsched_hist_id {
	PVSCHED_HIST_WAIT_URGENT,
	PVSCHED_HIST_EVENT_LATENCY,
	PVSCHED_HIST_BOOST_LENGTH,
	PVSCHED_HIST_DEBOOST_LATENCY,
	PVSCHED_HIST_COUNT,
};

/* Bucket n has what took less than pvsched_hist_bound(n). */
struct pvsched_hist_info {
	uint64_t sum_ns;
	uint64_t bucket[PVSCHED_HIST_BUCKETS];
};

/* Of a vCPU, or of all vCPUs that a VM has or had. */
struct pvsched_stats_info {
	uint64_t boosts[PVSCHED_CAUSE_COUNT];
	uint64_t deboosts[PVSCHED_CAUSE_COUNT];
	uint64_t doorbells;
	uint64_t doorbells_ignored;
	uint64_t spurious;
	uint64_t throttles;
	uint64_t would_boost;
	uint64_t preempted_urgent;
	uint64_t boosted_ns;
	uint64_t waited_ns;
	uint64_t waited_urgent_ns;
	uint64_t debt_ns;
	struct pvsched_hist_info hist[PVSCHED_HIST_COUNT];
};

/* One VM, or group of threads. pid is 0 if the caller's pid namespace does not have it. */
struct pvsched_vm_info {
	uint32_t id;
	char name[PVSCHED_NAME_LEN];
	uint32_t pid;
	uint32_t uid;
	char policy[PVSCHED_POLICY_LEN];
	char protocol[PVSCHED_PROTOCOL_LEN]; /* empty: not negotiated yet */
	uint32_t protocol_version;
	uint32_t vcpus;
	uint32_t boosted;
	uint32_t throttled;
	uint32_t kind;
	struct pvsched_stats_info stats;
	bool payback;
};

/* One policy. module is empty if it is always there, protocol if it serves any. */
struct pvsched_policy_info {
	char name[PVSCHED_POLICY_LEN];
	char protocol[PVSCHED_PROTOCOL_LEN];
	uint32_t protocol_version;
	char module[64];
	uint32_t vms;
	uint64_t faults;
};

/* What binds a vCPU, and whose cap it is. */
struct pvsched_binding_info {
	uint64_t value;
	enum pvsched_cap_level level;
};

/* One vCPU. bound: the thread is known, so tid, cpu and baseline are. */
struct pvsched_vcpu_info {
	char vm[PVSCHED_NAME_LEN];
	uint32_t vm_id;
	uint32_t id;
	bool bound;
	uint32_t tid;
	uint32_t cpu;
	uint32_t state;
	uint32_t flags;
	uint32_t baseline_policy;
	int32_t baseline_nice;
	uint32_t baseline_rtprio;
	uint32_t current;
	uint32_t waiter;
	uint32_t sleeper;
	uint32_t granted;
	uint32_t cause;
	struct pvsched_binding_info binding[PVSCHED_CAP_COUNT];
	uint32_t share; /* 1/1024; 0: does not pay back */
	struct pvsched_stats_info stats;
};

struct pvsched_vms {
	struct pvsched_vm_info *vm;
	size_t count;
};

struct pvsched_policies {
	struct pvsched_policy_info *policy;
	size_t count;
};

struct pvsched_vcpus {
	struct pvsched_vcpu_info *vcpu;
	size_t count;
};

/* name: one VM, or NULL for all that the caller may see. */
int pvsched_vms_get(struct pvsched_client *client, const char *name,
		    struct pvsched_vms *vms, struct pvsched_error *error);
void pvsched_vms_free(struct pvsched_vms *vms);
int pvsched_vcpus_get(struct pvsched_client *client, const char *vm,
		      struct pvsched_vcpus *vcpus, struct pvsched_error *error);
void pvsched_vcpus_free(struct pvsched_vcpus *vcpus);

int pvsched_policies_get(struct pvsched_client *client,
			 struct pvsched_policies *policies,
			 struct pvsched_error *error);
void pvsched_policies_free(struct pvsched_policies *policies);

/* What to set of a VM; what is not there stays as it is. */
struct pvsched_vm_wish {
	const char *policy; /* NULL: as it is */
	bool has_payback;
	bool payback;
};

/* vm: as it is afterwards. */
int pvsched_vm_set(struct pvsched_client *client, const char *name,
		   const struct pvsched_vm_wish *wish,
		   struct pvsched_vm_info *vm, struct pvsched_error *error);

uint64_t pvsched_stats_boosts(const struct pvsched_stats_info *stats);

/* Times are ns; UINT64_MAX: no bound, the last bucket has none. */
uint64_t pvsched_hist_bound(unsigned int bucket);
uint64_t pvsched_hist_count(const struct pvsched_hist_info *hist);
uint64_t pvsched_hist_average(const struct pvsched_hist_info *hist);
/* So many thousandths took less than that; 0 for an empty histogram. */
uint64_t pvsched_hist_quantile(const struct pvsched_hist_info *hist,
			       unsigned int thousandths);

/* Whose caps. The host: vm is empty. A VM: has_vcpu is not set. */
struct pvsched_target {
	char vm[PVSCHED_NAME_LEN];
	bool has_vcpu;
	uint32_t vcpu;
};

struct pvsched_cap_info {
	bool present;
	uint64_t soft;
	uint64_t hard;
};

/* What a request about caps answers; old only after setting. */
struct pvsched_caps_info {
	struct pvsched_cap_info cap[PVSCHED_CAP_COUNT];
	struct pvsched_cap_info old[PVSCHED_CAP_COUNT];
	bool has_binding;
	struct pvsched_binding_info binding[PVSCHED_CAP_COUNT];
};

/* One cap to set; what is not there stays as it is. */
struct pvsched_cap_wish {
	enum pvsched_cap_id id;
	bool has_soft;
	bool has_hard;
	uint64_t soft;
	uint64_t hard;
};

int pvsched_caps_get(struct pvsched_client *client,
		     const struct pvsched_target *target,
		     struct pvsched_caps_info *caps,
		     struct pvsched_error *error);
int pvsched_caps_set(struct pvsched_client *client,
		     const struct pvsched_target *target,
		     const struct pvsched_cap_wish *wishes, size_t count,
		     struct pvsched_caps_info *caps,
		     struct pvsched_error *error);

/**
 * struct pvsched_host_info - the host as a whole
 * @enabled: there may be boosts
 * @has_boosted: the caller may know how many there are
 * @boosted: vCPUs that are boosted now
 * @held: the canary holds boosts back
 * @canary_ms: its limit; 0: it is off
 * @canary_trips: how often it stopped boosts
 * @ended: boosts that the request has ended
 * @has_ended_ns: all of them were ended before the answer
 * @ended_ns: how long that took, for the kernel
 */
struct pvsched_host_info {
	bool enabled;
	bool has_boosted;
	uint32_t boosted;
	bool held;
	uint32_t canary_ms;
	uint64_t canary_trips;
	uint32_t ended;
	bool has_ended_ns;
	uint64_t ended_ns;
};

int pvsched_host_get(struct pvsched_client *client,
		     struct pvsched_host_info *host,
		     struct pvsched_error *error);
/* Returns when the last thread has its baseline, if enabled is not set. */
int pvsched_host_enable(struct pvsched_client *client, bool enabled,
			struct pvsched_host_info *host,
			struct pvsched_error *error);

int pvsched_host_canary(struct pvsched_client *client, uint32_t ms,
			struct pvsched_host_info *host,
			struct pvsched_error *error);

enum pvsched_group {
	PVSCHED_GROUP_CONFIG,
	PVSCHED_GROUP_BOOST,
	PVSCHED_GROUP_COUNT,
};

/**
 * struct pvsched_event - one event, or a gap
 * @group: whose event
 * @gap: events were lost: lost of them, or an unknown number if that is 0, in
 *	which case the group is not known either
 * @lost: see @gap
 * @seq: number in its group
 * @time_ns: CLOCK_MONOTONIC
 * @kind: what happened
 * @vm: empty: the host
 * @vm_id: only with @vm
 * @has_vcpu: it is about one vCPU
 * @vcpu: only with @has_vcpu
 * @pid: of the thread, if about a vCPU, or of the VMM; 0: not known
 * @level: granted; group boost only
 * @cause: likewise
 * @cpu: likewise, or, if waited_ns is not 0 or kind is recover, the canary's
 * @waited_ns: how long the canary waited; 0: it is not about it
 * @hold_ns: for how long boosts are held back; likewise
 * @cap: caps that were set, as they are now
 * @policy: name of the VM's new policy; empty: the event is not about that
 * @payback: of the VM; only for PVSCHED_EVENT_PAYBACK
 */
struct pvsched_event {
	enum pvsched_group group;
	bool gap;
	uint64_t lost;
	uint64_t seq;
	uint64_t time_ns;
	uint32_t kind;
	char vm[PVSCHED_NAME_LEN];
	uint32_t vm_id;
	bool has_vcpu;
	uint32_t vcpu;
	uint32_t pid;
	uint32_t level;
	uint32_t cause;
	uint32_t cpu;
	uint64_t waited_ns;
	uint64_t hold_ns;
	struct pvsched_cap_info cap[PVSCHED_CAP_COUNT];
	char policy[PVSCHED_POLICY_LEN];
	bool payback;
};

struct pvsched_monitor;

/* Return: true to go on, false to stop reading. */
typedef bool (*pvsched_event_fn)(const struct pvsched_event *event, void *arg);

/* groups: bits by enum pvsched_group. */
int pvsched_monitor_open(struct pvsched_monitor **monitor, unsigned int groups,
			 struct pvsched_error *error);
void pvsched_monitor_close(struct pvsched_monitor *monitor);
int pvsched_monitor_fd(const struct pvsched_monitor *monitor);
/* Hands over what has arrived; never blocks. */
int pvsched_monitor_read(struct pvsched_monitor *monitor, pvsched_event_fn fn,
			 void *arg, struct pvsched_error *error);

/* Names; never NULL. */
const char *pvsched_cap_name(unsigned int id);
bool pvsched_cap_is_time(unsigned int id);
int pvsched_cap_nice(uint64_t value);
const char *pvsched_cap_level_name(unsigned int level);
const char *pvsched_cause_name(unsigned int cause);
const char *pvsched_kind_name(unsigned int kind);
const char *pvsched_state_name(unsigned int state);
const char *pvsched_event_name(unsigned int kind);
const char *pvsched_group_name(unsigned int group);
const char *pvsched_hist_name(unsigned int id);

/* Text into a buffer of the caller's, which is returned. */
#define PVSCHED_TEXT_LEN 32
const char *pvsched_level_text(unsigned int level, char *text);
const char *pvsched_baseline_text(const struct pvsched_vcpu_info *vcpu,
				  char *text);
const char *pvsched_cap_text(unsigned int id, uint64_t value, char *text);
const char *pvsched_time_text(uint64_t ns, char *text);

#ifdef __cplusplus
}
#endif

#endif /* PVSCHED_CLIENT_H */
