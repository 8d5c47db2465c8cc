// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is told of a VM or a vCPU.
 */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "column.h"

#define SPARK_WIDTH  12
#define BUDGET_WIDTH 8

/* NAN is a float, and would make floats of numbers beside it. */
#define UNKNOWN ((double)NAN)

__attribute__((format(printf, 2, 3))) static void put(char *text,
						      const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, CELL_TEXT_LEN, fmt, args);
	va_end(args);
}

const char *entity_text(const struct entity *entity, char *text)
{
	if (entity->vcpu)
		snprintf(text, ENTITY_TEXT_LEN, "%s/%" PRIu32, entity->vm->name,
			 entity->vcpu->id);
	else
		snprintf(text, ENTITY_TEXT_LEN, "%s", entity->vm->name);
	return text;
}

enum style state_style(enum state state)
{
	static const enum style styles[] = {
		[STATE_UNKNOWN] = STYLE_DIM,
		[STATE_PENDING] = STYLE_DIM,
		[STATE_IDLE] = STYLE_IDLE,
		[STATE_RUNNING] = STYLE_RUNNING,
		[STATE_WAITING] = STYLE_WAITING,
		[STATE_BOOSTED] = STYLE_BOOSTED,
		[STATE_THROTTLED] = STYLE_THROTTLED,
		[STATE_OWNER] = STYLE_OWNER,
	};

	return styles[state];
}

static const char *cause_why(const struct entity *entity)
{
	const struct pvsched_vcpu_info *vcpu = entity->vcpu;

	if (vcpu->flags & PVSCHED_VCPU_FLAG_BOOSTED)
		return pvsched_cause_name(vcpu->cause);
	if (vcpu->flags & PVSCHED_VCPU_FLAG_THROTTLED)
		return entity->past.has_ended ?
			       pvsched_cause_name(entity->past.ended) :
			       "cap";
	if (vcpu->flags & PVSCHED_VCPU_FLAG_RTTIME_SHORT)
		return "rttime";
	return "";
}

const char *entity_why(const struct entity *entity, const struct model *model,
		       char *text)
{
	const char *why = "";

	if (model->now.counters_only) {
		*text = '\0';
		return text;
	}
	if (!entity->vcpu && entity->in_state) {
		put(text, "%u of %" PRIu32, entity->in_state,
		    entity->vm->vcpus);
		return text;
	}
	if (entity->vcpu)
		why = cause_why(entity);
	if (entity->vcpu && !*why) {
		if (!model->now.host.enabled)
			why = "disabled";
		else if (model->now.host.held)
			why = "canary";
		else if (!entity->vcpu->binding[PVSCHED_CAP_VCPUS].value)
			why = "vcpus=0";
	}
	put(text, "%s", why);
	return text;
}

void bar_text(double share, int width, bool ascii, char *text, size_t size)
{
	static const char *const parts[] = { "",  "▏", "▎", "▍",
					     "▌", "▋", "▊", "▉" };
	int eighths, i;
	size_t len = 0;

	if (!(share > 0))
		share = 0;
	eighths = (int)((share < 1 ? share : 1) * width * 8 + 0.5);
	*text = '\0';
	for (i = 0; i < eighths / 8; i++)
		len += (size_t)snprintf(text + len, size - len, "%s",
					ascii ? "#" : "█");
	if (!ascii)
		snprintf(text + len, size - len, "%s", parts[eighths % 8]);
	else if (eighths % 8 >= 4)
		snprintf(text + len, size - len, "#");
}

const char *short_time(uint64_t ns, char *text, size_t size)
{
	static const struct {
		uint64_t ns;
		const char *unit;
	} units[] = { { 1000000000, "s" }, { 1000000, "ms" }, { 1000, "us" } };
	size_t i = 0;
	double value;

	while (i < 2 && ns < units[i].ns)
		i++;
	value = (double)ns / (double)units[i].ns;
	snprintf(text, size, value < 9.95 ? "%.1f%s" : "%.0f%s", value,
		 units[i].unit);
	return text;
}

