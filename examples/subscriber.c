// SPDX-License-Identifier: GPL-2.0-or-later
/* subscriber VM - how often a VM was boosted: exact, however slowly this reads */
#include <err.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include <pvsched/client.h>

struct watch {
	struct pvsched_monitor *monitor;
	struct pvsched_error error;
	const char *vm;
	uint64_t boosts;
};

/* At first, and after a loss: what there is makes up for what was not heard. */
static void begin_anew(struct watch *w)
{
	struct pvsched_vcpus list;
	size_t i;

	if (pvsched_monitor_vcpus(w->monitor, &list, sizeof(*list.vcpu),
				  &w->error))
		errx(1, "%s", w->error.text);
	for (i = w->boosts = 0; i < list.count; i++)
		if (!strcmp(list.vcpu[i].vm, w->vm))
			w->boosts += pvsched_stats_boosts(&list.vcpu[i].stats);
	pvsched_vcpus_free(&list);
}

static bool on_event(const struct pvsched_event *event, void *arg)
{
	struct watch *w = arg;

	if (event->resync)
		begin_anew(w);
	else if (event->kind == PVSCHED_EVENT_BOOST)
		w->boosts += !strcmp(event->vm, w->vm);
	return printf("%s %" PRIu64 "\n", event->resync ? "resync" : "event",
		      w->boosts) > 0;
}

int main(int argc, char **argv)
{
	const int groups = 1 << PVSCHED_GROUP_CONFIG | 1 << PVSCHED_GROUP_BOOST;
	struct watch w = { .vm = argc > 1 ? argv[1] : "" };
	struct pollfd fd = { .events = POLLIN };

	if (pvsched_monitor_open(&w.monitor, groups, PVSCHED_MONITOR_RESYNC,
				 sizeof(struct pvsched_event), &w.error))
		errx(1, "%s", w.error.text);
	fd.fd = pvsched_monitor_fd(w.monitor);
	do
		if (pvsched_monitor_read(w.monitor, on_event, &w, &w.error))
			errx(1, "%s", w.error.text);
	while (!fflush(stdout) && poll(&fd, 1, -1) > 0);
	return 1;
}
