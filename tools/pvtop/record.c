// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Recordings: snapshots, events and caps in a file.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "record.h"

/* Every so many snapshots one is whole, where reading can begin. */
#define KEY_EVERY 60

/* What a recording of a real host stays below. */
#define VMS_MAX	   4096
#define VCPUS_MAX  16384
#define BLOCK_MAX  (64U << 20)

#define HEAD_SIZE  8
#define BLOCK_HEAD (1 + 4 + 8)

static const uint8_t head[HEAD_SIZE] = { 'P', 'V', 'S', 'R',
					 'E', 'C', 0,	RECORD_VERSION };

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define ONE(number_, kind_, type, member)                         \
	{                                                         \
		.number = (number_), .kind = (kind_), .count = 1, \
		.offset = offsetof(type, member),                 \
		.stride = sizeof(((type *)0)->member)             \
	}
#define MANY(number_, type, array, member)                          \
	{                                                           \
		.number = (number_),                                \
		.kind = sizeof(((type *)0)->array[0] member) == 8 ? \
				FIELD_U64 :                         \
				FIELD_U32,                          \
		.count = ARRAY_SIZE(((type *)0)->array),            \
		.offset = offsetof(type, array[0] member),          \
		.stride = sizeof(((type *)0)->array[0])             \
	}
#define BOOLS(number_, type, array, member)                \
	{                                                  \
		.number = (number_), .kind = FIELD_BOOL,   \
		.count = ARRAY_SIZE(((type *)0)->array),   \
		.offset = offsetof(type, array[0] member), \
		.stride = sizeof(((type *)0)->array[0])    \
	}

#define HIST(number, type, id)                               \
	ONE(number, FIELD_U64, type, stats.hist[id].sum_ns), \
		MANY((number) + 1, type, stats.hist[id].bucket, )

/* Of VMs and vCPUs. */
#define STATS(type)                                                    \
	ONE(100, FIELD_U64, type, stats.doorbells),                    \
		ONE(101, FIELD_U64, type, stats.doorbells_ignored),    \
		ONE(102, FIELD_U64, type, stats.spurious),             \
		ONE(103, FIELD_U64, type, stats.throttles),            \
		ONE(104, FIELD_U64, type, stats.would_boost),          \
		ONE(105, FIELD_U64, type, stats.preempted_urgent),     \
		ONE(106, FIELD_U64, type, stats.boosted_ns),           \
		ONE(107, FIELD_U64, type, stats.waited_ns),            \
		ONE(108, FIELD_U64, type, stats.waited_urgent_ns),     \
		ONE(109, FIELD_U64, type, stats.debt_ns),              \
		MANY(200, type, stats.boosts, ),                       \
		MANY(300, type, stats.deboosts, ), HIST(400, type, 0), \
		HIST(450, type, 1), HIST(500, type, 2), HIST(550, type, 3)

static const struct field snapshot_fields[] = {
	ONE(1, FIELD_U64, struct snapshot, real_ns),
	ONE(2, FIELD_BOOL, struct snapshot, missing),
	ONE(3, FIELD_U32, struct snapshot, cpus),
	ONE(4, FIELD_BOOL, struct snapshot, has_pressure),
	ONE(5, FIELD_U32, struct snapshot, pressure),
	ONE(6, FIELD_BOOL, struct snapshot, listening),
	ONE(7, FIELD_U64, struct snapshot, lost),
	ONE(20, FIELD_BOOL, struct snapshot, host.enabled),
	ONE(21, FIELD_BOOL, struct snapshot, host.has_boosted),
	ONE(22, FIELD_U32, struct snapshot, host.boosted),
	ONE(23, FIELD_BOOL, struct snapshot, host.held),
	ONE(24, FIELD_U32, struct snapshot, host.canary_ms),
	ONE(25, FIELD_U64, struct snapshot, host.canary_trips),
};

