// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attacks on the control queue. Each round does one thing that is wrong, picked
 * and filled in at random, and checks what the device says to it. Between two
 * rounds a protocol is negotiated and no vCPU is registered.
 *
 * The pages are never the host's in the middle of a round that writes to them.
 */
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/pci.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>

#include "hostile.h"

/* The guest has less RAM than that; device memory is beyond. */
#define BEYOND_RAM 0x80000000ULL

#define BURST	   16

/* Complaints that are printed; the others are only counted. */
#define COMPLAINTS 10

/**
 * struct requests - one run of attacks on the control queue
 * @h: the device
 * @r: its request
 * @round: of this run
 * @what: the attack of this round
 * @wrong: answers that must not be
 * @status: how often each was answered; the last one: no answer
 */
struct requests {
	struct hostile *h;
	struct hostile_request *r;
	unsigned int round;
	const char *what;
	unsigned int wrong;
	unsigned int status[VIRTIO_PVSCHED_S_HOST + 2];
};

static void complain(struct requests *q, const char *why, int is, int should)
{
	if (q->wrong++ < COMPLAINTS)
		pr_err("pvsched_hostile: round %u, %s: %s: %d, not %d\n",
		       q->round, q->what, why, is, should);
}

/* An answer is complete, and says why if it is a refusal. */
static void answer_check(struct requests *q, const struct hostile_request *r)
{
	size_t len = strnlen(r->reply.reason, VIRTIO_PVSCHED_REASON_LEN);
	u32 status = hostile_status(r);

	if (r->used != sizeof(r->reply))
		complain(q, "bytes of the answer", r->used, sizeof(r->reply));
	else if (status > VIRTIO_PVSCHED_S_HOST)
		complain(q, "unknown status", status, 0);
	else if (len == VIRTIO_PVSCHED_REASON_LEN || !len != !status)
		complain(q, "length of the reason", len, 0);
	else
		q->status[status]++;
}

/* One bit for each status. */
#define OK	    BIT(VIRTIO_PVSCHED_S_OK)
#define INVALID	    BIT(VIRTIO_PVSCHED_S_INVALID)
#define UNSUPPORTED BIT(VIRTIO_PVSCHED_S_UNSUPPORTED)
#define BUSY	    BIT(VIRTIO_PVSCHED_S_BUSY)
#define RANGE	    BIT(VIRTIO_PVSCHED_S_RANGE)
#define EXISTS	    BIT(VIRTIO_PVSCHED_S_EXISTS)
#define UNKNOWN	    BIT(VIRTIO_PVSCHED_S_UNKNOWN)
#define HOST	    BIT(VIRTIO_PVSCHED_S_HOST)
#define REFUSAL	    (INVALID | UNSUPPORTED | BUSY | RANGE | EXISTS | UNKNOWN | HOST)

/* The request is answered with one of these. */
static void expect(struct requests *q, u32 statuses)
{
	int err = hostile_ask(q->h, q->r);

	if (err) {
		complain(q, "no answer", err, 0);
		return;
	}
	answer_check(q, q->r);
	if (!(statuses & BIT(hostile_status(q->r) & 31)))
		complain(q, "status", hostile_status(q->r), ffs(statuses) - 1);
}

/* The request comes back without an answer. */
static void expect_nothing(struct requests *q)
{
	int err = hostile_ask(q->h, q->r);

	q->status[VIRTIO_PVSCHED_S_HOST + 1]++;
	if (err || q->r->used)
		complain(q, "an answer to nowhere", err ?: q->r->used, 0);
}

static u32 random_id(struct requests *q)
{
	return hostile_below(q->h, PVSCHED_VCPU_ID_MAX + 1);
}

static u64 page_addr(struct requests *q)
{
	return virt_to_phys(q->h->page[0]);
}

static void random_fill(struct requests *q, void *at, size_t size)
{
	u8 *byte = at;

	while (size--)
		*byte++ = hostile_random(q->h) >> 56;
}

static void garbage(struct requests *q)
{
	struct virtio_pvsched_request *head = (void *)q->r->data;

	hostile_fill_unregister(q->r, 0);
	random_fill(q, q->r->data, sizeof(q->r->data));
	q->r->size = 1 + hostile_below(q->h, sizeof(q->r->data));
	q->r->parts = 1 + hostile_below(q->h, HOSTILE_PARTS);
	if (hostile_below(q->h, 2))
		head->type = cpu_to_le32(hostile_below(q->h, 5));
	if (hostile_below(q->h, 2))
		head->reserved = 0;
	expect(q, REFUSAL);
}

