// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <linux/virtio_ring.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/types.h>

#include "vring.h"

void virtqueue_init(struct virtqueue *vq)
{
	memset(vq, 0, sizeof(*vq));
	vq->kick = -1;
	vq->call = -1;
	vq->err = -1;
}

void virtqueue_exit(struct virtqueue *vq)
{
	fd_close(&vq->kick);
	fd_close(&vq->call);
	fd_close(&vq->err);
	virtqueue_init(vq);
}

int vring_num_check(unsigned int num, bool packed, struct reason *why)
{
	if (!num || num > VRING_NUM_MAX)
		return reason_set(why, EINVAL, "ring size %u is not 1 to %d",
				  num, VRING_NUM_MAX);
	if (!packed && (num & (num - 1)))
		return reason_set(why, EINVAL,
				  "size %u of a split ring is not a power of 2",
				  num);
	return 0;
}

static int area_map(void **area, const struct vhost_mem *mem, const char *name,
		    uint64_t uva, size_t len, size_t align, struct reason *why)
{
	void *p = vhost_mem_uva(mem, uva, len);

	if (!p)
		return reason_set(why, EFAULT,
				  "%s at %#" PRIx64
				  ", %zu bytes, is outside of guest RAM",
				  name, uva, len);
	if ((uintptr_t)p & (align - 1))
		return reason_set(why, EINVAL,
				  "%s at %#" PRIx64 " is not aligned to %zu",
				  name, uva, align);
	*area = p;
	return 0;
}

int vring_map(struct virtqueue *vq, const struct vhost_mem *mem, bool packed,
	      struct reason *why)
{
	const struct vring_ops *ops = packed ? &vring_packed : &vring_split;
	int ret;

	vring_unmap(vq);
	vq->ops = ops;
	ret = vring_num_check(vq->num, packed, why);
	if (!ret)
		ret = area_map(&vq->desc, mem, "descriptor table",
			       vq->addr.desc_user_addr,
			       vq->num * sizeof(struct vring_desc), 16, why);
	if (!ret)
		ret = area_map(&vq->driver, mem, "driver area",
			       vq->addr.avail_user_addr,
			       ops->driver_size(vq->num), packed ? 4 : 2, why);
	if (!ret)
		ret = area_map(&vq->device, mem, "device area",
			       vq->addr.used_user_addr,
			       ops->device_size(vq->num), 4, why);
	if (ret)
		vring_unmap(vq);
	return ret;
}

void vring_unmap(struct virtqueue *vq)
{
	vq->desc = NULL;
	vq->driver = NULL;
	vq->device = NULL;
}

int vring_start(struct virtqueue *vq, struct reason *why)
{
	int ret;

	if (vq->started)
		return 0;
	if (!vq->desc)
		return reason_set(why, EINVAL,
				  "ring has no size, addresses or memory yet");
	if (!vq->base_set)
		vq->base = vq->ops->base_initial;
	ret = vq->ops->start(vq, why);
	if (ret)
		return ret;
	vq->started = true;
	vq->broken = false;
	return 0;
}

void vring_stop(struct virtqueue *vq)
{
	if (vq->started) {
		vq->base = vring_base(vq);
		vq->base_set = true;
	}
	vq->started = false;
	fd_close(&vq->kick);
}

bool vring_ready(const struct virtqueue *vq)
{
	return vq->started && vq->enabled && vq->desc && !vq->broken;
}

uint32_t vring_base(const struct virtqueue *vq)
{
	return vq->started ? vq->ops->base(vq) : vq->base;
}

bool vring_continues(const struct virtqueue *vq, uint32_t base)
{
	if (vring_base(vq) != base)
		return false;
	return base != vq->ops->base_initial || vq->ops->worn(vq);
}

int vring_chain_add(struct vring_chain *chain, uint64_t gpa, uint32_t len,
		    uint16_t flags, struct reason *why)
{
	struct vring_seg *seg = &chain->seg[chain->segs];

	if (flags & VRING_DESC_F_INDIRECT)
		return reason_set(why, EPROTO,
				  "indirect descriptor, which was not offered");
	if (chain->segs == VRING_SEGS_MAX)
		return reason_set(
			why, EPROTO,
			"descriptor chain has more than %d entries or loops",
			VRING_SEGS_MAX);
	if (!(flags & VRING_DESC_F_WRITE)) {
		if (chain->readable != chain->segs)
			return reason_set(
				why, EPROTO,
				"readable descriptor after a writable one");
		chain->readable++;
	}
	seg->gpa = gpa;
	seg->len = len;
	chain->segs++;
	return 0;
}

ssize_t vring_chain_read(const struct vring_chain *chain,
			 const struct vhost_mem *mem, void *buf, size_t size,
			 struct reason *why)
{
	size_t done = 0;
	unsigned int i;

	for (i = 0; i < chain->readable && done < size; i++) {
		const struct vring_seg *seg = &chain->seg[i];
		size_t n = seg->len < size - done ? seg->len : size - done;
		int ret = vhost_mem_read(mem, seg->gpa, (char *)buf + done, n,
					 why);

		if (ret)
			return ret;
		done += n;
	}
	return (ssize_t)done;
}

int vring_chain_write(const struct vring_chain *chain,
		      const struct vhost_mem *mem, const void *buf, size_t len,
		      struct reason *why)
{
	size_t done = 0;
	unsigned int i;

	for (i = chain->readable; i < chain->segs && done < len; i++) {
		const struct vring_seg *seg = &chain->seg[i];
		size_t n = seg->len < len - done ? seg->len : len - done;
		int ret = vhost_mem_write(mem, seg->gpa,
					  (const char *)buf + done, n, why);

		if (ret)
			return ret;
		done += n;
	}
	if (done < len)
		return reason_set(why, ENOSPC,
				  "%zu writable bytes, %zu are needed", done,
				  len);
	return 0;
}

/* The descriptors were made non-blocking; a full counter has told already. */
static void signal_fd(int fd)
{
	if (fd >= 0)
		(void)eventfd_write(fd, 1);
}

void vring_notify(const struct virtqueue *vq)
{
	if (vq->ops->interrupt_wanted(vq))
		signal_fd(vq->call);
}

void vring_break(struct virtqueue *vq)
{
	vq->broken = true;
	signal_fd(vq->err);
}
