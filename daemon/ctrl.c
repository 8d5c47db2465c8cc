// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ctrl.h"

void ctrl_init(struct ctrl *ctrl, struct host *host,
	       const struct vhost_mem *mem, struct log_limit *limit)
{
	memset(ctrl, 0, sizeof(*ctrl));
	ctrl->host = host;
	ctrl->mem = mem;
	ctrl->limit = limit;
	ctrl->doorbell = -1;
}

void ctrl_exit(struct ctrl *ctrl)
{
	if (ctrl->open)
		ctrl->host->ops->close(ctrl->host);
	ctrl_init(ctrl, ctrl->host, ctrl->mem, ctrl->limit);
}

static void doorbell_apply(struct ctrl *ctrl)
{
	struct reason why;

	if (ctrl->host->ops->doorbell(ctrl->host, ctrl->doorbell, &why))
		log_limited(ctrl->limit, LOG_WARNING,
			    "%s; boosts end by preemption and caps only",
			    why.text);
}

void ctrl_set_doorbell(struct ctrl *ctrl, int fd)
{
	if (ctrl->doorbell == fd && fd < 0)
		return;
	ctrl->doorbell = fd;
	if (ctrl->open)
		doorbell_apply(ctrl);
}

int ctrl_open(struct ctrl *ctrl, struct reason *why)
{
	int ret;

	if (ctrl->open)
		return 0;
	ret = ctrl->host->ops->open(ctrl->host, why);
	if (ret) {
		log_limited(
			ctrl->limit, LOG_WARNING,
			"%s; the guest runs without boosts until it negotiates again",
			why->text);
		return ret;
	}
	ctrl->open = true;
	log_limited(ctrl->limit, LOG_INFO,
		    "VM '%s' of process %d is known to the host",
		    ctrl->host->name, ctrl->host->pid);
	if (ctrl->doorbell >= 0)
		doorbell_apply(ctrl);
	return 0;
}

/* Every answer but a success has a reason, for the guest and for our log. */
__attribute__((format(printf, 4, 5))) static void
answer(const struct ctrl *ctrl, struct virtio_pvsched_reply *reply,
       uint32_t status, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	reply->status = htole32(status);
	snprintf(reply->reason, sizeof(reply->reason), "%.*s",
		 (int)sizeof(reply->reason) - 1, text);
	log_limited(ctrl->limit, LOG_NOTICE, "refused the guest's request: %s",
		    text);
}

static bool names_valid(const struct virtio_pvsched_negotiate *req,
			uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		const char *name = req->protocols[i].name;

		if (!*name || req->protocols[i].reserved ||
		    !memchr(name, 0, VIRTIO_PVSCHED_PROTOCOL_LEN))
			return false;
	}
	return true;
}

/* "a/1, b/2" */
static void names_list(const struct virtio_pvsched_negotiate *req,
		       uint32_t count, char *text, size_t size)
{
	size_t used = 0;
	uint32_t i;

	for (i = 0; i < count && used < size; i++) {
		char name[VIRTIO_PVSCHED_PROTOCOL_LEN];

		text_copy(name, sizeof(name), req->protocols[i].name,
			  sizeof(name));
		used += (size_t)snprintf(text + used, size - used, "%s%s/%u",
					 i ? ", " : "", name,
					 le32toh(req->protocols[i].version));
	}
}

/* The first one that the host knows, or a negative errno. */
static int protocol_choose(struct ctrl *ctrl,
			   const struct virtio_pvsched_negotiate *req,
			   uint32_t count, struct reason *why)
{
	struct host *host = ctrl->host;
	uint32_t i;
	int ret;

	for (i = 0; i < count; i++) {
		ret = host->ops->protocol(host, req->protocols[i].name,
					  le32toh(req->protocols[i].version),
					  why);
		if (!ret)
			return (int)i;
		if (ret != -EPROTONOSUPPORT)
			return ret;
	}
	return -EPROTONOSUPPORT;
}

static void negotiate_try(struct ctrl *ctrl,
			  const struct virtio_pvsched_negotiate *req,
			  uint32_t count, struct virtio_pvsched_reply *reply)
{
	struct reason why;
	char names[200];
	int ret;

	ret = ctrl_open(ctrl, &why);
	if (ret) {
		answer(ctrl, reply, VIRTIO_PVSCHED_S_HOST, "%s", why.text);
		return;
	}
	names_list(req, count, names, sizeof(names));
	ret = protocol_choose(ctrl, req, count, &why);
	ctrl->negotiated = ret >= 0;
	if (ret == -EPROTONOSUPPORT) {
		answer(ctrl, reply, VIRTIO_PVSCHED_S_UNSUPPORTED,
		       "host knows no protocol of: %s", names);
	} else if (ret < 0) {
		answer(ctrl, reply, VIRTIO_PVSCHED_S_HOST, "%s", why.text);
	} else {
		reply->choice = htole32((uint32_t)ret);
		log_limited(ctrl->limit, LOG_INFO,
			    "guest offers %s; number %d of these is in use",
			    names, ret + 1);
	}
}

