// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vhost_msg.h"

#define CONFIG_HEADER offsetof(struct vhost_user_config, data)
#define TABLE_HEADER  offsetof(struct vhost_user_mem_table, region)

/*
 * reply: the request has an answer of its own, which the handler puts into the
 *	payload together with its size.
 * mild: without REPLY_ACK a refusal is not worth the connection.
 */
struct vhost_request {
	uint32_t id;
	const char *name;
	uint32_t size_min, size_max;
	unsigned int fds_max;
	bool reply;
	bool mild;
	int (*handle)(struct vhost_dev *dev, struct vhost_user_msg *msg,
		      struct reason *why);
};

static int reply_u64(struct vhost_user_msg *msg, uint64_t value)
{
	msg->payload.u64 = value;
	msg->header.size = sizeof(msg->payload.u64);
	return 0;
}

static int get_features(struct vhost_dev *dev, struct vhost_user_msg *msg,
			struct reason *why)
{
	(void)dev;
	(void)why;
	return reply_u64(msg, vhost_dev_features());
}

static int set_features(struct vhost_dev *dev, struct vhost_user_msg *msg,
			struct reason *why)
{
	return vhost_dev_set_features(dev, msg->payload.u64, why);
}

static int get_protocol_features(struct vhost_dev *dev,
				 struct vhost_user_msg *msg, struct reason *why)
{
	(void)dev;
	(void)why;
	return reply_u64(msg, vhost_dev_protocol_features());
}

static int set_protocol_features(struct vhost_dev *dev,
				 struct vhost_user_msg *msg, struct reason *why)
{
	return vhost_dev_set_protocol_features(dev, msg->payload.u64, why);
}

static int get_queue_num(struct vhost_dev *dev, struct vhost_user_msg *msg,
			 struct reason *why)
{
	(void)dev;
	(void)why;
	return reply_u64(msg, VIRTIO_PVSCHED_VQ_COUNT);
}

static int set_owner(struct vhost_dev *dev, struct vhost_user_msg *msg,
		     struct reason *why)
{
	(void)dev;
	(void)msg;
	(void)why;
	return 0;
}

static int reset_owner(struct vhost_dev *dev, struct vhost_user_msg *msg,
		       struct reason *why)
{
	(void)msg;
	(void)why;
	vhost_dev_stop(dev);
	return 0;
}

static int reset_device(struct vhost_dev *dev, struct vhost_user_msg *msg,
			struct reason *why)
{
	(void)msg;
	(void)why;
	vhost_dev_reset(dev);
	return 0;
}

static int get_config(struct vhost_dev *dev, struct vhost_user_msg *msg,
		      struct reason *why)
{
	struct vhost_user_config *c = &msg->payload.config;

	(void)dev;
	if (c->size > VHOST_USER_CONFIG_MAX ||
	    c->offset > VHOST_USER_CONFIG_MAX - c->size ||
	    msg->header.size != CONFIG_HEADER + c->size)
		return reason_set(
			why, EINVAL,
			"%u bytes at %u of the configuration space, in a message of %u",
			c->size, c->offset, msg->header.size);
	vhost_dev_config(c->offset, c->data, c->size);
	return 0;
}

static int set_config(struct vhost_dev *dev, struct vhost_user_msg *msg,
		      struct reason *why)
{
	(void)dev;
	(void)msg;
	return reason_set(why, EROFS, "the configuration space is read-only");
}

static int get_status(struct vhost_dev *dev, struct vhost_user_msg *msg,
		      struct reason *why)
{
	(void)why;
	return reply_u64(msg, dev->status);
}

static int set_status(struct vhost_dev *dev, struct vhost_user_msg *msg,
		      struct reason *why)
{
	if (msg->payload.u64 > UINT8_MAX)
		return reason_set(why, EINVAL,
				  "status %#" PRIx64 " has more than 8 bits",
				  msg->payload.u64);
	vhost_dev_set_status(dev, (uint8_t)msg->payload.u64);
	return 0;
}

/* Guest RAM */

static struct vhost_mem_desc region_desc(const struct vhost_user_region *r)
{
	return (struct vhost_mem_desc){
		.gpa = r->gpa,
		.size = r->size,
		.uva = r->uva,
		.offset = r->offset,
	};
}

