/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest RAM as the front end describes it: regions of files that are mapped
 * here. Nothing outside of a region is ever read or written.
 */
#ifndef PVSCHED_VHOST_MEM_H
#define PVSCHED_VHOST_MEM_H

#include <stddef.h>
#include <stdint.h>

#include "util.h"

#define VHOST_MEM_SLOTS 512

/* One region as the messages carry it. */
struct vhost_mem_desc {
	uint64_t gpa; /* guest-physical address */
	uint64_t size;
	uint64_t uva;	 /* address in the front end */
	uint64_t offset; /* in the file */
};

struct vhost_region {
	struct vhost_mem_desc desc;
	uint8_t *base; /* where desc.gpa is here */
	void *map;     /* what was mapped for it, base included */
	size_t map_len;
};

struct vhost_mem {
	unsigned int count;
	struct vhost_region region[VHOST_MEM_SLOTS];
};

/* Maps a region. The descriptor stays the caller's. */
int vhost_mem_add(struct vhost_mem *mem, const struct vhost_mem_desc *desc,
		  int fd, struct reason *why);
int vhost_mem_remove(struct vhost_mem *mem, const struct vhost_mem_desc *desc,
		     struct reason *why);
void vhost_mem_clear(struct vhost_mem *mem);

/* NULL unless all of the range is inside one region. */
void *vhost_mem_gpa(const struct vhost_mem *mem, uint64_t gpa, uint64_t len);
void *vhost_mem_uva(const struct vhost_mem *mem, uint64_t uva, uint64_t len);

/* Copy from and to guest RAM; the range may span adjoining regions. */
int vhost_mem_read(const struct vhost_mem *mem, uint64_t gpa, void *buf,
		   size_t len, struct reason *why);
int vhost_mem_write(const struct vhost_mem *mem, uint64_t gpa, const void *buf,
		    size_t len, struct reason *why);

#endif