#define VM struct pvsched_vm_info
static const struct field vm_fields[] = {
	ONE(1, FIELD_TEXT, VM, name),
	ONE(2, FIELD_U32, VM, pid),
	ONE(3, FIELD_U32, VM, uid),
	ONE(4, FIELD_TEXT, VM, policy),
	ONE(5, FIELD_TEXT, VM, protocol),
	ONE(6, FIELD_U32, VM, protocol_version),
	ONE(7, FIELD_U32, VM, vcpus),
	ONE(8, FIELD_U32, VM, boosted),
	ONE(9, FIELD_U32, VM, throttled),
	ONE(10, FIELD_U32, VM, kind),
	ONE(11, FIELD_BOOL, VM, payback),
	STATS(VM),
};

#define VCPU struct pvsched_vcpu_info
static const struct field vcpu_fields[] = {
	ONE(1, FIELD_TEXT, VCPU, vm),
	ONE(2, FIELD_BOOL, VCPU, bound),
	ONE(3, FIELD_U32, VCPU, tid),
	ONE(4, FIELD_U32, VCPU, cpu),
	ONE(5, FIELD_U32, VCPU, state),
	ONE(6, FIELD_U32, VCPU, flags),
	ONE(7, FIELD_U32, VCPU, baseline_policy),
	ONE(8, FIELD_U32, VCPU, baseline_nice),
	ONE(9, FIELD_U32, VCPU, baseline_rtprio),
	ONE(10, FIELD_U32, VCPU, current),
	ONE(11, FIELD_U32, VCPU, waiter),
	ONE(12, FIELD_U32, VCPU, sleeper),
	ONE(13, FIELD_U32, VCPU, granted),
	ONE(14, FIELD_U32, VCPU, cause),
	ONE(15, FIELD_U32, VCPU, share),
	ONE(16, FIELD_U64, VCPU, time_ns),
	MANY(20, VCPU, binding, .value),
	MANY(60, VCPU, binding, .level),
	STATS(VCPU),
};

#define EVENT struct pvsched_event
static const struct field event_fields[] = {
	ONE(1, FIELD_U32, EVENT, group),
	ONE(2, FIELD_BOOL, EVENT, gap),
	ONE(3, FIELD_U64, EVENT, lost),
	ONE(4, FIELD_U64, EVENT, seq),
	ONE(5, FIELD_U32, EVENT, kind),
	ONE(6, FIELD_TEXT, EVENT, vm),
	ONE(7, FIELD_U32, EVENT, vm_id),
	ONE(8, FIELD_BOOL, EVENT, has_vcpu),
	ONE(9, FIELD_U32, EVENT, vcpu),
	ONE(10, FIELD_U32, EVENT, pid),
	ONE(11, FIELD_U32, EVENT, level),
	ONE(12, FIELD_U32, EVENT, cause),
	ONE(13, FIELD_U32, EVENT, cpu),
	ONE(14, FIELD_U64, EVENT, waited_ns),
	ONE(15, FIELD_U64, EVENT, hold_ns),
	ONE(16, FIELD_TEXT, EVENT, policy),
	ONE(17, FIELD_BOOL, EVENT, payback),
	BOOLS(20, EVENT, cap, .present),
	MANY(60, EVENT, cap, .soft),
	MANY(100, EVENT, cap, .hard),
};

static const struct field target_fields[] = {
	ONE(1, FIELD_TEXT, struct pvsched_target, vm),
	ONE(2, FIELD_BOOL, struct pvsched_target, has_vcpu),
	ONE(3, FIELD_U32, struct pvsched_target, vcpu),
};

#define CAPS struct pvsched_caps_info
static const struct field caps_fields[] = {
	ONE(1, FIELD_BOOL, CAPS, has_binding),
	BOOLS(20, CAPS, cap, .present),
	MANY(60, CAPS, cap, .soft),
	MANY(100, CAPS, cap, .hard),
	MANY(140, CAPS, binding, .value),
	MANY(180, CAPS, binding, .level),
};