static enum style cell_name(const struct entity *entity,
			    const struct column_context *context, char *text)
{
	(void)context;
	entity_text(entity, text);
	return entity->vcpu ? STYLE_NORMAL : STYLE_TITLE;
}

static enum style cell_state(const struct entity *entity,
			     const struct column_context *context, char *text)
{
	(void)context;
	put(text, "%s", state_name(entity->state));
	return state_style(entity->state);
}

static double value_state(const struct entity *entity)
{
	return entity->state;
}

static enum style cell_why(const struct entity *entity,
			   const struct column_context *context, char *text)
{
	entity_why(entity, context->model, text);
	return entity->vcpu ? state_style(entity->state) : STYLE_DIM;
}

static double value_asks(const struct entity *entity)
{
	const struct pvsched_vcpu_info *vcpu = entity->vcpu;

	if (!vcpu || vcpu->flags & PVSCHED_VCPU_FLAG_WORDLESS)
		return UNKNOWN;
	return vcpu->waiter > vcpu->current ? vcpu->waiter : vcpu->current;
}

static enum style cell_level(double level, char *text)
{
	if (isnan(level))
		put(text, "-");
	else
		pvsched_level_text((unsigned int)level, text);
	return level >= PVSCHED_LEVEL_RT_MIN ? STYLE_WAITING : STYLE_DIM;
}

static enum style cell_asks(const struct entity *entity,
			    const struct column_context *context, char *text)
{
	(void)context;
	return cell_level(value_asks(entity), text);
}

static double value_sleeper(const struct entity *entity)
{
	return entity->vcpu && entity->vcpu->sleeper ? entity->vcpu->sleeper :
						       UNKNOWN;
}

static enum style cell_sleeper(const struct entity *entity,
			       const struct column_context *context, char *text)
{
	(void)context;
	cell_level(value_sleeper(entity), text);
	return STYLE_DIM;
}

static double value_granted(const struct entity *entity)
{
	return entity->vcpu && entity->vcpu->granted ? entity->vcpu->granted :
						       UNKNOWN;
}

static enum style cell_granted(const struct entity *entity,
			       const struct column_context *context, char *text)
{
	(void)context;
	cell_level(value_granted(entity), text);
	return *text == '-' ? STYLE_DIM : STYLE_BOOSTED;
}

static enum style cell_baseline(const struct entity *entity,
				const struct column_context *context,
				char *text)
{
	(void)context;
	if (entity->vcpu && entity->vcpu->bound)
		pvsched_baseline_text(entity->vcpu, text);
	else
		put(text, "-");
	return STYLE_NORMAL;
}

/* A number that is not known is a dash, and one that is 0 draws no attention. */
static enum style cell_number(double value, int digits, char *text)
{
	if (isnan(value))
		put(text, "-");
	else if (value >= 1e6)
		put(text, "%.0fk", value / 1e3);
	else
		put(text, "%.*f", value >= 1000 ? 0 : digits, value);
	return value > 0 ? STYLE_NORMAL : STYLE_DIM;
}

