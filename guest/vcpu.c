// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each online CPU has a page that the host knows of. A CPU that goes offline is
 * unregistered, but its page stays: so that the publish path, which may look at
 * any CPU, never has to ask whether it is still there.
 */
#include <linux/cpuhotplug.h>
#include <linux/device.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/preempt.h>
#include <linux/string.h>
#include <linux/topology.h>
#include <linux/vmalloc.h>

#include "compat.h"
#include "guest.h"

static bool sections;
module_param(sections, bool, 0444);
MODULE_PARM_DESC(sections,
		 "let the host see what may not be preempted (default: no)");

/* CPU hotplug callbacks have no argument for it. */
static struct pvsched_guest *hotplug_guest;

static struct pvsched_page *page_alloc(unsigned int cpu)
{
	struct page *memory =
		alloc_pages_node(cpu_to_node(cpu), GFP_KERNEL | __GFP_ZERO, 0);
	struct pvsched_page *page;

	if (!memory)
		return NULL;
	page = page_address(memory);
	page->magic = cpu_to_le32(PVSCHED_PAGE_MAGIC);
	page->version = cpu_to_le16(PVSCHED_PAGE_VERSION);
	page->size = cpu_to_le16(PVSCHED_PAGE_SIZE);
	page->guest_word =
		cpu_to_le64(pvsched_guest_pack(PVSCHED_LEVEL_NORMAL, 0, 0, 0));
	return page;
}

/* Per-CPU memory is in the direct map for the first CPUs only. */
static phys_addr_t percpu_phys(void *p)
{
	if (!is_vmalloc_addr(p))
		return virt_to_phys(p);
	return page_to_phys(vmalloc_to_page(p)) + offset_in_page(p);
}

/*
 * Sections in which this CPU cannot be preempted cost nothing: the host reads what
 * the kernel counts anyway. The bit that says whether it should be is not a count.
 * Without it all else works.
 */
static void atomic_show(struct pvsched_guest *guest, unsigned int cpu,
			u32 hw_id)
{
	void *count = pvsched_preempt_count_of(cpu);

	if (sections && count &&
	    virtio_has_feature(guest->ctrl.vdev, VIRTIO_PVSCHED_F_ATOMIC))
		pvsched_ctrl_atomic(&guest->ctrl, hw_id, percpu_phys(count),
				    (u32)~PREEMPT_NEED_RESCHED);
}

/*
 * Context: on the CPU, may sleep. Never fails: a CPU that cannot have a boost
 * is still a CPU.
 */
static int vcpu_online(unsigned int cpu)
{
	struct pvsched_cpu *c = per_cpu_ptr(&pvsched_cpus, cpu);
	struct pvsched_guest *guest = hotplug_guest;
	struct device *dev = &guest->ctrl.vdev->dev;
	int err;

	if (guest->registered >= guest->max_vcpus) {
		dev_warn(dev, "CPU %u is not registered: the host takes %u\n",
			 cpu, guest->max_vcpus);
		return 0;
	}
	if (!c->page)
		WRITE_ONCE(c->page, page_alloc(cpu));
	if (!c->page) {
		dev_warn(dev, "CPU %u is not registered: no memory\n", cpu);
		return 0;
	}
	c->hw_id = pvsched_hw_cpu_id(cpu);
	/* Left over from when the CPU was last online: all that the host told. */
	memset((u8 *)c->page + offsetof(struct pvsched_page, host_word), 0,
	       sizeof(*c->page) - offsetof(struct pvsched_page, host_word));
	c->registered = !pvsched_ctrl_register(&guest->ctrl, c->hw_id,
					       virt_to_phys(c->page));
	guest->registered += c->registered;
	if (!c->registered)
		return 0;
	atomic_show(guest, cpu, c->hw_id);
	err = pvsched_show_add(cpu);
	c->shown = !err;
	if (err)
		dev_warn(dev, "CPU %u is not in sysfs: error %d\n", cpu, err);
	return 0;
}

/* Context: on the CPU, may sleep. */
static int vcpu_offline(unsigned int cpu)
{
	struct pvsched_cpu *c = per_cpu_ptr(&pvsched_cpus, cpu);
	struct pvsched_guest *guest = hotplug_guest;

	if (!c->registered)
		return 0;
	if (c->shown)
		pvsched_show_del(cpu);
	pvsched_ctrl_unregister(&guest->ctrl, c->hw_id);
	c->registered = false;
	guest->registered--;
	return 0;
}

int pvsched_vcpus_start(struct pvsched_guest *guest)
{
	int state;

	guest->registered = 0;
	hotplug_guest = guest;
	state = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "virtio/pvsched:online",
				  vcpu_online, vcpu_offline);
	if (state < 0) {
		hotplug_guest = NULL;
		return state;
	}
	guest->cpuhp = state;
	return 0;
}

/* Unregisters all. The pages stay. */
void pvsched_vcpus_stop(struct pvsched_guest *guest)
{
	cpuhp_remove_state(guest->cpuhp);
	hotplug_guest = NULL;
}

/* Context: the probes are off and the device has been reset. */
void pvsched_vcpus_free(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct pvsched_cpu *c = per_cpu_ptr(&pvsched_cpus, cpu);

		free_page((unsigned long)c->page);
		c->page = NULL;
		c->softirqs = 0;
		c->waiter = NULL;
		memset(&c->rung, 0, sizeof(c->rung));
	}
}