static void negotiate(struct ctrl *ctrl, const void *buf, size_t len,
		      struct virtio_pvsched_reply *reply)
{
	const struct virtio_pvsched_negotiate *req = buf;
	uint32_t count = le32toh(req->count);

	if (count < 1 || count > VIRTIO_PVSCHED_PROTOCOLS_MAX)
		answer(ctrl, reply, VIRTIO_PVSCHED_S_INVALID,
		       "negotiation of %u protocols, not 1 to %d", count,
		       VIRTIO_PVSCHED_PROTOCOLS_MAX);
	else if (len <
		 offsetof(struct virtio_pvsched_negotiate, protocols[count]))
		answer(ctrl, reply, VIRTIO_PVSCHED_S_INVALID,
		       "%zu bytes are too short for %u protocols", len, count);
	else if (req->reserved || !names_valid(req, count))
		answer(ctrl, reply, VIRTIO_PVSCHED_S_INVALID,
		       "a protocol's name is empty or endless, or a reserved field is not 0");
	else if (ctrl->registered)
		answer(ctrl, reply, VIRTIO_PVSCHED_S_BUSY,
		       "negotiation while %u vCPUs are registered",
		       ctrl->registered);
	else
		negotiate_try(ctrl, req, count, reply);
}

static uint32_t attach_status(int ret)
{
	switch (ret) {
	case -EEXIST:
		return VIRTIO_PVSCHED_S_EXISTS;
	case -EFAULT:
		return VIRTIO_PVSCHED_S_RANGE;
	case -EINVAL:
		return VIRTIO_PVSCHED_S_INVALID;
	default:
		return VIRTIO_PVSCHED_S_HOST;
	}
}

static void register_try(struct ctrl *ctrl, uint32_t cpu, uint64_t gpa,
			 struct virtio_pvsched_reply *reply)
{
	void *page = vhost_mem_gpa(ctrl->mem, gpa, PVSCHED_PAGE_SIZE);
	struct reason why;
	int ret;

	if (!page) {
		answer(ctrl, reply, VIRTIO_PVSCHED_S_RANGE,
		       "page of vCPU %u at %#" PRIx64 " is outside of RAM", cpu,
		       gpa);
		return;
	}
	ret = ctrl->host->ops->attach(ctrl->host, cpu, page, &why);
	if (ret) {
		answer(ctrl, reply, attach_status(ret), "%s", why.text);
		return;
	}
	ctrl->vcpu[cpu] = (struct ctrl_vcpu){
		.gpa = gpa,
		.registered = true,
		.attached = true,
	};
	ctrl->registered++;
	log_limited(ctrl->limit, LOG_INFO, "vCPU %u is registered", cpu);
}

static void register_vcpu(struct ctrl *ctrl, const void *buf, size_t len,
			  struct virtio_pvsched_reply *reply)
{
	const struct virtio_pvsched_register *req = buf;
	uint32_t cpu = le32toh(req->hw_cpu_id);
	uint64_t gpa = le64toh(req->addr);

	(void)len;
	if (req->reserved)
		answer(ctrl, reply, VIRTIO_PVSCHED_S_INVALID,
		       "a reserved field is not 0");
	else if (!ctrl->negotiated)
		answer(ctrl, reply, VIRTIO_PVSCHED_S_BUSY,
		       "vCPU %u: no protocol is negotiated yet", cpu);
	else if (cpu > PVSCHED_VCPU_ID_MAX)
		answer(ctrl, reply, VIRTIO_PVSCHED_S_RANGE,
		       "vCPU %u is beyond %d", cpu, PVSCHED_VCPU_ID_MAX);
	else if (ctrl->vcpu[cpu].registered)
		answer(ctrl, reply, VIRTIO_PVSCHED_S_EXISTS,
		       "vCPU %u is registered already", cpu);
	else if (gpa % PVSCHED_PAGE_SIZE)
		answer(ctrl, reply, VIRTIO_PVSCHED_S_INVALID,
		       "page of vCPU %u at %#" PRIx64 " is not aligned to %d",
		       cpu, gpa, PVSCHED_PAGE_SIZE);
	else
		register_try(ctrl, cpu, gpa, reply);
}

static void unregister_try(struct ctrl *ctrl, uint32_t cpu,
			   struct virtio_pvsched_reply *reply)
{
	struct host *host = ctrl->host;
	struct reason why;
	int ret = 0;

