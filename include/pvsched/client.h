/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libpvsched: the client of the kernel's netlink family "pvsched". See pvsched(3).
 *
 * No global state: all of it is in the objects that the caller owns. Threads may
 * use the library at the same time, each object by one thread at a time.
 *
 * Functions that can fail return 0, or a negative errno value and say why in a
 * struct pvsched_error; what they were to fill in is empty then.
 *
 * A newer library may know more members of a struct than the caller was compiled
 * with, or fewer. So where a struct may grow, at its end, the caller passes its
 * size, sizeof(struct ...), as for openat2(2): members that the library does not
 * know are 0, those that the caller does not know are left out. Structs that are
 * passed without a size never change. Arrays by cap, cause and histogram have
 * room for more than there are.
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

/* How many there are, for this header. */
#define PVSCHED_CAP_COUNT   (PVSCHED_CAP_MAX + 1)
#define PVSCHED_CAUSE_COUNT (PVSCHED_CAUSE_MAX + 1)

/* How many the structs have room for. */
#define PVSCHED_CAP_ROOM   32
#define PVSCHED_CAUSE_ROOM 32
#define PVSCHED_HIST_ROOM  8

/* A cap that does not bind at its level. */
#define PVSCHED_UNLIMITED UINT64_MAX

/**
 * struct pvsched_error - why something failed
 * @code: negative errno value
 * @refused: the kernel answered, and its answer was no
 * @text: what was tried, why it failed and, if known, what to do; if the kernel
 *	refused, its own words
 *
 * The caller's. It is written only when something fails.
 */
struct pvsched_error {
	int code;
	bool refused;
	char text[512];
};

struct pvsched_client;

/**
 * pvsched_client_open() - connect to the kernel
 * @client: set to a new client; pvsched_client_close() it
 * @error: why not
 *
 * Anybody may. The kernel's module has to be loaded, and this be the initial
 * network namespace.
 *
 * Return: 0, -ENOENT if the kernel has no such family, or another negative errno
 * value.
 */
int pvsched_client_open(struct pvsched_client **client,
			struct pvsched_error *error);

/**
 * pvsched_client_close() - end the connection, free the client
 * @client: it, or NULL
 */
void pvsched_client_close(struct pvsched_client *client);

/* How often something took how long; see struct pvsched_hist_info. */
enum pvsched_hist_id {
	PVSCHED_HIST_WAIT_URGENT,
	PVSCHED_HIST_EVENT_LATENCY,
	PVSCHED_HIST_BOOST_LENGTH,
	PVSCHED_HIST_DEBOOST_LATENCY,
	PVSCHED_HIST_COUNT,
};

/**
 * struct pvsched_hist_info - a histogram of times
 * @sum_ns: all of them together
 * @bucket: bucket n has how many took less than pvsched_hist_bound(n), and no
 *	less than that of the one before
 */
struct pvsched_hist_info {
	uint64_t sum_ns;
	uint64_t bucket[PVSCHED_HIST_BUCKETS];
};

/**
 * struct pvsched_stats_info - counters of a vCPU since it was registered, or of
 *	all vCPUs that a VM has or had
 * @boosts: boosts that began, by enum pvsched_cause
 * @deboosts: boosts that ended, likewise
 * @doorbells: rung by the guest
 * @doorbells_ignored: of these, beyond cap kicks
 * @spurious: boosts for an interrupt of which nothing urgent came
 * @throttles: boosts that a cap ended
 * @would_boost: boosts that a policy which only observes would have begun
 * @preempted_urgent: times that the CPU was taken from an urgent guest
 * @boosted_ns: time run while boosted
 * @waited_ns: time runnable but waiting for a CPU
 * @waited_urgent_ns: the same while the guest was urgent
 * @debt_ns: what is to be paid back; the only one that ever goes down
 * @hist: histograms, by enum pvsched_hist_id
 * @reserved: 0; for counters to come
 */
struct pvsched_stats_info {
	uint64_t boosts[PVSCHED_CAUSE_ROOM];
	uint64_t deboosts[PVSCHED_CAUSE_ROOM];
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
	struct pvsched_hist_info hist[PVSCHED_HIST_ROOM];
	uint64_t reserved[20];
};

