// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of the guest: pinned, checked, mapped.
 *
 * It is read and written under a run queue's lock, so it can be neither faulted
 * in nor swapped out: it is pinned for as long as the vCPU is attached, which is
 * charged to the RLIMIT_MEMLOCK of whoever attached it.
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>

#include "core.h"
#include "page.h"

/*
 * Pin what the caller has mapped there, writable. Process context, in the caller.
 * Return: the kernel's address, or an ERR_PTR.
 */
static void *pin_get(struct pvsched_pin *pin, u64 addr)
{
	struct page *page;
	int err;

	err = account_locked_vm(current->mm, 1, true);
	if (err)
		return ERR_PTR(err);
	err = pin_user_pages_fast(addr & PAGE_MASK, 1,
				  FOLL_WRITE | FOLL_LONGTERM, &page);
	if (err != 1) {
		account_locked_vm(current->mm, 1, false);
		return ERR_PTR(err < 0 ? err : -EFAULT);
	}
	mmgrab(current->mm);
	pin->mm = current->mm;
	pin->page = page;
	return page_address(page) + offset_in_page(addr);
}

/* There may be nothing. */
static void pin_put(struct pvsched_pin *pin)
{
	if (!pin->page)
		return;
	unpin_user_pages_dirty_lock(&pin->page, 1, true);
	pin->page = NULL;
	account_locked_vm(pin->mm, 1, false);
	mmdrop(pin->mm);
	pin->mm = NULL;
}

/* Is this a page that the host can speak to? The guest wrote it: no trust. */
static int page_check(const struct pvsched_page *shared)
{
	if (le32_to_cpu(READ_ONCE(shared->magic)) != PVSCHED_PAGE_MAGIC)
		return -EINVAL;
	if (le16_to_cpu(READ_ONCE(shared->version)) != PVSCHED_PAGE_VERSION ||
	    le16_to_cpu(READ_ONCE(shared->size)) < PVSCHED_PAGE_SIZE)
		return -EPROTO;
	return 0;
}

/**
 * pvsched_page_pin() - take a guest's page
 * @vcpu: the vCPU that it is for
 * @addr: where the caller has it mapped
 *
 * Process context, in the caller. Return: the page, mapped, or an ERR_PTR.
 */
struct pvsched_page *pvsched_page_pin(struct pvsched_vcpu *vcpu, u64 addr)
{
	struct pvsched_page *shared;
	int err;

	BUILD_BUG_ON(sizeof(*shared) != PVSCHED_PAGE_SIZE);
	if (addr % PVSCHED_PAGE_SIZE)
		return ERR_PTR(-EINVAL);
	shared = pin_get(&vcpu->page_pin, addr);
	if (IS_ERR(shared))
		return shared;
	err = page_check(shared);
	if (err) {
		pin_put(&vcpu->page_pin);
		return ERR_PTR(err);
	}
	return shared;
}

/**
 * pvsched_count_pin() - take what a guest counts in
 * @vcpu: the vCPU that it is for, without one so far
 * @addr: where the caller has it mapped
 *
 * Process context, in the caller. Return: the count, mapped, or an ERR_PTR.
 */
__le32 *pvsched_count_pin(struct pvsched_vcpu *vcpu, u64 addr)
{
	if (addr % sizeof(__le32))
		return ERR_PTR(-EINVAL);
	return pin_get(&vcpu->count_pin, addr);
}

/* Both. Process context; nobody uses the mappings any more. */
void pvsched_page_unpin(struct pvsched_vcpu *vcpu)
{
	pin_put(&vcpu->count_pin);
	pin_put(&vcpu->page_pin);
}
