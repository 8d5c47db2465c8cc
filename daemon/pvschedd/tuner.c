// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <inttypes.h>

#include "setter.h"
#include "tuner.h"
#include "util.h"

static unsigned int pressure_read(const struct tuner *tuner)
{
	_cleanup_(fd_close) int fd =
		openat(tuner->root, "proc/pressure/cpu", O_RDONLY | O_CLOEXEC);
	char text[256] = "";

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		return 0;
	return tune_pressure(text);
}

/* The VM's rule, if that is to be tuned and nobody has set it by hand. */
static const struct rule *rule_of(const struct tuner *tuner,
				  const struct vm *vm)
{
	const struct rule *rule = rules_of(tuner->rules, vm);

	return rule && rule->tune &&
			       !(vm->ruling.by_hand &
				 1U << PVSCHED_CAP_RUNTIME) ?
		       rule :
		       NULL;
}

static void runtime_set(const struct tuner *tuner, struct vm *vm,
			uint64_t before_us, const char *reason)
{
	const struct pvsched_cap_wish wish = {
		.id = PVSCHED_CAP_RUNTIME,
		.has_soft = true,
		.soft = vm->tune.runtime_us,
	};
	struct pvsched_error error;

	if (setter_caps(tuner->rules->client, &vm->info, &wish, 1, &error)) {
		vm->tune.runtime_us = before_us;
		log_about(tuner->rules->log, LOG_WARNING, "tune-refused",
			  vm->info.name, "VM %s: %s", vm->info.name,
			  error.text);
		return;
	}
	vm->ruling.set_ns = clock_ns(CLOCK_MONOTONIC);
	log_about(tuner->rules->log, LOG_NOTICE, "tune", vm->info.name,
		  "VM %s: runtime was %" PRIu64 "us, is %" PRIu64 "us: %s",
		  vm->info.name, before_us, vm->tune.runtime_us, reason);
	tuner->changed(vm, before_us, reason, tuner->arg);
}

static void vm_round(const struct tuner *tuner, struct vm *vm,
		     const struct rule *rule, struct tune_seen seen)
{
	const struct pvsched_stats_info *now = &vm->info.stats;
	const struct tune_bounds bounds = {
		.floor_us = rule->floor_us,
		.hard_us = rule_runtime(rule)->hard,
		.pressure = tuner->rules->settings->tune_pressure,
	};
	uint64_t before_us = vm->tune.runtime_us;
	enum tune_reason reason;

	seen.throttles = now->throttles - vm->tuned.throttles;
	seen.waited_urgent_ns =
		now->waited_urgent_ns - vm->tuned.waited_urgent_ns;
	vm->tuned.throttles = now->throttles;
	vm->tuned.waited_urgent_ns = now->waited_urgent_ns;
	/* The first round is for something to compare with. */
	if (!vm->tuned.rounds++)
		return;
	reason = tune_round(&vm->tune, &bounds, &seen);
	if (vm->tune.runtime_us != before_us)
		runtime_set(tuner, vm, before_us, tune_reason_text(reason));
}

void tuner_sample(struct tuner *tuner)
{
	const struct world *world = tuner->rules->world;
	struct tune_seen seen = { 0 };
	size_t i;

	if (world->sampled_ns - tuner->round_ns < TUNE_SECONDS * NS_PER_S)
		return;
	tuner->round_ns = world->sampled_ns;
	seen.pressure = pressure_read(tuner);
	seen.trips = world->host.canary_trips - tuner->trips;
	tuner->trips = world->host.canary_trips;
	for (i = 0; i < world->count; i++) {
		const struct rule *rule = rule_of(tuner, world->vm[i]);

		if (rule && world->vm[i]->tune.runtime_us)
			vm_round(tuner, world->vm[i], rule, seen);
	}
}