/* One random bit of a good request is flipped. */
static void bit_flip(struct requests *q)
{
	struct virtio_pvsched_register *reg = (void *)q->r->data;
	u32 bit, id;

	if (hostile_below(q->h, 2))
		hostile_fill_register(q->r, 0, page_addr(q));
	else
		hostile_fill_negotiate(q->r, PVSCHED_PROTOCOL_NAME);
	bit = hostile_below(q->h, q->r->size * 8);
	q->r->data[bit / 8] ^= BIT(bit % 8);
	id = le32_to_cpu(reg->hw_cpu_id) & PVSCHED_VCPU_ID_MAX;
	expect(q, OK | REFUSAL);
	/* It may have been a good one still: for another vCPU, or a comment. */
	hostile_fill_unregister(q->r, id);
	expect(q, OK | UNKNOWN);
	hostile_fill_negotiate(q->r, PVSCHED_PROTOCOL_NAME);
	expect(q, OK);
}

static void cut_off(struct requests *q)
{
	hostile_fill_register(q->r, 0, page_addr(q));
	q->r->size = 1 + hostile_below(q->h, q->r->size - 1);
	expect(q, INVALID);
}

static void unknown_type(struct requests *q)
{
	struct virtio_pvsched_request *head = (void *)q->r->data;

	hostile_fill_unregister(q->r, 0);
	head->type = cpu_to_le32(VIRTIO_PVSCHED_T_UNREGISTER + 1 +
				 hostile_below(q->h, INT_MAX));
	expect(q, UNSUPPORTED);
}

static void reserved_field(struct requests *q)
{
	struct virtio_pvsched_register *reg = (void *)q->r->data;

	hostile_fill_register(q->r, 0, page_addr(q));
	if (hostile_below(q->h, 2))
		reg->reserved = cpu_to_le32(1 + hostile_below(q->h, INT_MAX));
	else
		reg->request.reserved = cpu_to_le32(1);
	expect(q, INVALID);
}

static void id_out_of_range(struct requests *q)
{
	u32 id = PVSCHED_VCPU_ID_MAX + 1 + hostile_below(q->h, INT_MAX);

	if (hostile_below(q->h, 2))
		hostile_fill_register(q->r, id, page_addr(q));
	else
		hostile_fill_unregister(q->r, id);
	expect(q, RANGE);
}

/* A vCPU that the VM does not have is waited for, and forgotten again. */
static void id_of_nobody(struct requests *q)
{
	u32 id = HOSTILE_VCPUS + hostile_below(q->h, 4000);

	hostile_fill_register(q->r, id, page_addr(q));
	expect(q, OK);
	hostile_fill_unregister(q->r, id);
	expect(q, OK);
}

static void unaligned(struct requests *q)
{
	u64 off = 1 + hostile_below(q->h, PVSCHED_PAGE_SIZE - 1);

	hostile_fill_register(q->r, random_id(q), page_addr(q) + off);
	expect(q, INVALID);
}

static void outside_ram(struct requests *q)
{
	u64 addr = BEYOND_RAM + hostile_below(q->h, BEYOND_RAM);

	if (hostile_below(q->h, 2))
		addr = hostile_random(q->h) | BIT_ULL(40);
	if (!hostile_below(q->h, 8))
		addr = U64_MAX;
	addr &= ~(PVSCHED_PAGE_SIZE - 1ULL);
	hostile_fill_register(q->r, random_id(q), addr);
	expect(q, RANGE);
}

/* The local APIC, the I/O APIC, and the device's own registers. */
static void device_memory(struct requests *q)
{
	struct pci_dev *pci = to_pci_dev(q->h->vdev->dev.parent);
	u32 bar = hostile_below(q->h, PCI_STD_NUM_BARS + 2);
	u64 addr = 0xfee00000;

	if (bar < PCI_STD_NUM_BARS &&
	    pci_resource_flags(pci, bar) & IORESOURCE_MEM)
		addr = pci_resource_start(pci, bar);
	else if (bar & 1)
		addr = 0xfec00000;
	hostile_fill_register(q->r, 0, addr & ~(PVSCHED_PAGE_SIZE - 1ULL));
	expect(q, RANGE);
}

static void bad_header(struct requests *q)
{
	struct pvsched_page *page = q->h->page[0];
	u32 statuses = HOST;

	switch (hostile_below(q->h, 3)) {
	case 0:
		page->magic ^= cpu_to_le32(1U << hostile_below(q->h, 32));
		statuses = INVALID;
		break;
	case 1:
		page->version ^= cpu_to_le16(1U << hostile_below(q->h, 16));
		break;
	case 2:
		page->size =
			cpu_to_le16(hostile_below(q->h, PVSCHED_PAGE_SIZE));
	}
	hostile_fill_register(q->r, 0, page_addr(q));
	expect(q, statuses);
	hostile_page_init(page);
}