static const struct pvsched_vm_info no_vm;
static const struct pvsched_vcpu_info no_vcpu;

static const struct pvsched_vm_info *vm_before(const struct snapshot *base,
					       uint32_t id)
{
	size_t low = 0, high = base->vms.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (base->vms.vm[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < base->vms.count && base->vms.vm[low].id == id)
		return &base->vms.vm[low];
	return &no_vm;
}

static bool vcpu_less(const struct pvsched_vcpu_info *vcpu, uint32_t vm_id,
		      uint32_t id)
{
	return vcpu->vm_id != vm_id ? vcpu->vm_id < vm_id : vcpu->id < id;
}

static const struct pvsched_vcpu_info *vcpu_before(const struct snapshot *base,
						   uint32_t vm_id, uint32_t id)
{
	size_t low = 0, high = base->vcpus.count;
	const struct pvsched_vcpu_info *found;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (vcpu_less(&base->vcpus.vcpu[middle], vm_id, id))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == base->vcpus.count)
		return &no_vcpu;
	found = &base->vcpus.vcpu[low];
	return found->vm_id == vm_id && found->id == id ? found : &no_vcpu;
}

struct record_writer {
	FILE *file;
	struct snapshot last;
	unsigned int since_key; /* snapshots; 0: the next one is whole */
};

static void put_le(uint8_t *to, uint64_t value, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		to[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_le(const uint8_t *from, size_t size)
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < size; i++)
		value |= (uint64_t)from[i] << (8 * i);
	return value;
}

struct record_writer *record_writer_new(FILE *file)
{
	struct record_writer *writer = calloc(1, sizeof(*writer));

	if (writer && fwrite(head, sizeof(head), 1, file) == 1) {
		writer->file = file;
		return writer;
	}
	fclose(file);
	free(writer);
	return NULL;
}

int record_writer_close(struct record_writer *writer)
{
	int ret;

	if (!writer)
		return 0;
	ret = fclose(writer->file);
	snapshot_free(&writer->last);
	free(writer);
	return ret ? -1 : 0;
}

bool record_key_due(const struct record_writer *writer)
{
	return !writer->since_key;
}

/* Whole blocks reach the file, so that one which is being written can be read. */
static int block_write(struct record_writer *writer, enum record_type type,
		       uint64_t key, const struct bytes *fields)
{
	uint8_t block[BLOCK_HEAD];

	if (fields->failed || fields->size > BLOCK_MAX) {
		errno = ENOMEM;
		return -1;
	}
	block[0] = type;
	put_le(block + 1, fields->size, 4);
	put_le(block + 5, key, 8);
	if (fwrite(block, sizeof(block), 1, writer->file) != 1 ||
	    fwrite(fields->data, fields->size, 1, writer->file) != 1 ||
	    fflush(writer->file))
		return -1;
	return 0;
}

static void snapshot_put(struct bytes *bytes, const struct snapshot *snapshot,
			 const struct snapshot *base)
{
	size_t i;

	fields_put(bytes, snapshot_fields, ARRAY_SIZE(snapshot_fields),
		   snapshot, base);
	bytes_number(bytes, snapshot->vms.count);
	for (i = 0; i < snapshot->vms.count; i++) {
		const struct pvsched_vm_info *vm = &snapshot->vms.vm[i];

		bytes_number(bytes, vm->id);
		fields_put(bytes, vm_fields, ARRAY_SIZE(vm_fields), vm,
			   vm_before(base, vm->id));
	}
	bytes_number(bytes, snapshot->vcpus.count);
	for (i = 0; i < snapshot->vcpus.count; i++) {
		const struct pvsched_vcpu_info *vcpu = &snapshot->vcpus.vcpu[i];

		bytes_number(bytes, vcpu->vm_id);
		bytes_number(bytes, vcpu->id);
		fields_put(bytes, vcpu_fields, ARRAY_SIZE(vcpu_fields), vcpu,
			   vcpu_before(base, vcpu->vm_id, vcpu->id));
	}
}

