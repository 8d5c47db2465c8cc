// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Targets and caps as the command line has them.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "capspec.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

__attribute__((format(printf, 2, 3))) static bool fail(char *why,
						       const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, CAPSPEC_WHY_LEN, fmt, args);
	va_end(args);
	return false;
}

/* Digits only, and no more than fit. */
static bool number_parse(const char *text, size_t len, uint64_t *value)
{
	size_t i;

	*value = 0;
	for (i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9' ||
		    __builtin_mul_overflow(*value, 10, value) ||
		    __builtin_add_overflow(*value, text[i] - '0', value))
			return false;
	}
	return len > 0;
}

bool target_parse(const char *text, struct pvsched_target *target, char *why)
{
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	uint64_t vcpu;

	memset(target, 0, sizeof(*target));
	if (!strcmp(text, "host"))
		return true;
	if (!len || len >= sizeof(target->vm))
		return fail(why, "a VM's name has 1 to %zu characters",
			    sizeof(target->vm) - 1);
	memcpy(target->vm, text, len);
	if (!slash)
		return true;
	if (!number_parse(slash + 1, strlen(slash + 1), &vcpu) ||
	    vcpu > PVSCHED_VCPU_ID_MAX)
		return fail(why, "behind the '/' belongs a vCPU, 0 to %d",
			    PVSCHED_VCPU_ID_MAX);
	target->has_vcpu = true;
	target->vcpu = vcpu;
	return true;
}

const char *target_text(const struct pvsched_target *target, char *text)
{
	if (!target->vm[0])
		snprintf(text, TARGET_TEXT_LEN, "host");
	else if (!target->has_vcpu)
		snprintf(text, TARGET_TEXT_LEN, "%s", target->vm);
	else
		snprintf(text, TARGET_TEXT_LEN, "%s/%" PRIu32, target->vm,
			 target->vcpu);
	return text;
}

/* Length of the digits in front, and how many microseconds one of them is. */
static size_t unit_split(const char *text, size_t len, uint64_t *unit)
{
	static const struct {
		const char *suffix;
		uint64_t us;
	} units[] = { { "us", 1 }, { "ms", 1000 }, { "s", 1000000 } };
	size_t digits = strspn(text, "0123456789");
	size_t i;

	*unit = 1;
	if (digits >= len)
		return len;
	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (strlen(units[i].suffix) != len - digits ||
		    memcmp(text + digits, units[i].suffix, len - digits))
			continue;
		*unit = units[i].us;
		return digits;
	}
	return len;
}

/* 20, which is no nice value, stands for no boost. */
static bool nice_parse(const char *text, size_t len, uint64_t *value, char *why)
{
	bool minus = len && text[0] == '-';

	if (!number_parse(text + minus, len - minus, value) || *value > 20)
		return fail(
			why,
			"'%.*s' is not a nice value, -20 to 19, or 20 for no boost",
			(int)(len < 32 ? len : 32), text);
	*value = minus ? 20 + *value : 20 - *value;
	return true;
}

static bool value_parse(unsigned int id, const char *text, size_t len,
			uint64_t *value, char *why)
{
	static const char unlimited[] = "unlimited";
	uint64_t unit = 1;
	size_t digits = len;

	if (len == strlen(unlimited) && !memcmp(text, unlimited, len)) {
		*value = PVSCHED_UNLIMITED;
		return true;
	}
	if (id == PVSCHED_CAP_NICE)
		return nice_parse(text, len, value, why);
	if (pvsched_cap_is_time(id))
		digits = unit_split(text, len, &unit);
	if (!number_parse(text, digits, value) ||
	    __builtin_mul_overflow(*value, unit, value) ||
	    *value == PVSCHED_UNLIMITED)
		return fail(
			why, "'%.*s' is not a %s", (int)(len < 32 ? len : 32),
			text,
			pvsched_cap_is_time(id) ?
				"time such as 500, 500us, 20ms or unlimited" :
				"number or unlimited");
	return true;
}

static bool id_parse(const char *text, size_t len, enum pvsched_cap_id *id,
		     char *why)
{
	unsigned int i;

	for (i = 0; i < PVSCHED_CAP_COUNT; i++) {
		const char *name = pvsched_cap_name(i);

		if (strlen(name) == len && !memcmp(name, text, len)) {
			*id = i;
			return true;
		}
	}
	return fail(
		why,
		"no cap is called '%.*s'; there are rtprio, nice, runtime, period, slice, section, vcpus and kicks",
		(int)(len < 32 ? len : 32), text);
}

bool wish_parse(const char *text, struct pvsched_cap_wish *wish, char *why)
{
	const char *equals = strchr(text, '=');
	const char *value, *colon;

	memset(wish, 0, sizeof(*wish));
	if (!equals)
		return fail(why, "'%.32s' is not CAP=VALUE", text);
	if (!id_parse(text, equals - text, &wish->id, why))
		return false;
	value = equals + 1;
	colon = strchr(value, ':');
	if (!colon) {
		wish->has_soft = wish->has_hard = true;
		if (!value_parse(wish->id, value, strlen(value), &wish->soft,
				 why))
			return false;
		wish->hard = wish->soft;
		return true;
	}
	wish->has_soft = colon > value;
	wish->has_hard = colon[1];
	if (!wish->has_soft && !wish->has_hard)
		return fail(why, "'%.32s' has neither soft nor hard", text);
	return (!wish->has_soft || value_parse(wish->id, value, colon - value,
					       &wish->soft, why)) &&
	       (!wish->has_hard ||
		value_parse(wish->id, colon + 1, strlen(colon + 1), &wish->hard,
			    why));
}

bool time_parse(const char *text, uint64_t *us)
{
	uint64_t unit;
	size_t digits = unit_split(text, strlen(text), &unit);

	return number_parse(text, digits, us) &&
	       !__builtin_mul_overflow(*us, unit, us);
}
