/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Structs as lists of numbered fields, which tell how they differ from another.
 */
#ifndef PVTOP_FIELDS_H
#define PVTOP_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that are written. */
struct bytes {
	uint8_t *data;
	size_t size;
	size_t room;
	bool failed; /* memory ran out */
};

void bytes_free(struct bytes *bytes);
void bytes_put(struct bytes *bytes, const void *data, size_t size);
void bytes_number(struct bytes *bytes, uint64_t value);

/* Bytes that are read; nothing is read beyond their end. */
struct reading {
	const uint8_t *data;
	size_t size;
	size_t at;
	bool bad; /* they made no sense */
};

uint64_t reading_number(struct reading *reading);

enum field_kind {
	FIELD_BOOL,
	FIELD_U32, /* also of what has a sign, and of enums */
	FIELD_U64,
	FIELD_TEXT, /* an array of characters with a 0 at its end */
};

/**
 * struct field - a member of a struct, or an array of members
 * @number: of the field, of an array the first one's; ascending in a list
 * @kind: of the member
 * @offset: in the struct
 * @count: of an array, else 1
 * @stride: of the array; of a text its size
 */
struct field {
	uint32_t number;
	enum field_kind kind;
	size_t offset;
	uint32_t count;
	size_t stride;
};

/* What differs from base, which is a struct as well. */
void fields_put(struct bytes *bytes, const struct field *fields, size_t count,
		const void *from, const void *base);
/* To a struct that is as base was. */
void fields_get(struct reading *reading, const struct field *fields,
		size_t count, void *to);

#endif /* PVTOP_FIELDS_H */