static int mem_table_add(struct vhost_dev *dev, struct vhost_user_msg *msg,
			 struct reason *why)
{
	const struct vhost_user_mem_table *t = &msg->payload.table;
	struct vhost_mem_desc desc;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < t->count && !ret; i++) {
		desc = region_desc(&t->region[i]);
		ret = vhost_mem_add(&dev->mem, &desc, msg->fd[i], why);
	}
	if (ret)
		vhost_mem_clear(&dev->mem);
	return ret;
}

static int set_mem_table(struct vhost_dev *dev, struct vhost_user_msg *msg,
			 struct reason *why)
{
	const struct vhost_user_mem_table *t = &msg->payload.table;
	int ret;

	if (t->count > VHOST_USER_FDS_MAX ||
	    msg->header.size != TABLE_HEADER + t->count * sizeof(t->region[0]))
		return reason_set(why, EINVAL,
				  "%u memory regions in a message of %u bytes",
				  t->count, msg->header.size);
	if (msg->fds != t->count)
		return reason_set(why, EINVAL,
				  "%u memory regions with %u descriptors",
				  t->count, msg->fds);
	vhost_dev_mem_begin(dev);
	vhost_mem_clear(&dev->mem);
	ret = mem_table_add(dev, msg, why);
	vhost_dev_mem_end(dev);
	return ret;
}

static int get_max_mem_slots(struct vhost_dev *dev, struct vhost_user_msg *msg,
			     struct reason *why)
{
	(void)dev;
	(void)why;
	return reply_u64(msg, VHOST_MEM_SLOTS);
}

static int add_mem_reg(struct vhost_dev *dev, struct vhost_user_msg *msg,
		       struct reason *why)
{
	struct vhost_mem_desc desc = region_desc(&msg->payload.reg.region);
	int ret;

	if (msg->fds != 1)
		return reason_set(why, EINVAL,
				  "memory region without a descriptor");
	/* Nothing that is mapped moves, but a lost page may be RAM again. */
	ret = vhost_mem_add(&dev->mem, &desc, msg->fd[0], why);
	vhost_dev_mem_end(dev);
	return ret;
}

static int rem_mem_reg(struct vhost_dev *dev, struct vhost_user_msg *msg,
		       struct reason *why)
{
	struct vhost_mem_desc desc = region_desc(&msg->payload.reg.region);
	int ret;

	vhost_dev_mem_begin(dev);
	ret = vhost_mem_remove(&dev->mem, &desc, why);
	vhost_dev_mem_end(dev);
	return ret;
}

/* Queues */

static int set_vring_num(struct vhost_dev *dev, struct vhost_user_msg *msg,
			 struct reason *why)
{
	const struct vhost_vring_state *s = &msg->payload.state;
	struct virtqueue *vq = vhost_dev_vring(dev, s->index, why);
	int ret;

	if (!vq)
		return -EINVAL;
	if (vq->started)
		return reason_set(why, EBUSY, "queue %u runs", s->index);
	ret = vring_num_check(s->num, vhost_dev_packed(dev), why);
	if (ret)
		return ret;
	vq->num = s->num;
	return vhost_dev_map_ring(dev, s->index, why);
}

static int set_vring_addr(struct vhost_dev *dev, struct vhost_user_msg *msg,
			  struct reason *why)
{
	const struct vhost_vring_addr *a = &msg->payload.addr;
	struct virtqueue *vq = vhost_dev_vring(dev, a->index, why);
	int ret;

	if (!vq)
		return -EINVAL;
	if (a->flags)
		return reason_set(
			why, EINVAL,
			"queue %u with flags %#x: writes cannot be logged",
			a->index, a->flags);
	vq->addr = *a;
	vq->addr_set = true;
	ret = vhost_dev_map_ring(dev, a->index, why);
	if (ret)
		vq->addr_set = false;
	return ret;
}

static int set_vring_base(struct vhost_dev *dev, struct vhost_user_msg *msg,
			  struct reason *why)
{
	const struct vhost_vring_state *s = &msg->payload.state;
	struct virtqueue *vq = vhost_dev_vring(dev, s->index, why);

	if (!vq)
		return -EINVAL;
	if (vq->started)
		return reason_set(why, EBUSY, "queue %u runs", s->index);
	vq->base = s->num;
	vq->base_set = true;
	return 0;
}

static int get_vring_base(struct vhost_dev *dev, struct vhost_user_msg *msg,
			  struct reason *why)
{
	struct vhost_vring_state *s = &msg->payload.state;
	struct virtqueue *vq = vhost_dev_vring(dev, s->index, why);

	if (!vq)
		return -EINVAL;
	vhost_dev_stop_ring(dev, s->index);
	s->num = vring_base(vq);
	return 0;
}

