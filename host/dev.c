// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/pvsched: a VM's back end tells who the VM is and where its pages are, and
 * processes which of their threads are to be boosted.
 *
 * An open file is at most one VM. Its ioctls are serialised: creating the VM by
 * the file's lock, all others by the VM's.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "core.h"
#include "dev.h"
#include "doorbell.h"
#include "policy.h"
#include "thread.h"
#include "vm.h"

/**
 * struct dev_file - an open file
 * @lock: guards the creation of @vm
 * @vm: set once, referenced until the file is released
 */
struct dev_file {
	struct mutex lock; /* see above */
	struct pvsched_vm *vm;
};

static int dev_open(struct inode *inode, struct file *file)
{
	struct dev_file *df = kzalloc(sizeof(*df), GFP_KERNEL_ACCOUNT);

	if (!df)
		return -ENOMEM;
	mutex_init(&df->lock);
	file->private_data = df;
	return 0;
}

static int dev_release(struct inode *inode, struct file *file)
{
	struct dev_file *df = file->private_data;

	if (df->vm)
		pvsched_vm_stop(df->vm);
	kfree(df);
	return 0;
}

static long vm_create(struct dev_file *df, const void __user *arg)
{
	struct pvsched_vm_create args;
	struct pvsched_vm *vm;
	long err = 0;

	if (copy_from_user(&args, arg, sizeof(args)))
		return -EFAULT;
	mutex_lock(&df->lock);
	if (df->vm) {
		err = -EALREADY;
	} else {
		vm = pvsched_vm_alloc(&args);
		if (IS_ERR(vm))
			err = PTR_ERR(vm);
		else
			/* Pairs with the acquire in dev_ioctl(). */
			smp_store_release(&df->vm, vm);
	}
	mutex_unlock(&df->lock);
	return err;
}

/* The other commands; vm->lock is held. */

static long vm_protocol(struct pvsched_vm *vm, const void __user *arg)
{
	struct pvsched_vm_protocol args;
	long err = 0;

	if (copy_from_user(&args, arg, sizeof(args)))
		return -EFAULT;
	if (args.flags || !args.name[0] ||
	    strnlen(args.name, sizeof(args.name)) == sizeof(args.name))
		return -EINVAL;
	if (!xa_empty(&vm->vcpus))
		return -EBUSY;
	mutex_lock(&pvsched_vms_lock);
	if (pvsched_policy_speaks(vm->policy, args.name, args.version)) {
		strscpy(vm->protocol, args.name, sizeof(vm->protocol));
		vm->protocol_version = args.version;
	} else {
		err = -EPROTONOSUPPORT;
	}
	mutex_unlock(&pvsched_vms_lock);
	return err;
}

static long vm_doorbell(struct pvsched_vm *vm, const void __user *arg)
{
	struct pvsched_vm_doorbell args;

	if (copy_from_user(&args, arg, sizeof(args)))
		return -EFAULT;
	if (args.flags || args.fd < -1)
		return -EINVAL;
	return pvsched_doorbell_set(vm, args.fd);
}

static long vcpu_attach(struct pvsched_vm *vm, const void __user *arg)
{
	struct pvsched_vcpu_attach args;

	if (copy_from_user(&args, arg, sizeof(args)))
		return -EFAULT;
	if (args.flags || args.vcpu_id > PVSCHED_VCPU_ID_MAX)
		return -EINVAL;
	if (vm->kind != PVSCHED_VM_KIND_VM)
		return -EOPNOTSUPP;
	if (!vm->protocol[0])
		return -ENXIO;
	return pvsched_vm_attach(vm, args.vcpu_id, args.addr, NULL);
}

static long vcpu_atomic(struct pvsched_vm *vm, const void __user *arg)
{
	struct pvsched_vcpu_atomic args;

	if (copy_from_user(&args, arg, sizeof(args)))
		return -EFAULT;
	if (!args.mask || args.vcpu_id > PVSCHED_VCPU_ID_MAX)
		return -EINVAL;
	return pvsched_vm_atomic(vm, &args);
}

static long thread_attach(struct pvsched_vm *vm, const void __user *arg)
{
	struct pvsched_thread_attach args;

	if (copy_from_user(&args, arg, sizeof(args)))
		return -EFAULT;
	if (args.flags || args.reserved || args.tid < 0 ||
	    args.vcpu_id > PVSCHED_VCPU_ID_MAX)
		return -EINVAL;
	if (args.addr && !vm->protocol[0])
		return -ENXIO;
	return pvsched_thread_attach(vm, &args);
}

static long vcpu_detach(struct pvsched_vm *vm, const void __user *arg)
{
	struct pvsched_vcpu_detach args;

	if (copy_from_user(&args, arg, sizeof(args)))
		return -EFAULT;
	if (args.flags)
		return -EINVAL;
	if (args.vcpu_id != PVSCHED_VCPU_ALL)
		return pvsched_vm_detach(vm, args.vcpu_id);
	pvsched_vm_detach_all(vm);
	return 0;
}

static long vm_ioctl(struct pvsched_vm *vm, unsigned int cmd,
		     const void __user *arg)
{
	switch (cmd) {
	case PVSCHED_IOC_VM_PROTOCOL:
		return vm_protocol(vm, arg);
	case PVSCHED_IOC_VM_DOORBELL:
		return vm_doorbell(vm, arg);
	case PVSCHED_IOC_VCPU_ATTACH:
		return vcpu_attach(vm, arg);
	case PVSCHED_IOC_VCPU_ATOMIC:
		return vcpu_atomic(vm, arg);
	case PVSCHED_IOC_VCPU_DETACH:
		return vcpu_detach(vm, arg);
	case PVSCHED_IOC_THREAD_ATTACH:
		return thread_attach(vm, arg);
	}
	return -ENOTTY;
}

static long dev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct dev_file *df = file->private_data;
	struct pvsched_vm *vm;
	long err;

	if (_IOC_TYPE(cmd) != PVSCHED_IOC_MAGIC)
		return -ENOTTY;
	if (cmd == PVSCHED_IOC_VM_CREATE)
		return vm_create(df, (const void __user *)arg);
	/* Pairs with the release in vm_create(). */
	vm = smp_load_acquire(&df->vm);
	if (!vm)
		return -ENXIO;
	/* In a hurry, and it waits for nobody. */
	if (cmd == PVSCHED_IOC_THREAD_RING)
		return pvsched_thread_ring(vm);
	mutex_lock(&vm->lock);
	err = vm_ioctl(vm, cmd, (const void __user *)arg);
	mutex_unlock(&vm->lock);
	return err;
}

static const struct file_operations dev_fops = {
	.owner = THIS_MODULE,
	.open = dev_open,
	.release = dev_release,
	.unlocked_ioctl = dev_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice dev_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "pvsched",
	.fops = &dev_fops,
	.mode = 0600,
};

int pvsched_dev_init(void)
{
	return misc_register(&dev_misc);
}

void pvsched_dev_exit(void)
{
	misc_deregister(&dev_misc);
}
