// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/virtio_config.h>
#include <string.h>

#include "vhost_dev.h"

#define BIT(n)	 (1ULL << (n))

#define CONTROL	 VIRTIO_PVSCHED_VQ_CONTROL
#define DOORBELL VIRTIO_PVSCHED_VQ_DOORBELL

void vhost_dev_init(struct vhost_dev *dev, struct host *host,
		    struct log_limit *limit)
{
	unsigned int i;

	memset(dev, 0, sizeof(*dev));
	dev->limit = limit;
	for (i = 0; i < VIRTIO_PVSCHED_VQ_COUNT; i++)
		virtqueue_init(&dev->vring[i]);
	ctrl_init(&dev->ctrl, host, &dev->mem, limit);
}

static void watch(struct vhost_dev *dev, int fd)
{
	if (dev->watch)
		dev->watch(dev->watch_arg, fd);
}

void vhost_dev_exit(struct vhost_dev *dev)
{
	unsigned int i;

	/* The host lets go of pages and doorbell before we do. */
	ctrl_exit(&dev->ctrl);
	watch(dev, -1);
	for (i = 0; i < VIRTIO_PVSCHED_VQ_COUNT; i++)
		virtqueue_exit(&dev->vring[i]);
	vhost_mem_clear(&dev->mem);
}

uint64_t vhost_dev_features(void)
{
	return BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_F_RING_PACKED) |
	       BIT(VIRTIO_PVSCHED_F_ATOMIC) |
	       BIT(VHOST_USER_F_PROTOCOL_FEATURES);
}

uint64_t vhost_dev_protocol_features(void)
{
	return BIT(VHOST_USER_PROTOCOL_F_MQ) |
	       BIT(VHOST_USER_PROTOCOL_F_REPLY_ACK) |
	       BIT(VHOST_USER_PROTOCOL_F_CONFIG) |
	       BIT(VHOST_USER_PROTOCOL_F_RESET_DEVICE) |
	       BIT(VHOST_USER_PROTOCOL_F_CONFIGURE_MEM_SLOTS) |
	       BIT(VHOST_USER_PROTOCOL_F_STATUS);
}

bool vhost_dev_has_protocol(const struct vhost_dev *dev, unsigned int bit)
{
	return dev->protocol_features & BIT(bit);
}

bool vhost_dev_packed(const struct vhost_dev *dev)
{
	return dev->features & BIT(VIRTIO_F_RING_PACKED);
}

void vhost_dev_config(uint32_t offset, void *buf, uint32_t len)
{
	struct virtio_pvsched_config config = {
		.magic = htole32(VIRTIO_PVSCHED_MAGIC),
		.version = htole16(VIRTIO_PVSCHED_VERSION),
		.max_vcpus = htole32(PVSCHED_VCPU_ID_MAX + 1),
	};
	uint32_t left;

	memset(buf, 0, len);
	if (offset >= sizeof(config))
		return;
	left = (uint32_t)sizeof(config) - offset;
	memcpy(buf, (char *)&config + offset, len < left ? len : left);
}

int vhost_dev_set_features(struct vhost_dev *dev, uint64_t features,
			   struct reason *why)
{
	uint64_t unknown = features & ~vhost_dev_features();
	uint64_t changed = features ^ dev->features;

	if (unknown)
		return reason_set(why, EINVAL,
				  "features %#" PRIx64 " were not offered",
				  unknown);
	if (changed & BIT(VIRTIO_F_RING_PACKED) && dev->vring[CONTROL].started)
		return reason_set(why, EBUSY,
				  "layout of the rings changes while they run");
	dev->features = features;
	return 0;
}

int vhost_dev_set_protocol_features(struct vhost_dev *dev, uint64_t features,
				    struct reason *why)
{
	uint64_t unknown = features & ~vhost_dev_protocol_features();

	if (unknown)
		return reason_set(why, EINVAL,
				  "protocol features %#" PRIx64
				  " were not offered",
				  unknown);
	dev->protocol_features = features;
	return 0;
}

void vhost_dev_set_status(struct vhost_dev *dev, uint8_t status)
{
	dev->status = status;
	if (!status)
		vhost_dev_stop(dev);
}

struct virtqueue *vhost_dev_vring(struct vhost_dev *dev, uint32_t index,
				  struct reason *why)
{
	if (index < VIRTIO_PVSCHED_VQ_COUNT)
		return &dev->vring[index];
	reason_set(why, EINVAL, "queue %u, there are %d", index,
		   VIRTIO_PVSCHED_VQ_COUNT);
	return NULL;
}

int vhost_dev_map_ring(struct vhost_dev *dev, uint32_t index,
		       struct reason *why)
{
	struct virtqueue *vq = &dev->vring[index];

	/* Size, addresses and memory come in any order. */
	if (!vq->num || !vq->addr_set || !dev->mem.count) {
		vring_unmap(vq);
		return 0;
	}
	return vring_map(vq, &dev->mem, vhost_dev_packed(dev), why);
}

void vhost_dev_mem_begin(struct vhost_dev *dev)
{
	unsigned int i;

	ctrl_detach(&dev->ctrl);
	for (i = 0; i < VIRTIO_PVSCHED_VQ_COUNT; i++)
		vring_unmap(&dev->vring[i]);
}

void vhost_dev_mem_end(struct vhost_dev *dev)
{
	struct reason why;
	unsigned int i;

	for (i = 0; i < VIRTIO_PVSCHED_VQ_COUNT; i++)
		if (vhost_dev_map_ring(dev, i, &why))
			log_limited(dev->limit, LOG_WARNING,
				    "queue %u is lost: %s", i, why.text);
	ctrl_attach(&dev->ctrl);
}