static void *copy(const void *from, size_t count, size_t size)
{
	void *to = calloc(count + 1, size);

	if (to && count)
		memcpy(to, from, count * size);
	return to;
}

/* Returns 0, or -1 without memory: to is empty then. */
static int snapshot_copy(struct snapshot *to, const struct snapshot *from)
{
	*to = *from;
	to->vms.vm = copy(from->vms.vm, from->vms.count, sizeof(*to->vms.vm));
	to->vcpus.vcpu = copy(from->vcpus.vcpu, from->vcpus.count,
			      sizeof(*to->vcpus.vcpu));
	if (to->vms.vm && to->vcpus.vcpu)
		return 0;
	snapshot_free(to);
	return -1;
}

int record_snapshot(struct record_writer *writer,
		    const struct snapshot *snapshot)
{
	static const struct snapshot nothing;
	struct bytes bytes __attribute__((cleanup(bytes_free))) = {};
	bool key = record_key_due(writer);
	struct snapshot now;
	int err;

	if (snapshot_copy(&now, snapshot)) {
		errno = ENOMEM;
		return -1;
	}
	snapshot_sort(&now);
	snapshot_put(&bytes, &now, key ? &nothing : &writer->last);
	snapshot_free(&writer->last);
	writer->last = now;
	err = block_write(writer, key ? RECORD_KEY : RECORD_DELTA, now.time_ns,
			  &bytes);
	writer->since_key = (writer->since_key + 1) % KEY_EVERY;
	return err;
}

int record_event(struct record_writer *writer,
		 const struct pvsched_event *event)
{
	static const struct pvsched_event nothing;
	struct bytes bytes __attribute__((cleanup(bytes_free))) = {};

	fields_put(&bytes, event_fields, ARRAY_SIZE(event_fields), event,
		   &nothing);
	return block_write(writer, RECORD_EVENT, event->time_ns, &bytes);
}

/* FNV-1a */
static uint64_t target_hash(const struct pvsched_target *target)
{
	uint64_t hash = 0xcbf29ce484222325;
	const char *at;

	for (at = target->vm; *at; at++)
		hash = (hash ^ (uint8_t)*at) * 0x100000001b3;
	if (!target->has_vcpu)
		return hash;
	return (hash ^ (target->vcpu + 256ULL)) * 0x100000001b3;
}

int record_caps(struct record_writer *writer,
		const struct pvsched_target *target,
		const struct pvsched_caps_info *caps)
{
	static const struct pvsched_caps_info no_caps;
	static const struct pvsched_target no_target;
	struct bytes bytes __attribute__((cleanup(bytes_free))) = {};

	fields_put(&bytes, target_fields, ARRAY_SIZE(target_fields), target,
		   &no_target);
	fields_put(&bytes, caps_fields, ARRAY_SIZE(caps_fields), caps,
		   &no_caps);
	return block_write(writer, RECORD_CAPS, target_hash(target), &bytes);
}

static int block_add(struct record_reader *reader,
		     const struct record_block *block)
{
	/* Sizes that are powers of two say when there is no room any more. */
	if (!(reader->count & (reader->count - 1))) {
		size_t room = reader->count ? 2 * reader->count : 1;
		struct record_block *grown = reallocarray(
			reader->block, room, sizeof(*reader->block));

		if (!grown)
			return -1;
		reader->block = grown;
	}
	reader->block[reader->count++] = *block;
	return 0;
}

