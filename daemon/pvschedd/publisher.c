// SPDX-License-Identifier: GPL-2.0-or-later
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "publisher.h"
#include "util.h"

#define SCHEMA 1

int publisher_init(struct publisher *p, sd_event *event,
		   const struct mqtt_settings *settings, const struct log *log)
{
	*p = (struct publisher){
		.run = clock_ns(CLOCK_REALTIME),
		.summary_ns = clock_ns(CLOCK_MONOTONIC),
	};
	return publisher_change(p, event, settings, log);
}

int publisher_change(struct publisher *p, sd_event *event,
		     const struct mqtt_settings *settings,
		     const struct log *log)
{
	struct mqtt *mqtt = NULL;
	int ret = settings->broker[0] ?
			  mqtt_start(&mqtt, event, settings, log) :
			  0;

	if (ret)
		return ret;
	mqtt_stop(p->mqtt);
	p->mqtt = mqtt;
	p->interval_ns = settings->summary_s * NS_PER_S;
	return 0;
}

void publisher_exit(struct publisher *p)
{
	mqtt_stop(p->mqtt);
	p->mqtt = NULL;
}

static void add_string(struct json_object *to, const char *key,
		       const char *text)
{
	json_object_object_add(to, key, json_object_new_string(text));
}

static void add_u64(struct json_object *to, const char *key, uint64_t value)
{
	json_object_object_add(to, key, json_object_new_uint64(value));
}

static struct json_object *message_make(struct publisher *p)
{
	struct json_object *to = json_object_new_object();

	add_u64(to, "schema", SCHEMA);
	add_u64(to, "run", p->run);
	add_u64(to, "number", ++p->number);
	add_u64(to, "dropped", mqtt_dropped(p->mqtt));
	add_u64(to, "time_ns", clock_ns(CLOCK_REALTIME));
	return to;
}

static void message_send(struct publisher *p, const char *topic,
			 struct json_object *message)
{
	mqtt_publish(p->mqtt, topic,
		     json_object_to_json_string_ext(message,
						    JSON_C_TO_STRING_PLAIN));
	json_object_put(message);
}

static struct json_object *caps(const struct pvsched_event *event)
{
	struct json_object *all = json_object_new_object();
	char text[PVSCHED_TEXT_LEN];
	unsigned int id;

	for (id = 0; id < PVSCHED_CAP_COUNT; id++) {
		const struct pvsched_cap_info *cap = &event->cap[id];
		struct json_object *to;

		if (!cap->present)
			continue;
		to = json_object_new_object();
		add_string(to, "soft", pvsched_cap_text(id, cap->soft, text));
		add_string(to, "hard", pvsched_cap_text(id, cap->hard, text));
		json_object_object_add(all, pvsched_cap_name(id), to);
	}
	return all;
}

void publisher_event(struct publisher *p, const struct pvsched_event *event)
{
	struct json_object *to;

	if (!p->mqtt || event->resync)
		return;
	to = message_make(p);
	add_string(to, "event",
		   event->gap ? "gap" : pvsched_event_name(event->kind));
	if (event->vm[0]) {
		add_string(to, "vm", event->vm);
		add_u64(to, "vm_id", event->vm_id);
	}
	if (event->has_vcpu)
		add_u64(to, "vcpu", event->vcpu);
	if (event->policy[0])
		add_string(to, "policy", event->policy);
	if (event->waited_ns) {
		add_u64(to, "cpu", event->cpu);
		add_u64(to, "waited_ns", event->waited_ns);
		add_u64(to, "hold_ns", event->hold_ns);
	}
	if (!event->gap && event->kind == PVSCHED_EVENT_CAPS)
		json_object_object_add(to, "caps", caps(event));
	if (!event->gap && event->kind == PVSCHED_EVENT_PAYBACK)
		json_object_object_add(to, "payback",
				       json_object_new_boolean(event->payback));
	message_send(p, "config", to);
}

void publisher_tuned(struct publisher *p, const struct vm *vm,
		     uint64_t before_us, const char *reason)
{
	struct json_object *to;

	if (!p->mqtt)
		return;
	to = message_make(p);
	add_string(to, "event", "tuned");
	add_string(to, "vm", vm->info.name);
	add_u64(to, "vm_id", vm->info.id);
	add_u64(to, "runtime_us", vm->tune.runtime_us);
	add_u64(to, "before_us", before_us);
	add_string(to, "reason", reason);
	message_send(p, "config", to);
}

/* A level of a topic: none of what has a meaning in it. */
static void topic_make(const struct vm *vm, char *topic, size_t size)
{
	char *c;

	snprintf(topic, size, "summary/%s", vm->info.name);
	for (c = topic + strlen("summary/"); *c; c++)
		if (strchr("/+#$", *c))
			*c = '_';
}

static void summary_send(struct publisher *p, struct vm *vm, uint64_t ns)
{
	const struct pvsched_stats_info *now = &vm->info.stats;
	struct summary *last = &vm->summary;
	uint64_t boosts = pvsched_stats_boosts(now);
	struct json_object *to = message_make(p);
	char topic[PVSCHED_NAME_LEN + 16];

	add_string(to, "vm", vm->info.name);
	add_u64(to, "vm_id", vm->info.id);
	add_u64(to, "vcpus", vm->info.vcpus);
	add_u64(to, "interval_ns", ns);
	add_u64(to, "boosts", boosts - last->boosts);
	add_u64(to, "throttles", now->throttles - last->throttles);
	add_u64(to, "boosted_ns", now->boosted_ns - last->boosted_ns);
	add_u64(to, "waited_ns", now->waited_ns - last->waited_ns);
	add_u64(to, "waited_urgent_ns",
		now->waited_urgent_ns - last->waited_urgent_ns);
	topic_make(vm, topic, sizeof(topic));
	message_send(p, topic, to);
	*last = (struct summary){ boosts, now->throttles, now->boosted_ns,
				  now->waited_ns, now->waited_urgent_ns };
}

void publisher_sample(struct publisher *p, struct world *world)
{
	uint64_t ns = world->sampled_ns - p->summary_ns;
	size_t i;

	if (!p->mqtt || ns < p->interval_ns)
		return;
	p->summary_ns = world->sampled_ns;
	for (i = 0; i < world->count; i++)
		summary_send(p, world->vm[i], ns);
}
