// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "applied.h"
#include "rules.h"
#include "setter.h"
#include "util.h"

/* FNV-1a: tells whether a rule says what it said before. */
static uint32_t hash_add(uint32_t hash, const void *data, size_t len)
{
	const unsigned char *byte = data;

	while (len--)
		hash = (hash ^ *byte++) * 16777619;
	return hash;
}

static uint32_t rule_hash(const struct rule *rule)
{
	uint32_t hash = 2166136261;
	size_t i;

	hash = hash_add(hash, rule->policy, strlen(rule->policy));
	hash = hash_add(hash, &rule->has_payback, sizeof(rule->has_payback));
	hash = hash_add(hash, &rule->payback, sizeof(rule->payback));
	for (i = 0; i < rule->wishes; i++) {
		const struct pvsched_cap_wish *wish = &rule->wish[i];
		const uint64_t value[] = {
			wish->id,
			wish->has_soft,
			wish->has_soft ? wish->soft : 0,
			wish->has_hard,
			wish->has_hard ? wish->hard : 0,
		};

		hash = hash_add(hash, value, sizeof(value));
	}
	hash = hash_add(hash, &rule->tune, sizeof(rule->tune));
	hash = hash_add(hash, &rule->floor_us, sizeof(rule->floor_us));
	return hash;
}

/* An empty pattern says nothing. */
static bool matches(const char *pattern, const char *text)
{
	return !pattern[0] || (text[0] && !fnmatch(pattern, text, 0));
}

static bool uuid_matches(const char *pattern, const char *uuid)
{
	return !pattern[0] ||
	       (uuid[0] && !fnmatch(pattern, uuid, FNM_CASEFOLD));
}

static bool owner_matches(const char *pattern, const struct vm *vm)
{
	char uid[16];

	snprintf(uid, sizeof(uid), "%u", vm->info.uid);
	return matches(pattern, vm->who.owner) || !strcmp(pattern, uid);
}

const struct rule *rules_match(const struct settings *settings,
			       const struct vm *vm)
{
	size_t i;

	for (i = 0; i < settings->rules; i++) {
		const struct rule *rule = &settings->rule[i];

		if ((matches(rule->match_name, vm->info.name) ||
		     matches(rule->match_name, vm->who.name)) &&
		    uuid_matches(rule->match_uuid, vm->who.uuid) &&
		    owner_matches(rule->match_owner, vm) &&
		    matches(rule->match_cgroup, vm->who.cgroup))
			return rule;
	}
	return NULL;
}

const struct rule *rules_of(const struct rules *rules, const struct vm *vm)
{
	const struct settings *settings = rules->settings;
	size_t i;

	for (i = 0; i < settings->rules; i++)
		if (!strcmp(settings->rule[i].name, vm->ruling.rule))
			return &settings->rule[i];
	return NULL;
}

static void save(const struct rules *rules)
{
	int err = rules->applied[0] ?
			  applied_put(rules->applied, rules->world) :
			  0;

	if (err)
		log_warn(rules->log, "state", "writing %s: %s", rules->applied,
			 strerror(-err));
}

static void refused_tell(const struct rules *rules, const struct vm *vm,
			 const struct rule *rule,
			 const struct pvsched_error *error)
{
	log_about(rules->log, LOG_WARNING, "rule-refused", vm->info.name,
		  "VM %s: rule '%s' (%s:%u): %s", vm->info.name, rule->name,
		  rule->place.file, rule->place.line, error->text);
}

/* All caps or none; but not those that are somebody else's by now. */
static int caps_set(const struct rules *rules, const struct vm *vm,
		    const struct rule *rule, struct pvsched_error *error)
{
	struct pvsched_cap_wish wish[PVSCHED_CAP_COUNT];
	size_t i, count = 0;

	for (i = 0; i < rule->wishes; i++)
		if (!(vm->ruling.by_hand & 1U << rule->wish[i].id))
			wish[count++] = rule->wish[i];
	return count ? setter_caps(rules->client, &vm->info, wish, count,
				   error) :
		       0;
}