/*
 * A front end stops and starts the queues for a reset of the device, which
 * makes the guest register anew, and also when it pauses and resumes the VM,
 * of which the guest knows nothing. Only where the control queue starts tells
 * the two apart.
 */
static void control_started(struct vhost_dev *dev)
{
	struct virtqueue *vq = &dev->vring[CONTROL];
	bool new = !vring_continues(vq, vring_base(vq));

	if (dev->ctrl.suspended && vring_continues(vq, dev->stopped_base)) {
		log_limited(dev->limit, LOG_INFO,
			    "the device continues where it was stopped");
		dev->ctrl.suspended = false;
		ctrl_attach(&dev->ctrl);
		return;
	}
	if (!new && !dev->started_before)
		log_limited(
			dev->limit, LOG_WARNING,
			"the guest negotiated with another back end: no boosts until its driver is bound anew");
	ctrl_reset(&dev->ctrl);
}

static int start_control(struct vhost_dev *dev, struct reason *why)
{
	struct virtqueue *vq = &dev->vring[CONTROL];
	int ret;

	if (vq->started)
		return 0;
	ret = vhost_dev_map_ring(dev, CONTROL, why);
	if (!ret)
		ret = vring_start(vq, why);
	if (ret)
		return ret;
	control_started(dev);
	dev->started_before = true;
	/* Without this bit there is no SET_VRING_ENABLE either. */
	if (!(dev->features & BIT(VHOST_USER_F_PROTOCOL_FEATURES)))
		vq->enabled = true;
	return 0;
}

int vhost_dev_set_kick(struct vhost_dev *dev, uint32_t index, int fd,
		       struct reason *why)
{
	struct virtqueue *vq = &dev->vring[index];
	int ret;

	/* The host listens to the doorbell; here nobody does. */
	if (index == DOORBELL) {
		ctrl_set_doorbell(&dev->ctrl, fd);
		fd_close(&vq->kick);
		vq->kick = fd;
		return 0;
	}
	watch(dev, -1);
	fd_close(&vq->kick);
	vq->kick = fd;
	if (fd < 0)
		return reason_set(
			why, EINVAL,
			"control queue without a kick descriptor: polling is not supported");
	ret = start_control(dev, why);
	if (ret) {
		fd_close(&vq->kick);
		return ret;
	}
	watch(dev, fd);
	return 0;
}

static void stop_doorbell(struct vhost_dev *dev)
{
	ctrl_set_doorbell(&dev->ctrl, -1);
}

static void stop_control(struct vhost_dev *dev)
{
	struct virtqueue *vq = &dev->vring[CONTROL];

	watch(dev, -1);
	if (!vq->started)
		return;
	dev->stopped_base = vring_base(vq);
	ctrl_detach(&dev->ctrl);
	dev->ctrl.suspended = true;
}

void vhost_dev_stop_ring(struct vhost_dev *dev, uint32_t index)
{
	if (index == DOORBELL)
		stop_doorbell(dev);
	else
		stop_control(dev);
	vring_stop(&dev->vring[index]);
}

void vhost_dev_stop(struct vhost_dev *dev)
{
	unsigned int i;

	for (i = 0; i < VIRTIO_PVSCHED_VQ_COUNT; i++)
		vhost_dev_stop_ring(dev, i);
}

void vhost_dev_reset(struct vhost_dev *dev)
{
	unsigned int i;

	vhost_dev_stop(dev);
	ctrl_reset(&dev->ctrl);
	dev->status = 0;
	for (i = 0; i < VIRTIO_PVSCHED_VQ_COUNT; i++)
		virtqueue_exit(&dev->vring[i]);
}

union control_request {
	struct virtio_pvsched_request request;
	struct virtio_pvsched_negotiate negotiate;
	struct virtio_pvsched_register reg;
	struct virtio_pvsched_unregister unreg;
};

/* Answer one request; the number of bytes that the guest gets. */
static uint32_t control_answer(struct vhost_dev *dev,
			       const struct vring_chain *chain)
{
	union control_request req = { 0 };
	struct virtio_pvsched_reply reply;
	struct reason why;
	ssize_t len;
	int ret;

	len = vring_chain_read(chain, &dev->mem, &req, sizeof(req), &why);
	if (len < 0) {
		log_limited(dev->limit, LOG_NOTICE, "control request: %s",
			    why.text);
		return 0;
	}
	ctrl_request(&dev->ctrl, &req, (size_t)len, &reply);
	ret = vring_chain_write(chain, &dev->mem, &reply, sizeof(reply), &why);
	if (ret) {
		log_limited(dev->limit, LOG_NOTICE, "answer to the guest: %s",
			    why.text);
		return 0;
	}
	return sizeof(reply);
}

bool vhost_dev_run(struct vhost_dev *dev)
{
	struct virtqueue *vq = &dev->vring[CONTROL];
	unsigned int done = 0;
	struct vring_chain chain;
	struct reason why;
	int ret = 0;

	if (!vring_ready(vq))
		return false;
	while (done < vq->num) {
		ret = vq->ops->get(vq, &chain, &why);
		if (ret <= 0)
			break;
		vq->ops->put(vq, &chain, control_answer(dev, &chain));
		done++;
	}
	if (done)
		vring_notify(vq);
	if (done == vq->num)
		return true;
	if (ret < 0) {
		log_limited(dev->limit, LOG_ERR,
			    "control queue is stopped, the guest broke it: %s",
			    why.text);
		vring_break(vq);
	}
	return false;
}
