/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	include/netlink/pvsched.yaml */
/* YNL-GEN uapi header */

#ifndef _UAPI_LINUX_PVSCHED_NETLINK_H
#define _UAPI_LINUX_PVSCHED_NETLINK_H

#define PVSCHED_FAMILY_NAME	"pvsched"
#define PVSCHED_FAMILY_VERSION	1

#define PVSCHED_HIST_SHIFT	10
#define PVSCHED_HIST_BUCKETS	24

/**
 * enum pvsched_cap_id - What a cap bounds.
 * @PVSCHED_CAP_RTPRIO: The real-time priority that a boost may reach, 0 to 98;
 *   0 allows no real-time boost.
 * @PVSCHED_CAP_RUNTIME: Boosted time per period of one vCPU, in microseconds,
 *   at most 1000000.
 * @PVSCHED_CAP_PERIOD: What runtime is a share of, in microseconds, 1000 to
 *   1000000. One for all of the host.
 * @PVSCHED_CAP_SLICE: The longest boost without a pause, in microseconds, at
 *   most 1000000.
 * @PVSCHED_CAP_NICE: The best nice value that a boost may reach, as 20 - nice,
 *   which are the units of RLIMIT_NICE, 1 (nice 19) to 40 (nice -20); 0 allows
 *   no boost by nice. It counts where rtprio allows no real-time boost, and
 *   for a policy that asks for none.
 * @PVSCHED_CAP_KICKS: Doorbells of one vCPU in each second that have an
 *   effect, at most 1000000. Those beyond are counted.
 * @PVSCHED_CAP_VCPUS: vCPUs of one VM that are boosted at the same time, at
 *   most 4096. A vCPU with a lower value than others of its VM is boosted only
 *   as one of so many.
 * @PVSCHED_CAP_SECTION: The longest boost that is made only because the vCPU
 *   was preempted in a critical section, in microseconds, at most 1000000;
 *   then a pause as long for these.
 */
enum pvsched_cap_id {
	PVSCHED_CAP_RTPRIO,
	PVSCHED_CAP_RUNTIME,
	PVSCHED_CAP_PERIOD,
	PVSCHED_CAP_SLICE,
	PVSCHED_CAP_NICE,
	PVSCHED_CAP_KICKS,
	PVSCHED_CAP_VCPUS,
	PVSCHED_CAP_SECTION,

	/* private: */
	__PVSCHED_CAP_MAX,
	PVSCHED_CAP_MAX = (__PVSCHED_CAP_MAX - 1)
};

/**
 * enum pvsched_cap_level - Whose cap it is. The smallest of the three levels
 *   binds.
 * @PVSCHED_CAP_LEVEL_HOST: Holds for every VM.
 * @PVSCHED_CAP_LEVEL_VM: Holds for every vCPU of one VM.
 * @PVSCHED_CAP_LEVEL_VCPU: Holds for one vCPU.
 */
enum pvsched_cap_level {
	PVSCHED_CAP_LEVEL_HOST,
	PVSCHED_CAP_LEVEL_VM,
	PVSCHED_CAP_LEVEL_VCPU,
};

/**
 * enum pvsched_cause - Why a boost started, changed or ended.
 * @PVSCHED_CAUSE_PREEMPTED: Start, the vCPU was preempted while its guest was
 *   urgent.
 * @PVSCHED_CAUSE_INTERRUPT: Start, an interrupt arrived for a vCPU on which an
 *   urgent task sleeps.
 * @PVSCHED_CAUSE_HALT: Start, the vCPU went to sleep and an urgent task sleeps
 *   on it.
 * @PVSCHED_CAUSE_DOORBELL: The guest rang, as it is less urgent now.
 * @PVSCHED_CAUSE_BLOCK: End, the vCPU went to sleep with nothing urgent on it.
 * @PVSCHED_CAUSE_SLICE: End, the boost was as long as the slice cap allows.
 * @PVSCHED_CAUSE_BUDGET: End, the runtime of this period is used up.
 * @PVSCHED_CAUSE_CAP: A cap was changed.
 * @PVSCHED_CAUSE_OWNER: End, somebody else changed the scheduling of the
 *   thread.
 * @PVSCHED_CAUSE_DETACH: End, the vCPU was given back.
 * @PVSCHED_CAUSE_LEVEL: The urgency of the guest was found changed when the
 *   host looked.
 * @PVSCHED_CAUSE_POLICY: End, the policy's own time limit was reached, or the
 *   VM was given another policy.
 * @PVSCHED_CAUSE_DISABLED: End, there are no boosts on this host for now.
 * @PVSCHED_CAUSE_SECTION: Start, the vCPU was preempted in a critical section.
 *   End, that took longer than cap section allows.
 */
