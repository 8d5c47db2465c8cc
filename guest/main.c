// SPDX-License-Identifier: GPL-2.0-only
/*
 * virtio_pvsched: tells the host how urgent the work on each virtual CPU is.
 *
 * This file is the virtio driver. It starts in this order, and stops in the
 * reverse one: queues, negotiation, a page for each CPU, probes. After the
 * probes are off nothing publishes; after the device is reset all memory is
 * ours, whether it has answered or not.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>

#include "compat.h"
#include "guest.h"

#define PVSCHED_MAX_VCPUS (PVSCHED_VCPU_ID_MAX + 1U)

static char *protocol =
	PVSCHED_PROTOCOL_NAME ":" __stringify(PVSCHED_PROTOCOL_VERSION);
module_param(protocol, charp, 0444);
MODULE_PARM_DESC(protocol,
		 "protocol to ask the host for, NAME:VERSION (for tests)");

/* The words and the probes are global: the first device has them. */
static struct pvsched_guest *active;

static int queues_find(struct pvsched_guest *guest)
{
	static const char *const names[] = { "control", "doorbell" };
	vq_callback_t *callbacks[] = { pvsched_ctrl_done, NULL };
	struct virtqueue *vqs[VIRTIO_PVSCHED_VQ_COUNT];
	int err;

	err = pvsched_find_vqs(guest->ctrl.vdev, VIRTIO_PVSCHED_VQ_COUNT, vqs,
			       callbacks, names);
	if (err)
		return err;
	guest->ctrl.vq = vqs[VIRTIO_PVSCHED_VQ_CONTROL];
	guest->ctrl.dead = false;
	pvsched_doorbell = vqs[VIRTIO_PVSCHED_VQ_DOORBELL];
	return 0;
}

static void queues_delete(struct pvsched_guest *guest)
{
	struct virtio_device *vdev = guest->ctrl.vdev;

	virtio_reset_device(vdev);
	vdev->config->del_vqs(vdev);
	pvsched_doorbell = NULL;
}

static int pvsched_start(struct pvsched_guest *guest)
{
	struct virtio_device *vdev = guest->ctrl.vdev;
	int err;

	err = queues_find(guest);
	if (err)
		return err;
	virtio_device_ready(vdev);
	err = pvsched_ctrl_negotiate(&guest->ctrl, protocol);
	if (err)
		goto err_queues;
	err = pvsched_vcpus_start(guest);
	if (err)
		goto err_queues;
	err = pvsched_probes_start(vdev);
	if (err)
		goto err_vcpus;
	pvsched_panic_start(vdev);
	guest->started = true;
	dev_info(&vdev->dev, "protocol %s, %u vCPUs registered\n", protocol,
		 guest->registered);
	return 0;

err_vcpus:
	pvsched_vcpus_stop(guest);
err_queues:
	queues_delete(guest);
	pvsched_vcpus_free();
	return err;
}

static void pvsched_stop(struct pvsched_guest *guest)
{
	if (!guest->started)
		return;
	guest->started = false;
	pvsched_panic_stop();
	pvsched_probes_stop();
	pvsched_vcpus_stop(guest);
	queues_delete(guest);
	pvsched_vcpus_free();
}

/*
 * Neither of the two ids is ours, so look before touching anything. Each read
 * may be a round trip to another process.
 */
static int config_check(struct virtio_device *vdev)
{
	u32 magic = 0;
	u16 version = 0;

	if (vdev->config->get)
		virtio_cread_le(vdev, struct virtio_pvsched_config, magic,
				&magic);
	if (magic != VIRTIO_PVSCHED_MAGIC) {
		dev_info(&vdev->dev, "not a pvsched device: magic %#x\n",
			 magic);
		return -ENODEV;
	}
	virtio_cread_le(vdev, struct virtio_pvsched_config, version, &version);
	if (version != VIRTIO_PVSCHED_VERSION) {
		dev_err(&vdev->dev,
			"device version %u, this driver knows only %u\n",
			version, VIRTIO_PVSCHED_VERSION);
		return -ENODEV;
	}
	return 0;
}

static struct pvsched_guest *guest_alloc(struct virtio_device *vdev)
{
	struct pvsched_guest *guest = kzalloc(sizeof(*guest), GFP_KERNEL);
	u32 max_vcpus;

	if (!guest)
		return NULL;
	virtio_cread_le(vdev, struct virtio_pvsched_config, max_vcpus,
			&max_vcpus);
	guest->max_vcpus = clamp(max_vcpus, 1U, PVSCHED_MAX_VCPUS);
	pvsched_ctrl_init(&guest->ctrl, vdev);
	return guest;
}

static int pvsched_probe(struct virtio_device *vdev)
{
	struct pvsched_guest *guest;
	int err;

	err = config_check(vdev);
	if (err)
		return err;
	guest = guest_alloc(vdev);
	if (!guest)
		return -ENOMEM;
	if (cmpxchg(&active, NULL, guest)) {
		dev_err(&vdev->dev,
			"another pvsched device is in use already\n");
		kfree(guest);
		return -EBUSY;
	}
	vdev->priv = guest;
	err = pvsched_start(guest);
	if (err) {
		vdev->priv = NULL;
		WRITE_ONCE(active, NULL);
		kfree(guest);
	}
	return err;
}

static void pvsched_remove(struct virtio_device *vdev)
{
	struct pvsched_guest *guest = vdev->priv;

	pvsched_stop(guest);
	vdev->priv = NULL;
	WRITE_ONCE(active, NULL);
	kfree(guest);
}

static int __maybe_unused pvsched_freeze(struct virtio_device *vdev)
{
	pvsched_stop(vdev->priv);
	return 0;
}

static int __maybe_unused pvsched_restore(struct virtio_device *vdev)
{
	return pvsched_start(vdev->priv);
}

static const struct virtio_device_id id_table[] = {
	{ VIRTIO_ID_PVSCHED_QEMU, VIRTIO_DEV_ANY_ID },
	{ VIRTIO_ID_PVSCHED, VIRTIO_DEV_ANY_ID },
	{}
};
MODULE_DEVICE_TABLE(virtio, id_table);

static const unsigned int features[] = { VIRTIO_PVSCHED_F_ATOMIC };

static struct virtio_driver pvsched_driver = {
	.driver = {
		.name = KBUILD_MODNAME,
		.owner = THIS_MODULE,
		.dev_groups = pvsched_groups,
	},
	.feature_table = features,
	.feature_table_size = ARRAY_SIZE(features),
	.id_table = id_table,
	.probe = pvsched_probe,
	.remove = pvsched_remove,
#ifdef CONFIG_PM_SLEEP
	.freeze = pvsched_freeze,
	.restore = pvsched_restore,
#endif
	PVSCHED_VIRTIO_RESET(pvsched_freeze, pvsched_restore)
};
module_virtio_driver(pvsched_driver);

MODULE_AUTHOR("The pvsched authors");
MODULE_DESCRIPTION(
	"pvsched guest driver: urgency of virtual CPUs, told to the host");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
