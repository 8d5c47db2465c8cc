// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fake-host - a host with VMs that never were, for pvschedd-fake
 *
 * Says "port N", then reads commands, and answers each with "done":
 *
 *	vm NAME ID UID PID VCPUS	a VM appears
 *	gone NAME
 *	cap NAME ID SOFT HARD		an administrator sets a cap
 *	policy NAME POLICY		and a policy
 *	burn NAME VCPU BOOSTS US	so many boosts, of so long, waits as long
 *	throttle NAME VCPU COUNT
 *	canary				it trips
 *	flood COUNT			so many events of no consequence
 *	refuse COUNT			refuse so many requests
 *	fill VMS VCPUS			a host full of VMs, at once
 *	heir ID UID EARLY		another VM gets the name of the one that is set
 *					next, before (EARLY is 1) or after that (0)
 *	unload				the module is gone
 *
 * What is set by request it tells as "set-cap NAME ID SOFT HARD" and "set-policy
 * NAME POLICY PAYBACK". A value that is not named is -1.
 */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include "../unit/fake_kernel.h"

#define GROUP_CONFIG 1
#define VMS	     320
#define VCPUS	     16
#define NAME_FORMAT  "%63s"

struct vcpu {
	uint64_t boosts;
	uint64_t boosted_ns;
	uint64_t throttles;
};

struct vm {
	char name[PVSCHED_NAME_LEN];
	uint32_t id, uid, pid, vcpus;
	char policy[PVSCHED_POLICY_LEN];
	bool payback;
	struct pvsched_cap_info cap[PVSCHED_CAP_COUNT];
	struct vcpu vcpu[VCPUS];
};

/* Who gets a name; id 0: nobody. */
struct heir {
	unsigned int id, uid, early;
};

/* All guarded by lock, as the kernel answers in a thread of its own. */
struct host {
	pthread_mutex_t lock;
	struct vm vm[VMS];
	unsigned int count;
	unsigned int refusals;
	struct heir heir;
	bool unloaded;
	uint64_t seq;
	uint64_t trips;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void vm_reset(struct vm *vm)
{
	uint32_t id;

	strcpy(vm->policy, "boost");
	vm->payback = true;
	for (id = 0; id < PVSCHED_CAP_COUNT; id++)
		vm->cap[id] =
			(struct pvsched_cap_info){ true, PVSCHED_UNLIMITED,
						   PVSCHED_UNLIMITED };
}

static struct vm *vm_find(struct host *host, const char *name)
{
	unsigned int i;

