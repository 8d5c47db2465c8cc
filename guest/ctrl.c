// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control queue: one request, one reply, one at a time.
 *
 * The device is not trusted. It may answer late, never, too short, with numbers
 * that mean nothing and with text that is none. After the first timeout or
 * nonsense nothing is asked any more, and the guest goes on without boosts.
 */
#include <linux/ctype.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/scatterlist.h>
#include <linux/string.h>
#include <linux/virtio_config.h>

#include "guest.h"

#define CTRL_TIMEOUT (10 * HZ)

void pvsched_ctrl_init(struct pvsched_ctrl *ctrl, struct virtio_device *vdev)
{
	ctrl->vdev = vdev;
	mutex_init(&ctrl->lock);
	init_completion(&ctrl->done);
}

/* Virtqueue callback. Context: interrupt. */
void pvsched_ctrl_done(struct virtqueue *vq)
{
	struct pvsched_guest *guest = vq->vdev->priv;

	complete(&guest->ctrl.done);
}

/* The device's text, as far as it is text: printable ASCII, terminated. */
static void reason_copy(char *to, const struct virtio_pvsched_reply *reply)
{
	unsigned int i;

	memcpy(to, reply->reason, VIRTIO_PVSCHED_REASON_LEN);
	to[VIRTIO_PVSCHED_REASON_LEN] = '\0';
	for (i = 0; to[i]; i++)
		if (!isascii(to[i]) || !isprint(to[i]))
			to[i] = '?';
}

static int ctrl_refused(struct pvsched_ctrl *ctrl, const char *what, u32 status)
{
	static const int errors[] = {
		[VIRTIO_PVSCHED_S_INVALID] = -EINVAL,
		[VIRTIO_PVSCHED_S_UNSUPPORTED] = -EPROTONOSUPPORT,
		[VIRTIO_PVSCHED_S_BUSY] = -EBUSY,
		[VIRTIO_PVSCHED_S_RANGE] = -ERANGE,
		[VIRTIO_PVSCHED_S_EXISTS] = -EEXIST,
		[VIRTIO_PVSCHED_S_UNKNOWN] = -ENOENT,
		[VIRTIO_PVSCHED_S_HOST] = -EPERM,
	};
	char reason[VIRTIO_PVSCHED_REASON_LEN + 1];

	reason_copy(reason, &ctrl->reply);
	dev_warn(&ctrl->vdev->dev, "host refuses to %s: status %u, \"%s\"\n",
		 what, status, reason);
	return status < ARRAY_SIZE(errors) ? errors[status] : -EPROTO;
}

static int ctrl_dead(struct pvsched_ctrl *ctrl, const char *what,
		     const char *why, int err)
{
	dev_err(&ctrl->vdev->dev, "cannot %s: %s; going on without boosts\n",
		what, why);
	ctrl->dead = true;
	virtio_break_device(ctrl->vdev);
	return err;
}

static int ctrl_send(struct pvsched_ctrl *ctrl, size_t size)
{
	struct scatterlist request, reply, *sgs[] = { &request, &reply };
	int err;

	memset(&ctrl->reply, 0, sizeof(ctrl->reply));
	reinit_completion(&ctrl->done);
	sg_init_one(&request, &ctrl->request, size);
	sg_init_one(&reply, &ctrl->reply, sizeof(ctrl->reply));
	err = virtqueue_add_sgs(ctrl->vq, sgs, 1, 1, ctrl, GFP_KERNEL);
	if (!err && !virtqueue_kick(ctrl->vq))
		err = -EIO;
	return err;
}

/* The device may raise interrupts as it likes: only a used buffer counts. */
static bool ctrl_receive(struct pvsched_ctrl *ctrl, unsigned int *len)
{
	unsigned long left = CTRL_TIMEOUT;

	do {
		left = wait_for_completion_timeout(&ctrl->done, left);
		if (virtqueue_get_buf(ctrl->vq, len))
			return true;
	} while (left && !virtqueue_is_broken(ctrl->vq));
	return false;
}