enum pvsched_cause {
	PVSCHED_CAUSE_PREEMPTED,
	PVSCHED_CAUSE_INTERRUPT,
	PVSCHED_CAUSE_HALT,
	PVSCHED_CAUSE_DOORBELL,
	PVSCHED_CAUSE_BLOCK,
	PVSCHED_CAUSE_SLICE,
	PVSCHED_CAUSE_BUDGET,
	PVSCHED_CAUSE_CAP,
	PVSCHED_CAUSE_OWNER,
	PVSCHED_CAUSE_DETACH,
	PVSCHED_CAUSE_LEVEL,
	PVSCHED_CAUSE_POLICY,
	PVSCHED_CAUSE_DISABLED,
	PVSCHED_CAUSE_SECTION,

	/* private: */
	__PVSCHED_CAUSE_MAX,
	PVSCHED_CAUSE_MAX = (__PVSCHED_CAUSE_MAX - 1)
};

/**
 * enum pvsched_vm_kind - What an open file of /dev/pvsched stands for.
 * @PVSCHED_VM_KIND_VM: A VM, its vCPUs are threads that enter the guest.
 * @PVSCHED_VM_KIND_THREADS: A group of threads of one process, which take the
 *   place of vCPUs.
 */
enum pvsched_vm_kind {
	PVSCHED_VM_KIND_VM,
	PVSCHED_VM_KIND_THREADS,

	/* private: */
	__PVSCHED_VM_KIND_MAX,
	PVSCHED_VM_KIND_MAX = (__PVSCHED_VM_KIND_MAX - 1)
};

/**
 * enum pvsched_vcpu_state - What the thread of a vCPU does.
 * @PVSCHED_VCPU_STATE_PENDING: Not known, the thread was not found yet.
 * @PVSCHED_VCPU_STATE_RUNNING: It is on a CPU.
 * @PVSCHED_VCPU_STATE_PREEMPTED: It wants a CPU that runs something else.
 * @PVSCHED_VCPU_STATE_BLOCKED: It sleeps.
 */
enum pvsched_vcpu_state {
	PVSCHED_VCPU_STATE_PENDING,
	PVSCHED_VCPU_STATE_RUNNING,
	PVSCHED_VCPU_STATE_PREEMPTED,
	PVSCHED_VCPU_STATE_BLOCKED,

	/* private: */
	__PVSCHED_VCPU_STATE_MAX,
	PVSCHED_VCPU_STATE_MAX = (__PVSCHED_VCPU_STATE_MAX - 1)
};

