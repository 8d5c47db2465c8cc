/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vhost-user messages that this back end knows; the protocol is described
 * in QEMU's docs/interop/vhost-user.rst. Numbers are in host byte order.
 */
#ifndef PVSCHED_VHOST_PROTO_H
#define PVSCHED_VHOST_PROTO_H

#include <linux/vhost_types.h>
#include <stdint.h>

#include "vhost_mem.h"

#define VHOST_USER_VERSION	       1U
#define VHOST_USER_VERSION_MASK	       3U
#define VHOST_USER_REPLY	       (1U << 2)
#define VHOST_USER_NEED_REPLY	       (1U << 3)

#define VHOST_USER_F_PROTOCOL_FEATURES 30

enum vhost_user_protocol_feature {
	VHOST_USER_PROTOCOL_F_MQ = 0,
	VHOST_USER_PROTOCOL_F_REPLY_ACK = 3,
	VHOST_USER_PROTOCOL_F_CONFIG = 9,
	VHOST_USER_PROTOCOL_F_RESET_DEVICE = 13,
	VHOST_USER_PROTOCOL_F_CONFIGURE_MEM_SLOTS = 15,
	VHOST_USER_PROTOCOL_F_STATUS = 16,
};

enum vhost_user_request {
	VHOST_USER_GET_FEATURES = 1,
	VHOST_USER_SET_FEATURES = 2,
	VHOST_USER_SET_OWNER = 3,
	VHOST_USER_RESET_OWNER = 4,
	VHOST_USER_SET_MEM_TABLE = 5,
	VHOST_USER_SET_VRING_NUM = 8,
	VHOST_USER_SET_VRING_ADDR = 9,
	VHOST_USER_SET_VRING_BASE = 10,
	VHOST_USER_GET_VRING_BASE = 11,
	VHOST_USER_SET_VRING_KICK = 12,
	VHOST_USER_SET_VRING_CALL = 13,
	VHOST_USER_SET_VRING_ERR = 14,
	VHOST_USER_GET_PROTOCOL_FEATURES = 15,
	VHOST_USER_SET_PROTOCOL_FEATURES = 16,
	VHOST_USER_GET_QUEUE_NUM = 17,
	VHOST_USER_SET_VRING_ENABLE = 18,
	VHOST_USER_GET_CONFIG = 24,
	VHOST_USER_SET_CONFIG = 25,
	VHOST_USER_RESET_DEVICE = 34,
	VHOST_USER_GET_MAX_MEM_SLOTS = 36,
	VHOST_USER_ADD_MEM_REG = 37,
	VHOST_USER_REM_MEM_REG = 38,
	VHOST_USER_SET_STATUS = 39,
	VHOST_USER_GET_STATUS = 40,
};

/* SET_VRING_{KICK,CALL,ERR}: index, and "no descriptor comes along" */
#define VHOST_USER_VRING_INDEX 0xffU
#define VHOST_USER_VRING_NOFD  (1U << 8)

#define VHOST_USER_FDS_MAX     8 /* descriptors of one message */
#define VHOST_USER_CONFIG_MAX  256
#define VHOST_USER_PAYLOAD_MAX 4096 /* far above any known message */

struct vhost_user_header {
	uint32_t request;
	uint32_t flags;
	uint32_t size; /* of the payload */
};

struct vhost_user_region {
	uint64_t gpa;
	uint64_t size;
	uint64_t uva;
	uint64_t offset;
};

struct vhost_user_mem_table {
	uint32_t count;
	uint32_t padding;
	struct vhost_user_region region[VHOST_USER_FDS_MAX];
};

struct vhost_user_mem_reg {
	uint64_t padding;
	struct vhost_user_region region;
};

struct vhost_user_config {
	uint32_t offset;
	uint32_t size;
	uint32_t flags;
	uint8_t data[VHOST_USER_CONFIG_MAX];
};

union vhost_user_payload {
	uint64_t u64;
	struct vhost_vring_state state;
	struct vhost_vring_addr addr;
	struct vhost_user_mem_table table;
	struct vhost_user_mem_reg reg;
	struct vhost_user_config config;
	uint8_t raw[VHOST_USER_PAYLOAD_MAX];
};

struct vhost_user_msg {
	struct vhost_user_header header;
	union vhost_user_payload payload;
	int fd[VHOST_USER_FDS_MAX];
	unsigned int fds;
};

#endif