/**
 * struct pvsched_vm_info - a VM, or a group of threads
 * @id: number
 * @name: unique among those that there are
 * @pid: of the VMM; 0 if the caller's pid namespace does not have it
 * @uid: whom it belongs to
 * @policy: what decides on its boosts
 * @protocol: what its guest speaks; empty if that was not negotiated yet
 * @protocol_version: of that
 * @vcpus: how many it has
 * @boosted: how many of them are boosted
 * @throttled: how many of them are throttled
 * @kind: enum pvsched_vm_kind
 * @stats: of all vCPUs that it has or had
 * @payback: boosted time is paid back
 */
struct pvsched_vm_info {
	uint32_t id;
	char name[PVSCHED_NAME_LEN];
	uint32_t pid;
	uint32_t uid;
	char policy[PVSCHED_POLICY_LEN];
	char protocol[PVSCHED_PROTOCOL_LEN];
	uint32_t protocol_version;
	uint32_t vcpus;
	uint32_t boosted;
	uint32_t throttled;
	uint32_t kind;
	struct pvsched_stats_info stats;
	bool payback;
};

/**
 * struct pvsched_policy_info - a policy
 * @name: unique
 * @protocol: what a guest has to speak for it; empty: anything
 * @protocol_version: of that
 * @module: who brought it; empty if it is always there
 * @vms: how many of the VMs that the caller may see have it
 * @faults: answers of it that made no sense
 */
struct pvsched_policy_info {
	char name[PVSCHED_POLICY_LEN];
	char protocol[PVSCHED_PROTOCOL_LEN];
	uint32_t protocol_version;
	char module[64];
	uint32_t vms;
	uint64_t faults;
};

/**
 * struct pvsched_binding_info - what binds a vCPU
 * @value: of the cap, in its unit; PVSCHED_UNLIMITED: the kernel does not know the
 *	cap, so that it binds nobody
 * @level: whose cap it is
 */
struct pvsched_binding_info {
	uint64_t value;
	enum pvsched_cap_level level;
};

/**
 * struct pvsched_vcpu_info - a vCPU
 * @vm: name of its VM
 * @vm_id: number of its VM
 * @id: KVM's
 * @bound: its thread is known, so @cpu and what begins with baseline are, too
 * @tid: of the thread; 0 if not known, or not in the caller's pid namespace
 * @cpu: where the thread runs or ran last
 * @state: enum pvsched_vcpu_state
 * @flags: of enum pvsched_vcpu_flags
 * @baseline_policy: SCHED_*, what the thread has without a boost
 * @baseline_nice: likewise
 * @baseline_rtprio: likewise
 * @current: level of what the guest runs
 * @waiter: level of the most urgent task that waits for the vCPU; 0: none
 * @sleeper: level of the most urgent task that sleeps on it; 0: none
 * @granted: level that it is boosted to; 0: it is not
 * @cause: enum pvsched_cause, why; if it is boosted
 * @binding: what binds it, by enum pvsched_cap_id
 * @share: of the CPU, in 1/1024; 0: it does not pay back
 * @stats: counters
 * @time_ns: when all of this was so, CLOCK_MONOTONIC: boosts of earlier events are
 *	in @stats, those of later ones are not; 0 if the kernel does not tell
 */
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
	struct pvsched_binding_info binding[PVSCHED_CAP_ROOM];
	uint32_t share;
	struct pvsched_stats_info stats;
	uint64_t time_ns;
};

/* Lists. Their arrays belong to them: free the list, not the array. */

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

/**
 * pvsched_vms_get() - ask for VMs
 * @client: of pvsched_client_open()
 * @name: of one, or NULL for all that the caller may see
 * @vms: filled in; pvsched_vms_free() it
 * @size: sizeof(struct pvsched_vm_info)
 * @error: why not
 *
 * One's own, or all with CAP_SYS_NICE, CAP_NET_ADMIN or CAP_SYS_RESOURCE. A dump
 * under which VMs came or went is asked for again, up to eight times; whatever
 * stayed is in it once in any case.
 *
 * Return: 0, -ENOENT if there is no VM @name, or another negative errno value.
 */
