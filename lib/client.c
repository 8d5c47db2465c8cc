// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Requests to the kernel and their answers.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/genetlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <sys/socket.h>

#include "decode.h"
#include "error.h"
#include "list.h"
#include "socket.h"

/*
 * A dump that VMs or vCPUs came and went under is asked for again, not for
 * ever. Whatever stayed is in it once in any case, as the kernel goes by ids.
 */
#define DUMP_TRIES 8

/* A request under way. on_message is called for each message of the answer. */
struct request {
	struct pvsched_error *error;
	int status;    /* 0, or the first negative errno value */
	bool complete; /* nothing more will come */
	bool answered; /* it had at least one message */
	int (*on_message)(struct nlmsghdr *msg, void *to);
	void *to;
};

static void free_msg(struct nl_msg **msg)
{
	nlmsg_free(*msg);
}

static void free_cb(struct nl_cb **cb)
{
	nl_cb_put(*cb);
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *answer,
		    void *arg)
{
	struct request *request = arg;
	struct nlmsghdr *msg =
		(struct nlmsghdr *)((char *)answer - NLMSG_HDRLEN);

	(void)from;
	request->complete = true;
	request->status = error_refused(request->error, answer->error,
					decode_reason(msg));
	return NL_STOP;
}

static int not_understood(struct pvsched_error *error, int code)
{
	return error_set(
		error, code,
		"the kernel's answer is not understood: are pvsched and its module of the same version?");
}

/* A dump that fails on its way says so in its last message. */
static int on_finish(struct nl_msg *nl_msg, void *arg)
{
	struct nlmsghdr *msg = nlmsg_hdr(nl_msg);
	struct request *request = arg;
	int code = 0;

	request->complete = true;
	if (nlmsg_datalen(msg) >= (int)sizeof(code))
		memcpy(&code, nlmsg_data(msg), sizeof(code));
	if (code < 0)
		request->status =
			error_refused(request->error, code, decode_reason(msg));
	return NL_STOP;
}

static int on_valid(struct nl_msg *nl_msg, void *arg)
{
	struct request *request = arg;

	request->answered = true;
	if (request->status)
		return NL_SKIP;
	request->status = request->on_message(nlmsg_hdr(nl_msg), request->to);
	if (!request->status)
		return NL_OK;
	if (request->status == -ENOMEM)
		error_set(request->error, -ENOMEM, "out of memory");
	else
		not_understood(request->error, request->status);
	return NL_SKIP;
}

static int on_ack(struct nl_msg *nl_msg, void *arg)
{
	struct request *request = arg;

	(void)nl_msg;
	request->complete = true;
	return NL_STOP;
}

/*
 * Send a message and wait for all of the answer, also if it makes no sense: what
 * is left there would answer the next request.
 */
static int transact(struct pvsched_client *client, struct nl_msg *msg,
		    struct request *request)
{
	struct nl_cb *cb __attribute__((cleanup(free_cb))) =
		nl_cb_alloc(NL_CB_DEFAULT);
	int err, flags = nlmsg_hdr(msg)->nlmsg_flags;

	if (!cb)
		return error_set(request->error, -ENOMEM, "out of memory");
	request->status = 0;
	request->complete = false;
	request->answered = false;
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, request);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, request);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, request);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, request);
	err = nl_send_auto(client->sock, msg);
	while (err >= 0 && !request->complete)
		err = nl_recvmsgs(client->sock, cb);
	if (request->status)
		return request->status;
	if (err < 0)
		return error_set(request->error, error_from_nl(err),
				 "talking to the kernel: %s", nl_geterror(err));
	/* Only a dump may be empty. */
	if (!request->answered && !(flags & NLM_F_DUMP))
		return not_understood(request->error, -EBADMSG);
	return 0;
}

static struct nl_msg *message_alloc(struct pvsched_client *client, uint8_t cmd,
				    int flags)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (msg && !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, client->family,
				0, flags, cmd, PVSCHED_FAMILY_VERSION)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static void list_restart(void *to)
{
	((struct list *)to)->count = 0;
}

