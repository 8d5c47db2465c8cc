// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "vhost_mem.h"

static bool wraps(uint64_t start, uint64_t len)
{
	return len > UINT64_MAX - start;
}

static bool overlap(const struct vhost_mem_desc *a,
		    const struct vhost_mem_desc *b)
{
	return a->gpa < b->gpa + b->size && b->gpa < a->gpa + a->size;
}

static int desc_check(const struct vhost_mem *mem,
		      const struct vhost_mem_desc *d, struct reason *why)
{
	unsigned int i;

	if (mem->count == VHOST_MEM_SLOTS)
		return reason_set(why, ENOSPC, "more than %d memory regions",
				  VHOST_MEM_SLOTS);
	if (!d->size)
		return reason_set(why, EINVAL,
				  "memory region at %#" PRIx64 " is empty",
				  d->gpa);
	if (wraps(d->gpa, d->size) || wraps(d->uva, d->size) ||
	    wraps(d->offset, d->size))
		return reason_set(why, EINVAL,
				  "memory region at %#" PRIx64
				  ", size %#" PRIx64 ", wraps around",
				  d->gpa, d->size);
	/* Addresses in the front end may be aliases of each other: no harm. */
	for (i = 0; i < mem->count; i++)
		if (overlap(&mem->region[i].desc, d))
			return reason_set(why, EINVAL,
					  "memory region at %#" PRIx64
					  " overlaps the one at %#" PRIx64,
					  d->gpa, mem->region[i].desc.gpa);
	return 0;
}

/* A file that is too short would be a SIGBUS later on. */
static int file_check(const struct vhost_mem_desc *d, int fd,
		      struct reason *why)
{
	struct stat st;

	if (fstat(fd, &st))
		return reason_set(why, errno,
				  "memory region at %#" PRIx64 ": fstat: %s",
				  d->gpa, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return reason_set(why, EINVAL,
				  "memory region at %#" PRIx64
				  ": descriptor is not a file",
				  d->gpa);
	if (d->offset + d->size > (uint64_t)st.st_size)
		return reason_set(
			why, EINVAL,
			"memory region at %#" PRIx64 " ends at %#" PRIx64
			" in a file of %#" PRIx64 " bytes",
			d->gpa, d->offset + d->size, (uint64_t)st.st_size);
	return 0;
}

/* What offset and length of a mapping have to be a multiple of. */
static uint64_t file_page_size(int fd)
{
	struct statfs fs;

	if (!fstatfs(fd, &fs) && fs.f_type == HUGETLBFS_MAGIC)
		return (uint64_t)fs.f_bsize;
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

static int region_map(struct vhost_region *r, int fd, struct reason *why)
{
	uint64_t page = file_page_size(fd);
	uint64_t skip = r->desc.offset & (page - 1);
	uint64_t len = skip + r->desc.size;

	if (wraps(len, page - 1))
		return reason_set(why, EINVAL,
				  "memory region at %#" PRIx64 " is too large",
				  r->desc.gpa);
	len = (len + page - 1) & ~(page - 1);
	r->map = mmap(NULL, len, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_NORESERVE, fd,
		      (off_t)(r->desc.offset - skip));
	if (r->map == MAP_FAILED)
		return reason_set(why, errno,
				  "memory region at %#" PRIx64 ": mmap: %s",
				  r->desc.gpa, strerror(errno));
	r->map_len = len;
	r->base = (uint8_t *)r->map + skip;
	/* Best effort: guest memory has no place in a core dump. */
	(void)madvise(r->map, r->map_len, MADV_DONTDUMP);
	return 0;
}

int vhost_mem_add(struct vhost_mem *mem, const struct vhost_mem_desc *desc,
		  int fd, struct reason *why)
{
	struct vhost_region r = { .desc = *desc };
	int ret;

	ret = desc_check(mem, desc, why);
	if (!ret)
		ret = file_check(desc, fd, why);
	if (!ret)
		ret = region_map(&r, fd, why);
	if (!ret)
		mem->region[mem->count++] = r;
	return ret;
}

int vhost_mem_remove(struct vhost_mem *mem, const struct vhost_mem_desc *desc,
		     struct reason *why)
{
	unsigned int i;

	for (i = 0; i < mem->count; i++) {
		struct vhost_region *r = &mem->region[i];

		if (r->desc.gpa != desc->gpa || r->desc.uva != desc->uva ||
		    r->desc.size != desc->size)
			continue;
		munmap(r->map, r->map_len);
		*r = mem->region[--mem->count];
		return 0;
	}
	return reason_set(why, ENOENT,
			  "no memory region at %#" PRIx64 " of size %#" PRIx64,
			  desc->gpa, desc->size);
}

void vhost_mem_clear(struct vhost_mem *mem)
{
	while (mem->count) {
		struct vhost_region *r = &mem->region[--mem->count];

		munmap(r->map, r->map_len);
	}
}

/* Where @off bytes into a region is, if @len bytes from there are in it too. */
static void *region_at(const struct vhost_region *r, uint64_t off, uint64_t len)
{
	if (off >= r->desc.size || len > r->desc.size - off)
		return NULL;
	return r->base + off;
}

void *vhost_mem_gpa(const struct vhost_mem *mem, uint64_t gpa, uint64_t len)
{
	void *p = NULL;
	unsigned int i;

	/* Below the region the subtraction wraps to beyond its size. */
	for (i = 0; i < mem->count && !p; i++)
		p = region_at(&mem->region[i], gpa - mem->region[i].desc.gpa,
			      len);
	return p;
}

void *vhost_mem_uva(const struct vhost_mem *mem, uint64_t uva, uint64_t len)
{
	void *p = NULL;
	unsigned int i;

	for (i = 0; i < mem->count && !p; i++)
		p = region_at(&mem->region[i], uva - mem->region[i].desc.uva,
			      len);
	return p;
}

/* The part of a range that is in the region where it starts; 0: not in RAM. */
static size_t span(const struct vhost_mem *mem, uint64_t gpa, size_t len,
		   uint8_t **p)
{
	unsigned int i;

	for (i = 0; i < mem->count; i++) {
		const struct vhost_region *r = &mem->region[i];
		uint64_t off = gpa - r->desc.gpa;

		if (off >= r->desc.size)
			continue;
		*p = r->base + off;
		return len < r->desc.size - off ? len : r->desc.size - off;
	}
	return 0;
}

static int not_ram(struct reason *why, uint64_t gpa, size_t len)
{
	return reason_set(why, EFAULT,
			  "%zu bytes at guest address %#" PRIx64
			  " are outside of RAM",
			  len, gpa);
}

int vhost_mem_read(const struct vhost_mem *mem, uint64_t gpa, void *buf,
		   size_t len, struct reason *why)
{
	uint8_t *dst = buf, *src;

	while (len) {
		size_t n = span(mem, gpa, len, &src);

		if (!n)
			return not_ram(why, gpa, len);
		memcpy(dst, src, n);
		dst += n;
		gpa += n;
		len -= n;
	}
	return 0;
}

int vhost_mem_write(const struct vhost_mem *mem, uint64_t gpa, const void *buf,
		    size_t len, struct reason *why)
{
	const uint8_t *src = buf;
	uint8_t *dst;

	while (len) {
		size_t n = span(mem, gpa, len, &dst);

		if (!n)
			return not_ram(why, gpa, len);
		memcpy(dst, src, n);
		src += n;
		gpa += n;
		len -= n;
	}
	return 0;
}