/* Find all blocks. One that is cut off, as the last one may be, ends it. */
static int blocks_find(struct record_reader *reader, long size)
{
	uint8_t bytes[BLOCK_HEAD];
	long at = HEAD_SIZE;

	while (!fseek(reader->file, at, SEEK_SET) &&
	       fread(bytes, sizeof(bytes), 1, reader->file) == 1) {
		struct record_block block = {
			.type = bytes[0],
			.size = (uint32_t)get_le(bytes + 1, 4),
			.key = get_le(bytes + 5, 8),
			.offset = at + BLOCK_HEAD,
		};

		if (block.size > BLOCK_MAX ||
		    (long)block.size > size - block.offset)
			break;
		if (block_add(reader, &block))
			return -1;
		at = block.offset + (long)block.size;
	}
	return 0;
}

static int open_failed(struct record_reader *reader,
		       struct pvsched_error *error, int code, const char *text)
{
	record_reader_close(reader);
	error->code = code;
	error->refused = false;
	snprintf(error->text, sizeof(error->text), "%s", text);
	return -1;
}

int record_reader_open(struct record_reader *reader, FILE *file,
		       struct pvsched_error *error)
{
	uint8_t bytes[HEAD_SIZE];
	long size;

	memset(reader, 0, sizeof(*reader));
	reader->file = file;
	reader->at = SIZE_MAX;
	if (fread(bytes, sizeof(bytes), 1, file) != 1 ||
	    memcmp(bytes, head, HEAD_SIZE - 1))
		return open_failed(reader, error, -EINVAL,
				   "is no recording of pvtop");
	if (bytes[HEAD_SIZE - 1] != RECORD_VERSION)
		return open_failed(reader, error, -EINVAL,
				   "is a recording of another version");
	if (fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0)
		return open_failed(reader, error, -errno,
				   "cannot be read from its end");
	if (blocks_find(reader, size))
		return open_failed(reader, error, -ENOMEM, "out of memory");
	return 0;
}

void record_reader_close(struct record_reader *reader)
{
	if (reader->file)
		fclose(reader->file);
	free(reader->block);
	free(reader->buffer);
	snapshot_free(&reader->last);
	memset(reader, 0, sizeof(*reader));
}

static int block_read(struct record_reader *reader, size_t number,
		      struct reading *reading)
{
	const struct record_block *block = &reader->block[number];

	if (block->size > reader->room) {
		uint8_t *grown = realloc(reader->buffer, block->size);

		if (!grown)
			return -1;
		reader->buffer = grown;
		reader->room = block->size;
	}
	if (!block->size || fseek(reader->file, block->offset, SEEK_SET) ||
	    fread(reader->buffer, block->size, 1, reader->file) != 1)
		return -1;
	*reading =
		(struct reading){ .data = reader->buffer, .size = block->size };
	return 0;
}

/* Room for one more; at powers of two it doubles. */
static void *room(void *items, size_t count, size_t size)
{
	if (count & (count - 1))
		return items;
	return reallocarray(items, count ? 2 * count : 1, size);
}

static int vms_get(struct reading *reading, const struct snapshot *base,
		   struct snapshot *to)
{
	uint64_t left = reading_number(reading);

	if (left > VMS_MAX)
		return -1;
	for (; left && !reading->bad; left--) {
		uint32_t id = (uint32_t)reading_number(reading);
		struct pvsched_vm_info *vm =
			room(to->vms.vm, to->vms.count, sizeof(*vm));

		if (!vm)
			return -1;
		to->vms.vm = vm;
		vm += to->vms.count++;
		*vm = *vm_before(base, id);
		vm->id = id;
		fields_get(reading, vm_fields, ARRAY_SIZE(vm_fields), vm);
	}
	return 0;
}

static int vcpus_get(struct reading *reading, const struct snapshot *base,
		     struct snapshot *to)
{
	uint64_t left = reading_number(reading);