/* A dump, as often as it takes to get a consistent one, or the last try. */
static int dump(struct pvsched_client *client, uint8_t cmd, int vm_attr,
		const char *vm, struct request *request)
{
	int tries, err = -EINTR;

	for (tries = 0; tries < DUMP_TRIES && err == -EINTR; tries++) {
		struct nl_msg *msg __attribute__((cleanup(free_msg))) =
			message_alloc(client, cmd, NLM_F_DUMP);

		if (!msg || (vm && nla_put_string(msg, vm_attr, vm)))
			return error_set(request->error, -ENOMEM,
					 "out of memory");
		list_restart(request->to);
		err = transact(client, msg, request);
	}
	return err == -EINTR ? 0 : err;
}

/* An answer that is to be filled in, size bytes of it. */
struct answer {
	void *to;
	size_t size;
};

static int size_wrong(struct pvsched_error *error)
{
	return error_set(error, -EINVAL, "the size of a struct is 0");
}

static int vm_append(struct nlmsghdr *msg, void *to)
{
	struct pvsched_vm_info vm;
	int err = decode_vm(msg, &vm);

	return err ?: list_append(to, &vm, sizeof(vm));
}

static int vm_get(struct pvsched_client *client, const char *name,
		  struct request *request)
{
	struct nl_msg *msg __attribute__((cleanup(free_msg))) =
		message_alloc(client, PVSCHED_CMD_VM_GET, NLM_F_ACK);

	if (!msg || nla_put_string(msg, PVSCHED_A_VM_NAME, name))
		return error_set(request->error, -ENOMEM, "out of memory");
	return transact(client, msg, request);
}

int pvsched_vms_get(struct pvsched_client *client, const char *name,
		    struct pvsched_vms *vms, size_t size,
		    struct pvsched_error *error)
{
	struct list list = { .size = size };
	struct request request = {
		.error = error,
		.on_message = vm_append,
		.to = &list,
	};
	int err;

	memset(vms, 0, sizeof(*vms));
	if (!size)
		return size_wrong(error);
	if (name)
		err = vm_get(client, name, &request);
	else
		err = dump(client, PVSCHED_CMD_VM_GET, 0, NULL, &request);
	if (err) {
		free(list.items);
		return err;
	}
	vms->vm = (struct pvsched_vm_info *)list.items;
	vms->count = list.count;
	return 0;
}

void pvsched_vms_free(struct pvsched_vms *vms)
{
	free(vms->vm);
	memset(vms, 0, sizeof(*vms));
}

static int policy_append(struct nlmsghdr *msg, void *to)
{
	struct pvsched_policy_info policy;
	int err = decode_policy(msg, &policy);

	return err ?: list_append(to, &policy, sizeof(policy));
}

int pvsched_policies_get(struct pvsched_client *client,
			 struct pvsched_policies *policies, size_t size,
			 struct pvsched_error *error)
{
	struct list list = { .size = size };
	struct request request = {
		.error = error,
		.on_message = policy_append,
		.to = &list,
	};
	int err;

	memset(policies, 0, sizeof(*policies));
	if (!size)
		return size_wrong(error);
	err = dump(client, PVSCHED_CMD_POLICY_GET, 0, NULL, &request);
	if (err) {
		free(list.items);
		return err;
	}
	policies->policy = (struct pvsched_policy_info *)list.items;
	policies->count = list.count;
	return 0;
}

void pvsched_policies_free(struct pvsched_policies *policies)
{
	free(policies->policy);
	memset(policies, 0, sizeof(*policies));
}

static int on_vm(struct nlmsghdr *msg, void *to)
{
	const struct answer *answer = to;
	struct pvsched_vm_info vm;
	int err = decode_vm(msg, &vm);

	if (!err)
		fill(answer->to, answer->size, &vm, sizeof(vm));
	return err;
}

