// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "answers.h"
#include "frame.h"
#include "history.h"
#include "util.h"

/* Who asks, and what for. */
struct call {
	struct daemon *daemon;
	uid_t uid;
	struct json_object *parameters; /* or NULL */
};

static void add_string(struct json_object *to, const char *key,
		       const char *text)
{
	json_object_object_add(
		to, key, text && text[0] ? json_object_new_string(text) : NULL);
}

static void add_u64(struct json_object *to, const char *key, uint64_t value)
{
	json_object_object_add(to, key, json_object_new_uint64(value));
}

static struct json_object *error_make(const char *name, const char *reason)
{
	struct json_object *reply = json_object_new_object();
	struct json_object *parameters = json_object_new_object();
	char text[64] = CONTROL_NAME;

	strncat(text, name, sizeof(text) - strlen(text) - 1);
	add_string(reply, "error", text);
	add_string(parameters, "reason", reason);
	json_object_object_add(reply, "parameters", parameters);
	return reply;
}

static struct json_object *reply_make(struct json_object *parameters)
{
	struct json_object *reply = json_object_new_object();

	json_object_object_add(reply, "parameters", parameters);
	return reply;
}

static bool visible(const struct call *call, uint32_t uid)
{
	return control_privileged(call->uid) || call->uid == uid;
}

static struct json_object *by_hand(const struct ruling *ruling)
{
	struct json_object *list = json_object_new_array();
	unsigned int id;

	for (id = 0; id < PVSCHED_CAP_COUNT; id++)
		if (ruling->by_hand & 1U << id)
			json_object_array_add(
				list,
				json_object_new_string(pvsched_cap_name(id)));
	if (ruling->by_hand & RULED_POLICY)
		json_object_array_add(list, json_object_new_string("policy"));
	if (ruling->by_hand & RULED_PAYBACK)
		json_object_array_add(list, json_object_new_string("payback"));
	return list;
}

static struct json_object *vm_status(const struct vm *vm)
{
	struct json_object *to = json_object_new_object();

	add_string(to, "name", vm->info.name);
	add_u64(to, "id", vm->info.id);
	add_string(to, "known_as", vm->who.name);
	add_string(to, "uuid", vm->who.uuid);
	add_string(to, "owner", vm->who.owner);
	add_string(to, "cgroup", vm->who.cgroup);
	add_u64(to, "vcpus", vm->info.vcpus);
	add_string(to, "rule", vm->ruling.rule);
	json_object_object_add(to, "by_hand", by_hand(&vm->ruling));
	return to;
}

static struct json_object *status(const struct call *call)
{
	const struct daemon *d = call->daemon;
	struct json_object *to = json_object_new_object();
	struct json_object *vms = json_object_new_array();
	size_t i;

	add_u64(to, "pid", getpid());
	add_u64(to, "rules", d->settings.rules);
	add_u64(to, "losses", d->losses);
	add_string(to, "history",
		   d->keeper.history ? d->settings.history : NULL);
	for (i = 0; i < d->world.count; i++)
		if (visible(call, d->world.vm[i]->info.uid))
			json_object_array_add(vms, vm_status(d->world.vm[i]));
	json_object_object_add(to, "vms", vms);
	return reply_make(to);
}

static void add_value(struct json_object *to, const char *key, bool has,
		      unsigned int id, uint64_t value)
{
	char text[PVSCHED_TEXT_LEN];

	add_string(to, key, has ? pvsched_cap_text(id, value, text) : NULL);
}

static struct json_object *caps(const struct rule *rule)
{
	struct json_object *all = json_object_new_object();
	size_t i;

	for (i = 0; i < rule->wishes; i++) {
		const struct pvsched_cap_wish *wish = &rule->wish[i];
		struct json_object *to = json_object_new_object();

		add_value(to, "soft", wish->has_soft, wish->id, wish->soft);
		add_value(to, "hard", wish->has_hard, wish->id, wish->hard);
		json_object_object_add(all, pvsched_cap_name(wish->id), to);
	}
	return all;
}

static struct json_object *matches(const struct rule *rule)
{
	struct json_object *to = json_object_new_object();

	add_string(to, "name", rule->match_name);
	add_string(to, "uuid", rule->match_uuid);
	add_string(to, "owner", rule->match_owner);
	add_string(to, "cgroup", rule->match_cgroup);
	return to;
}

static struct json_object *rule_json(const struct call *call,
				     const struct rule *rule)
{
	const struct world *world = &call->daemon->world;
	struct json_object *to = json_object_new_object();
	struct json_object *vms = json_object_new_array();
	size_t i;

	add_string(to, "name", rule->name);
	add_string(to, "file", rule->place.file);
	add_u64(to, "line", rule->place.line);
	json_object_object_add(to, "match", matches(rule));
	json_object_object_add(to, "caps", caps(rule));
	add_string(to, "policy", rule->policy);
	json_object_object_add(to, "payback",
			       rule->has_payback ?
				       json_object_new_boolean(rule->payback) :
				       NULL);
	for (i = 0; i < world->count; i++)
		if (visible(call, world->vm[i]->info.uid) &&
		    !strcmp(world->vm[i]->ruling.rule, rule->name))
			json_object_array_add(vms,
					      json_object_new_string(
						      world->vm[i]->info.name));
	json_object_object_add(to, "vms", vms);
	return to;
}