	if (ctrl->vcpu[cpu].attached)
		ret = host->ops->detach(host, cpu, &why);
	if (ret && ret != -ENOENT) {
		answer(ctrl, reply, VIRTIO_PVSCHED_S_HOST, "%s", why.text);
		return;
	}
	ctrl->vcpu[cpu] = (struct ctrl_vcpu){ 0 };
	ctrl->registered--;
	log_limited(ctrl->limit, LOG_INFO, "vCPU %u is unregistered", cpu);
}

static void unregister_vcpu(struct ctrl *ctrl, const void *buf, size_t len,
			    struct virtio_pvsched_reply *reply)
{
	const struct virtio_pvsched_unregister *req = buf;
	uint32_t cpu = le32toh(req->hw_cpu_id);

	(void)len;
	if (req->reserved)
		answer(ctrl, reply, VIRTIO_PVSCHED_S_INVALID,
		       "a reserved field is not 0");
	else if (cpu > PVSCHED_VCPU_ID_MAX)
		answer(ctrl, reply, VIRTIO_PVSCHED_S_RANGE,
		       "vCPU %u is beyond %d", cpu, PVSCHED_VCPU_ID_MAX);
	else if (!ctrl->vcpu[cpu].registered)
		answer(ctrl, reply, VIRTIO_PVSCHED_S_UNKNOWN,
		       "vCPU %u is not registered", cpu);
	else
		unregister_try(ctrl, cpu, reply);
}

/* The count of a vCPU that is attached is told to the host. */
static int atomic_tell(struct ctrl *ctrl, uint32_t cpu, uint64_t gpa,
		       uint32_t mask, struct reason *why)
{
	void *count = vhost_mem_gpa(ctrl->mem, gpa, sizeof(uint32_t));

	if (!count)
		return reason_set(why, EFAULT,
				  "count of vCPU %u at %#" PRIx64
				  " is outside of RAM",
				  cpu, gpa);
	return ctrl->host->ops->atomic(ctrl->host, cpu, count, mask, why);
}

static void atomic_try(struct ctrl *ctrl, uint32_t cpu, uint64_t gpa,
		       uint32_t mask, struct virtio_pvsched_reply *reply)
{
	struct reason why;
	int ret = 0;

	/* One that the host has let go of is told with the rest later. */
	if (ctrl->vcpu[cpu].attached)
		ret = atomic_tell(ctrl, cpu, gpa, mask, &why);
	if (ret) {
		answer(ctrl, reply, attach_status(ret), "%s", why.text);
		return;
	}
	ctrl->vcpu[cpu].counted = ctrl->vcpu[cpu].attached;
	ctrl->vcpu[cpu].count_gpa = gpa;
	ctrl->vcpu[cpu].count_mask = mask;
}

static void atomic_vcpu(struct ctrl *ctrl, const void *buf, size_t len,
			struct virtio_pvsched_reply *reply)
{
	const struct virtio_pvsched_atomic *req = buf;
	uint32_t cpu = le32toh(req->hw_cpu_id);
	uint32_t mask = le32toh(req->mask);
	uint64_t gpa = le64toh(req->addr);

	(void)len;
	if (cpu > PVSCHED_VCPU_ID_MAX)
		answer(ctrl, reply, VIRTIO_PVSCHED_S_RANGE,
		       "vCPU %u is beyond %d", cpu, PVSCHED_VCPU_ID_MAX);
	else if (!ctrl->vcpu[cpu].registered)
		answer(ctrl, reply, VIRTIO_PVSCHED_S_UNKNOWN,
		       "vCPU %u is not registered", cpu);
	else if (ctrl->vcpu[cpu].count_mask)
		answer(ctrl, reply, VIRTIO_PVSCHED_S_EXISTS,
		       "the count of vCPU %u is known already", cpu);
	else if (!mask || gpa % sizeof(uint32_t))
		answer(ctrl, reply, VIRTIO_PVSCHED_S_INVALID,
		       "count of vCPU %u at %#" PRIx64
		       " is not aligned, or no bit of it is to count",
		       cpu, gpa);
	else
		atomic_try(ctrl, cpu, gpa, mask, reply);
}

struct ctrl_type {
	uint32_t type;
	size_t size; /* the least that it takes */
	void (*handle)(struct ctrl *ctrl, const void *buf, size_t len,
		       struct virtio_pvsched_reply *reply);
};