/* A wish of a caller who knows size bytes of it. */
static int wish_read(struct pvsched_vm_wish *wish, const void *from,
		     size_t size, struct pvsched_error *error)
{
	const char *bytes = from;
	size_t i;

	for (i = sizeof(*wish); i < size; i++)
		if (bytes[i])
			return error_set(
				error, -E2BIG,
				"this libpvsched is too old for what is to be set");
	fill(wish, sizeof(*wish), from, size);
	return 0;
}

int pvsched_vm_set(struct pvsched_client *client, const char *name,
		   const struct pvsched_vm_wish *wish, size_t wish_size,
		   struct pvsched_vm_info *vm, size_t vm_size,
		   struct pvsched_error *error)
{
	struct answer answer = { vm, vm_size };
	struct request request = {
		.error = error,
		.on_message = on_vm,
		.to = &answer,
	};
	struct nl_msg *msg __attribute__((cleanup(free_msg))) =
		message_alloc(client, PVSCHED_CMD_VM_SET, NLM_F_ACK);
	struct pvsched_vm_wish known;
	int err;

	if (!wish_size || !vm_size)
		return size_wrong(error);
	memset(vm, 0, vm_size);
	err = wish_read(&known, wish, wish_size, error);
	if (err)
		return err;
	if (!msg || nla_put_string(msg, PVSCHED_A_VM_NAME, name) ||
	    (known.policy &&
	     nla_put_string(msg, PVSCHED_A_VM_POLICY, known.policy)) ||
	    (known.has_payback &&
	     nla_put_u8(msg, PVSCHED_A_VM_PAYBACK, known.payback)))
		return error_set(error, -ENOMEM, "out of memory");
	return transact(client, msg, &request);
}

static int vcpu_append(struct nlmsghdr *msg, void *to)
{
	struct pvsched_vcpu_info vcpu;
	int err = decode_vcpu(msg, &vcpu);

	return err ?: list_append(to, &vcpu, sizeof(vcpu));
}

int pvsched_vcpus_get(struct pvsched_client *client, const char *vm,
		      struct pvsched_vcpus *vcpus, size_t size,
		      struct pvsched_error *error)
{
	struct list list = { .size = size };
	struct request request = {
		.error = error,
		.on_message = vcpu_append,
		.to = &list,
	};
	int err;

	memset(vcpus, 0, sizeof(*vcpus));
	if (!size)
		return size_wrong(error);
	err = dump(client, PVSCHED_CMD_VCPU_GET, PVSCHED_A_VCPU_VM, vm,
		   &request);
	if (err) {
		free(list.items);
		return err;
	}
	vcpus->vcpu = (struct pvsched_vcpu_info *)list.items;
	vcpus->count = list.count;
	return 0;
}

void pvsched_vcpus_free(struct pvsched_vcpus *vcpus)
{
	free(vcpus->vcpu);
	memset(vcpus, 0, sizeof(*vcpus));
}

static int on_caps(struct nlmsghdr *msg, void *to)
{
	const struct answer *answer = to;
	struct pvsched_caps_info caps;
	int err = decode_caps(msg, &caps);

	if (!err)
		fill(answer->to, answer->size, &caps, sizeof(caps));
	return err;
}

static int target_put(struct nl_msg *msg, const struct pvsched_target *target)
{
	int err = 0;

	if (target->vm[0])
		err = nla_put_string(msg, PVSCHED_A_CAPS_VM, target->vm);
	if (!err && target->has_vcpu)
		err = nla_put_u32(msg, PVSCHED_A_CAPS_VCPU, target->vcpu);
	return err;
}

static int wish_put(struct nl_msg *msg, const struct pvsched_cap_wish *wish)
{
	struct nlattr *nest =
		nla_nest_start(msg, PVSCHED_A_CAPS_CAP | NLA_F_NESTED);

	if (!nest || nla_put_u32(msg, PVSCHED_A_CAP_ID, wish->id) ||
	    (wish->has_soft &&
	     nla_put_u64(msg, PVSCHED_A_CAP_SOFT, wish->soft)) ||
	    (wish->has_hard &&
	     nla_put_u64(msg, PVSCHED_A_CAP_HARD, wish->hard)))
		return -ENOMEM;
	return nla_nest_end(msg, nest);
}