int pvsched_vms_get(struct pvsched_client *client, const char *name,
		    struct pvsched_vms *vms, size_t size,
		    struct pvsched_error *error);

/**
 * pvsched_vms_free() - free a list of VMs, which is empty then
 * @vms: filled in by the library, or all 0
 */
void pvsched_vms_free(struct pvsched_vms *vms);

/**
 * pvsched_vcpus_get() - ask for vCPUs, ordered by VM and id
 * @client: of pvsched_client_open()
 * @vm: of this VM, or NULL for those of all VMs that the caller may see
 * @vcpus: filled in; pvsched_vcpus_free() it
 * @size: sizeof(struct pvsched_vcpu_info)
 * @error: why not
 *
 * As pvsched_vms_get().
 *
 * Return: 0 or a negative errno value.
 */
int pvsched_vcpus_get(struct pvsched_client *client, const char *vm,
		      struct pvsched_vcpus *vcpus, size_t size,
		      struct pvsched_error *error);

/**
 * pvsched_vcpus_free() - free a list of vCPUs, which is empty then
 * @vcpus: filled in by the library, or all 0
 */
void pvsched_vcpus_free(struct pvsched_vcpus *vcpus);

/**
 * pvsched_policies_get() - ask for all policies
 * @client: of pvsched_client_open()
 * @policies: filled in; pvsched_policies_free() it
 * @size: sizeof(struct pvsched_policy_info)
 * @error: why not
 *
 * Return: 0 or a negative errno value.
 */
int pvsched_policies_get(struct pvsched_client *client,
			 struct pvsched_policies *policies, size_t size,
			 struct pvsched_error *error);

/**
 * pvsched_policies_free() - free a list of policies, which is empty then
 * @policies: filled in by the library, or all 0
 */
void pvsched_policies_free(struct pvsched_policies *policies);

/**
 * struct pvsched_vm_wish - what to set of a VM
 * @policy: name of its new policy; NULL: as it is
 * @has_payback: @payback is to be set
 * @payback: boosted time is paid back
 */
struct pvsched_vm_wish {
	const char *policy;
	bool has_payback;
	bool payback;
};

/**
 * pvsched_vm_set() - set all that a wish names, or nothing
 * @client: of pvsched_client_open()
 * @name: of the VM
 * @wish: what
 * @wish_size: sizeof(*@wish)
 * @vm: as it is afterwards
 * @vm_size: sizeof(*@vm)
 * @error: why not
 *
 * For the VM's owner, or with CAP_SYS_RESOURCE; switching payback off needs that.
 *
 * Return: 0, -E2BIG if @wish has something that the library does not know, or
 * another negative errno value.
 */
int pvsched_vm_set(struct pvsched_client *client, const char *name,
		   const struct pvsched_vm_wish *wish, size_t wish_size,
		   struct pvsched_vm_info *vm, size_t vm_size,
		   struct pvsched_error *error);

/**
 * pvsched_stats_boosts() - all boosts, for whatever cause
 * @stats: counters
 *
 * Return: how many.
 */
uint64_t pvsched_stats_boosts(const struct pvsched_stats_info *stats);

/**
 * pvsched_hist_bound() - what all times of a bucket are less than
 * @bucket: index
 *
 * Return: nanoseconds; UINT64_MAX for the last one, which has no bound.
 */
uint64_t pvsched_hist_bound(unsigned int bucket);

/**
 * pvsched_hist_count() - how many times a histogram has
 * @hist: it
 *
 * Return: how many.
 */
uint64_t pvsched_hist_count(const struct pvsched_hist_info *hist);

/**
 * pvsched_hist_average() - the average time
 * @hist: histogram
 *
 * Return: nanoseconds; 0 for an empty histogram.
 */
uint64_t pvsched_hist_average(const struct pvsched_hist_info *hist);

/**
 * pvsched_hist_quantile() - what so many times are less than
 * @hist: histogram
 * @thousandths: how many of them, 0 to 1000
 *
 * Return: the bound of a bucket, in nanoseconds; UINT64_MAX if there is none; 0
 * for an empty histogram.
 */