static int vm_set(const struct rules *rules, struct vm *vm,
		  const struct rule *rule, struct pvsched_error *error)
{
	const uint32_t by_hand = vm->ruling.by_hand;
	struct pvsched_vm_wish wish = {
		.policy = rule->policy[0] && !(by_hand & RULED_POLICY) ?
				  rule->policy :
				  NULL,
		.has_payback = rule->has_payback && !(by_hand & RULED_PAYBACK),
		.payback = rule->payback,
	};

	return wish.policy || wish.has_payback ?
		       setter_vm(rules->client, &vm->info, &wish, error) :
		       0;
}

/* Whatever is refused, the rest is set. Returns whether it still is that VM. */
static bool all_set(const struct rules *rules, struct vm *vm,
		    const struct rule *rule)
{
	struct pvsched_error error;
	int err = caps_set(rules, vm, rule, &error);

	if (err)
		refused_tell(rules, vm, rule, &error);
	if (err == -ESTALE)
		return false;
	err = vm_set(rules, vm, rule, &error);
	if (err)
		refused_tell(rules, vm, rule, &error);
	return err != -ESTALE;
}

void rules_apply(const struct rules *rules, struct vm *vm)
{
	const struct rule *rule = rules_match(rules->settings, vm);
	uint32_t hash = rule ? rule_hash(rule) : 0;
	struct ruling *ruling = &vm->ruling;

	if (!ruling->rule[0] && rules->applied[0] &&
	    applied_get(rules->applied, &vm->info, ruling))
		rules_check(rules, vm);
	if (!rule)
		return;
	if (ruling->rule[0] && ruling->hash == hash) {
		strcpy(ruling->rule, rule->name);
		return;
	}
	strcpy(ruling->rule, rule->name);
	ruling->hash = hash;
	vm->tune = (struct tune){ 0 };
	if (rule->tune)
		vm->tune.runtime_us = rule_runtime(rule)->soft;
	/* That it is gone will be told. */
	if (!all_set(rules, vm, rule))
		return;
	ruling->set_ns = clock_ns(CLOCK_MONOTONIC);
	log_about(rules->log, LOG_INFO, "rule", vm->info.name,
		  "VM %s: as rule '%s' says", vm->info.name, rule->name);
	save(rules);
}

void rules_forget(const struct rules *rules)
{
	save(rules);
}

/* Notes whether something is as the rule says. Returns whether that changed. */
static bool note(struct vm *vm, uint32_t bit, bool as_ruled)
{
	uint32_t before = vm->ruling.by_hand;

	if (as_ruled)
		vm->ruling.by_hand &= ~bit;
	else
		vm->ruling.by_hand |= bit;
	return vm->ruling.by_hand != before;
}

static const char *cap_values(unsigned int id, uint64_t soft, uint64_t hard,
			      char *text, size_t size)
{
	char one[PVSCHED_TEXT_LEN], other[PVSCHED_TEXT_LEN];

	snprintf(text, size, "%s:%s", pvsched_cap_text(id, soft, one),
		 pvsched_cap_text(id, hard, other));
	return text;
}

/* What soft runtime is by now. Of one that was started anew: what it finds. */
static void tuned_wish(struct vm *vm, const struct rule *rule,
		       const struct pvsched_cap_info *cap,
		       struct pvsched_cap_wish *wish)
{
	if (!vm->tune.runtime_us && cap->soft >= rule->floor_us &&
	    cap->soft <= wish->hard)
		vm->tune.runtime_us = cap->soft;
	if (vm->tune.runtime_us)
		wish->soft = vm->tune.runtime_us;
}

