/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ABI does not move: every offset and size of the shared page, of
 * /dev/pvsched and of the virtio device. Included by a C and by a C++ program.
 */
#include <stddef.h>

#include <linux/pvsched.h>
#include <linux/virtio_pvsched.h>

#ifdef __cplusplus
#define ABI_ASSERT(what) static_assert(what, #what)
#else
#define ABI_ASSERT(what) _Static_assert(what, #what)
#endif
#define ABI_AT(type, field, offset) \
	ABI_ASSERT(offsetof(struct type, field) == (offset))
#define ABI_SIZE(type, size) ABI_ASSERT(sizeof(struct type) == (size))

ABI_AT(pvsched_page, magic, 0);
ABI_AT(pvsched_page, version, 4);
ABI_AT(pvsched_page, size, 6);
ABI_AT(pvsched_page, reserved0, 8);
ABI_AT(pvsched_page, guest_word, 64);
ABI_AT(pvsched_page, call, 72);
ABI_AT(pvsched_page, reserved1, 76);
ABI_AT(pvsched_page, host_word, 128);
ABI_AT(pvsched_page, cpu_capacity, 136);
ABI_AT(pvsched_page, taken, 140);
ABI_AT(pvsched_page, throttled_us, 144);
ABI_AT(pvsched_page, core_id, 148);
ABI_AT(pvsched_page, cache_id, 152);
ABI_AT(pvsched_page, reserved2, 156);
ABI_SIZE(pvsched_page, PVSCHED_PAGE_SIZE);

ABI_AT(pvsched_vm_create, pid, 0);
ABI_AT(pvsched_vm_create, flags, 4);
ABI_AT(pvsched_vm_create, name, 8);
ABI_AT(pvsched_vm_create, policy, 72);
ABI_SIZE(pvsched_vm_create, 88);
ABI_AT(pvsched_vm_protocol, name, 0);
ABI_AT(pvsched_vm_protocol, version, 24);
ABI_AT(pvsched_vm_protocol, flags, 28);
ABI_SIZE(pvsched_vm_protocol, 32);
ABI_AT(pvsched_vm_doorbell, fd, 0);
ABI_AT(pvsched_vm_doorbell, flags, 4);
ABI_SIZE(pvsched_vm_doorbell, 8);
ABI_AT(pvsched_vcpu_attach, vcpu_id, 0);
ABI_AT(pvsched_vcpu_attach, flags, 4);
ABI_AT(pvsched_vcpu_attach, addr, 8);
ABI_SIZE(pvsched_vcpu_attach, 16);
ABI_AT(pvsched_vcpu_detach, vcpu_id, 0);
ABI_AT(pvsched_vcpu_detach, flags, 4);
ABI_SIZE(pvsched_vcpu_detach, 8);
ABI_AT(pvsched_vcpu_atomic, vcpu_id, 0);
ABI_AT(pvsched_vcpu_atomic, mask, 4);
ABI_AT(pvsched_vcpu_atomic, addr, 8);
ABI_SIZE(pvsched_vcpu_atomic, 16);
ABI_AT(pvsched_thread_attach, tid, 0);
ABI_AT(pvsched_thread_attach, vcpu_id, 4);
ABI_AT(pvsched_thread_attach, flags, 8);
ABI_AT(pvsched_thread_attach, reserved, 12);
ABI_AT(pvsched_thread_attach, addr, 16);
ABI_SIZE(pvsched_thread_attach, 24);

ABI_ASSERT(PVSCHED_IOC_VM_CREATE == 0x4058bc00);
ABI_ASSERT(PVSCHED_IOC_VM_PROTOCOL == 0x4020bc01);
ABI_ASSERT(PVSCHED_IOC_VM_DOORBELL == 0x4008bc02);
ABI_ASSERT(PVSCHED_IOC_VCPU_ATTACH == 0x4010bc03);
ABI_ASSERT(PVSCHED_IOC_VCPU_DETACH == 0x4008bc04);
ABI_ASSERT(PVSCHED_IOC_THREAD_ATTACH == 0x4018bc05);
ABI_ASSERT(PVSCHED_IOC_THREAD_RING == 0xbc06);
ABI_ASSERT(PVSCHED_IOC_VCPU_ATOMIC == 0x4010bc07);

ABI_AT(virtio_pvsched_config, magic, 0);
ABI_AT(virtio_pvsched_config, version, 4);
ABI_AT(virtio_pvsched_config, reserved, 6);
ABI_AT(virtio_pvsched_config, max_vcpus, 8);
ABI_AT(virtio_pvsched_config, reserved2, 12);
ABI_SIZE(virtio_pvsched_config, 16);
ABI_AT(virtio_pvsched_protocol, name, 0);
ABI_AT(virtio_pvsched_protocol, version, 24);
ABI_AT(virtio_pvsched_protocol, reserved, 28);
ABI_SIZE(virtio_pvsched_protocol, 32);
ABI_AT(virtio_pvsched_request, type, 0);
ABI_AT(virtio_pvsched_request, reserved, 4);
ABI_SIZE(virtio_pvsched_request, 8);
ABI_AT(virtio_pvsched_negotiate, request, 0);
ABI_AT(virtio_pvsched_negotiate, count, 8);
ABI_AT(virtio_pvsched_negotiate, reserved, 12);
ABI_AT(virtio_pvsched_negotiate, protocols, 16);
ABI_SIZE(virtio_pvsched_negotiate, 272);
ABI_AT(virtio_pvsched_register, request, 0);
ABI_AT(virtio_pvsched_register, hw_cpu_id, 8);
ABI_AT(virtio_pvsched_register, reserved, 12);
ABI_AT(virtio_pvsched_register, addr, 16);
ABI_SIZE(virtio_pvsched_register, 24);
ABI_AT(virtio_pvsched_unregister, request, 0);
ABI_AT(virtio_pvsched_unregister, hw_cpu_id, 8);
ABI_AT(virtio_pvsched_unregister, reserved, 12);
ABI_SIZE(virtio_pvsched_unregister, 16);
ABI_AT(virtio_pvsched_atomic, request, 0);
ABI_AT(virtio_pvsched_atomic, hw_cpu_id, 8);
ABI_AT(virtio_pvsched_atomic, mask, 12);
ABI_AT(virtio_pvsched_atomic, addr, 16);
ABI_SIZE(virtio_pvsched_atomic, 24);
ABI_AT(virtio_pvsched_reply, status, 0);
ABI_AT(virtio_pvsched_reply, choice, 4);
ABI_AT(virtio_pvsched_reply, reason, 8);
ABI_SIZE(virtio_pvsched_reply, 104);
