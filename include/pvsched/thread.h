/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For a process that boosts its own threads: open a group, attach each thread
 * with a page of its own, then raise and lower with a store. linux/pvsched.h
 * says what the kernel does; needs write access to /dev/pvsched.
 *
 * Functions that return int return 0 (or a descriptor) or a negative errno value.
 */
#ifndef PVSCHED_THREAD_H
#define PVSCHED_THREAD_H

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/types.h>
#include <unistd.h>

#include <linux/pvsched.h>
#include <pvsched/word.h>

/**
 * pvsched_threads_open() - a group of threads
 * @name: unique on this host; shown to administrators
 * @pid: the process whose threads they are, 0: this one
 *
 * Return: a file descriptor. Closing it ends all that was set up through it.
 */
static inline int pvsched_threads_open(const char *name, pid_t pid)
{
	struct pvsched_vm_create create = { .pid = pid ? pid : getpid(),
					    .flags = PVSCHED_VM_THREADS };
	struct pvsched_vm_protocol protocol = {
		.name = PVSCHED_PROTOCOL_NAME,
		.version = PVSCHED_PROTOCOL_VERSION,
	};
	int fd, err;

	if (strlen(name) >= sizeof(create.name))
		return -EINVAL;
	memcpy(create.name, name, strlen(name));
	fd = open("/dev/pvsched", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!ioctl(fd, PVSCHED_IOC_VM_CREATE, &create) &&
	    !ioctl(fd, PVSCHED_IOC_VM_PROTOCOL, &protocol))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* A page is aligned to PVSCHED_PAGE_SIZE, and zero. */
static inline void pvsched_page_init(struct pvsched_page *page)
{
	page->magic = htole32(PVSCHED_PAGE_MAGIC);
	page->version = htole16(PVSCHED_PAGE_VERSION);
	page->size = htole16(PVSCHED_PAGE_SIZE);
	page->guest_word =
		htole64(pvsched_guest_pack(PVSCHED_LEVEL_NORMAL, 0, 0, 0));
}

/**
 * pvsched_thread_attach() - attach a thread
 * @fd: the group
 * @id: number of the thread in the group
 * @tid: its thread id, 0: the calling thread
 * @page: initialised, NULL: without a word
 */
static inline int pvsched_thread_attach(int fd, unsigned int id, pid_t tid,
					struct pvsched_page *page)
{
	struct pvsched_thread_attach attach = {
		.tid = tid,
		.vcpu_id = id,
		.addr = (uintptr_t)page,
	};

	return ioctl(fd, PVSCHED_IOC_THREAD_ATTACH, &attach) ? -errno : 0;
}

/* The thread has the scheduling that it had before when this returns. */
static inline int pvsched_thread_detach(int fd, unsigned int id)
{
	struct pvsched_vcpu_detach detach = { .vcpu_id = id };

	return ioctl(fd, PVSCHED_IOC_VCPU_DETACH, &detach) ? -errno : 0;
}

static inline uint64_t pvsched_thread_host_word(const struct pvsched_page *page)
{
	return le64toh(__atomic_load_n(&page->host_word, __ATOMIC_RELAXED));
}

static inline uint64_t pvsched_thread_publish(struct pvsched_page *page,
					      unsigned int level)
{
	uint64_t host = pvsched_thread_host_word(page);
	uint64_t word =
		pvsched_guest_pack(level, 0, 0, pvsched_host_ticket(host));

	__atomic_store_n(&page->guest_word, htole64(word), __ATOMIC_SEQ_CST);
	return word;
}

/* From now on the calling thread is as urgent as level, PVSCHED_LEVEL_RT(). */
static inline void pvsched_thread_raise(struct pvsched_page *page,
					unsigned int level)
{
	pvsched_thread_publish(page, level);
}

/* It is less urgent. Calls the kernel only if there is a boost to give back. */
static inline void pvsched_thread_lower(int fd, struct pvsched_page *page,
					unsigned int level)
{
	uint64_t word = pvsched_thread_publish(page, level);

	/* Pairs with the host's, see linux/pvsched.h. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (pvsched_word_rings(word, pvsched_thread_host_word(page)))
		ioctl(fd, PVSCHED_IOC_THREAD_RING);
}

#endif /* PVSCHED_THREAD_H */