/**
 * enum pvsched_event_kind - What happened. Boost, deboost and level are sent
 *   to group boost, the rest to config.
 * @PVSCHED_EVENT_VM_ADD: A VM was created.
 * @PVSCHED_EVENT_VM_DEL: A VM is gone.
 * @PVSCHED_EVENT_VCPU_ADD: A vCPU was registered.
 * @PVSCHED_EVENT_VCPU_BOUND: The thread of a vCPU was found, boosts may start.
 * @PVSCHED_EVENT_VCPU_EXIT: The thread of a vCPU exited.
 * @PVSCHED_EVENT_VCPU_DEL: A vCPU was given back.
 * @PVSCHED_EVENT_CAPS: Caps were changed.
 * @PVSCHED_EVENT_THROTTLE: A cap ended a boost, no other will start before it
 *   has recovered.
 * @PVSCHED_EVENT_RELEASE: The throttling has ended.
 * @PVSCHED_EVENT_OWNER: Somebody else changed the scheduling of the thread,
 *   which is left alone.
 * @PVSCHED_EVENT_POLICY: A VM has another policy.
 * @PVSCHED_EVENT_PAYBACK: A VM begins or ceases to repay boosted time.
 * @PVSCHED_EVENT_BOOST: A boost started.
 * @PVSCHED_EVENT_DEBOOST: A boost ended.
 * @PVSCHED_EVENT_LEVEL: A boost changed its level.
 * @PVSCHED_EVENT_DISABLE: The administrator has disabled all boosts of this
 *   host.
 * @PVSCHED_EVENT_ENABLE: He allows them again.
 * @PVSCHED_EVENT_CANARY: Boosts kept the ordinary work of a CPU from running,
 *   all were taken back, and there are none for some time.
 * @PVSCHED_EVENT_RECOVER: That time is over.
 */
enum pvsched_event_kind {
	PVSCHED_EVENT_VM_ADD,
	PVSCHED_EVENT_VM_DEL,
	PVSCHED_EVENT_VCPU_ADD,
	PVSCHED_EVENT_VCPU_BOUND,
	PVSCHED_EVENT_VCPU_EXIT,
	PVSCHED_EVENT_VCPU_DEL,
	PVSCHED_EVENT_CAPS,
	PVSCHED_EVENT_THROTTLE,
	PVSCHED_EVENT_RELEASE,
	PVSCHED_EVENT_OWNER,
	PVSCHED_EVENT_POLICY,
	PVSCHED_EVENT_PAYBACK,
	PVSCHED_EVENT_BOOST,
	PVSCHED_EVENT_DEBOOST,
	PVSCHED_EVENT_LEVEL,
	PVSCHED_EVENT_DISABLE,
	PVSCHED_EVENT_ENABLE,
	PVSCHED_EVENT_CANARY,
	PVSCHED_EVENT_RECOVER,

	/* private: */
	__PVSCHED_EVENT_MAX,
	PVSCHED_EVENT_MAX = (__PVSCHED_EVENT_MAX - 1)
};

/**
 * enum pvsched_vcpu_flags - What is so about a vCPU.
 * @PVSCHED_VCPU_FLAG_BOOSTED: Its thread is boosted now.
 * @PVSCHED_VCPU_FLAG_THROTTLED: A cap ended its last boost and has not
 *   recovered.
 * @PVSCHED_VCPU_FLAG_OWNER_CHANGED: Somebody else changed its scheduling, or
 *   it executed another program. It is left alone.
 * @PVSCHED_VCPU_FLAG_BY_HAND: Its thread was named when it was attached,
 *   rather than found.
 * @PVSCHED_VCPU_FLAG_WORDLESS: It has no word, so nothing is known of what it
 *   runs.
 * @PVSCHED_VCPU_FLAG_RTTIME_SHORT: RLIMIT_RTTIME of its process is less than
 *   twice the slice cap, so that a boost might end the process. It is not
 *   boosted.
 */
enum pvsched_vcpu_flags {
	PVSCHED_VCPU_FLAG_BOOSTED = 1,
	PVSCHED_VCPU_FLAG_THROTTLED = 2,
	PVSCHED_VCPU_FLAG_OWNER_CHANGED = 4,
	PVSCHED_VCPU_FLAG_BY_HAND = 8,
	PVSCHED_VCPU_FLAG_WORDLESS = 16,
	PVSCHED_VCPU_FLAG_RTTIME_SHORT = 32,
};

enum {
	PVSCHED_A_CAP_ID = 1,
	PVSCHED_A_CAP_LEVEL,
	PVSCHED_A_CAP_SOFT,
	PVSCHED_A_CAP_HARD,
	PVSCHED_A_CAP_PAD,

	__PVSCHED_A_CAP_MAX,
	PVSCHED_A_CAP_MAX = (__PVSCHED_A_CAP_MAX - 1)
};

