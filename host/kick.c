// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hooks where KVM has an interrupt for a vCPU: kprobes on the functions that
 * kick or wake it. There while there is a VM, and not otherwise.
 *
 * Another kernel may offer a better hook; only pvsched_watch_kick() has to be
 * called from it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mutex.h>
#include <linux/printk.h>
#include <pvsched/probe.h>

#include "bind.h"
#include "compat.h"
#include "core.h"
#include "kick.h"
#include "watch.h"

static DEFINE_MUTEX(kick_lock);
static unsigned int kick_users;

/*
 * Any context in which KVM kicks; preemption off. KVM is about to wake the
 * thread itself, so no lock is held that a wake-up takes.
 */
static int kick_probe(struct kprobe *probe, struct pt_regs *regs)
{
	const struct kvm_vcpu *kvm_vcpu =
		(const void *)regs_get_kernel_argument(regs, 0);
	struct pvsched_vcpu *vcpu;

	rcu_read_lock();
	vcpu = pvsched_bind_find(pvsched_kvm_vcpu_pid(kvm_vcpu));
	if (vcpu)
		pvsched_watch_kick(vcpu);
	rcu_read_unlock();
	return 0;
}

/*
 * A kick begins with a wake-up, but the compiler may have inlined it; interrupt
 * posting calls the wake-up alone. The kick's name differs between kernels.
 */
enum { WAKE_UP, KICK, KICK_7, HOOKS };

static const char *const hook_names[HOOKS] = {
	[WAKE_UP] = "kvm_vcpu_wake_up",
	[KICK] = "kvm_vcpu_kick",
	[KICK_7] = "__kvm_vcpu_kick",
};

static struct kprobe *hooks[HOOKS];

static int hook_add(unsigned int i)
{
	hooks[i] = pvsched_kprobe_add(hook_names[i], kick_probe);
	return PTR_ERR_OR_ZERO(hooks[i]);
}

static void hook_del(unsigned int i)
{
	pvsched_kprobe_del(hooks[i]);
	hooks[i] = NULL;
}

static int hooks_add(void)
{
	int err;

	err = hook_add(WAKE_UP);
	if (err) {
		pr_err("cannot probe %s: error %d\n", hook_names[WAKE_UP], err);
		return err;
	}
	err = hook_add(KICK);
	if (err == -ENOENT)
		err = hook_add(KICK_7);
	if (err) {
		pr_err("cannot probe KVM's kick: error %d\n", err);
		hook_del(WAKE_UP);
	}
	return err;
}

/* Process context. */
int pvsched_kick_get(void)
{
	int err = 0;

	mutex_lock(&kick_lock);
	if (!kick_users)
		err = hooks_add();
	if (!err)
		kick_users++;
	mutex_unlock(&kick_lock);
	return err;
}

/* Process context. */
void pvsched_kick_put(void)
{
	unsigned int i;

	mutex_lock(&kick_lock);
	if (!--kick_users)
		for (i = 0; i < HOOKS; i++)
			hook_del(i);
	mutex_unlock(&kick_lock);
}