static void twice(struct requests *q)
{
	u32 other = hostile_below(q->h, 4000) + HOSTILE_VCPUS;

	hostile_fill_register(q->r, 0, page_addr(q));
	expect(q, OK);
	expect(q, EXISTS);
	/* The same page for two vCPUs is a guest's own mistake. */
	hostile_fill_register(q->r, other, page_addr(q));
	expect(q, OK);
	hostile_fill_unregister(q->r, other);
	expect(q, OK);
	hostile_fill_unregister(q->r, 0);
	expect(q, OK);
	expect(q, UNKNOWN);
}

static void not_registered(struct requests *q)
{
	hostile_fill_unregister(q->r, random_id(q));
	expect(q, UNKNOWN);
}

static void negotiate_late(struct requests *q)
{
	hostile_fill_register(q->r, 0, page_addr(q));
	expect(q, OK);
	hostile_fill_negotiate(q->r, PVSCHED_PROTOCOL_NAME);
	expect(q, BUSY);
	hostile_fill_unregister(q->r, 0);
	expect(q, OK);
}

static void negotiate_count(struct requests *q)
{
	struct virtio_pvsched_negotiate *n = (void *)q->r->data;
	u32 count =
		VIRTIO_PVSCHED_PROTOCOLS_MAX + 1 + hostile_below(q->h, INT_MAX);

	hostile_fill_negotiate(q->r, PVSCHED_PROTOCOL_NAME);
	n->count = cpu_to_le32(hostile_below(q->h, 2) ? count : 0);
	expect(q, INVALID);
}

static void negotiate_name(struct requests *q)
{
	struct virtio_pvsched_negotiate *n = (void *)q->r->data;
	char *name = n->protocols[0].name;

	hostile_fill_negotiate(q->r, "");
	if (hostile_below(q->h, 2))
		memset(name, 'a', sizeof(n->protocols[0].name));
	expect(q, INVALID);
}

/* A protocol that nobody knows, or one with a name that is no text. */
static void negotiate_unknown(struct requests *q)
{
	struct virtio_pvsched_negotiate *n = (void *)q->r->data;
	char *name = n->protocols[0].name;

	hostile_fill_negotiate(q->r, "telepathy");
	if (hostile_below(q->h, 2)) {
		random_fill(q, name, sizeof(n->protocols[0].name));
		name[0] = '\e';
		name[sizeof(n->protocols[0].name) - 1] = '\0';
	}
	expect(q, UNSUPPORTED);
	hostile_fill_register(q->r, 0, page_addr(q));
	expect(q, BUSY);
	hostile_fill_negotiate(q->r, PVSCHED_PROTOCOL_NAME);
	expect(q, OK);
}

static void no_room_for_answer(struct requests *q)
{
	hostile_fill_unregister(q->r, 0);
	q->r->reply_size = hostile_below(q->h, sizeof(q->r->reply));
	expect_nothing(q);
}

static unsigned long random_pfn(struct requests *q)
{
	return (BEYOND_RAM + hostile_below(q->h, BEYOND_RAM)) >> PAGE_SHIFT;
}

static void request_outside_ram(struct requests *q)
{
	hostile_fill_register(q->r, 0, page_addr(q));
	q->r->data_pfn = random_pfn(q);
	expect_nothing(q);
}

static void answer_outside_ram(struct requests *q)
{
	hostile_fill_unregister(q->r, 0);
	q->r->reply_pfn = random_pfn(q);
	expect_nothing(q);
}

/* Not wrong, only odd. */
static void in_pieces(struct requests *q)
{
	hostile_fill_register(q->r, 0, page_addr(q));
	q->r->parts = 2 + hostile_below(q->h, HOSTILE_PARTS - 1);
	expect(q, OK);
	hostile_fill_unregister(q->r, 0);
	q->r->parts = 2 + hostile_below(q->h, HOSTILE_PARTS - 1);
	expect(q, OK);
}

/* Many at once, although there may be one: registered while unregistering. */
static void burst(struct requests *q)
{
	struct hostile_request *all = kcalloc(BURST, sizeof(*all), GFP_KERNEL);
	struct hostile_request *r;
	unsigned int i, added = 0;

	for (i = 0; all && i < BURST; i++) {
		r = &all[i];
		if (hostile_below(q->h, 2))
			hostile_fill_register(r, 0, page_addr(q));
		else
			hostile_fill_unregister(r, 0);
		added += !hostile_add(q->h, r);
		if (hostile_below(q->h, 4))
			virtqueue_kick(q->h->control);
	}
	virtqueue_kick(q->h->control);
	for (i = 0; i < added; i++) {
		if (hostile_wait(q->h, &r)) {
			complain(q, "too few answers", i, added);
			return;
		}
		answer_check(q, r);
		if (!((OK | EXISTS | UNKNOWN) & BIT(hostile_status(r) & 31)))
			complain(q, "status of one", hostile_status(r), 0);
	}
	kfree(all);
	hostile_fill_unregister(q->r, 0);
	expect(q, OK | UNKNOWN);
}

