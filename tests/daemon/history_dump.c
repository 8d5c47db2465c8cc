// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * history-dump FILE seconds|minutes - what the history has
 *
 *	slot NUMBER TIME_NS RECORDS DROPPED
 *	VM VCPU BOOSTS BOOSTED_NS	VCPU is -1 for the VM
 *	damaged COUNT
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "history.h"

static bool tell(const struct history_slot *slot,
		 const struct history_record *record, void *arg)
{
	(void)arg;
	if (!record)
		printf("slot %" PRIu64 " %" PRIu64 " %" PRIu32 " %" PRIu32 "\n",
		       slot->number, slot->time_ns, slot->records,
		       slot->dropped);
	else
		printf("%s %d %" PRIu32 " %" PRIu64 "\n", record->vm,
		       record->has_vcpu ? (int)record->vcpu : -1,
		       record->boosts, record->boosted_ns);
	return true;
}

int main(int argc, char **argv)
{
	struct history_reader *reader;
	char why[HISTORY_WHY_LEN];
	struct history_query query = { .ring = HISTORY_SECONDS };
	uint64_t damaged;
	int err;

	if (argc != 3)
		return 1;
	if (history_open(&reader, argv[1], why)) {
		fprintf(stderr, "%s\n", why);
		return 2;
	}
	if (!strcmp(argv[2], "minutes"))
		query.ring = HISTORY_MINUTES;
	err = history_read(reader, &query, tell, NULL, &damaged);
	history_close(reader);
	printf("damaged %" PRIu64 "\n", damaged);
	return err ? 2 : 0;
}
