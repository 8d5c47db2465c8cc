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
#include <linux/string.h>
#include <linux/topology.h>

#include "compat.h"
#include "guest.h"

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