/*
 * The ring itself: indices that are too far ahead, a descriptor that does not
 * exist, a chain that never ends. The device stops the queue until it is reset.
 */
static void broken_ring(struct requests *q)
{
	struct virtqueue *vq = q->h->control;
	struct vring_avail *avail = phys_to_virt(virtqueue_get_avail_addr(vq));
	struct vring_desc *desc = phys_to_virt(virtqueue_get_desc_addr(vq));
	unsigned int num = virtqueue_get_vring_size(vq), i;
	u16 garbage = num + hostile_below(q->h, U16_MAX - num);
	int err;

	if (virtio_has_feature(q->h->vdev, VIRTIO_F_RING_PACKED))
		return;
	hostile_fill_unregister(q->r, 0);
	hostile_add(q->h, q->r);
	switch (hostile_below(q->h, 3)) {
	case 0:
		avail->idx = cpu_to_virtio16(q->h->vdev, garbage);
		break;
	case 1:
		for (i = 0; i < num; i++)
			avail->ring[i] = cpu_to_virtio16(q->h->vdev, garbage);
		break;
	case 2:
		for (i = 0; i < num; i++) {
			desc[i].flags |=
				cpu_to_virtio16(q->h->vdev, VRING_DESC_F_NEXT);
			desc[i].next = 0;
		}
	}
	virtqueue_notify(vq);
	usleep_range(1000, 2000);
	err = hostile_queues_restart(q->h);
	if (err) {
		complain(q, "no queues after a reset", err, 0);
		return;
	}
	hostile_fill_negotiate(q->r, PVSCHED_PROTOCOL_NAME);
	expect(q, OK);
}

static const struct {
	const char *name;
	void (*attack)(struct requests *q);
	unsigned int weight; /* how often, compared with others */
} attacks[] = {
	{ "garbage", garbage, 20 },
	{ "a flipped bit", bit_flip, 4 },
	{ "a request cut off", cut_off, 5 },
	{ "unknown type", unknown_type, 5 },
	{ "reserved field", reserved_field, 5 },
	{ "vCPU id out of range", id_out_of_range, 5 },
	{ "vCPU that does not exist", id_of_nobody, 5 },
	{ "unaligned page", unaligned, 5 },
	{ "page outside of RAM", outside_ram, 10 },
	{ "page in device memory", device_memory, 10 },
	{ "page with a bad header", bad_header, 5 },
	{ "registered twice", twice, 5 },
	{ "not registered", not_registered, 5 },
	{ "negotiation while registered", negotiate_late, 5 },
	{ "number of protocols", negotiate_count, 5 },
	{ "name of a protocol", negotiate_name, 5 },
	{ "unknown protocol", negotiate_unknown, 5 },
	{ "no room for the answer", no_room_for_answer, 5 },
	{ "request outside of RAM", request_outside_ram, 5 },
	{ "answer outside of RAM", answer_outside_ram, 5 },
	{ "in pieces", in_pieces, 5 },
	{ "many at once", burst, 5 },
	{ "broken ring", broken_ring, 1 },
};

static void round_do(struct requests *q)
{
	unsigned int i, total = 0, pick;

	for (i = 0; i < ARRAY_SIZE(attacks); i++)
		total += attacks[i].weight;
	pick = hostile_below(q->h, total);
	for (i = 0; pick >= attacks[i].weight; i++)
		pick -= attacks[i].weight;
	q->what = attacks[i].name;
	attacks[i].attack(q);
}

/* Context: may sleep. Return: 0, or -EPROTO if an answer was not as it must be. */
int hostile_requests(struct hostile *h, unsigned int rounds, u64 seed)
{
	struct requests q = { .h = h, .r = &h->request };
	unsigned int i, len = 0;
	char text[128] = "";

	h->random = seed ?: 1;
	for (q.round = 0; q.round < rounds && q.wrong < 100; q.round++) {
		round_do(&q);
		cond_resched();
	}
	for (i = 0; i < ARRAY_SIZE(q.status); i++)
		len += scnprintf(text + len, sizeof(text) - len, " %u",
				 q.status[i]);
	pr_info("pvsched_hostile: requests: %u rounds, seed %llu, %u wrong; answers by status, then none:%s\n",
		q.round, seed, q.wrong, text);
	return q.wrong ? -EPROTO : 0;
}
