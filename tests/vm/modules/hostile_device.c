// SPDX-License-Identifier: GPL-2.0-only
/*
 * Queues and requests. Nothing here keeps the caller from asking for nonsense.
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/virtio_config.h>

#include <pvsched/word.h>

#include "../../../guest/compat.h"
#include "hostile.h"

#define ANSWER_TIMEOUT (10 * HZ)

static void control_done(struct virtqueue *vq)
{
	struct hostile *h = vq->vdev->priv;

	complete(&h->done);
}

int hostile_queues_start(struct hostile *h)
{
	static const char *const names[] = { "control", "doorbell" };
	vq_callback_t *callbacks[] = { control_done, NULL };
	struct virtqueue *vqs[VIRTIO_PVSCHED_VQ_COUNT];
	int err = pvsched_find_vqs(h->vdev, VIRTIO_PVSCHED_VQ_COUNT, vqs,
				   callbacks, names);

	if (err)
		return err;
	h->control = vqs[VIRTIO_PVSCHED_VQ_CONTROL];
	h->doorbell = vqs[VIRTIO_PVSCHED_VQ_DOORBELL];
	virtio_device_ready(h->vdev);
	/* Away from the CPU that is attacked: answers would wait for its hog. */
	virtqueue_set_affinity(h->control, cpumask_of(HOSTILE_HELPER));
	return 0;
}

/* Whatever was registered is forgotten with this. */
void hostile_queues_stop(struct hostile *h)
{
	virtio_reset_device(h->vdev);
	h->vdev->config->del_vqs(h->vdev);
}

/* As the virtio core does it before it calls a driver's restore(). */
int hostile_queues_restart(struct hostile *h)
{
	int err;

	hostile_queues_stop(h);
	virtio_add_status(h->vdev,
			  VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER);
	err = h->vdev->config->finalize_features(h->vdev);
	if (err)
		return err;
	virtio_add_status(h->vdev, VIRTIO_CONFIG_S_FEATURES_OK);
	return hostile_queues_start(h);
}

/* A piece of the buffer, or of what is none. */
static void part_set(struct scatterlist *sg, void *data, size_t size,
		     unsigned long pfn)
{
	sg_init_table(sg, 1);
	if (pfn)
		sg_set_page(sg, pfn_to_page(pfn), size, 0);
	else
		sg_set_buf(sg, data, size);
}

/* Into the queue, without telling the device. */
int hostile_add(struct hostile *h, struct hostile_request *r)
{
	struct scatterlist sg[HOSTILE_PARTS + 1], *sgs[HOSTILE_PARTS + 1];
	unsigned int parts = r->size ? r->parts : 0, i, in = !!r->reply_size;
	size_t each = parts ? DIV_ROUND_UP(r->size, parts) : 0, at = 0;

	memset(&r->reply, 0xff, sizeof(r->reply));
	for (i = 0; i < parts && at < r->size; i++, at += each) {
		part_set(&sg[i], r->data + at, min(each, r->size - at),
			 r->data_pfn);
		sgs[i] = &sg[i];
	}
	if (in) {
		part_set(&sg[i], &r->reply, r->reply_size, r->reply_pfn);
		sgs[i] = &sg[i];
	}
	return virtqueue_add_sgs(h->control, sgs, i, in, r, GFP_KERNEL);
}

/* The next request that the device is done with. */
int hostile_wait(struct hostile *h, struct hostile_request **r)
{
	unsigned long left = ANSWER_TIMEOUT;
	u32 used;

	while (!(*r = virtqueue_get_buf(h->control, &used))) {
		if (!left)
			return -ETIMEDOUT;
		left = wait_for_completion_timeout(&h->done, left);
	}
	(*r)->used = used;
	return 0;
}

/* Put a request into the queue and wait for the answer. */
int hostile_ask(struct hostile *h, struct hostile_request *r)
{
	int err = hostile_add(h, r);

	if (err)
		return err;
	virtqueue_kick(h->control);
	return hostile_wait(h, &r);
}

static void *fill(struct hostile_request *r, u32 type, size_t size)
{
	struct virtio_pvsched_request *head = (void *)r->data;

	memset(r, 0, sizeof(*r));
	head->type = cpu_to_le32(type);
	r->size = size;
	r->parts = 1;
	r->reply_size = sizeof(r->reply);
	return r->data;
}

void hostile_fill_negotiate(struct hostile_request *r, const char *name)
{
	struct virtio_pvsched_negotiate *n =
		fill(r, VIRTIO_PVSCHED_T_NEGOTIATE, sizeof(*n));

	n->count = cpu_to_le32(1);
	strscpy(n->protocols[0].name, name, sizeof(n->protocols[0].name));
	n->protocols[0].version = cpu_to_le32(PVSCHED_PROTOCOL_VERSION);
}

void hostile_fill_register(struct hostile_request *r, u32 id, u64 addr)
{
	struct virtio_pvsched_register *reg =
		fill(r, VIRTIO_PVSCHED_T_REGISTER, sizeof(*reg));

	reg->hw_cpu_id = cpu_to_le32(id);
	reg->addr = cpu_to_le64(addr);
}

void hostile_fill_unregister(struct hostile_request *r, u32 id)
{
	struct virtio_pvsched_unregister *unreg =
		fill(r, VIRTIO_PVSCHED_T_UNREGISTER, sizeof(*unreg));

	unreg->hw_cpu_id = cpu_to_le32(id);
}

u32 hostile_status(const struct hostile_request *r)
{
	return le32_to_cpu(r->reply.status);
}

static int ask_for_success(struct hostile *h)
{
	int err = hostile_ask(h, &h->request);

	return err ?: hostile_status(&h->request) ? -EIO : 0;
}

int hostile_negotiate(struct hostile *h)
{
	hostile_fill_negotiate(&h->request, PVSCHED_PROTOCOL_NAME);
	return ask_for_success(h);
}

/* As a decent driver does it. */
int hostile_register(struct hostile *h, u32 cpu)
{
	hostile_fill_register(&h->request, hostile_hw_id(cpu),
			      virt_to_phys(h->page[cpu]));
	return ask_for_success(h);
}

int hostile_unregister(struct hostile *h, u32 cpu)
{
	hostile_fill_unregister(&h->request, hostile_hw_id(cpu));
	return ask_for_success(h);
}

void hostile_page_init(struct pvsched_page *page)
{
	memset(page, 0, sizeof(*page));
	page->magic = cpu_to_le32(PVSCHED_PAGE_MAGIC);
	page->version = cpu_to_le16(PVSCHED_PAGE_VERSION);
	page->size = cpu_to_le16(PVSCHED_PAGE_SIZE);
	page->guest_word =
		cpu_to_le64(pvsched_guest_pack(PVSCHED_LEVEL_NORMAL, 0, 0, 0));
}

u32 hostile_hw_id(unsigned int cpu)
{
	return pvsched_hw_cpu_id(cpu);
}

/* xorshift64*: the same numbers for the same seed on every kernel. */
u64 hostile_random(struct hostile *h)
{
	h->random ^= h->random >> 12;
	h->random ^= h->random << 25;
	h->random ^= h->random >> 27;
	return h->random * 0x2545f4914f6cdd1dULL;
}

u32 hostile_below(struct hostile *h, u32 limit)
{
	return (hostile_random(h) >> 32) % limit;
}