static int set_vring_enable(struct vhost_dev *dev, struct vhost_user_msg *msg,
			    struct reason *why)
{
	const struct vhost_vring_state *s = &msg->payload.state;
	struct virtqueue *vq = vhost_dev_vring(dev, s->index, why);

	if (!vq)
		return -EINVAL;
	if (s->num > 1)
		return reason_set(
			why, EINVAL,
			"queue %u is to be enabled with %u, not 0 or 1",
			s->index, s->num);
	vq->enabled = s->num;
	return 0;
}

/* An eventfd that cannot block us, however full it is. */
static int eventfd_check(int fd, struct reason *why)
{
	static const char kind[] = "anon_inode:[eventfd]";
	char path[64], target[64] = "";
	int flags;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (readlink(path, target, sizeof(target) - 1) < 0)
		return reason_set(why, errno, "%s: %s", path, strerror(errno));
	if (strcmp(target, kind))
		return reason_set(why, EINVAL,
				  "descriptor is not an eventfd but %s",
				  target);
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK))
		return reason_set(why, errno, "eventfd: %s", strerror(errno));
	return 0;
}

/* Queue and descriptor of a message; *@fd is the caller's, -1 for none. */
static struct virtqueue *vring_fd(struct vhost_dev *dev,
				  struct vhost_user_msg *msg, int *fd,
				  struct reason *why)
{
	uint64_t arg = msg->payload.u64;
	struct virtqueue *vq;

	if (arg & ~(uint64_t)(VHOST_USER_VRING_INDEX | VHOST_USER_VRING_NOFD)) {
		reason_set(why, EINVAL, "unknown bits in %#" PRIx64, arg);
		return NULL;
	}
	vq = vhost_dev_vring(dev, arg & VHOST_USER_VRING_INDEX, why);
	if (!vq)
		return NULL;
	if (msg->fds != !(arg & VHOST_USER_VRING_NOFD)) {
		reason_set(why, EINVAL, "%u descriptors, %u are announced",
			   msg->fds, !(arg & VHOST_USER_VRING_NOFD));
		return NULL;
	}
	if (!msg->fds)
		return vq;
	if (eventfd_check(msg->fd[0], why))
		return NULL;
	*fd = fd_take(&msg->fd[0]);
	return vq;
}

static int set_vring_kick(struct vhost_dev *dev, struct vhost_user_msg *msg,
			  struct reason *why)
{
	int fd = -1;

	if (!vring_fd(dev, msg, &fd, why))
		return -EINVAL;
	return vhost_dev_set_kick(
		dev, msg->payload.u64 & VHOST_USER_VRING_INDEX, fd, why);
}

static int set_vring_call(struct vhost_dev *dev, struct vhost_user_msg *msg,
			  struct reason *why)
{
	int fd = -1;
	struct virtqueue *vq = vring_fd(dev, msg, &fd, why);

	if (!vq)
		return -EINVAL;
	fd_close(&vq->call);
	vq->call = fd;
	return 0;
}

static int set_vring_err(struct vhost_dev *dev, struct vhost_user_msg *msg,
			 struct reason *why)
{
	int fd = -1;
	struct virtqueue *vq = vring_fd(dev, msg, &fd, why);

	if (!vq)
		return -EINVAL;
	fd_close(&vq->err);
	vq->err = fd;
	return 0;
}

#define U64   sizeof(uint64_t), sizeof(uint64_t)
#define STATE sizeof(struct vhost_vring_state), sizeof(struct vhost_vring_state)
#define REGION \
	sizeof(struct vhost_user_mem_reg), sizeof(struct vhost_user_mem_reg)
#define REQUEST(r) .id = VHOST_USER_##r, .name = #r

