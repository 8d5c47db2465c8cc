// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Structs as lists of numbered fields.
 */
#include <stdlib.h>
#include <string.h>

#include "fields.h"

void bytes_free(struct bytes *bytes)
{
	free(bytes->data);
	memset(bytes, 0, sizeof(*bytes));
}

void bytes_put(struct bytes *bytes, const void *data, size_t size)
{
	if (bytes->size + size > bytes->room) {
		size_t room = 2 * (bytes->size + size) + 64;
		uint8_t *grown = realloc(bytes->data, room);

		if (!grown) {
			bytes->failed = true;
			return;
		}
		bytes->data = grown;
		bytes->room = room;
	}
	memcpy(bytes->data + bytes->size, data, size);
	bytes->size += size;
}

void bytes_number(struct bytes *bytes, uint64_t value)
{
	uint8_t digits[10];
	size_t count = 0;

	do {
		digits[count] = value & 0x7f;
		value >>= 7;
		digits[count++] |= value ? 0x80 : 0;
	} while (value);
	bytes_put(bytes, digits, count);
}

uint64_t reading_number(struct reading *reading)
{
	uint64_t value = 0;
	unsigned int shift;

	for (shift = 0; shift < 64 && reading->at < reading->size; shift += 7) {
		uint8_t digit = reading->data[reading->at++];

		value |= (uint64_t)(digit & 0x7f) << shift;
		if (!(digit & 0x80))
			return value;
	}
	reading->bad = true;
	reading->at = reading->size;
	return 0;
}

static uint64_t member_get(const struct field *field, const void *of,
			   uint32_t index)
{
	const char *at =
		(const char *)of + field->offset + index * field->stride;
	uint32_t narrow;
	uint64_t wide;

	switch (field->kind) {
	case FIELD_BOOL:
		return *(const bool *)at;
	case FIELD_U32:
		memcpy(&narrow, at, sizeof(narrow));
		return narrow;
	default:
		memcpy(&wide, at, sizeof(wide));
		return wide;
	}
}

static void member_set(const struct field *field, void *of, uint32_t index,
		       uint64_t value)
{
	char *at = (char *)of + field->offset + index * field->stride;
	uint32_t narrow = (uint32_t)value;

	switch (field->kind) {
	case FIELD_BOOL:
		*(bool *)at = value;
		break;
	case FIELD_U32:
		memcpy(at, &narrow, sizeof(narrow));
		break;
	default:
		memcpy(at, &value, sizeof(value));
	}
}

/* So that small numbers of either sign are short. */
static uint64_t zigzag(uint64_t value)
{
	return value << 1 ^ (value >> 63 ? UINT64_MAX : 0);
}

static uint64_t unzigzag(uint64_t value)
{
	return value >> 1 ^ (value & 1 ? UINT64_MAX : 0);
}

static void text_put(struct bytes *bytes, const struct field *field,
		     const void *from, const void *base)
{
	const char *text = (const char *)from + field->offset;
	const char *before = (const char *)base + field->offset;
	size_t len = strnlen(text, field->stride);

	if (!strncmp(text, before, field->stride))
		return;
	bytes_number(bytes, 2 * (uint64_t)field->number + 1);
	bytes_number(bytes, len);
	bytes_put(bytes, text, len);
}

void fields_put(struct bytes *bytes, const struct field *fields, size_t count,
		const void *from, const void *base)
{
	uint32_t index;
	size_t i;

	for (i = 0; i < count; i++) {
		const struct field *field = &fields[i];

		if (field->kind == FIELD_TEXT) {
			text_put(bytes, field, from, base);
			continue;
		}
		for (index = 0; index < field->count; index++) {
			uint64_t delta = member_get(field, from, index) -
					 member_get(field, base, index);

			if (!delta)
				continue;
			bytes_number(bytes,
				     2 * ((uint64_t)field->number + index));
			bytes_number(bytes, zigzag(delta));
		}
	}
	bytes_number(bytes, 0);
}

/* The one that a number belongs to, or NULL. */
static const struct field *field_find(const struct field *fields, size_t count,
				      uint64_t number)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (number >= fields[i].number &&
		    number - fields[i].number < fields[i].count)
			return &fields[i];
	return NULL;
}

static void text_get(struct reading *reading, const struct field *field,
		     void *to)
{
	uint64_t len = reading_number(reading);
	size_t taken;

	if (len > reading->size - reading->at) {
		reading->bad = true;
		return;
	}
	if (field && field->kind == FIELD_TEXT) {
		char *text = (char *)to + field->offset;

		taken = len < field->stride ? len : field->stride - 1;
		memset(text, 0, field->stride);
		memcpy(text, reading->data + reading->at, taken);
	}
	reading->at += len;
}

void fields_get(struct reading *reading, const struct field *fields,
		size_t count, void *to)
{
	for (;;) {
		uint64_t key = reading_number(reading);
		const struct field *field = field_find(fields, count, key / 2);
		uint64_t delta;

		if (!key || reading->bad)
			return;
		if (key & 1) {
			text_get(reading, field, to);
			continue;
		}
		delta = unzigzag(reading_number(reading));
		if (!field || field->kind == FIELD_TEXT || reading->bad)
			continue;
		member_set(field, to, (uint32_t)(key / 2 - field->number),
			   member_get(field, to,
				      (uint32_t)(key / 2 - field->number)) +
				   delta);
	}
}
