// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The split layout: a descriptor table, the available ring (driver area) and
 * the used ring (device area).
 */
#include <endian.h>
#include <errno.h>
#include <linux/virtio_ring.h>
#include <string.h>

#include "vring.h"

static size_t split_driver_size(unsigned int num)
{
	return sizeof(struct vring_avail) + num * sizeof(__virtio16);
}

static size_t split_device_size(unsigned int num)
{
	return sizeof(struct vring_used) + num * sizeof(struct vring_used_elem);
}

static int split_start(struct virtqueue *vq, struct reason *why)
{
	struct vring_used *used = vq->device;

	if (vq->base > UINT16_MAX)
		return reason_set(why, EINVAL,
				  "split ring starts at %u, beyond 65535",
				  vq->base);
	vq->avail = (struct vring_pos){ .idx = (uint16_t)vq->base };
	vq->used = (struct vring_pos){
		.idx = le16toh(__atomic_load_n(&used->idx, __ATOMIC_RELAXED)),
	};
	__atomic_store_n(&used->flags, 0, __ATOMIC_RELAXED);
	return 0;
}

static uint32_t split_base(const struct virtqueue *vq)
{
	return vq->avail.idx;
}

/* Reads descriptor @i once and appends it; *@next is -1 after the last one. */
static int split_add(const struct virtqueue *vq, struct vring_chain *chain,
		     unsigned int i, int *next, struct reason *why)
{
	const struct vring_desc *table = vq->desc;
	struct vring_desc desc;

	if (i >= vq->num)
		return reason_set(why, EPROTO, "descriptor %u in a ring of %u",
				  i, vq->num);
	memcpy(&desc, &table[i], sizeof(desc));
	desc.flags = le16toh(desc.flags);
	*next = desc.flags & VRING_DESC_F_NEXT ? le16toh(desc.next) : -1;
	return vring_chain_add(chain, le64toh(desc.addr), le32toh(desc.len),
			       desc.flags, why);
}

static int split_get(struct virtqueue *vq, struct vring_chain *chain,
		     struct reason *why)
{
	const struct vring_avail *avail = vq->driver;
	uint16_t idx = le16toh(__atomic_load_n(&avail->idx, __ATOMIC_ACQUIRE));
	uint16_t pending = idx - vq->avail.idx;
	int ret, next;

	if (!pending)
		return 0;
	if (pending > vq->num)
		return reason_set(
			why, EPROTO,
			"available index %u is %u ahead in a ring of %u", idx,
			pending, vq->num);
	next = le16toh(__atomic_load_n(
		&avail->ring[vq->avail.idx & (vq->num - 1)], __ATOMIC_RELAXED));
	*chain = (struct vring_chain){ .id = (uint16_t)next };
	do {
		ret = split_add(vq, chain, (unsigned int)next, &next, why);
	} while (!ret && next >= 0 && chain->segs < vq->num);
	if (!ret && next >= 0)
		ret = reason_set(why, EPROTO, "descriptor chain loops");
	if (ret)
		return ret;
	vq->avail.idx++;
	return 1;
}

static void split_put(struct virtqueue *vq, const struct vring_chain *chain,
		      uint32_t written)
{
	struct vring_used *used = vq->device;
	struct vring_used_elem *elem =
		&used->ring[vq->used.idx & (vq->num - 1)];

	elem->id = htole32(chain->id);
	elem->len = htole32(written);
	vq->used.idx++;
	__atomic_store_n(&used->idx, htole16(vq->used.idx), __ATOMIC_RELEASE);
}

static bool split_interrupt_wanted(const struct virtqueue *vq)
{
	const struct vring_avail *avail = vq->driver;

	/* The used index must be visible before the flag is read. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return !(le16toh(__atomic_load_n(&avail->flags, __ATOMIC_RELAXED)) &
		 VRING_AVAIL_F_NO_INTERRUPT);
}

/* Every entry of the used ring has its turn, so the last one was written. */
static bool split_worn(const struct virtqueue *vq)
{
	const struct vring_used *used = vq->device;

	return used->ring[vq->num - 1].len || used->ring[vq->num - 1].id;
}

const struct vring_ops vring_split = {
	.driver_size = split_driver_size,
	.device_size = split_device_size,
	.base_initial = 0,
	.start = split_start,
	.base = split_base,
	.get = split_get,
	.put = split_put,
	.interrupt_wanted = split_interrupt_wanted,
	.worn = split_worn,
};