	for (i = 0; i < host->count; i++)
		if (!strcmp(host->vm[i].name, name))
			return &host->vm[i];
	return NULL;
}

static void hist_put(struct nl_msg *msg, int attr, uint64_t count, uint64_t sum)
{
	uint64_t bucket[PVSCHED_HIST_BUCKETS] = { [4] = count };
	struct nlattr *nest = nla_nest_start(msg, attr);

	nla_put_u64(msg, PVSCHED_A_HISTOGRAM_SUM_NS, sum);
	nla_put(msg, PVSCHED_A_HISTOGRAM_BUCKET, sizeof(bucket), bucket);
	nla_nest_end(msg, nest);
}

static void stats_put(struct nl_msg *msg, int attr, const struct vcpu *vcpu)
{
	struct nlattr *stats = nla_nest_start(msg, attr);
	struct nlattr *count = nla_nest_start(msg, PVSCHED_A_STATS_BOOSTS);

	nla_put_u32(msg, PVSCHED_A_CAUSE_COUNT_CAUSE, PVSCHED_CAUSE_PREEMPTED);
	nla_put_u64(msg, PVSCHED_A_CAUSE_COUNT_COUNT, vcpu->boosts);
	nla_nest_end(msg, count);
	nla_put_u64(msg, PVSCHED_A_STATS_BOOSTED_NS, vcpu->boosted_ns);
	nla_put_u64(msg, PVSCHED_A_STATS_WAITED_NS, vcpu->boosted_ns);
	nla_put_u64(msg, PVSCHED_A_STATS_WAITED_URGENT_NS, vcpu->boosted_ns);
	nla_put_u64(msg, PVSCHED_A_STATS_THROTTLES, vcpu->throttles);
	hist_put(msg, PVSCHED_A_STATS_WAIT_URGENT, vcpu->boosts,
		 vcpu->boosted_ns);
	nla_nest_end(msg, stats);
}

static void vm_send(struct fake_kernel *to, const struct vm *vm, bool dump)
{
	struct nl_msg *msg = fake_message(PVSCHED_CMD_VM_GET);
	struct vcpu sum = { 0 };
	uint32_t i;

	for (i = 0; i < vm->vcpus; i++) {
		sum.boosts += vm->vcpu[i].boosts;
		sum.boosted_ns += vm->vcpu[i].boosted_ns;
		sum.throttles += vm->vcpu[i].throttles;
	}
	nla_put_string(msg, PVSCHED_A_VM_NAME, vm->name);
	nla_put_u32(msg, PVSCHED_A_VM_ID, vm->id);
	nla_put_u32(msg, PVSCHED_A_VM_PID, vm->pid);
	nla_put_u32(msg, PVSCHED_A_VM_UID, vm->uid);
	nla_put_u32(msg, PVSCHED_A_VM_VCPUS, vm->vcpus);
	nla_put_string(msg, PVSCHED_A_VM_POLICY, vm->policy);
	nla_put_u8(msg, PVSCHED_A_VM_PAYBACK, vm->payback);
	stats_put(msg, PVSCHED_A_VM_STATS, &sum);
	fake_send(to, msg, dump ? NLM_F_MULTI : 0);
}

static void vcpu_send(struct fake_kernel *to, const struct vm *vm, uint32_t id)
{
	struct nl_msg *msg = fake_message(PVSCHED_CMD_VCPU_GET);

	nla_put_string(msg, PVSCHED_A_VCPU_VM, vm->name);
	nla_put_u32(msg, PVSCHED_A_VCPU_VM_ID, vm->id);
	nla_put_u32(msg, PVSCHED_A_VCPU_ID, id);
	stats_put(msg, PVSCHED_A_VCPU_STATS, &vm->vcpu[id]);
	nla_put_u64(msg, PVSCHED_A_VCPU_TIME_NS, now_ns());
	fake_send(to, msg, NLM_F_MULTI);
}

static void cap_put(struct nl_msg *msg, int attr, uint32_t id,
		    const struct pvsched_cap_info *cap)
{
	struct nlattr *nest = nla_nest_start(msg, attr);

	nla_put_u32(msg, PVSCHED_A_CAP_ID, id);
	nla_put_u64(msg, PVSCHED_A_CAP_SOFT, cap->soft);
	nla_put_u64(msg, PVSCHED_A_CAP_HARD, cap->hard);
	nla_nest_end(msg, nest);
}

/* The event to fill in, in a message of its own. */
static struct nl_msg *event_begin(struct host *host, uint32_t kind,
				  const struct vm *vm, struct nlattr **nest)
{
	struct nl_msg *msg = fake_message(PVSCHED_CMD_CONFIG_NTF);

	*nest = nla_nest_start(msg, PVSCHED_A_EVENTS_EVENT);
	nla_put_u64(msg, PVSCHED_A_EVENT_SEQ, ++host->seq);
	nla_put_u64(msg, PVSCHED_A_EVENT_TIME_NS, now_ns());
	nla_put_u32(msg, PVSCHED_A_EVENT_KIND, kind);
	if (vm) {
		nla_put_string(msg, PVSCHED_A_EVENT_VM, vm->name);
		nla_put_u32(msg, PVSCHED_A_EVENT_VM_ID, vm->id);
	}
	return msg;
}

static void event_end(struct fake_kernel *kernel, struct nl_msg *msg,
		      struct nlattr *nest)
{
	nla_nest_end(msg, nest);
	fake_multicast(kernel, GROUP_CONFIG, msg);
}

static void event_tell(struct fake_kernel *kernel, struct host *host,
		       uint32_t kind, const struct vm *vm)
{
	struct nlattr *nest;
	struct nl_msg *msg = event_begin(host, kind, vm, &nest);

	if (kind == PVSCHED_EVENT_POLICY)
		nla_put_string(msg, PVSCHED_A_EVENT_POLICY, vm->policy);
	if (kind == PVSCHED_EVENT_PAYBACK)
		nla_put_u8(msg, PVSCHED_A_EVENT_PAYBACK, vm->payback);
	if (kind == PVSCHED_EVENT_CANARY) {
		nla_put_u32(msg, PVSCHED_A_EVENT_CPU, 1);
		nla_put_u64(msg, PVSCHED_A_EVENT_WAITED_NS, 512000000);
		nla_put_u64(msg, PVSCHED_A_EVENT_HOLD_NS, 1000000000);
	}
	event_end(kernel, msg, nest);
}

/* The VM ends, and another one of that name begins. */
static void heir_take(struct fake_kernel *kernel, struct host *host,
		      struct vm *vm, bool early)
{
	if (!host->heir.id || host->heir.early != early)
		return;
	event_tell(kernel, host, PVSCHED_EVENT_VM_DEL, vm);
	vm_reset(vm);
	vm->id = host->heir.id;
	vm->uid = host->heir.uid;
	host->heir.id = 0;
	event_tell(kernel, host, PVSCHED_EVENT_VM_ADD, vm);
}

static void caps_tell(struct fake_kernel *kernel, struct host *host,
		      const struct vm *vm, uint32_t set)
{
	struct nlattr *nest;
	struct nl_msg *msg = event_begin(host, PVSCHED_EVENT_CAPS, vm, &nest);
	uint32_t id;

	for (id = 0; id < PVSCHED_CAP_COUNT; id++)
		if (set & 1U << id)
			cap_put(msg, PVSCHED_A_EVENT_CAP, id, &vm->cap[id]);
	event_end(kernel, msg, nest);
}

static int64_t number_of(const struct nlattr *attr)
{
	return attr ? (int64_t)nla_get_u64(attr) : -1;
}

/* One cap of a request to set some. Returns its bit. */
static uint32_t cap_take(struct vm *vm, struct nlattr *nest)
{
	struct nlattr *tb[PVSCHED_A_CAP_MAX + 1];
	uint32_t id;

	if (nla_parse_nested(tb, PVSCHED_A_CAP_MAX, nest, NULL))
		abort();
	id = nla_get_u32(tb[PVSCHED_A_CAP_ID]);
	if (tb[PVSCHED_A_CAP_SOFT])
		vm->cap[id].soft = nla_get_u64(tb[PVSCHED_A_CAP_SOFT]);
	if (tb[PVSCHED_A_CAP_HARD])
		vm->cap[id].hard = nla_get_u64(tb[PVSCHED_A_CAP_HARD]);
	printf("set-cap %s %" PRIu32 " %" PRId64 " %" PRId64 "\n", vm->name, id,
	       number_of(tb[PVSCHED_A_CAP_SOFT]),
	       number_of(tb[PVSCHED_A_CAP_HARD]));
	fflush(stdout);
	return 1U << id;
}

static struct nlattr *attr_of(struct fake_kernel *kernel, int type)
{
	return nlmsg_find_attr((struct nlmsghdr *)fake_request(kernel),
			       GENL_HDRLEN, type);
}

static void caps_answer(struct fake_kernel *kernel, struct host *host, bool set)
{
	struct nlattr *name = attr_of(kernel, PVSCHED_A_CAPS_VM), *attr;
	struct vm *vm = name ? vm_find(host, nla_get_string(name)) : NULL;
	struct nlmsghdr *request = (struct nlmsghdr *)fake_request(kernel);
	struct pvsched_cap_info old[PVSCHED_CAP_COUNT];
	struct nl_msg *msg;
	uint32_t id, done = 0;
	int rest;

	if (!vm)
		return fake_ack(kernel, -ENOENT, "no such VM");
	if (set)
		heir_take(kernel, host, vm, true);
	memcpy(old, vm->cap, sizeof(old));
	if (set)
		nlmsg_for_each_attr(attr, request, GENL_HDRLEN, rest)
			if (nla_type(attr) == PVSCHED_A_CAPS_CAP)
				done |= cap_take(vm, attr);
	msg = fake_message(PVSCHED_CMD_CAP_GET);
	for (id = 0; id < PVSCHED_CAP_COUNT; id++)
		if (!set || done & 1U << id)
			cap_put(msg, PVSCHED_A_CAPS_CAP, id, &vm->cap[id]);
	for (id = 0; id < PVSCHED_CAP_COUNT; id++)
		if (done & 1U << id)
			cap_put(msg, PVSCHED_A_CAPS_OLD, id, &old[id]);
	fake_send(kernel, msg, 0);
	fake_ack(kernel, 0, NULL);
	if (!set)
		return;
	caps_tell(kernel, host, vm, done);
	heir_take(kernel, host, vm, false);
}

static void vm_set(struct fake_kernel *kernel, struct host *host)
{
	struct nlattr *name = attr_of(kernel, PVSCHED_A_VM_NAME);
	struct nlattr *policy = attr_of(kernel, PVSCHED_A_VM_POLICY);
	struct nlattr *payback = attr_of(kernel, PVSCHED_A_VM_PAYBACK);
	struct vm *vm = name ? vm_find(host, nla_get_string(name)) : NULL;

	if (!vm)
		return fake_ack(kernel, -ENOENT, "no such VM");
	if (policy && !strcmp(nla_get_string(policy), "absent"))
		return fake_ack(kernel, -ENOENT, "there is no such policy");
	heir_take(kernel, host, vm, true);
	if (policy)
		snprintf(vm->policy, sizeof(vm->policy), "%s",
			 nla_get_string(policy));
	if (payback)
		vm->payback = nla_get_u8(payback);
	printf("set-policy %s %s %d\n", vm->name, policy ? vm->policy : "-1",
	       payback ? vm->payback : -1);
	fflush(stdout);
	vm_send(kernel, vm, false);
	fake_ack(kernel, 0, NULL);
	if (policy)
		event_tell(kernel, host, PVSCHED_EVENT_POLICY, vm);
	if (payback)
		event_tell(kernel, host, PVSCHED_EVENT_PAYBACK, vm);
}

static void vms_answer(struct fake_kernel *kernel, struct host *host)
{
	struct nlattr *name = attr_of(kernel, PVSCHED_A_VM_NAME);
	struct vm *vm = name ? vm_find(host, nla_get_string(name)) : NULL;
	unsigned int i;

	if (name && !vm)
		return fake_ack(kernel, -ENOENT, "no such VM");
	if (name) {
		vm_send(kernel, vm, false);
		return fake_ack(kernel, 0, NULL);
	}
	for (i = 0; i < host->count; i++)
		vm_send(kernel, &host->vm[i], true);
	fake_done(kernel, 0);
}

static void vcpus_answer(struct fake_kernel *kernel, struct host *host)
{
	unsigned int i;
	uint32_t id;

	for (i = 0; i < host->count; i++)
		for (id = 0; id < host->vm[i].vcpus; id++)
			vcpu_send(kernel, &host->vm[i], id);
	fake_done(kernel, 0);
}

static void host_answer(struct fake_kernel *kernel, struct host *host)
{
	struct nl_msg *msg = fake_message(PVSCHED_CMD_HOST_GET);

	nla_put_u32(msg, PVSCHED_A_HOST_ENABLED, 1);
	nla_put_u32(msg, PVSCHED_A_HOST_BOOSTED, 0);
	nla_put_u32(msg, PVSCHED_A_HOST_HELD, 0);
	nla_put_u32(msg, PVSCHED_A_HOST_CANARY, 500);
	nla_put_u64(msg, PVSCHED_A_HOST_CANARY_TRIPS, host->trips);
	fake_send(kernel, msg, 0);
	fake_ack(kernel, 0, NULL);
}

static void answer(struct fake_kernel *kernel, uint8_t command,
		   unsigned int count, void *arg)
{
	struct host *host = arg;

	(void)count;
	pthread_mutex_lock(&host->lock);
	if (host->unloaded) {
		fake_ack(kernel, -ENOENT, NULL);
	} else if (host->refusals) {
		host->refusals--;
		fake_ack(kernel, -EBUSY, "not now");
	} else if (command == PVSCHED_CMD_VM_GET) {
		vms_answer(kernel, host);
	} else if (command == PVSCHED_CMD_VCPU_GET) {
		vcpus_answer(kernel, host);
	} else if (command == PVSCHED_CMD_HOST_GET) {
		host_answer(kernel, host);
	} else if (command == PVSCHED_CMD_VM_SET) {
		vm_set(kernel, host);
	} else {
		caps_answer(kernel, host, command == PVSCHED_CMD_CAP_SET);
	}
	pthread_mutex_unlock(&host->lock);
}

static struct vm *vm_add(struct host *host, const char *name)
{
	struct vm *vm = &host->vm[host->count];

