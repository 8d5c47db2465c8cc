// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reason of a refusal, for a person to read.
 *
 * Newer kernels have room for the text in struct netlink_ext_ack. Older ones
 * take only a pointer, which is followed after the handler has returned: there,
 * texts are kept until the module goes. Same reasons give same texts, and the
 * number of texts is bounded.
 */
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/stdarg.h>
#include <linux/string.h>

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

#define TEXTS_MAX 256

struct text {
	struct list_head node;
	char text[];
};

static DEFINE_MUTEX(texts_lock); /* guards both */
static LIST_HEAD(texts);
static unsigned int texts_count;

static struct text *text_find(const char *wanted)
{
	struct text *text;

	list_for_each_entry(text, &texts, node)
		if (!strcmp(text->text, wanted))
			return text;
	return NULL;
}

static struct text *text_add(const char *wanted)
{
	size_t len = strlen(wanted) + 1;
	struct text *text;

	if (texts_count == TEXTS_MAX)
		return NULL;
	text = kmalloc(struct_size(text, text, len), GFP_KERNEL);
	if (!text)
		return NULL;
	memcpy(text->text, wanted, len);
	list_add(&text->node, &texts);
	texts_count++;
	return text;
}

static void text_set(struct netlink_ext_ack *extack, const char *wanted)
{
	struct text *text;

	mutex_lock(&texts_lock);
	text = text_find(wanted);
	if (!text)
		text = text_add(wanted);
	mutex_unlock(&texts_lock);
	if (text)
		extack->_msg = text->text;
	else
		NL_SET_ERR_MSG(extack, "no room left to say why");
}

/* Nobody follows a text any more: the family is not registered. */
void pvsched_extack_exit(void)
{
	struct text *text, *next;

	list_for_each_entry_safe(text, next, &texts, node)
		kfree(text);
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