#define RATE(member, factor, digits)                                          \
	static double value_##member(const struct entity *entity)             \
	{                                                                     \
		return entity->now.known ? entity->now.member * (factor) :    \
					   UNKNOWN;                           \
	}                                                                     \
	static enum style cell_##member(const struct entity *entity,          \
					const struct column_context *context, \
					char *text)                           \
	{                                                                     \
		(void)context;                                                \
		return cell_number(value_##member(entity), digits, text);     \
	}

RATE(boosted, 100, 1)
RATE(boosts, 1, 1)
RATE(would, 1, 1)
RATE(doorbells, 1, 1)
RATE(throttles, 1, 1)
RATE(ready, 1000, 1)
RATE(urgent, 1000, 1)

#define CAUSE(name, cause)                                                  \
	static double value_##name(const struct entity *entity)             \
	{                                                                   \
		double rate = entity->now.by_cause[cause];                  \
                                                                            \
		return entity->now.known && rate >= 0 ? rate : UNKNOWN;     \
	}                                                                   \
	static enum style cell_##name(const struct entity *entity,          \
				      const struct column_context *context, \
				      char *text)                           \
	{                                                                   \
		(void)context;                                              \
		return cell_number(value_##name(entity), 1, text);          \
	}

CAUSE(preempted, PVSCHED_CAUSE_PREEMPTED)
CAUSE(interrupt, PVSCHED_CAUSE_INTERRUPT)
CAUSE(halt, PVSCHED_CAUSE_HALT)
CAUSE(section, PVSCHED_CAUSE_SECTION)

static double value_vain(const struct entity *entity)
{
	return entity->now.known && entity->now.vain >= 0 ?
		       entity->now.vain * 100 :
		       UNKNOWN;
}

static enum style cell_vain(const struct entity *entity,
			    const struct column_context *context, char *text)
{
	(void)context;
	return cell_number(value_vain(entity), 0, text);
}

/* What is longer than any bound counts as twice the largest. */
static double value_quantile(const struct entity *entity, uint64_t ns)
{
	if (ns == UINT64_MAX)
		ns = 2 * pvsched_hist_bound(PVSCHED_HIST_BUCKETS - 2);
	return entity->now.known && ns ? (double)ns : UNKNOWN;
}

static double value_p50(const struct entity *entity)
{
	return value_quantile(entity, entity->now.p50);
}

static double value_p99(const struct entity *entity)
{
	return value_quantile(entity, entity->now.p99);
}

/* What all of them are less than; the last bucket has no such bound. */
static enum style cell_quantile(const struct entity *entity, uint64_t ns,
				char *text)
{
	char bound[16];

	if (isnan(value_quantile(entity, ns)))
		put(text, "-");
	else if (ns == UINT64_MAX)
		put(text, ">%s",
		    short_time(pvsched_hist_bound(PVSCHED_HIST_BUCKETS - 2),
			       bound, sizeof(bound)));
	else
		put(text, "<%s", short_time(ns, bound, sizeof(bound)));
	return *text == '-' ? STYLE_DIM : STYLE_NORMAL;
}

static enum style cell_p50(const struct entity *entity,
			   const struct column_context *context, char *text)
{
	(void)context;
	return cell_quantile(entity, entity->now.p50, text);
}

static enum style cell_p99(const struct entity *entity,
			   const struct column_context *context, char *text)
{
	(void)context;
	return cell_quantile(entity, entity->now.p99, text);
}

static double value_budget(const struct entity *entity)
{
	return entity->now.known && entity->now.budget >= 0 ?
		       entity->now.budget * 100 :
		       UNKNOWN;
}

static enum style cell_budget(const struct entity *entity,
			      const struct column_context *context, char *text)
{
	double left = value_budget(entity) / 100;

	if (isnan(left)) {
		put(text, "-");
		return STYLE_DIM;
	}
	bar_text(left, BUDGET_WIDTH, context->ascii, text, CELL_TEXT_LEN);
	if (!*text)
		put(text, "used up");
	return left < 0.1 ? STYLE_THROTTLED :
	       left < 0.3 ? STYLE_WAITING :
			    STYLE_BAR;
}

/* The largest of five seconds each, the latest to the right. */
static void spark_text(const struct ring *ring,
		       const struct column_context *context, char *text)
{
	static const char *const wide[] = { "▁", "▂", "▃", "▄",
					    "▅", "▆", "▇", "█" };
	static const char narrow[] = "_.:-=+*#";
	const unsigned int each = RING_SECONDS / SPARK_WIDTH;
	size_t len = 0;
	unsigned int i, percent;

	for (i = 0; i < SPARK_WIDTH; i++) {
		percent = ring_max(context->model, ring,
				   RING_SECONDS - 1 - i * each, each);
		if (percent == RING_NONE)
			text[len++] = ' ';
		else if (context->ascii)
			text[len++] = narrow[percent * 7 / 100];
		else
			len += (size_t)sprintf(text + len, "%s",
					       wide[percent * 7 / 100]);
	}
	text[len] = '\0';
}

static enum style cell_boost_minute(const struct entity *entity,
				    const struct column_context *context,
				    char *text)
{
	spark_text(&entity->past.boosted, context, text);
	return STYLE_BOOSTED;
}

static enum style cell_wait_minute(const struct entity *entity,
				   const struct column_context *context,
				   char *text)
{
	spark_text(&entity->past.urgent, context, text);
	return STYLE_WAITING;
}

static double value_cpu(const struct entity *entity)
{
	return entity->vcpu && entity->vcpu->bound ? entity->vcpu->cpu :
						     UNKNOWN;
}

static double value_tid(const struct entity *entity)
{
	uint32_t id = entity->vcpu ? entity->vcpu->tid : entity->vm->pid;

	return id ? id : UNKNOWN;
}

static double value_debt(const struct entity *entity)
{
	const struct pvsched_stats_info *stats =
		entity->vcpu ? &entity->vcpu->stats : &entity->vm->stats;

	return (double)stats->debt_ns / 1e6;
}

static double value_share(const struct entity *entity)
{
	return entity->vcpu && entity->vcpu->share ?
		       entity->vcpu->share * 100 / 1024.0 :
		       UNKNOWN;
}

#define WHOLE(name)                                                         \
	static enum style cell_##name(const struct entity *entity,          \
				      const struct column_context *context, \
				      char *text)                           \
	{                                                                   \
		double value = value_##name(entity);                        \
                                                                            \
		(void)context;                                              \
		if (isnan(value))                                           \
			put(text, "-");                                     \
		else                                                        \
			put(text, "%.0f", value);                           \
		return STYLE_NORMAL;                                        \
	}