	if (host->count == VMS)
		abort();
	memset(vm, 0, sizeof(*vm));
	snprintf(vm->name, sizeof(vm->name), "%s", name);
	vm_reset(vm);
	host->count++;
	return vm;
}

static void host_fill(struct host *host, unsigned int vms, unsigned int vcpus)
{
	char name[PVSCHED_NAME_LEN];
	unsigned int i;

	for (i = 0; i < vms; i++) {
		struct vm *vm;

		snprintf(name, sizeof(name), "vm-%u", i);
		vm = vm_add(host, name);
		vm->id = 1000 + i;
		vm->vcpus = vcpus;
	}
}

static void flood(struct fake_kernel *kernel, struct host *host,
		  unsigned int count)
{
	while (count--)
		event_tell(kernel, host, PVSCHED_EVENT_RECOVER, NULL);
}

/* A command about a VM. Returns whether it was one. */
static bool command_vm(struct fake_kernel *kernel, struct host *host,
		       const char *line)
{
	char name[PVSCHED_NAME_LEN], policy[PVSCHED_POLICY_LEN];
	unsigned int id, uid, pid, count;
	uint64_t soft, hard;
	struct vm *vm;

	if (sscanf(line, "vm " NAME_FORMAT " %u %u %u %u", name, &id, &uid,
		   &pid, &count) == 5 &&
	    count <= VCPUS) {
		vm = vm_add(host, name);
		vm->id = id;
		vm->uid = uid;
		vm->pid = pid;
		vm->vcpus = count;
		event_tell(kernel, host, PVSCHED_EVENT_VM_ADD, vm);
		return true;
	}
	if (sscanf(line, "%*s " NAME_FORMAT, name) != 1)
		return false;
	vm = vm_find(host, name);
	if (!vm)
		return false;
	if (!strncmp(line, "gone ", 5)) {
		event_tell(kernel, host, PVSCHED_EVENT_VM_DEL, vm);
		*vm = host->vm[--host->count];
	} else if (sscanf(line, "cap %*s %u %" SCNu64 " %" SCNu64, &id, &soft,
			  &hard) == 3 &&
		   id < PVSCHED_CAP_COUNT) {
		vm->cap[id] = (struct pvsched_cap_info){ true, soft, hard };
		caps_tell(kernel, host, vm, 1U << id);
	} else if (sscanf(line, "policy %*s %15s", policy) == 1) {
		strcpy(vm->policy, policy);
		event_tell(kernel, host, PVSCHED_EVENT_POLICY, vm);
	} else if (sscanf(line, "burn %*s %u %u %" SCNu64, &id, &count,
			  &soft) == 3 &&
		   id < vm->vcpus) {
		vm->vcpu[id].boosts += count;
		vm->vcpu[id].boosted_ns += count * soft * 1000;
	} else if (sscanf(line, "throttle %*s %u %u", &id, &count) == 2 &&
		   id < vm->vcpus) {
		vm->vcpu[id].throttles += count;
	} else {
		return false;
	}
	return true;
}

static void command(struct fake_kernel *kernel, struct host *host,
		    const char *line)
{
	unsigned int count, vcpus;

	pthread_mutex_lock(&host->lock);
	if (sscanf(line, "flood %u", &count) == 1) {
		flood(kernel, host, count);
	} else if (sscanf(line, "refuse %u", &count) == 1) {
		host->refusals = count;
	} else if (sscanf(line, "fill %u %u", &count, &vcpus) == 2) {
		host_fill(host, count, vcpus);
	} else if (sscanf(line, "heir %u %u %u", &host->heir.id,
			  &host->heir.uid, &host->heir.early) == 3) {
		/* When something is set. */
	} else if (!strcmp(line, "unload\n")) {
		host->unloaded = true;
	} else if (!strcmp(line, "canary\n")) {
		host->trips++;
		event_tell(kernel, host, PVSCHED_EVENT_CANARY, NULL);
	} else if (!command_vm(kernel, host, line)) {
		fprintf(stderr, "fake-host: what is %s", line);
		abort();
	}
	pthread_mutex_unlock(&host->lock);
	puts("done");
	fflush(stdout);
}

int main(void)
{
	static struct host host = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct fake_kernel *kernel = fake_start(answer, &host);
	char line[256];

	printf("port %" PRIu32 "\n", fake_port(kernel));
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin))
		command(kernel, &host, line);
	fake_stop(kernel);
	return 0;
}