uint64_t pvsched_hist_quantile(const struct pvsched_hist_info *hist,
			       unsigned int thousandths);

/**
 * struct pvsched_target - whose caps
 * @vm: name of a VM; empty: the host
 * @has_vcpu: of one of its vCPUs
 * @vcpu: its id
 */
struct pvsched_target {
	char vm[PVSCHED_NAME_LEN];
	bool has_vcpu;
	uint32_t vcpu;
};

/**
 * struct pvsched_cap_info - a cap
 * @present: the kernel told it
 * @soft: what is enforced, in the unit of the cap, or PVSCHED_UNLIMITED
 * @hard: what bounds soft, likewise
 */
struct pvsched_cap_info {
	bool present;
	uint64_t soft;
	uint64_t hard;
};

/**
 * struct pvsched_caps_info - what a request about caps answers
 * @cap: as they are, by enum pvsched_cap_id
 * @old: as they were; only after setting
 * @has_binding: the target is a vCPU, so there is @binding
 * @binding: what binds it
 */
struct pvsched_caps_info {
	struct pvsched_cap_info cap[PVSCHED_CAP_ROOM];
	struct pvsched_cap_info old[PVSCHED_CAP_ROOM];
	bool has_binding;
	struct pvsched_binding_info binding[PVSCHED_CAP_ROOM];
};

/**
 * struct pvsched_cap_wish - a cap to set
 * @id: which; times are in microseconds, nice is 20 less the nice value
 * @has_soft: @soft is to be set
 * @has_hard: @hard is to be set
 * @soft: value or PVSCHED_UNLIMITED
 * @hard: likewise
 */
struct pvsched_cap_wish {
	enum pvsched_cap_id id;
	bool has_soft;
	bool has_hard;
	uint64_t soft;
	uint64_t hard;
};

/**
 * pvsched_caps_get() - ask for the caps of a target
 * @client: of pvsched_client_open()
 * @target: whose
 * @caps: filled in
 * @size: sizeof(*@caps)
 * @error: why not
 *
 * Return: 0 or a negative errno value.
 */
int pvsched_caps_get(struct pvsched_client *client,
		     const struct pvsched_target *target,
		     struct pvsched_caps_info *caps, size_t size,
		     struct pvsched_error *error);

/**
 * pvsched_caps_set() - set caps of a target, all or none
 * @client: of pvsched_client_open()
 * @target: whose
 * @wishes: which, and to what
 * @count: of these
 * @caps: those that were set, as they are and as they were
 * @size: sizeof(*@caps)
 * @error: why not
 *
 * For the owner of the VM. Raising hard, and the host, need CAP_SYS_RESOURCE.
 *
 * Return: 0 or a negative errno value.
 */
