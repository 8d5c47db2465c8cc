// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reason of a refusal, for a person to read.
 *
 * Newer kernels have room for the text in struct netlink_ext_ack. Older ones
 * take only a pointer, which is followed after the handler has returned, in the
 * same system call: there, a text lives until the thread leaves the kernel.
 */
#include <linux/atomic.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/stdarg.h>
#include <linux/string.h>
#include <linux/task_work.h>
#include <linux/wait.h>

#include "extack.h"

/* As large as the room in newer kernels. */
#define TEXT_LEN 80

#ifdef NL_SET_ERR_MSG_FMT

static void text_set(struct netlink_ext_ack *extack, const char *text)
{
	NL_SET_ERR_MSG_FMT(extack, "%s", text);
}

void pvsched_extack_exit(void)
{
}

#else

struct text {
	struct callback_head free;
	char text[TEXT_LEN];
};

/* How many there are, and who waits for that to be none. */
static atomic_t texts = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(texts_gone);

/* In the thread that was refused, on its way to user space. */
static void text_free(struct callback_head *work)
{
	kfree(container_of(work, struct text, free));
	if (atomic_dec_and_test(&texts))
		wake_up(&texts_gone);
}

static void text_set(struct netlink_ext_ack *extack, const char *wanted)
{
	struct text *text = kmalloc(sizeof(*text), GFP_KERNEL_ACCOUNT);

	if (!text)
		goto none;
	strscpy(text->text, wanted, sizeof(text->text));
	init_task_work(&text->free, text_free);
	atomic_inc(&texts);
	if (task_work_add(current, &text->free, TWA_RESUME)) {
		text_free(&text->free);
		goto none;
	}
	extack->_msg = text->text;
	return;
none:
	NL_SET_ERR_MSG(extack, "no memory to say why");
}

/* The family is not registered any more; who was refused is on his way out. */
void pvsched_extack_exit(void)
{
	wait_event(texts_gone, !atomic_read(&texts));
}

#endif

/**
 * pvsched_refuse() - say why a request is refused
 * @extack: where to; may be NULL
 * @attr: the offending attribute, or NULL
 * @err: negative error
 * @fmt: the reason, as printf(); at most 79 characters are kept
 *
 * Return: @err.
 */
int pvsched_refuse(struct netlink_ext_ack *extack, const struct nlattr *attr,
		   int err, const char *fmt, ...)
{
	char text[TEXT_LEN];
	va_list args;

	if (!extack)
		return err;
	va_start(args, fmt);
	vscnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	text_set(extack, text);
	NL_SET_BAD_ATTR(extack, attr);
	return err;
}