static const struct vhost_request requests[] = {
	{ REQUEST(GET_FEATURES), 0, 0, 0, true, false, get_features },
	{ REQUEST(SET_FEATURES), U64, 0, false, false, set_features },
	{ REQUEST(SET_OWNER), 0, 0, 0, false, false, set_owner },
	{ REQUEST(RESET_OWNER), 0, 0, 0, false, false, reset_owner },
	{ REQUEST(SET_MEM_TABLE), TABLE_HEADER,
	  sizeof(struct vhost_user_mem_table), VHOST_USER_FDS_MAX, false, false,
	  set_mem_table },
	{ REQUEST(SET_VRING_NUM), STATE, 0, false, false, set_vring_num },
	{ REQUEST(SET_VRING_ADDR), sizeof(struct vhost_vring_addr),
	  sizeof(struct vhost_vring_addr), 0, false, false, set_vring_addr },
	{ REQUEST(SET_VRING_BASE), STATE, 0, false, false, set_vring_base },
	{ REQUEST(GET_VRING_BASE), STATE, 0, true, false, get_vring_base },
	{ REQUEST(SET_VRING_KICK), U64, 1, false, false, set_vring_kick },
	{ REQUEST(SET_VRING_CALL), U64, 1, false, false, set_vring_call },
	{ REQUEST(SET_VRING_ERR), U64, 1, false, false, set_vring_err },
	{ REQUEST(GET_PROTOCOL_FEATURES), 0, 0, 0, true, false,
	  get_protocol_features },
	{ REQUEST(SET_PROTOCOL_FEATURES), U64, 0, false, false,
	  set_protocol_features },
	{ REQUEST(GET_QUEUE_NUM), 0, 0, 0, true, false, get_queue_num },
	{ REQUEST(SET_VRING_ENABLE), STATE, 0, false, false, set_vring_enable },
	{ REQUEST(GET_CONFIG), CONFIG_HEADER, sizeof(struct vhost_user_config),
	  0, true, true, get_config },
	{ REQUEST(SET_CONFIG), CONFIG_HEADER, sizeof(struct vhost_user_config),
	  0, false, true, set_config },
	{ REQUEST(RESET_DEVICE), 0, 0, 0, false, false, reset_device },
	{ REQUEST(GET_MAX_MEM_SLOTS), 0, 0, 0, true, false, get_max_mem_slots },
	{ REQUEST(ADD_MEM_REG), REGION, 1, false, false, add_mem_reg },
	{ REQUEST(REM_MEM_REG), REGION, 1, false, false, rem_mem_reg },
	{ REQUEST(SET_STATUS), U64, 0, false, false, set_status },
	{ REQUEST(GET_STATUS), 0, 0, 0, true, false, get_status },
};

static const struct vhost_request *request_find(uint32_t id)
{
	size_t i;

	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		if (requests[i].id == id)
			return &requests[i];
	return NULL;
}

static int request_run(struct vhost_dev *dev, const struct vhost_request *req,
		       struct vhost_user_msg *msg, struct reason *why)
{
	uint32_t size = msg->header.size;

	if (!req)
		return reason_set(why, ENOSYS, "unknown request");
	if (size < req->size_min || size > req->size_max)
		return reason_set(why, EMSGSIZE,
				  "payload of %u bytes, not %u to %u", size,
				  req->size_min, req->size_max);
	if (msg->fds > req->fds_max)
		return reason_set(why, EMSGSIZE,
				  "%u descriptors, at most %u make sense",
				  msg->fds, req->fds_max);
	return req->handle(dev, msg, why);
}

static bool wants_ack(const struct vhost_dev *dev,
		      const struct vhost_user_msg *msg)
{
	return msg->header.flags & VHOST_USER_NEED_REPLY &&
	       vhost_dev_has_protocol(dev, VHOST_USER_PROTOCOL_F_REPLY_ACK);
}

static int refuse(struct vhost_dev *dev, const struct vhost_request *req,
		  struct vhost_user_msg *msg, bool ack, struct reason *why)
{
	struct reason text = *why;

	snprintf(why->text, sizeof(why->text),
		 "message %u (%s) refused: %.120s", msg->header.request,
		 req ? req->name : "?", text.text);
	if (!ack && !(req && req->mild))
		return -EPROTO;
	log_limited(dev->limit, LOG_WARNING, "%s", why->text);
	if (ack)
		reply_u64(msg, 1);
	else
		msg->header.size = 0;
	return ack || req->reply;
}

int vhost_msg_handle(struct vhost_dev *dev, struct vhost_user_msg *msg,
		     struct reason *why)
{
	const struct vhost_request *req = request_find(msg->header.request);
	/* Asked before: the message itself may switch REPLY_ACK on. */
	bool ack = !(req && req->reply) && wants_ack(dev, msg);
	int ret;

	ret = request_run(dev, req, msg, why);
	if (ret)
		ret = refuse(dev, req, msg, ack, why);
	else if (ack)
		ret = reply_u64(msg, 0) ?: 1;
	else
		ret = req->reply;
	if (ret > 0)
		msg->header.flags = VHOST_USER_VERSION | VHOST_USER_REPLY;
	return ret;
}
