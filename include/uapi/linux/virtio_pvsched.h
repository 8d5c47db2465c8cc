/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The pvsched virtio device: how a guest and its host agree on a protocol and
 * on where the shared pages are.
 *
 * Queue 0 (control): the driver adds a buffer that starts with one request,
 * device-readable, followed by one struct virtio_pvsched_reply,
 * device-writable. One request is outstanding at a time.
 *
 * Queue 1 (doorbell): carries no buffers. The driver notifies it when the rules
 * of the shared page (linux/pvsched.h) ask for the doorbell.
 *
 * All fields are little-endian.
 */
#ifndef _UAPI_LINUX_VIRTIO_PVSCHED_H
#define _UAPI_LINUX_VIRTIO_PVSCHED_H

#include <linux/types.h>

/*
 * No id is assigned to this device. 60 is for front ends that take any id; 21
 * is one that QEMU has a name for, but no driver. A driver therefore binds
 * only if the configuration space starts with the magic below.
 */
#define VIRTIO_ID_PVSCHED	   60
#define VIRTIO_ID_PVSCHED_QEMU	   21

#define VIRTIO_PVSCHED_VQ_CONTROL  0
#define VIRTIO_PVSCHED_VQ_DOORBELL 1
#define VIRTIO_PVSCHED_VQ_COUNT	   2

/* Feature bit: the device takes VIRTIO_PVSCHED_T_ATOMIC. */
#define VIRTIO_PVSCHED_F_ATOMIC 0

#define VIRTIO_PVSCHED_MAGIC	0x44535650 /* "PVSD" */
#define VIRTIO_PVSCHED_VERSION	1

/**
 * struct virtio_pvsched_config - configuration space, read-only for the driver
 * @magic: VIRTIO_PVSCHED_MAGIC
 * @version: VIRTIO_PVSCHED_VERSION; a driver refuses a version it does not know
 * @reserved: 0
 * @max_vcpus: how many vCPUs the device registers at most, 1 to 4096
 * @reserved2: 0
 */
struct virtio_pvsched_config {
	__le32 magic;
	__le16 version;
	__le16 reserved;
	__le32 max_vcpus;
	__le32 reserved2;
};

/* Values of virtio_pvsched_request.type */
#define VIRTIO_PVSCHED_T_NEGOTIATE   1
#define VIRTIO_PVSCHED_T_REGISTER    2
#define VIRTIO_PVSCHED_T_UNREGISTER  3
#define VIRTIO_PVSCHED_T_ATOMIC	     4 /* with VIRTIO_PVSCHED_F_ATOMIC */

#define VIRTIO_PVSCHED_PROTOCOL_LEN  24
#define VIRTIO_PVSCHED_PROTOCOLS_MAX 8
#define VIRTIO_PVSCHED_REASON_LEN    96

/**
 * struct virtio_pvsched_protocol - a protocol that the guest speaks
 * @name: NUL-terminated
 * @version: of the protocol
 * @reserved: 0
 */
struct virtio_pvsched_protocol {
	char name[VIRTIO_PVSCHED_PROTOCOL_LEN];
	__le32 version;
	__le32 reserved;
};

/**
 * struct virtio_pvsched_request - what every request starts with
 * @type: VIRTIO_PVSCHED_T_*
 * @reserved: 0
 */
struct virtio_pvsched_request {
	__le32 type;
	__le32 reserved;
};

/**
 * struct virtio_pvsched_negotiate - choose a protocol
 * @request: type VIRTIO_PVSCHED_T_NEGOTIATE
 * @count: entries in use, 1 to VIRTIO_PVSCHED_PROTOCOLS_MAX
 * @reserved: 0
 * @protocols: what the guest speaks, best first
 *
 * Refused with VIRTIO_PVSCHED_S_BUSY while vCPUs are registered. Nothing can be
 * registered before a negotiation has succeeded. A device reset forgets it.
 */
struct virtio_pvsched_negotiate {
	struct virtio_pvsched_request request;
	__le32 count;
	__le32 reserved;
	struct virtio_pvsched_protocol protocols[VIRTIO_PVSCHED_PROTOCOLS_MAX];
};

/**
 * struct virtio_pvsched_register - tell where a vCPU's page is
 * @request: type VIRTIO_PVSCHED_T_REGISTER
 * @hw_cpu_id: hardware id of the CPU, on x86 its initial APIC id
 * @reserved: 0
 * @addr: guest-physical address of its struct pvsched_page, in RAM
 */
struct virtio_pvsched_register {
	struct virtio_pvsched_request request;
	__le32 hw_cpu_id;
	__le32 reserved;
	__le64 addr;
};

/**
 * struct virtio_pvsched_unregister - take a vCPU's page back
 * @request: type VIRTIO_PVSCHED_T_UNREGISTER
 * @hw_cpu_id: as registered
 * @reserved: 0
 *
 * After a reply with VIRTIO_PVSCHED_S_OK the page is the guest's alone.
 */
struct virtio_pvsched_unregister {
	struct virtio_pvsched_request request;
	__le32 hw_cpu_id;
	__le32 reserved;
};

/**
 * struct virtio_pvsched_atomic - tell where a vCPU counts what keeps it from being
 * preempted
 * @request: type VIRTIO_PVSCHED_T_ATOMIC
 * @hw_cpu_id: as registered
 * @mask: the bits of the count that tell; not 0
 * @addr: guest-physical address of the 32-bit count, little-endian, in RAM, aligned
 *
 * The host may read it, as struct pvsched_vcpu_atomic (linux/pvsched.h) says, until
 * the vCPU is unregistered.
 */
struct virtio_pvsched_atomic {
	struct virtio_pvsched_request request;
	__le32 hw_cpu_id;
	__le32 mask;
	__le64 addr;
};

/* Values of virtio_pvsched_reply.status */
#define VIRTIO_PVSCHED_S_OK	     0
#define VIRTIO_PVSCHED_S_INVALID     1 /* malformed request */
#define VIRTIO_PVSCHED_S_UNSUPPORTED 2 /* unknown type or protocol */
#define VIRTIO_PVSCHED_S_BUSY	     3 /* not in this state */
#define VIRTIO_PVSCHED_S_RANGE	     4 /* address or CPU out of range */
#define VIRTIO_PVSCHED_S_EXISTS	     5 /* CPU is registered already */
#define VIRTIO_PVSCHED_S_UNKNOWN     6 /* CPU is not registered */
#define VIRTIO_PVSCHED_S_HOST	     7 /* the host refused, see reason */

/**
 * struct virtio_pvsched_reply - the device's answer to any request
 * @status: VIRTIO_PVSCHED_S_*
 * @choice: after a successful negotiation, index into protocols of the one in
 *	use; else 0
 * @reason: for people, NUL-terminated; empty when there is nothing to say. The
 *	driver must not rely on the terminator
 */
struct virtio_pvsched_reply {
	__le32 status;
	__le32 choice;
	char reason[VIRTIO_PVSCHED_REASON_LEN];
};

#endif /* _UAPI_LINUX_VIRTIO_PVSCHED_H */
