// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The packed layout: one ring of descriptors that both sides write, and an
 * event suppression structure for each side.
 */
#include <endian.h>
#include <errno.h>
#include <linux/virtio_ring.h>
#include <string.h>

#include "vring.h"

#define DESC_AVAIL (1U << VRING_PACKED_DESC_F_AVAIL)
#define DESC_USED  (1U << VRING_PACKED_DESC_F_USED)

/* The base: index in bits 0-14, wrap counter in bit 15; used above that. */
#define BASE_WRAP (1U << 15)
#define BASE_IDX  (BASE_WRAP - 1)

static size_t packed_event_size(unsigned int num)
{
	(void)num;
	return sizeof(struct vring_packed_desc_event);
}

static struct vring_pos pos_decode(uint32_t half)
{
	return (struct vring_pos){
		.idx = (uint16_t)(half & BASE_IDX),
		.wrap = half & BASE_WRAP,
	};
}

static uint32_t pos_encode(struct vring_pos pos)
{
	return pos.idx | (pos.wrap ? BASE_WRAP : 0);
}

static void pos_advance(struct vring_pos *pos, unsigned int count,
			unsigned int num)
{
	unsigned int idx = pos->idx + count;

	if (idx >= num) {
		idx -= num;
		pos->wrap = !pos->wrap;
	}
	pos->idx = (uint16_t)idx;
}

static int packed_start(struct virtqueue *vq, struct reason *why)
{
	struct vring_packed_desc_event *event = vq->device;
	struct vring_pos avail = pos_decode(vq->base);
	struct vring_pos used = pos_decode(vq->base >> 16);

	if (avail.idx >= vq->num || used.idx >= vq->num)
		return reason_set(why, EINVAL,
				  "packed ring of %u starts at %u, used %u",
				  vq->num, avail.idx, used.idx);
	vq->avail = avail;
	vq->used = used;
	__atomic_store_n(&event->flags, htole16(VRING_PACKED_EVENT_FLAG_ENABLE),
			 __ATOMIC_RELAXED);
	return 0;
}

static uint32_t packed_base(const struct virtqueue *vq)
{
	return pos_encode(vq->avail) | pos_encode(vq->used) << 16;
}

static bool desc_available(uint16_t flags, bool wrap)
{
	return !!(flags & DESC_AVAIL) == wrap && !!(flags & DESC_USED) != wrap;
}

static uint16_t flags_load(const struct virtqueue *vq, unsigned int idx)
{
	const struct vring_packed_desc *ring = vq->desc;

	return le16toh(__atomic_load_n(&ring[idx].flags, __ATOMIC_ACQUIRE));
}

static int packed_get(struct virtqueue *vq, struct vring_chain *chain,
		      struct reason *why)
{
	const struct vring_packed_desc *ring = vq->desc;
	struct vring_pos pos = vq->avail;
	uint16_t flags = flags_load(vq, pos.idx);
	struct vring_packed_desc desc;
	int ret;

	if (!desc_available(flags, pos.wrap))
		return 0;
	*chain = (struct vring_chain){ 0 };
	do {
		if (chain->segs == vq->num)
			return reason_set(
				why, EPROTO,
				"descriptor chain is longer than the ring of %u",
				vq->num);
		/* Those after the first were written before its flags. */
		flags = flags_load(vq, pos.idx);
		memcpy(&desc, &ring[pos.idx], sizeof(desc));
		ret = vring_chain_add(chain, le64toh(desc.addr),
				      le32toh(desc.len), flags, why);
		if (ret)
			return ret;
		pos_advance(&pos, 1, vq->num);
	} while (flags & VRING_DESC_F_NEXT);
	chain->id = le16toh(desc.id);
	vq->avail = pos;
	return 1;
}

static void packed_put(struct virtqueue *vq, const struct vring_chain *chain,
		       uint32_t written)
{
	struct vring_packed_desc *ring = vq->desc;
	struct vring_packed_desc *desc = &ring[vq->used.idx];
	uint16_t flags = vq->used.wrap ? DESC_AVAIL | DESC_USED : 0;

	if (written)
		flags |= VRING_DESC_F_WRITE;
	desc->id = htole16(chain->id);
	desc->len = htole32(written);
	__atomic_store_n(&desc->flags, htole16(flags), __ATOMIC_RELEASE);
	pos_advance(&vq->used, chain->segs, vq->num);
}

static bool packed_interrupt_wanted(const struct virtqueue *vq)
{
	const struct vring_packed_desc_event *event = vq->driver;

	/* The descriptor must be visible before the flag is read. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return le16toh(__atomic_load_n(&event->flags, __ATOMIC_RELAXED)) !=
	       VRING_PACKED_EVENT_FLAG_DISABLE;
}

/* Only a driver that has been all the way round has written the last one. */
static bool packed_worn(const struct virtqueue *vq)
{
	const struct vring_packed_desc *ring = vq->desc;

	return ring[vq->num - 1].addr || ring[vq->num - 1].id ||
	       ring[vq->num - 1].len;
}

const struct vring_ops vring_packed = {
	.driver_size = packed_event_size,
	.device_size = packed_event_size,
	.base_initial = BASE_WRAP | BASE_WRAP << 16,
	.start = packed_start,
	.base = packed_base,
	.get = packed_get,
	.put = packed_put,
	.interrupt_wanted = packed_interrupt_wanted,
	.worn = packed_worn,
};