static const struct ctrl_type types[] = {
	{ VIRTIO_PVSCHED_T_NEGOTIATE,
	  offsetof(struct virtio_pvsched_negotiate, protocols), negotiate },
	{ VIRTIO_PVSCHED_T_REGISTER, sizeof(struct virtio_pvsched_register),
	  register_vcpu },
	{ VIRTIO_PVSCHED_T_UNREGISTER, sizeof(struct virtio_pvsched_unregister),
	  unregister_vcpu },
	{ VIRTIO_PVSCHED_T_ATOMIC, sizeof(struct virtio_pvsched_atomic),
	  atomic_vcpu },
};

static const struct ctrl_type *type_find(uint32_t type)
{
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].type == type)
			return &types[i];
	return NULL;
}

void ctrl_request(struct ctrl *ctrl, const void *buf, size_t len,
		  struct virtio_pvsched_reply *reply)
{
	const struct virtio_pvsched_request *req = buf;
	const struct ctrl_type *type;

	memset(reply, 0, sizeof(*reply));
	if (len < sizeof(*req)) {
		answer(ctrl, reply, VIRTIO_PVSCHED_S_INVALID,
		       "a request of %zu bytes", len);
		return;
	}
	type = type_find(le32toh(req->type));
	if (!type)
		answer(ctrl, reply, VIRTIO_PVSCHED_S_UNSUPPORTED,
		       "unknown request type %u", le32toh(req->type));
	else if (len < type->size)
		answer(ctrl, reply, VIRTIO_PVSCHED_S_INVALID,
		       "request type %u has %zu bytes, not %zu", type->type,
		       len, type->size);
	else if (req->reserved)
		answer(ctrl, reply, VIRTIO_PVSCHED_S_INVALID,
		       "a reserved field is not 0");
	else
		type->handle(ctrl, buf, len, reply);
}

void ctrl_detach(struct ctrl *ctrl)
{
	unsigned int i, attached = 0;
	struct reason why;
	int ret;

	for (i = 0; i <= PVSCHED_VCPU_ID_MAX; i++) {
		attached += ctrl->vcpu[i].attached;
		ctrl->vcpu[i].attached = false;
		ctrl->vcpu[i].counted = false;
	}
	if (!attached)
		return;
	ret = ctrl->host->ops->detach(ctrl->host, PVSCHED_VCPU_ALL, &why);
	if (ret && ret != -ENOENT)
		log_limited(ctrl->limit, LOG_ERR, "%s", why.text);
	log_limited(ctrl->limit, LOG_INFO, "%u vCPUs are detached", attached);
}

static int vcpu_attach(struct ctrl *ctrl, unsigned int cpu, struct reason *why)
{
	uint64_t gpa = ctrl->vcpu[cpu].gpa;
	void *page = vhost_mem_gpa(ctrl->mem, gpa, PVSCHED_PAGE_SIZE);

	if (!page)
		return reason_set(why, EFAULT,
				  "its page at %#" PRIx64 " is no longer RAM",
				  gpa);
	return ctrl->host->ops->attach(ctrl->host, cpu, page, why);
}

static unsigned int attach_again(struct ctrl *ctrl, unsigned int cpu)
{
	struct ctrl_vcpu *vcpu = &ctrl->vcpu[cpu];
	struct reason why;

	if (!vcpu->registered || vcpu->attached)
		return 0;
	vcpu->attached = !vcpu_attach(ctrl, cpu, &why);
	if (!vcpu->attached)
		log_limited(ctrl->limit, LOG_WARNING,
			    "vCPU %u is not boosted: %s", cpu, why.text);
	return vcpu->attached;
}

/* Without it there are boosts, too. */
static void count_again(struct ctrl *ctrl, unsigned int cpu)
{
	struct ctrl_vcpu *vcpu = &ctrl->vcpu[cpu];
	struct reason why;

	if (!vcpu->attached || !vcpu->count_mask || vcpu->counted)
		return;
	vcpu->counted = !atomic_tell(ctrl, cpu, vcpu->count_gpa,
				     vcpu->count_mask, &why);
	if (!vcpu->counted)
		log_limited(ctrl->limit, LOG_WARNING, "%s", why.text);
}

void ctrl_attach(struct ctrl *ctrl)
{
	unsigned int i, attached = 0;

	if (ctrl->suspended || !ctrl->registered)
		return;
	for (i = 0; i <= PVSCHED_VCPU_ID_MAX; i++) {
		attached += attach_again(ctrl, i);
		count_again(ctrl, i);
	}
	log_limited(ctrl->limit, LOG_INFO, "%u vCPUs are attached again",
		    attached);
}

void ctrl_reset(struct ctrl *ctrl)
{
	ctrl_detach(ctrl);
	memset(ctrl->vcpu, 0, sizeof(ctrl->vcpu));
	ctrl->registered = 0;
	ctrl->negotiated = false;
	ctrl->suspended = false;
}