int pvsched_caps_set(struct pvsched_client *client,
		     const struct pvsched_target *target,
		     const struct pvsched_cap_wish *wishes, size_t count,
		     struct pvsched_caps_info *caps, size_t size,
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

/**
 * pvsched_host_get() - ask for the state of the host
 * @client: of pvsched_client_open()
 * @host: filled in
 * @size: sizeof(*@host)
 * @error: why not
 *
 * Return: 0 or a negative errno value.
 */
int pvsched_host_get(struct pvsched_client *client,
		     struct pvsched_host_info *host, size_t size,
		     struct pvsched_error *error);

/**
 * pvsched_host_enable() - the kill switch: allow boosts, or end all of them
 * @client: of pvsched_client_open()
 * @enabled: allow them; else the last thread has its baseline on return
 * @host: as it is afterwards
 * @size: sizeof(*@host)
 * @error: why not
 *
 * Needs CAP_SYS_RESOURCE.
 *
 * Return: 0 or a negative errno value.
 */
int pvsched_host_enable(struct pvsched_client *client, bool enabled,
			struct pvsched_host_info *host, size_t size,
			struct pvsched_error *error);

/**
 * pvsched_host_canary() - set how long boosts may keep ordinary work waiting
 * @client: of pvsched_client_open()
 * @ms: limit in milliseconds, 10 to 60000; 0: none
 * @host: as it is afterwards
 * @size: sizeof(*@host)
 * @error: why not
 *
 * Needs CAP_SYS_RESOURCE.
 *
 * Return: 0 or a negative errno value.
 */
int pvsched_host_canary(struct pvsched_client *client, uint32_t ms,
			struct pvsched_host_info *host, size_t size,
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
 * @time_ns: CLOCK_MONOTONIC; of a gap: when it was noticed, or that of the event
 *	which follows
 * @kind: enum pvsched_event_kind, what happened
 * @vm: empty: the host
 * @vm_id: only with @vm
 * @has_vcpu: it is about one vCPU
 * @vcpu: only with @has_vcpu
 * @pid: of the thread, if about a vCPU, or of the VMM; 0: not known
 * @level: granted; group boost only
 * @cause: likewise, enum pvsched_cause
 * @cpu: likewise, or, if waited_ns is not 0 or kind is recover, the canary's
 * @waited_ns: how long the canary waited; 0: it is not about it
 * @hold_ns: for how long boosts are held back; likewise
 * @cap: caps that were set, as they are now
 * @policy: name of the VM's new policy; empty: the event is not about that
 * @payback: of the VM; only for PVSCHED_EVENT_PAYBACK
 * @resync: not an event of the kernel: forget what was derived from all that came
 *	before, pvsched_monitor_vms() and pvsched_monitor_vcpus() have what there
 *	is; only with PVSCHED_MONITOR_RESYNC. Of the other members @time_ns counts
 * @gone: the kernel's module was unloaded, and all VMs are gone with it; only with
 *	@gap. The monitor hears when it is loaded again, and joins it: that is told
 *	as a gap without @gone, and with PVSCHED_MONITOR_RESYNC by a resync then
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
	struct pvsched_cap_info cap[PVSCHED_CAP_ROOM];
	char policy[PVSCHED_POLICY_LEN];
	bool payback;
	bool resync;
	bool gone;
};

struct pvsched_monitor;

/**
 * enum pvsched_monitor_flags - how to listen
 * @PVSCHED_MONITOR_RESYNC: begin with an event "resync", and have one after each
 *	loss. Whatever was lost, VMs and vCPUs are known then as they are, and what
 *	follows is in addition: a boost is either in the figures of its vCPU or told
 *	as an event, never both. That takes a dump, at most one in 100 ms; until
 *	then, what is lost is told as a gap. Events of group config that happen
 *	during the dump may be told although it has what they tell
 */
enum pvsched_monitor_flags {
	PVSCHED_MONITOR_RESYNC = 1,
};

/**
 * typedef pvsched_event_fn - take an event
 * @event: the library's, until the function returns
 * @arg: of pvsched_monitor_read()
 *
 * Return: true to go on; false to stop listening: what has arrived with the event
 * is lost.
 */
typedef bool (*pvsched_event_fn)(const struct pvsched_event *event, void *arg);

/**
 * pvsched_monitor_open() - listen to events
 * @monitor: set to a new monitor; pvsched_monitor_close() it
 * @groups: which, bits by enum pvsched_group
 * @flags: of enum pvsched_monitor_flags
 * @size: sizeof(struct pvsched_event)
 * @error: why not
 *
 * Needs CAP_NET_ADMIN.
 *
 * Return: 0, -EPERM, or another negative errno value.
 */
int pvsched_monitor_open(struct pvsched_monitor **monitor, unsigned int groups,
			 unsigned int flags, size_t size,
			 struct pvsched_error *error);

/**
 * pvsched_monitor_close() - stop listening, free the monitor
 * @monitor: it, or NULL
 */
void pvsched_monitor_close(struct pvsched_monitor *monitor);

/**
 * pvsched_monitor_fd() - what becomes readable when there is something to read
 * @monitor: of pvsched_monitor_open()
 *
 * For poll(2) and the like, level-triggered.
 *
 * Return: a descriptor, the library's; it is not to be read, nor closed.
 */
int pvsched_monitor_fd(const struct pvsched_monitor *monitor);

/**
 * pvsched_monitor_read() - hand over what has arrived
 * @monitor: of pvsched_monitor_open()
 * @fn: called for each event
 * @arg: for @fn
 * @error: why not
 *
 * Does not wait for events. If a dump fails, or to find out what the module's family
 * is after a loss, it is tried again with a later call; the descriptor becomes
 * readable for that.
 *
 * Return: 0 or a negative errno value: -EPERM if the module was loaded anew and the
 * caller may not listen any more.
 */
int pvsched_monitor_read(struct pvsched_monitor *monitor, pvsched_event_fn fn,
			 void *arg, struct pvsched_error *error);

/**
 * pvsched_monitor_vms() - the VMs as of the last event "resync"
 * @monitor: of pvsched_monitor_open()
 * @vms: filled in; pvsched_vms_free() it
 * @size: sizeof(struct pvsched_vm_info)
 * @error: why not
 *
 * None without PVSCHED_MONITOR_RESYNC.
 *
 * Return: 0 or a negative errno value.
 */
int pvsched_monitor_vms(const struct pvsched_monitor *monitor,
			struct pvsched_vms *vms, size_t size,
			struct pvsched_error *error);

/**
 * pvsched_monitor_vcpus() - the vCPUs as of the last event "resync"
 * @monitor: of pvsched_monitor_open()
 * @vcpus: filled in, ordered by number of VM and id; pvsched_vcpus_free() it
 * @size: sizeof(struct pvsched_vcpu_info)
 * @error: why not
 *
 * The boosts in a vCPU's stats plus the events "boost" that follow are its boosts,
 * exactly. (A few boosts end without an event: those of a thread that exits, or
 * that somebody else gives another scheduling.)
 *
 * Return: 0 or a negative errno value.
 */
int pvsched_monitor_vcpus(const struct pvsched_monitor *monitor,
			  struct pvsched_vcpus *vcpus, size_t size,
			  struct pvsched_error *error);

/*
 * Names, as the command has them. Static; "unknown" for a number that the library
 * does not know, never NULL.
 */
const char *pvsched_cap_name(unsigned int id);
const char *pvsched_cap_level_name(unsigned int level);
const char *pvsched_cause_name(unsigned int cause);
const char *pvsched_kind_name(unsigned int kind);
const char *pvsched_state_name(unsigned int state);
const char *pvsched_event_name(unsigned int kind);
const char *pvsched_group_name(unsigned int group);
const char *pvsched_hist_name(unsigned int id);

/**
 * pvsched_cap_is_time() - is a cap a time?
 * @id: enum pvsched_cap_id
 *
 * Return: whether its unit is the microsecond.
 */
bool pvsched_cap_is_time(unsigned int id);

/**
 * pvsched_cap_nice() - what a value of cap nice means
 * @value: of the cap
 *
 * Return: a nice value; 20: no boost.
 */
int pvsched_cap_nice(uint64_t value);

/* Room for any text of the functions below. */
#define PVSCHED_TEXT_LEN 32

/**
 * pvsched_level_text() - a level as chrt(1) and nice(1) would say it
 * @level: of linux/pvsched.h
 * @text: room for PVSCHED_TEXT_LEN
 *
 * Return: @text.
 */
const char *pvsched_level_text(unsigned int level, char *text);

/**
 * pvsched_baseline_text() - what the thread of a vCPU has without a boost
 * @vcpu: which; it is bound
 * @text: room for PVSCHED_TEXT_LEN
 *
 * Return: @text.
 */
const char *pvsched_baseline_text(const struct pvsched_vcpu_info *vcpu,
				  char *text);

/**
 * pvsched_cap_text() - a cap's value, as the command line takes it
 * @id: enum pvsched_cap_id
 * @value: in its unit
 * @text: room for PVSCHED_TEXT_LEN
 *
 * Return: @text.
 */
const char *pvsched_cap_text(unsigned int id, uint64_t value, char *text);

/**
 * pvsched_time_text() - a time that was measured
 * @ns: nanoseconds
 * @text: room for PVSCHED_TEXT_LEN
 *
 * Return: @text.
 */
const char *pvsched_time_text(uint64_t ns, char *text);

#ifdef __cplusplus
}
#endif

#endif /* PVSCHED_CLIENT_H */
