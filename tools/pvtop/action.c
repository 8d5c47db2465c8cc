// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a user can change: caps, and whether there may be boosts at all.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../capspec.h"
#include "ui.h"

static bool allowed(struct ui *ui)
{
	if (ui->readonly)
		ui_say(ui, true, "read only (--readonly): nothing is changed");
	return !ui->readonly;
}

static void say_refused(struct ui *ui, const struct pvsched_target *target,
			const struct pvsched_error *error)
{
	char text[TARGET_TEXT_LEN];

	ui_say(ui, true, "%s: %s%s", target_text(target, text),
	       error->refused ? "refused: " : "", error->text);
}

static struct pvsched_target target_of(const struct entity *entity)
{
	struct pvsched_target target = {
		.has_vcpu = entity->vcpu,
		.vcpu = entity->vcpu ? entity->vcpu->id : 0,
	};

	memcpy(target.vm, entity->vm->name, sizeof(target.vm));
	return target;
}

typedef bool (*target_fn)(struct ui *ui, const struct pvsched_target *target,
			  const void *arg);

/*
 * For what is selected in a pane, what is tagged, or the selected row. Ends with
 * the first that fails, which has been told.
 */
static void for_targets(struct ui *ui, target_fn fn, const void *arg)
{
	const struct entity *entity = ui_selected(ui);
	struct pvsched_target target;
	size_t i;

	if (ui->screen == SCREEN_PANE) {
		if (!pane_entity(ui))
			return;
		target = pane_target(ui);
		fn(ui, &target, arg);
		return;
	}
	if (!ui->tagged.count && entity) {
		target = target_of(entity);
		fn(ui, &target, arg);
		return;
	}
	for (i = 0; i < ui->tagged.count; i++) {
		const struct who *who = &ui->tagged.who[i];

		entity = model_find(&ui->model, who->vm_id, who->is_vcpu,
				    who->vcpu);
		if (!entity)
			continue;
		target = target_of(entity);
		if (!fn(ui, &target, arg))
			return;
	}
}

static void say_set(struct ui *ui, const struct pvsched_target *target,
		    const struct pvsched_cap_wish *wish)
{
	char whose[TARGET_TEXT_LEN], text[2 * PVSCHED_TEXT_LEN + 2];
	char value[PVSCHED_TEXT_LEN];
	size_t len = 0;

	if (wish->has_soft)
		len = (size_t)snprintf(
			text, sizeof(text), "%s",
			pvsched_cap_text(wish->id, wish->soft, value));
	len += (size_t)snprintf(text + len, sizeof(text) - len, ":");
	if (wish->has_hard)
		snprintf(text + len, sizeof(text) - len, "%s",
			 pvsched_cap_text(wish->id, wish->hard, value));
	ui_say(ui, false, "%s: %s=%s", target_text(target, whose),
	       pvsched_cap_name(wish->id), text);
}

static bool cap_set(struct ui *ui, const struct pvsched_target *target,
		    const struct pvsched_cap_wish *wishes, size_t count)
{
	struct pvsched_error error;

	if (ui->source->ops->caps_set(ui->source, target, wishes, count,
				      &error)) {
		say_refused(ui, target, &error);
		return false;
	}
	say_set(ui, target, &wishes[count - 1]);
	if (ui->screen == SCREEN_PANE)
		pane_update(ui);
	return true;
}

/* In ones, or by the first digit of large numbers: 9 ms, 10 ms, 20 ms. */
static uint64_t step_of(unsigned int id, uint64_t value, int direction)
{
	uint64_t step = 1;

	if (!pvsched_cap_is_time(id) && id != PVSCHED_CAP_KICKS)
		return 1;
	while (value / 10 >= step)
		step *= 10;
	return direction < 0 && value == step && step > 1 ? step / 10 : step;
}

/* What counts where a level has no bound of its own. */
static uint64_t bound_above(struct ui *ui, const struct pvsched_target *target,
			    const struct pvsched_caps_info *caps,
			    unsigned int id)
{
	static const struct pvsched_target host;
	struct pvsched_caps_info of_host;
	struct pvsched_error error;

	if (caps->has_binding)
		return caps->binding[id].value;
	if (target->vm[0] &&
	    !ui->source->ops->caps_get(ui->source, &host, &of_host, &error))
		return of_host.cap[id].soft;
	return PVSCHED_UNLIMITED;
}

static bool cap_step(struct ui *ui, const struct pvsched_target *target,
		     const void *arg)
{
	int direction = *(const int *)arg;
	unsigned int id = ui->screen == SCREEN_PANE ? ui->pane.cap : ui->cap;
	struct pvsched_cap_wish wish = { .id = id, .has_soft = true };
	struct pvsched_caps_info caps;
	struct pvsched_error error;
	char text[TARGET_TEXT_LEN];
	uint64_t step;

	if (ui->source->ops->caps_get(ui->source, target, &caps, &error)) {
		say_refused(ui, target, &error);
		return false;
	}
	wish.soft = caps.cap[id].soft;
	if (wish.soft == PVSCHED_UNLIMITED && direction < 0)
		wish.soft = bound_above(ui, target, &caps, id);
	if (wish.soft == PVSCHED_UNLIMITED) {
		ui_say(ui, true, "%s: %s is unlimited here; e sets a value",
		       target_text(target, text), pvsched_cap_name(id));
		return false;
	}
	step = step_of(id, wish.soft, direction);
	if (direction > 0)
		wish.soft += step;
	else
		wish.soft -= step < wish.soft ? step : wish.soft;
	return cap_set(ui, target, &wish, 1);
}