int pvsched_caps_get(struct pvsched_client *client,
		     const struct pvsched_target *target,
		     struct pvsched_caps_info *caps, size_t size,
		     struct pvsched_error *error)
{
	struct answer answer = { caps, size };
	struct request request = {
		.error = error,
		.on_message = on_caps,
		.to = &answer,
	};
	struct nl_msg *msg __attribute__((cleanup(free_msg))) =
		message_alloc(client, PVSCHED_CMD_CAP_GET, NLM_F_ACK);

	if (!size)
		return size_wrong(error);
	memset(caps, 0, size);
	if (!msg || target_put(msg, target))
		return error_set(error, -ENOMEM, "out of memory");
	return transact(client, msg, &request);
}

int pvsched_caps_set(struct pvsched_client *client,
		     const struct pvsched_target *target,
		     const struct pvsched_cap_wish *wishes, size_t count,
		     struct pvsched_caps_info *caps, size_t size,
		     struct pvsched_error *error)
{
	struct answer answer = { caps, size };
	struct request request = {
		.error = error,
		.on_message = on_caps,
		.to = &answer,
	};
	struct nl_msg *msg __attribute__((cleanup(free_msg))) =
		message_alloc(client, PVSCHED_CMD_CAP_SET, NLM_F_ACK);
	size_t i;

	if (!size)
		return size_wrong(error);
	memset(caps, 0, size);
	if (!msg || target_put(msg, target))
		return error_set(error, -ENOMEM, "out of memory");
	for (i = 0; i < count; i++)
		if (wish_put(msg, &wishes[i]))
			return error_set(error, -ENOMEM, "out of memory");
	return transact(client, msg, &request);
}

static int on_host(struct nlmsghdr *msg, void *to)
{
	const struct answer *answer = to;
	struct pvsched_host_info host;
	int err = decode_host(msg, &host);

	if (!err)
		fill(answer->to, answer->size, &host, sizeof(host));
	return err;
}

/* cmd: host-get or host-set; attr: of the host, to be set to value, or 0. */
static int host_ask(struct pvsched_client *client, uint8_t cmd, int attr,
		    uint32_t value, struct answer answer,
		    struct pvsched_error *error)
{
	struct request request = {
		.error = error,
		.on_message = on_host,
		.to = &answer,
	};
	struct nl_msg *msg __attribute__((cleanup(free_msg))) =
		message_alloc(client, cmd, NLM_F_ACK);

	if (!answer.size)
		return size_wrong(error);
	memset(answer.to, 0, answer.size);
	if (!msg || (attr && nla_put_u32(msg, attr, value)))
		return error_set(error, -ENOMEM, "out of memory");
	return transact(client, msg, &request);
}

int pvsched_host_get(struct pvsched_client *client,
		     struct pvsched_host_info *host, size_t size,
		     struct pvsched_error *error)
{
	return host_ask(client, PVSCHED_CMD_HOST_GET, 0, 0,
			(struct answer){ host, size }, error);
}

int pvsched_host_enable(struct pvsched_client *client, bool enabled,
			struct pvsched_host_info *host, size_t size,
			struct pvsched_error *error)
{
	return host_ask(client, PVSCHED_CMD_HOST_SET, PVSCHED_A_HOST_ENABLED,
			enabled, (struct answer){ host, size }, error);
}

int pvsched_host_canary(struct pvsched_client *client, uint32_t ms,
			struct pvsched_host_info *host, size_t size,
			struct pvsched_error *error)
{
	return host_ask(client, PVSCHED_CMD_HOST_SET, PVSCHED_A_HOST_CANARY, ms,
			(struct answer){ host, size }, error);
}