enum {
	PVSCHED_A_CAPS_VM = 1,
	PVSCHED_A_CAPS_VCPU,
	PVSCHED_A_CAPS_CAP,
	PVSCHED_A_CAPS_OLD,
	PVSCHED_A_CAPS_BINDING,

	__PVSCHED_A_CAPS_MAX,
	PVSCHED_A_CAPS_MAX = (__PVSCHED_A_CAPS_MAX - 1)
};

enum {
	PVSCHED_A_HOST_ENABLED = 1,
	PVSCHED_A_HOST_BOOSTED,
	PVSCHED_A_HOST_HELD,
	PVSCHED_A_HOST_CANARY,
	PVSCHED_A_HOST_CANARY_TRIPS,
	PVSCHED_A_HOST_ENDED,
	PVSCHED_A_HOST_ENDED_NS,
	PVSCHED_A_HOST_PAD,

	__PVSCHED_A_HOST_MAX,
	PVSCHED_A_HOST_MAX = (__PVSCHED_A_HOST_MAX - 1)
};

enum {
	PVSCHED_A_VM_ID = 1,
	PVSCHED_A_VM_NAME,
	PVSCHED_A_VM_PID,
	PVSCHED_A_VM_UID,
	PVSCHED_A_VM_POLICY,
	PVSCHED_A_VM_PROTOCOL,
	PVSCHED_A_VM_PROTOCOL_VERSION,
	PVSCHED_A_VM_VCPUS,
	PVSCHED_A_VM_BOOSTED,
	PVSCHED_A_VM_THROTTLED,
	PVSCHED_A_VM_KIND,
	PVSCHED_A_VM_STATS,
	PVSCHED_A_VM_PAYBACK,

	__PVSCHED_A_VM_MAX,
	PVSCHED_A_VM_MAX = (__PVSCHED_A_VM_MAX - 1)
};

enum {
	PVSCHED_A_POLICY_NAME = 1,
	PVSCHED_A_POLICY_PROTOCOL,
	PVSCHED_A_POLICY_PROTOCOL_VERSION,
	PVSCHED_A_POLICY_MODULE,
	PVSCHED_A_POLICY_VMS,
	PVSCHED_A_POLICY_FAULTS,
	PVSCHED_A_POLICY_PAD,

	__PVSCHED_A_POLICY_MAX,
	PVSCHED_A_POLICY_MAX = (__PVSCHED_A_POLICY_MAX - 1)
};

enum {
	PVSCHED_A_CAUSE_COUNT_CAUSE = 1,
	PVSCHED_A_CAUSE_COUNT_COUNT,
	PVSCHED_A_CAUSE_COUNT_PAD,

	__PVSCHED_A_CAUSE_COUNT_MAX,
	PVSCHED_A_CAUSE_COUNT_MAX = (__PVSCHED_A_CAUSE_COUNT_MAX - 1)
};

enum {
	PVSCHED_A_HISTOGRAM_SUM_NS = 1,
	PVSCHED_A_HISTOGRAM_BUCKET,
	PVSCHED_A_HISTOGRAM_PAD,

	__PVSCHED_A_HISTOGRAM_MAX,
	PVSCHED_A_HISTOGRAM_MAX = (__PVSCHED_A_HISTOGRAM_MAX - 1)
};

enum {
	PVSCHED_A_STATS_BOOSTS = 1,
	PVSCHED_A_STATS_DEBOOSTS,
	PVSCHED_A_STATS_DOORBELLS,
	PVSCHED_A_STATS_THROTTLES,
	PVSCHED_A_STATS_WOULD_BOOST,
	PVSCHED_A_STATS_BOOSTED_NS,
	PVSCHED_A_STATS_DEBT_NS,
	PVSCHED_A_STATS_DOORBELLS_IGNORED,
	PVSCHED_A_STATS_PAD,
	PVSCHED_A_STATS_SPURIOUS,
	PVSCHED_A_STATS_PREEMPTED_URGENT,
	PVSCHED_A_STATS_WAITED_NS,
	PVSCHED_A_STATS_WAITED_URGENT_NS,
	PVSCHED_A_STATS_WAIT_URGENT,
	PVSCHED_A_STATS_EVENT_LATENCY,
	PVSCHED_A_STATS_BOOST_LENGTH,
	PVSCHED_A_STATS_DEBOOST_LATENCY,