void action_cap_step(struct ui *ui, int direction)
{
	if (allowed(ui))
		for_targets(ui, cap_step, &direction);
}

/* What was typed. */
struct wishes {
	struct pvsched_cap_wish wish[PVSCHED_CAP_COUNT];
	size_t count;
};

static bool typed_set(struct ui *ui, const struct pvsched_target *target,
		      const void *arg)
{
	const struct wishes *wishes = arg;

	return cap_set(ui, target, wishes->wish, wishes->count);
}

/* "rtprio=10:20 slice=2ms:", as for pvsched set-cap. */
void action_caps_typed(struct ui *ui, const char *text)
{
	struct wishes wishes = {};
	char why[CAPSPEC_WHY_LEN], word[64];
	int used;

	if (!allowed(ui))
		return;
	for (; sscanf(text, "%63s%n", word, &used) == 1; text += used) {
		if (wishes.count == PVSCHED_CAP_COUNT) {
			ui_say(ui, true, "there are not so many caps");
			return;
		}
		if (!wish_parse(word, &wishes.wish[wishes.count], why)) {
			ui_say(ui, true, "%s", why);
			return;
		}
		wishes.count++;
	}
	if (wishes.count)
		for_targets(ui, typed_set, &wishes);
}

/* What the VM's cap vcpus was before it was throttled from here; or NULL. */
static struct throttled *throttled_find(struct ui *ui, const char *vm)
{
	size_t i;

	for (i = 0; i < ui->throttled_count; i++)
		if (!strcmp(ui->throttled[i].vm, vm))
			return &ui->throttled[i];
	return NULL;
}

static void throttled_note(struct ui *ui, const char *vm, uint64_t vcpus)
{
	struct throttled *at = throttled_find(ui, vm);

	if (!at) {
		at = reallocarray(ui->throttled, ui->throttled_count + 1,
				  sizeof(*at));
		if (!at)
			return;
		ui->throttled = at;
		at += ui->throttled_count++;
		snprintf(at->vm, sizeof(at->vm), "%s", vm);
	}
	at->vcpus = vcpus;
}

/* No vCPU of the VM may be boosted, which is one cap; or as many as before. */
static bool throttle(struct ui *ui, const struct pvsched_target *of,
		     const void *arg)
{
	struct pvsched_cap_wish wish = { .id = PVSCHED_CAP_VCPUS,
					 .has_soft = true };
	struct pvsched_target vm = *of;
	const struct throttled *before = throttled_find(ui, vm.vm);
	struct pvsched_caps_info caps;
	const struct pvsched_cap_info *cap = &caps.cap[PVSCHED_CAP_VCPUS];
	struct pvsched_error error;

	(void)arg;
	vm.has_vcpu = false;
	vm.vcpu = 0;
	if (!vm.vm[0]) {
		ui_say(ui, true, "K ends the boosts of the whole host");
		return false;
	}
	if (ui->source->ops->caps_get(ui->source, &vm, &caps, &error)) {
		say_refused(ui, &vm, &error);
		return false;
	}
	if (!cap->soft)
		wish.soft = before ? before->vcpus : cap->hard;
	if (!cap_set(ui, &vm, &wish, 1))
		return false;
	if (cap->soft)
		throttled_note(ui, vm.vm, cap->soft);
	ui_say(ui, false, "%s: %s (cap vcpus)", vm.vm,
	       cap->soft ? "throttled, no vCPU of it is boosted" : "released");
	return true;
}

void action_throttle(struct ui *ui)
{
	if (allowed(ui))
		for_targets(ui, throttle, NULL);
}

bool action_may_switch(struct ui *ui)
{
	const struct snapshot *now = &ui->model.now;

	if (!allowed(ui))
		return false;
	if (now->missing)
		ui_say(ui, true,
		       "no boosts to end: pvsched is not in this kernel");
	else if (!now->time_ns)
		ui_say(ui, true, "nothing is known yet of this host's boosts");
	return !now->missing && now->time_ns;
}

void action_switch(struct ui *ui, bool enable)
{
	struct pvsched_host_info host;
	struct pvsched_error error;

	/* It may have gone since it was asked. */
	if (!action_may_switch(ui))
		return;
	if (ui->source->ops->enable(ui->source, enable, &host, &error)) {
		ui_say(ui, true, "%s%s", error.refused ? "refused: " : "",
		       error.text);
		return;
	}
	ui->model.now.host = host;
	if (enable)
		ui_say(ui, false, "boosts are allowed again");
	else
		ui_say(ui, false, "boosts are disabled; ended: %" PRIu32,
		       host.ended);
}