static bool cap_check(const struct rules *rules, struct vm *vm,
		      const struct pvsched_cap_wish *wish,
		      const struct pvsched_cap_info *cap)
{
	bool as_ruled = (!wish->has_soft || cap->soft == wish->soft) &&
			(!wish->has_hard || cap->hard == wish->hard);
	char now[2 * PVSCHED_TEXT_LEN], ruled[2 * PVSCHED_TEXT_LEN];

	if (!note(vm, 1U << wish->id, as_ruled))
		return false;
	if (!as_ruled)
		log_about(rules->log, LOG_NOTICE, "by-hand", vm->info.name,
			  "VM %s: %s is %s, not %s as rule '%s' says; it stays",
			  vm->info.name, pvsched_cap_name(wish->id),
			  cap_values(wish->id, cap->soft, cap->hard, now,
				     sizeof(now)),
			  cap_values(wish->id,
				     wish->has_soft ? wish->soft : cap->soft,
				     wish->has_hard ? wish->hard : cap->hard,
				     ruled, sizeof(ruled)),
			  vm->ruling.rule);
	return true;
}

static bool policy_check(const struct rules *rules, struct vm *vm,
			 const struct rule *rule, const char *policy)
{
	bool as_ruled = !rule->policy[0] || !strcmp(rule->policy, policy);

	if (!note(vm, RULED_POLICY, as_ruled))
		return false;
	if (!as_ruled)
		log_about(
			rules->log, LOG_NOTICE, "by-hand", vm->info.name,
			"VM %s: its policy is %s, not %s as rule '%s' says; it stays",
			vm->info.name, policy, rule->policy, vm->ruling.rule);
	return true;
}

static bool payback_check(const struct rules *rules, struct vm *vm,
			  const struct rule *rule, bool payback)
{
	bool as_ruled = !rule->has_payback || rule->payback == payback;

	if (!note(vm, RULED_PAYBACK, as_ruled))
		return false;
	if (!as_ruled)
		log_about(
			rules->log, LOG_NOTICE, "by-hand", vm->info.name,
			"VM %s: payback is %s, not as rule '%s' says; it stays",
			vm->info.name, payback ? "on" : "off", vm->ruling.rule);
	return true;
}

static bool caps_check(const struct rules *rules, struct vm *vm,
		       const struct rule *rule,
		       const struct pvsched_cap_info *cap)
{
	bool changed = false;
	size_t i;

	for (i = 0; i < rule->wishes; i++) {
		struct pvsched_cap_wish wish = rule->wish[i];

		if (!cap[wish.id].present)
			continue;
		if (rule->tune && wish.id == PVSCHED_CAP_RUNTIME)
			tuned_wish(vm, rule, &cap[wish.id], &wish);
		changed |= cap_check(rules, vm, &wish, &cap[wish.id]);
	}
	return changed;
}

void rules_event(const struct rules *rules, struct vm *vm,
		 const struct pvsched_event *event)
{
	const struct rule *rule = rules_of(rules, vm);
	bool changed = false;

	/* What was there before the rule was set is no longer. */
	if (!rule || event->has_vcpu || event->time_ns <= vm->ruling.set_ns)
		return;
	if (event->kind == PVSCHED_EVENT_CAPS)
		changed = caps_check(rules, vm, rule, event->cap);
	else if (event->kind == PVSCHED_EVENT_POLICY)
		changed = policy_check(rules, vm, rule, event->policy);
	else if (event->kind == PVSCHED_EVENT_PAYBACK)
		changed = payback_check(rules, vm, rule, event->payback);
	if (changed)
		save(rules);
}

void rules_check(const struct rules *rules, struct vm *vm)
{
	const struct rule *rule = rules_of(rules, vm);
	struct pvsched_target target = { 0 };
	struct pvsched_caps_info caps;
	struct pvsched_error error;
	bool changed = false;

	/* Of another rule, nothing is known but that it was applied. */
	if (!rule || rule_hash(rule) != vm->ruling.hash)
		return;
	strcpy(target.vm, vm->info.name);
	if (!pvsched_caps_get(rules->client, &target, &caps, sizeof(caps),
			      &error))
		changed = caps_check(rules, vm, rule, caps.cap);
	changed |= policy_check(rules, vm, rule, vm->info.policy);
	changed |= payback_check(rules, vm, rule, vm->info.payback);
	if (changed)
		save(rules);
}
