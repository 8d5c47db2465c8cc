/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory of the guest: pinned, checked, mapped.
 */
#ifndef PVSCHED_PAGE_H
#define PVSCHED_PAGE_H

#include <linux/types.h>

struct pvsched_page;
struct pvsched_vcpu;

struct pvsched_page *pvsched_page_pin(struct pvsched_vcpu *vcpu, u64 addr);
__le32 *pvsched_count_pin(struct pvsched_vcpu *vcpu, u64 addr);
void pvsched_page_unpin(struct pvsched_vcpu *vcpu);

#endif /* PVSCHED_PAGE_H */