	if (left > VCPUS_MAX)
		return -1;
	for (; left && !reading->bad; left--) {
		uint32_t vm_id = (uint32_t)reading_number(reading);
		uint32_t id = (uint32_t)reading_number(reading);
		struct pvsched_vcpu_info *vcpu =
			room(to->vcpus.vcpu, to->vcpus.count, sizeof(*vcpu));

		if (!vcpu)
			return -1;
		to->vcpus.vcpu = vcpu;
		vcpu += to->vcpus.count++;
		*vcpu = *vcpu_before(base, vm_id, id);
		vcpu->vm_id = vm_id;
		vcpu->id = id;
		fields_get(reading, vcpu_fields, ARRAY_SIZE(vcpu_fields), vcpu);
	}
	return 0;
}

/* One block, referring to reader->last unless it is whole. */
static int snapshot_read(struct record_reader *reader, size_t number)
{
	static const struct snapshot nothing;
	const struct record_block *block = &reader->block[number];
	const struct snapshot *base =
		block->type == RECORD_KEY ? &nothing : &reader->last;
	struct snapshot now = *base;
	struct reading reading;

	memset(&now.vms, 0, sizeof(now.vms));
	memset(&now.vcpus, 0, sizeof(now.vcpus));
	if (block_read(reader, number, &reading))
		return -1;
	fields_get(&reading, snapshot_fields, ARRAY_SIZE(snapshot_fields),
		   &now);
	now.time_ns = block->key;
	if (vms_get(&reading, base, &now) || vcpus_get(&reading, base, &now) ||
	    reading.bad) {
		snapshot_free(&now);
		return -1;
	}
	snapshot_sort(&now);
	snapshot_free(&reader->last);
	reader->last = now;
	reader->at = number;
	return 0;
}

static bool is_snapshot(const struct record_block *block)
{
	return block->type == RECORD_KEY || block->type == RECORD_DELTA;
}

/* The block with which to begin, so as to know the snapshot of that one. */
static size_t first_needed(const struct record_reader *reader, size_t number)
{
	size_t at;

	for (at = number; at > 0; at--) {
		if (at == reader->at)
			return at + 1;
		if (reader->block[at].type == RECORD_KEY)
			return at;
	}
	return reader->at == 0 && number ? 1 : 0;
}

int record_read_snapshot(struct record_reader *reader, size_t number,
			 struct snapshot *snapshot)
{
	size_t at;

	memset(snapshot, 0, sizeof(*snapshot));
	if (number >= reader->count || !is_snapshot(&reader->block[number]))
		return -1;
	for (at = first_needed(reader, number); at <= number; at++)
		if (is_snapshot(&reader->block[at]) &&
		    snapshot_read(reader, at))
			return -1;
	return snapshot_copy(snapshot, &reader->last);
}

int record_read_event(struct record_reader *reader, size_t number,
		      struct pvsched_event *event)
{
	struct reading reading;

	memset(event, 0, sizeof(*event));
	if (number >= reader->count ||
	    reader->block[number].type != RECORD_EVENT ||
	    block_read(reader, number, &reading))
		return -1;
	fields_get(&reading, event_fields, ARRAY_SIZE(event_fields), event);
	event->time_ns = reader->block[number].key;
	return reading.bad ? -1 : 0;
}

int record_find_caps(struct record_reader *reader, size_t before,
		     const struct pvsched_target *target,
		     struct pvsched_caps_info *caps)
{
	uint64_t hash = target_hash(target);
	size_t at;

	for (at = before < reader->count ? before : reader->count; at--;) {
		struct pvsched_target whose = {};
		struct reading reading;

		if (reader->block[at].type != RECORD_CAPS ||
		    reader->block[at].key != hash ||
		    block_read(reader, at, &reading))
			continue;
		memset(caps, 0, sizeof(*caps));
		fields_get(&reading, target_fields, ARRAY_SIZE(target_fields),
			   &whose);
		fields_get(&reading, caps_fields, ARRAY_SIZE(caps_fields),
			   caps);
		if (!reading.bad && !strcmp(whose.vm, target->vm) &&
		    whose.has_vcpu == target->has_vcpu &&
		    whose.vcpu == target->vcpu)
			return 0;
	}
	return -1;
}
