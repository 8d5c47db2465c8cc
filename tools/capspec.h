/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Targets and caps as the command line has them.
 */
#ifndef PVSCHED_TOOLS_CAPSPEC_H
#define PVSCHED_TOOLS_CAPSPEC_H

#include <stdbool.h>

#include <pvsched/client.h>

#define CAPSPEC_WHY_LEN 128

/*
 * "host", a VM's name, or "VM/VCPU". Returns false with the reason in why, which
 * has room for CAPSPEC_WHY_LEN.
 */
bool target_parse(const char *text, struct pvsched_target *target, char *why);

/* The other way round; text has room for TARGET_TEXT_LEN. */
#define TARGET_TEXT_LEN (PVSCHED_NAME_LEN + 16)
const char *target_text(const struct pvsched_target *target, char *text);

/*
 * "CAP=VALUE", the value being, as for prlimit(1), "both", "soft:hard", "soft:"
 * or ":hard". Times are in microseconds, or have one of us, ms, s behind.
 */
bool wish_parse(const char *text, struct pvsched_cap_wish *wish, char *why);

/* A time in microseconds, or with one of us, ms, s behind; microseconds. */
bool time_parse(const char *text, uint64_t *us);

#endif /* PVSCHED_TOOLS_CAPSPEC_H */