	__PVSCHED_A_STATS_MAX,
	PVSCHED_A_STATS_MAX = (__PVSCHED_A_STATS_MAX - 1)
};

enum {
	PVSCHED_A_VCPU_VM = 1,
	PVSCHED_A_VCPU_VM_ID,
	PVSCHED_A_VCPU_ID,
	PVSCHED_A_VCPU_TID,
	PVSCHED_A_VCPU_CPU,
	PVSCHED_A_VCPU_STATE,
	PVSCHED_A_VCPU_FLAGS,
	PVSCHED_A_VCPU_BASELINE_POLICY,
	PVSCHED_A_VCPU_BASELINE_NICE,
	PVSCHED_A_VCPU_BASELINE_RTPRIO,
	PVSCHED_A_VCPU_CURRENT,
	PVSCHED_A_VCPU_WAITER,
	PVSCHED_A_VCPU_SLEEPER,
	PVSCHED_A_VCPU_GRANTED,
	PVSCHED_A_VCPU_CAUSE,
	PVSCHED_A_VCPU_BINDING,
	PVSCHED_A_VCPU_STATS,
	PVSCHED_A_VCPU_SHARE,
	PVSCHED_A_VCPU_TIME_NS,
	PVSCHED_A_VCPU_PAD,

	__PVSCHED_A_VCPU_MAX,
	PVSCHED_A_VCPU_MAX = (__PVSCHED_A_VCPU_MAX - 1)
};

enum {
	PVSCHED_A_EVENT_SEQ = 1,
	PVSCHED_A_EVENT_TIME_NS,
	PVSCHED_A_EVENT_KIND,
	PVSCHED_A_EVENT_VM,
	PVSCHED_A_EVENT_VM_ID,
	PVSCHED_A_EVENT_VCPU,
	PVSCHED_A_EVENT_PID,
	PVSCHED_A_EVENT_LEVEL,
	PVSCHED_A_EVENT_CAUSE,
	PVSCHED_A_EVENT_CPU,
	PVSCHED_A_EVENT_WAITED_NS,
	PVSCHED_A_EVENT_HOLD_NS,
	PVSCHED_A_EVENT_CAP,
	PVSCHED_A_EVENT_POLICY,
	PVSCHED_A_EVENT_PAYBACK,
	PVSCHED_A_EVENT_PAD,

	__PVSCHED_A_EVENT_MAX,
	PVSCHED_A_EVENT_MAX = (__PVSCHED_A_EVENT_MAX - 1)
};

enum {
	PVSCHED_A_EVENTS_DROPPED = 1,
	PVSCHED_A_EVENTS_EVENT,
	PVSCHED_A_EVENTS_PAD,

	__PVSCHED_A_EVENTS_MAX,
	PVSCHED_A_EVENTS_MAX = (__PVSCHED_A_EVENTS_MAX - 1)
};

enum {
	PVSCHED_CMD_VM_GET = 1,
	PVSCHED_CMD_VCPU_GET,
	PVSCHED_CMD_CAP_GET,
	PVSCHED_CMD_CAP_SET,
	PVSCHED_CMD_VM_SET,
	PVSCHED_CMD_POLICY_GET,
	PVSCHED_CMD_HOST_GET,
	PVSCHED_CMD_HOST_SET,
	PVSCHED_CMD_CONFIG_NTF,
	PVSCHED_CMD_BOOST_NTF,

	__PVSCHED_CMD_MAX,
	PVSCHED_CMD_MAX = (__PVSCHED_CMD_MAX - 1)
};

#define PVSCHED_MCGRP_CONFIG	"config"
#define PVSCHED_MCGRP_BOOST	"boost"

#endif /* _UAPI_LINUX_PVSCHED_NETLINK_H */
