// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's page: pinned, checked, mapped.
 *
 * It is read and written under a run queue's lock, so it can be neither faulted
 * in nor swapped out: it is pinned for as long as the vCPU is attached, which is
 * charged to the RLIMIT_MEMLOCK of whoever attached it.
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>

#include "core.h"
#include "page.h"

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
	struct page *page;
	int err;

	BUILD_BUG_ON(sizeof(*shared) != PVSCHED_PAGE_SIZE);
	if (addr % PVSCHED_PAGE_SIZE)
		return ERR_PTR(-EINVAL);
	err = account_locked_vm(current->mm, 1, true);
	if (err)
		return ERR_PTR(err);
	err = pin_user_pages_fast(addr & PAGE_MASK, 1,
				  FOLL_WRITE | FOLL_LONGTERM, &page);
	if (err != 1) {
		err = err < 0 ? err : -EFAULT;
		goto unaccount;
	}
	shared = page_address(page) + offset_in_page(addr);
	err = page_check(shared);
	if (err)
		goto unpin;
	mmgrab(current->mm);
	vcpu->mm = current->mm;
	vcpu->page = page;
	return shared;

unpin:
	unpin_user_page(page);
unaccount:
	account_locked_vm(current->mm, 1, false);
	return ERR_PTR(err);
}

/* Process context; nobody uses the mapping any more. There may be no page. */
void pvsched_page_unpin(struct pvsched_vcpu *vcpu)
{
	if (!vcpu->page)
		return;
	unpin_user_pages_dirty_lock(&vcpu->page, 1, true);
	vcpu->page = NULL;
	account_locked_vm(vcpu->mm, 1, false);
	mmdrop(vcpu->mm);
	vcpu->mm = NULL;
}
