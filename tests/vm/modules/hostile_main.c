// SPDX-License-Identifier: GPL-2.0-only
/*
 * The driver. Writing to the parameter "attack" attacks and returns when that is
 * over; the write fails if the device did what it must not do. The kernel log
 * says what.
 *
 *	requests ROUNDS SEED	the control queue
 *	NAME SECONDS		see hostile_words.c
 */
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "hostile.h"

/* Guarded by the lock of module parameters, and set before there are any. */
static struct hostile *hostile;

static int attack_set(const char *text, const struct kernel_param *param)
{
	char name[16];
	u32 number;
	u64 seed;
	int got;

	if (!hostile)
		return -ENODEV;
	got = sscanf(text, "%15s %u %llu", name, &number, &seed);
	if (got == 3 && !strcmp(name, "requests"))
		return hostile_requests(hostile, number, seed);
	return got == 2 ? hostile_words(hostile, name, number) : -EINVAL;
}

static const struct kernel_param_ops attack_ops = { .set = attack_set };
module_param_cb(attack, &attack_ops, NULL, 0200);
MODULE_PARM_DESC(attack, "attack now: requests ROUNDS SEED, or NAME SECONDS");

static void pages_free(struct hostile *h)
{
	unsigned int i;

	for (i = 0; i < HOSTILE_VCPUS; i++)
		free_page((unsigned long)h->page[i]);
}

static int pages_alloc(struct hostile *h)
{
	unsigned int i;

	for (i = 0; i < HOSTILE_VCPUS; i++) {
		h->page[i] = (void *)get_zeroed_page(GFP_KERNEL);
		if (!h->page[i])
			return -ENOMEM;
		hostile_page_init(h->page[i]);
	}
	return 0;
}

static int hostile_probe(struct virtio_device *vdev)
{
	struct hostile *h = kzalloc(sizeof(*h), GFP_KERNEL);
	int err = -ENOMEM;

	if (!h)
		return err;
	h->vdev = vdev;
	h->random = 1;
	vdev->priv = h;
	init_completion(&h->done);
	err = pages_alloc(h);
	if (err)
		goto err_pages;
	err = hostile_queues_start(h);
	if (err)
		goto err_pages;
	err = hostile_negotiate(h);
	if (err)
		goto err_queues;
	kernel_param_lock(THIS_MODULE);
	hostile = h;
	kernel_param_unlock(THIS_MODULE);
	return 0;

err_queues:
	hostile_queues_stop(h);
err_pages:
	pages_free(h);
	kfree(h);
	return err;
}

static void hostile_remove(struct virtio_device *vdev)
{
	struct hostile *h = vdev->priv;

	kernel_param_lock(THIS_MODULE);
	hostile = NULL;
	kernel_param_unlock(THIS_MODULE);
	hostile_queues_stop(h);
	pages_free(h);
	kfree(h);
}

static const struct virtio_device_id id_table[] = {
	{ VIRTIO_ID_PVSCHED_QEMU, VIRTIO_DEV_ANY_ID },
	{ VIRTIO_ID_PVSCHED, VIRTIO_DEV_ANY_ID },
	{}
};

static struct virtio_driver hostile_driver = {
	.driver.name = KBUILD_MODNAME,
	.driver.owner = THIS_MODULE,
	.id_table = id_table,
	.probe = hostile_probe,
	.remove = hostile_remove,
};
module_virtio_driver(hostile_driver);

MODULE_AUTHOR("The pvsched authors");
MODULE_DESCRIPTION("pvsched test: a guest that means harm");
MODULE_LICENSE("GPL");
