/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kprobes that a module can always leave behind. For the host's module and the
 * guest's; whoever includes this defines pr_fmt.
 */
#ifndef _PVSCHED_PROBE_H
#define _PVSCHED_PROBE_H

#include <linux/err.h>
#include <linux/kprobes.h>
#include <linux/printk.h>
#include <linux/slab.h>

/*
 * Afterwards its handler is not called. NULL and error pointers are nothing to remove.
 *
 * To disarm a probe that ftrace calls takes memory, and fails for other reasons, too, if
 * somebody else had one of the same function. Then the kernel keeps the probe, and says
 * so by its address alone, which is NULL (Documentation/trace/kprobes.rst), so that it
 * does not find it any more. One that is disabled need not be disarmed to be removed.
 * Context: may sleep.
 */
static inline void pvsched_kprobe_del(struct kprobe *probe)
{
	kprobe_opcode_t *addr;

	if (IS_ERR_OR_NULL(probe))
		return;
	addr = probe->addr;
	unregister_kprobe(probe);
	if (!probe->addr) {
		pr_warn("the kernel cannot disarm the probe of %s\n",
			probe->symbol_name);
		probe->flags |= KPROBE_FLAG_DISABLED;
		probe->addr = addr;
		unregister_kprobe(probe);
	}
	/* One that the kernel does not find may be in its lists all the same. */
	if (probe->addr)
		kfree(probe);
}

/*
 * The probe is the caller's, until pvsched_kprobe_del(); an error pointer if there is
 * none, -ENOENT where the kernel has no such function. Context: may sleep.
 */
static inline struct kprobe *pvsched_kprobe_add(const char *function,
						kprobe_pre_handler_t handler)
{
	struct kprobe *probe = kzalloc(sizeof(*probe), GFP_KERNEL);
	int err;

	if (!probe)
		return ERR_PTR(-ENOMEM);
	probe->symbol_name = function;
	probe->pre_handler = handler;
	err = register_kprobe(probe);
	if (err) {
		kfree(probe);
		return ERR_PTR(err);
	}
	/*
	 * Some kernels since 6.14 forget one that they cannot arm, and report success.
	 * To enable it is nothing, or refused then.
	 */
	err = enable_kprobe(probe);
	if (err) {
		pvsched_kprobe_del(probe);
		return ERR_PTR(err);
	}
	return probe;
}

#endif /* _PVSCHED_PROBE_H */