/* Sends what is in ctrl->request. Context: lock held, may sleep. */
static int ctrl_ask(struct pvsched_ctrl *ctrl, const char *what, size_t size)
{
	unsigned int len = 0;
	u32 status;

	if (ctrl->dead || virtqueue_is_broken(ctrl->vq))
		return -ENODEV;
	if (ctrl_send(ctrl, size))
		return ctrl_dead(ctrl, what, "the queue is unusable", -EIO);
	if (!ctrl_receive(ctrl, &len))
		return ctrl_dead(ctrl, what, "no answer", -ETIMEDOUT);
	if (len < offsetof(struct virtio_pvsched_reply, reason))
		return ctrl_dead(ctrl, what, "the answer is too short",
				 -EPROTO);
	status = le32_to_cpu(ctrl->reply.status);
	return status ? ctrl_refused(ctrl, what, status) : 0;
}

/* NAME:VERSION into what the device understands. */
static int protocol_parse(struct virtio_pvsched_protocol *out, const char *text)
{
	const char *colon = strrchr(text, ':');
	u32 version;

	if (!colon || colon == text || colon - text >= sizeof(out->name) ||
	    kstrtou32(colon + 1, 10, &version))
		return -EINVAL;
	memset(out, 0, sizeof(*out));
	memcpy(out->name, text, colon - text);
	out->version = cpu_to_le32(version);
	return 0;
}

/* Whether it is what this driver speaks, whatever it was told to ask for. */
static bool protocol_known(const struct virtio_pvsched_protocol *p)
{
	return !strcmp(p->name, PVSCHED_PROTOCOL_NAME) &&
	       le32_to_cpu(p->version) == PVSCHED_PROTOCOL_VERSION;
}

int pvsched_ctrl_negotiate(struct pvsched_ctrl *ctrl, const char *protocol)
{
	struct virtio_pvsched_negotiate *req = &ctrl->request.negotiate;
	struct device *dev = &ctrl->vdev->dev;
	int err;

	mutex_lock(&ctrl->lock);
	memset(req, 0, sizeof(*req));
	req->request.type = cpu_to_le32(VIRTIO_PVSCHED_T_NEGOTIATE);
	req->count = cpu_to_le32(1);
	err = protocol_parse(&req->protocols[0], protocol);
	if (err)
		dev_err(dev, "protocol=%s: expected NAME:VERSION\n", protocol);
	else
		err = ctrl_ask(ctrl, "negotiate", sizeof(*req));
	if (!err &&
	    (ctrl->reply.choice || !protocol_known(&req->protocols[0]))) {
		dev_err(dev,
			"host chose a protocol that this driver does not speak\n");
		err = -EPROTONOSUPPORT;
	}
	mutex_unlock(&ctrl->lock);
	return err;
}

int pvsched_ctrl_register(struct pvsched_ctrl *ctrl, u32 hw_id, u64 addr)
{
	struct virtio_pvsched_register *req = &ctrl->request.attach;
	int err;

	mutex_lock(&ctrl->lock);
	memset(req, 0, sizeof(*req));
	req->request.type = cpu_to_le32(VIRTIO_PVSCHED_T_REGISTER);
	req->hw_cpu_id = cpu_to_le32(hw_id);
	req->addr = cpu_to_le64(addr);
	err = ctrl_ask(ctrl, "register a vCPU", sizeof(*req));
	mutex_unlock(&ctrl->lock);
	return err;
}

/* Where a registered vCPU counts what keeps it from being preempted. */
int pvsched_ctrl_atomic(struct pvsched_ctrl *ctrl, u32 hw_id, u64 addr,
			u32 mask)
{
	struct virtio_pvsched_atomic *req = &ctrl->request.atomic;
	int err;

	mutex_lock(&ctrl->lock);
	memset(req, 0, sizeof(*req));
	req->request.type = cpu_to_le32(VIRTIO_PVSCHED_T_ATOMIC);
	req->hw_cpu_id = cpu_to_le32(hw_id);
	req->mask = cpu_to_le32(mask);
	req->addr = cpu_to_le64(addr);
	err = ctrl_ask(ctrl, "show sections", sizeof(*req));
	mutex_unlock(&ctrl->lock);
	return err;
}

int pvsched_ctrl_unregister(struct pvsched_ctrl *ctrl, u32 hw_id)
{
	struct virtio_pvsched_unregister *req = &ctrl->request.detach;
	int err;

	mutex_lock(&ctrl->lock);
	memset(req, 0, sizeof(*req));
	req->request.type = cpu_to_le32(VIRTIO_PVSCHED_T_UNREGISTER);
	req->hw_cpu_id = cpu_to_le32(hw_id);
	err = ctrl_ask(ctrl, "unregister a vCPU", sizeof(*req));
	mutex_unlock(&ctrl->lock);
	return err;
}