WHOLE(cpu)
WHOLE(tid)
WHOLE(share)

static enum style cell_debt(const struct entity *entity,
			    const struct column_context *context, char *text)
{
	(void)context;
	return cell_number(value_debt(entity), 1, text);
}

static enum style cell_policy(const struct entity *entity,
			      const struct column_context *context, char *text)
{
	(void)context;
	put(text, "%s", entity->vm->policy);
	return STYLE_NORMAL;
}

#define LEFT  true
#define RIGHT false
#define SHOWN true
#define ASIDE false
#define TEXT  true

const struct column columns[COLUMN_COUNT] = {
	{ "name", "VM/VCPU", 16, LEFT, SHOWN, "VM, or VM and vCPU", cell_name,
	  NULL, TEXT },
	{ "state", "STATE", 13, LEFT, SHOWN,
	  "what the vCPU does; of a VM what matters most among its vCPUs",
	  cell_state, value_state, TEXT },
	{ "why", "WHY", 9, LEFT, SHOWN,
	  "why it is boosted, throttled or cannot be boosted; of a VM how many vCPUs are in that state",
	  cell_why, NULL, TEXT },
	{ "asks", "ASKS", 8, LEFT, SHOWN,
	  "how urgent the guest says that its work is", cell_asks, value_asks,
	  TEXT },
	{ "granted", "GRANTED", 8, LEFT, SHOWN, "what the thread is boosted to",
	  cell_granted, value_granted, TEXT },
	{ "boosted", "BOOST%", 6, RIGHT, SHOWN,
	  "share of the time that it ran boosted, in percent; of a VM the sum of its vCPUs",
	  cell_boosted, value_boosted, false },
	{ "boosted-minute", "BOOSTED 1MIN", SPARK_WIDTH, LEFT, SHOWN,
	  "the same over the last minute", cell_boost_minute, value_boosted,
	  TEXT },
	{ "urgent", "URG ms/s", 8, RIGHT, SHOWN,
	  "time that it waited for a CPU while the guest was urgent, ms per s",
	  cell_urgent, value_urgent, false },
	{ "p99", "P99", 7, RIGHT, SHOWN,
	  "what 99 % of such waits were shorter than, within the last minute, in ns",
	  cell_p99, value_p99, false },
	{ "budget", "BUDGET", BUDGET_WIDTH, LEFT, SHOWN,
	  "share of cap runtime that it left unused, in percent", cell_budget,
	  value_budget, false },
	{ "boosts", "B/s", 6, RIGHT, SHOWN, "boosts per second", cell_boosts,
	  value_boosts, false },
	{ "throttles", "THR/s", 5, RIGHT, SHOWN,
	  "boosts that a cap ended, per second", cell_throttles,
	  value_throttles, false },
	{ "vain", "VAIN%", 5, RIGHT, SHOWN,
	  "boosts for an interrupt of which nothing urgent came, in percent of all boosts",
	  cell_vain, value_vain, false },
	{ "cpu", "CPU", 4, RIGHT, SHOWN, "CPU that it is on, or was on last",
	  cell_cpu, value_cpu, false },
	{ "tid", "TID", 7, RIGHT, SHOWN, "its thread; of a VM the process",
	  cell_tid, value_tid, false },
	{ "baseline", "BASELINE", 9, LEFT, SHOWN,
	  "scheduling of the thread without a boost", cell_baseline, NULL,
	  TEXT },
	{ "doorbells", "BELL/s", 6, RIGHT, SHOWN,
	  "doorbells that the guest rang, per second", cell_doorbells,
	  value_doorbells, false },
	{ "ready", "RDY ms/s", 8, RIGHT, SHOWN,
	  "time that it waited for a CPU, ms per s", cell_ready, value_ready,
	  false },
	{ "p50", "P50", 7, RIGHT, SHOWN, "as p99, of half the waits", cell_p50,
	  value_p50, false },
	{ "urgent-minute", "WAITING 1MIN", SPARK_WIDTH, LEFT, SHOWN,
	  "waiting while urgent over the last minute", cell_wait_minute,
	  value_urgent, TEXT },
	{ "preempted", "PRE/s", 6, RIGHT, SHOWN,
	  "boosts because it was preempted while urgent, per second",
	  cell_preempted, value_preempted, false },
	{ "interrupt", "IRQ/s", 6, RIGHT, SHOWN,
	  "boosts because of an interrupt for an urgent task, per second",
	  cell_interrupt, value_interrupt, false },
	{ "halt", "HALT/s", 6, RIGHT, SHOWN,
	  "boosts for when an urgent task is woken on a halted vCPU, per second",
	  cell_halt, value_halt, false },
	{ "section", "SEC/s", 6, RIGHT, SHOWN,
	  "boosts because it was preempted in a critical section, per second",
	  cell_section, value_section, false },
	{ "sleeper", "SLEEPER", 8, LEFT, ASIDE,
	  "the most urgent task that sleeps on it", cell_sleeper, value_sleeper,
	  TEXT },
	{ "would", "WOULD/s", 7, RIGHT, ASIDE,
	  "boosts that a policy which only observes would have begun, per second",
	  cell_would, value_would, false },
	{ "debt", "DEBT ms", 7, RIGHT, ASIDE,
	  "boosted time that is to be paid back, in ms", cell_debt, value_debt,
	  false },
	{ "share", "SHARE%", 6, RIGHT, ASIDE,
	  "its share of a CPU as payback sees it, in percent", cell_share,
	  value_share, false },
	{ "policy", "POLICY", 10, LEFT, ASIDE, "what decides on its boosts",
	  cell_policy, NULL, TEXT },
};

unsigned int column_find(const char *name, size_t len)
{
	unsigned int i;

	for (i = 0; i < COLUMN_COUNT; i++)
		if (strlen(columns[i].name) == len &&
		    !memcmp(columns[i].name, name, len))
			break;
	return i;
}
