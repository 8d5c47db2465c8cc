// SPDX-License-Identifier: GPL-2.0-or-later
#include "format.h"

/* Four bits at a time: fast enough, and nothing to set up. */
static uint32_t crc32(const unsigned char *byte, size_t len)
{
	static const uint32_t table[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
		0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
		0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};
	uint32_t crc = ~0U;

	while (len--) {
		crc ^= *byte++;
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return ~crc;
}

uint32_t history_check(const void *item, size_t size)
{
	const size_t skip = sizeof(uint32_t);

	return crc32((const unsigned char *)item + skip, size - skip);
}

uint32_t history_head_check(const struct history_file_head *head)
{
	return crc32((const unsigned char *)head,
		     offsetof(struct history_file_head, check));
}
