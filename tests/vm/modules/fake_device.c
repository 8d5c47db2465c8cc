// SPDX-License-Identifier: GPL-2.0-only
/*
 * fake_device - a pvsched virtio device in the kernel of its own driver
 *
 * For tests of the guest driver, and for counting the instructions it costs, on a
 * machine that has no host. It answers as it should, boosts nothing, and counts
 * doorbells; or it lies in the way that the parameter "lie" says:
 *
 *	newer			it offers all features of a device that there may be
 *	magic, version		in the configuration space
 *	max			it takes no vCPUs, it says there
 *	silent			no answer
 *	short, long		an answer of less, or more, than was sent
 *	id			an answer to nothing that was asked
 *	status			an error that there is not, no end of the reason
 *	choice			a protocol that was not offered
 *	page			an answer as it should be, but nonsense in each page
 *
 * /sys/module/fake_device/parameters/interrupts: write N for N timer interrupts,
 * 20 us apart; the write returns when they are over, and reading tells how long
 * a fixed amount of work took meanwhile, in ns.
 */
#include <linux/completion.h>
#include <linux/device.h>
#include <linux/hrtimer.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/version.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>

#include <linux/pvsched.h>
#include <linux/virtio_pvsched.h>

#define QUEUE_SIZE 16

static char *lie = "";
module_param(lie, charp, 0444);
MODULE_PARM_DESC(lie, "what is wrong with the device");

static unsigned long doorbells;
module_param(doorbells, ulong, 0444);
MODULE_PARM_DESC(doorbells, "how often the driver rang");

static unsigned long shown;
module_param(shown, ulong, 0444);
MODULE_PARM_DESC(shown, "how many vCPUs have shown their sections");

/* Those that the specification leaves to the kind of device. */
#define DEVICE_FEATURES (GENMASK_ULL(23, 0) | GENMASK_ULL(63, 50))

static struct fake_device {
	struct virtio_device vdev;
	struct device *parent;
	u8 status;
	u16 seen; /* requests of the control queue */
} fake;

static bool lies(const char *what)
{
	return !strcmp(lie, what);
}

static void fake_get(struct virtio_device *vdev, unsigned int offset, void *buf,
		     unsigned int len)
{
	struct virtio_pvsched_config config = {
		.magic = cpu_to_le32(VIRTIO_PVSCHED_MAGIC + lies("magic")),
		.version =
			cpu_to_le16(VIRTIO_PVSCHED_VERSION + lies("version")),
		.max_vcpus = cpu_to_le32(lies("max") ? 0 : 4096),
	};

	if (offset <= sizeof(config) && len <= sizeof(config) - offset)
		memcpy(buf, (u8 *)&config + offset, len);
}

static u8 fake_get_status(struct virtio_device *vdev)
{
	return fake.status;
}

static void fake_set_status(struct virtio_device *vdev, u8 status)
{
	fake.status = status;
}

static void fake_reset(struct virtio_device *vdev)
{
	fake.status = 0;
	fake.seen = 0;
}

static u64 fake_get_features(struct virtio_device *vdev)
{
	return BIT_ULL(VIRTIO_F_VERSION_1) |
	       (lies("newer") ? DEVICE_FEATURES : 0);
}

static int fake_finalize_features(struct virtio_device *vdev)
{
	vring_transport_features(vdev);
	return 0;
}

static bool doorbell_notify(struct virtqueue *vq)
{
	doorbells++;
	return true;
}

static void *memory_at(__virtio64 addr)
{
	return phys_to_virt(virtio64_to_cpu(&fake.vdev, addr));
}

static void page_spoil(const struct virtio_pvsched_request *request)
{
	const struct virtio_pvsched_register *r = (const void *)request;
	struct pvsched_page *page;

	if (le32_to_cpu(request->type) != VIRTIO_PVSCHED_T_REGISTER)
		return;
	page = phys_to_virt(le64_to_cpu(r->addr));
	memset((u8 *)page + offsetof(struct pvsched_page, host_word), 0xff,
	       sizeof(*page) - offsetof(struct pvsched_page, host_word));
}

/* Fills in the answer and returns how long it is, or is said to be. */
static u32 reply_make(const struct virtio_pvsched_request *request,
		      struct virtio_pvsched_reply *reply)
{
	memset(reply, 0, sizeof(*reply));
	if (lies("short"))
		return 1;
	if (lies("long"))
		return U32_MAX;
	if (lies("status"))
		memset(reply, 0xff, sizeof(*reply));
	if (lies("choice"))
		reply->choice = cpu_to_le32(77);
	if (lies("page"))
		page_spoil(request);
	shown += le32_to_cpu(request->type) == VIRTIO_PVSCHED_T_ATOMIC;
	return sizeof(*reply);
}

/* A request is two buffers: to be read, to be written. */
static void request_answer(struct virtqueue *vq, const struct vring *vring,
			   u16 head)
{
	struct virtio_device *vdev = &fake.vdev;
	const struct vring_desc *in = &vring->desc[head];
	const struct vring_desc *out =
		&vring->desc[virtio16_to_cpu(vdev, in->next) % QUEUE_SIZE];
	u16 used = virtio16_to_cpu(vdev, vring->used->idx);
	struct vring_used_elem *elem = &vring->used->ring[used % QUEUE_SIZE];

	elem->len = cpu_to_virtio32(
		vdev, reply_make(memory_at(in->addr), memory_at(out->addr)));
	elem->id = cpu_to_virtio32(vdev, lies("id") ? 0xffff : head);
	/* The element before the index. */
	smp_wmb();
	vring->used->idx = cpu_to_virtio16(vdev, used + 1);
	vring_interrupt(0, vq);
}

