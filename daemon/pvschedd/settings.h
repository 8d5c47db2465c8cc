/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What pvschedd.conf(5) says.
 */
#ifndef PVSCHEDD_SETTINGS_H
#define PVSCHEDD_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include <pvsched/client.h>

#include "mqtt.h"

#define SETTINGS_PATH "/etc/pvsched/pvschedd.conf"

#define TEXT_LEN      256
#define RULES_MAX     256

/* Why a file was refused: file, line and reason. */
struct problem {
	char text[512];
};

/**
 * struct place - where something is written
 * @file: name without its directories
 * @line: in it
 */
struct place {
	char file[64];
	unsigned int line;
};

/**
 * struct rule - what to set for which VMs
 * @name: of the rule
 * @place: where it begins
 * @match_name: pattern; each of these may be empty, and then matches
 * @match_uuid: likewise
 * @match_owner: likewise
 * @match_cgroup: likewise
 * @policy: empty: as it is
 * @has_payback: @payback is to be set
 * @payback: boosted time is paid back
 * @wish: caps
 * @wishes: how many
 * @tune: soft runtime follows what is needed
 * @floor_us: least that it may become
 */
struct rule {
	char name[64];
	struct place place;
	char match_name[TEXT_LEN];
	char match_uuid[TEXT_LEN];
	char match_owner[TEXT_LEN];
	char match_cgroup[TEXT_LEN];
	char policy[PVSCHED_POLICY_LEN];
	bool has_payback;
	bool payback;
	struct pvsched_cap_wish wish[PVSCHED_CAP_COUNT];
	size_t wishes;
	bool tune;
	uint64_t floor_us;
};

/**
 * struct settings - all of it
 * @history: file; empty: none is kept
 * @history_entries: VMs and vCPUs that it has room for
 * @tune_pressure: PSI cpu in percent that is too much
 * @exporter: where metrics are served; empty: nowhere
 * @exporter_vcpus: so many vCPUs have metrics of their own
 * @mqtt: where to publish to
 * @rule: in the order of the files and in these; the first that matches holds
 * @rules: how many
 */
struct settings {
	char history[TEXT_LEN];
	unsigned int history_entries;
	unsigned int tune_pressure;
	char exporter[TEXT_LEN];
	unsigned int exporter_vcpus;
	struct mqtt_settings mqtt;
	struct rule *rule;
	size_t rules;
};

/* Its cap runtime, or NULL. */
const struct pvsched_cap_wish *rule_runtime(const struct rule *rule);

/* What holds where nothing is said. */
void settings_init(struct settings *settings);
void settings_free(struct settings *settings);

/* One file's text, in addition. Return: whether it is right; else what is not. */
bool settings_parse(struct settings *settings, const char *file,
		    const char *text, size_t len, struct problem *why);

/*
 * The file at path, which need not be there if it is optional, and then those in
 * path.d that end in .conf, by name. Return: whether all of it is right.
 */
bool settings_load(struct settings *settings, const char *path, bool optional,
		   struct problem *why);

#endif