static struct json_object *rules(const struct call *call)
{
	const struct settings *settings = &call->daemon->settings;
	struct json_object *to = json_object_new_object();
	struct json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < settings->rules; i++)
		json_object_array_add(list,
				      rule_json(call, &settings->rule[i]));
	json_object_object_add(to, "rules", list);
	return reply_make(to);
}

static struct json_object *reload(const struct call *call)
{
	struct json_object *to;
	struct problem why;

	if (!control_privileged(call->uid))
		return error_make("NotPermitted", "only root may do that");
	if (!daemon_reload(call->daemon, &why))
		return error_make("WrongSettings", why.text);
	to = json_object_new_object();
	add_u64(to, "rules", call->daemon->settings.rules);
	return reply_make(to);
}

/* The samples of a VM, or of a vCPU. */
struct collection {
	const struct call *call;
	struct json_object *list;
	int vcpu; /* -1: the VM as a whole */
};

static bool collect(const struct history_slot *slot,
		    const struct history_record *record, void *arg)
{
	struct collection *c = arg;
	struct json_object *to;

	if (!record || !visible(c->call, record->uid) ||
	    (record->has_vcpu ? (int)record->vcpu : -1) != c->vcpu)
		return true;
	to = json_object_new_object();
	add_u64(to, "time_ns", slot->time_ns);
	add_u64(to, "vm_id", record->vm_id);
	add_u64(to, "boosted_ns", record->boosted_ns);
	add_u64(to, "waited_ns", record->waited_ns);
	add_u64(to, "waited_urgent_ns", record->waited_urgent_ns);
	add_u64(to, "boosts", record->boosts);
	add_u64(to, "throttles", record->throttles);
	add_u64(to, "preempted_urgent", record->preempted_urgent);
	add_u64(to, "doorbells", record->doorbells);
	add_u64(to, "spurious", record->spurious);
	add_u64(to, "would_boost", record->would_boost);
	json_object_array_add(c->list, to);
	return json_object_array_length(c->list) < CONTROL_SAMPLES;
}

static struct json_object *samples_take(struct collection *c,
					const struct history_query *query)
{
	struct history_reader *reader;
	char why[HISTORY_WHY_LEN];
	uint64_t damaged = 0;
	struct json_object *to;
	int err = history_open(&reader, c->call->daemon->settings.history, why);

	if (err)
		return error_make("NoHistory", why);
	c->list = json_object_new_array();
	err = history_read(reader, query, collect, c, &damaged);
	history_close(reader);
	if (err) {
		json_object_put(c->list);
		return error_make("NoHistory", strerror(-err));
	}
	to = json_object_new_object();
	json_object_object_add(to, "samples", c->list);
	add_u64(to, "damaged", damaged);
	return reply_make(to);
}

/* No more than there is. */
static uint64_t seconds_of(struct json_object *number)
{
	int64_t seconds = json_object_get_int64(number);

	if (seconds < 0)
		return 0;
	return seconds < 2 * 86400 ? seconds : 2 * 86400;
}

static struct json_object *history(const struct call *call)
{
	struct json_object *vm, *vcpu, *seconds, *ring;
	struct collection c = { .call = call, .vcpu = -1 };
	struct history_query query = { .ring = HISTORY_SECONDS };

	vm = control_member(call->parameters, "vm", json_type_string);
	vcpu = control_member(call->parameters, "vcpu", json_type_int);
	ring = control_member(call->parameters, "ring", json_type_string);
	seconds = control_member(call->parameters, "seconds", json_type_int);
	if (!vm)
		return error_make("InvalidParameter", "vm is missing");
	if (!call->daemon->keeper.history)
		return error_make("NoHistory", "no history is kept");
	query.vm = json_object_get_string(vm);
	if (vcpu)
		c.vcpu = json_object_get_int(vcpu);
	if (ring && !strcmp(json_object_get_string(ring), "minutes"))
		query.ring = HISTORY_MINUTES;
	if (seconds)
		query.since_ns = clock_ns(CLOCK_REALTIME) -
				 seconds_of(seconds) * NS_PER_S;
	return samples_take(&c, &query);
}

static const struct {
	const char *name;
	struct json_object *(*answer)(const struct call *call);
} methods[] = {
	{ CONTROL_NAME "Status", status },
	{ CONTROL_NAME "Rules", rules },
	{ CONTROL_NAME "History", history },
	{ CONTROL_NAME "Reload", reload },
};

struct json_object *answers_call(struct json_object *object, uid_t uid,
				 void *daemon)
{
	struct json_object *method =
		control_member(object, "method", json_type_string);
	const char *name = method ? json_object_get_string(method) : "";
	struct call call = {
		.daemon = daemon,
		.uid = uid,
		.parameters =
			control_member(object, "parameters", json_type_object),
	};
	size_t i;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (!strcmp(name, methods[i].name))
			return methods[i].answer(&call);
	return error_make("MethodNotFound", "there is no such method");
}