static bool control_notify(struct virtqueue *vq)
{
	const struct vring *vring = virtqueue_get_vring(vq);
	u16 avail = virtio16_to_cpu(&fake.vdev, vring->avail->idx);

	if (lies("silent"))
		return true;
	for (; fake.seen != avail; fake.seen++)
		request_answer(
			vq, vring,
			virtio16_to_cpu(
				&fake.vdev,
				vring->avail->ring[fake.seen % QUEUE_SIZE]));
	return true;
}

static struct virtqueue *queue_make(unsigned int i, vq_callback_t *callback,
				    const char *name)
{
	return vring_create_virtqueue(
		i, QUEUE_SIZE, PAGE_SIZE, &fake.vdev, false, false, false,
		i == VIRTIO_PVSCHED_VQ_CONTROL ? control_notify :
						 doorbell_notify,
		callback, name);
}

static void fake_del_vqs(struct virtio_device *vdev)
{
	struct virtqueue *vq, *next;

	list_for_each_entry_safe(vq, next, &vdev->vqs, list)
		vring_del_virtqueue(vq);
}

/* 6.11 put names and callbacks of virtqueues into one structure. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
static int fake_find_vqs(struct virtio_device *vdev, unsigned int n,
			 struct virtqueue *vqs[], struct virtqueue_info info[],
			 struct irq_affinity *desc)
#define QUEUE_CALLBACK(i) info[i].callback
#define QUEUE_NAME(i)	  info[i].name
#else
static int fake_find_vqs(struct virtio_device *vdev, unsigned int n,
			 struct virtqueue *vqs[], vq_callback_t *callbacks[],
			 const char *const names[], const bool *ctx,
			 struct irq_affinity *desc)
#define QUEUE_CALLBACK(i) callbacks[i]
#define QUEUE_NAME(i)	  names[i]
#endif
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		vqs[i] = queue_make(i, QUEUE_CALLBACK(i), QUEUE_NAME(i));
		if (vqs[i])
			continue;
		fake_del_vqs(vdev);
		return -ENOMEM;
	}
	return 0;
}

static const struct virtio_config_ops fake_ops = {
	.get = fake_get,
	.get_status = fake_get_status,
	.set_status = fake_set_status,
	.reset = fake_reset,
	.find_vqs = fake_find_vqs,
	.del_vqs = fake_del_vqs,
	.get_features = fake_get_features,
	.finalize_features = fake_finalize_features,
};

#define INTERRUPT_NS (20 * NSEC_PER_USEC)
#define WORK_LOOPS   1000

static struct {
	struct hrtimer timer;
	unsigned int left;
	u64 took;
} interrupts;

static enum hrtimer_restart interrupt(struct hrtimer *timer)
{
	hrtimer_forward_now(timer, ns_to_ktime(INTERRUPT_NS));
	return --interrupts.left ? HRTIMER_RESTART : HRTIMER_NORESTART;
}

static void work(unsigned int units)
{
	unsigned int i;

	while (units--)
		for (i = 0; i < WORK_LOOPS; i++)
			barrier();
}

/* As much work as goes on for longer than the interrupts do. */
static int interrupts_set(const char *text, const struct kernel_param *param)
{
	unsigned int n;
	u64 start;
	int err = kstrtouint(text, 0, &n);

	if (err)
		return err;
	if (!n || n > 1000000)
		return -ERANGE;
	interrupts.left = n;
	start = ktime_get_ns();
	hrtimer_start(&interrupts.timer, ns_to_ktime(INTERRUPT_NS),
		      HRTIMER_MODE_REL_PINNED_HARD);
	work(n * (INTERRUPT_NS / WORK_LOOPS));
	interrupts.took = ktime_get_ns() - start;
	hrtimer_cancel(&interrupts.timer);
	return interrupts.left ? -EBUSY : 0;
}

static int interrupts_get(char *buf, const struct kernel_param *param)
{
	return sysfs_emit(buf, "%llu\n", interrupts.took);
}

static const struct kernel_param_ops interrupts_ops = {
	.set = interrupts_set,
	.get = interrupts_get,
};
module_param_cb(interrupts, &interrupts_ops, NULL, 0644);
MODULE_PARM_DESC(interrupts, "see the head of fake_device.c");

static void fake_release(struct device *dev)
{
}

static int __init fake_init(void)
{
	int err;

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(&interrupts.timer, interrupt, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_HARD);
#else
	hrtimer_init(&interrupts.timer, CLOCK_MONOTONIC,
		     HRTIMER_MODE_REL_PINNED_HARD);
	interrupts.timer.function = interrupt;
#endif
	fake.parent = root_device_register("pvsched-fake");
	if (IS_ERR(fake.parent))
		return PTR_ERR(fake.parent);
	fake.vdev.id.device = VIRTIO_ID_PVSCHED;
	fake.vdev.config = &fake_ops;
	fake.vdev.dev.parent = fake.parent;
	fake.vdev.dev.release = fake_release;
	err = register_virtio_device(&fake.vdev);
	if (err)
		root_device_unregister(fake.parent);
	return err;
}

static void __exit fake_exit(void)
{
	unregister_virtio_device(&fake.vdev);
	root_device_unregister(fake.parent);
}

module_init(fake_init);
module_exit(fake_exit);

MODULE_DESCRIPTION("A pvsched virtio device for tests");
MODULE_LICENSE("GPL");
