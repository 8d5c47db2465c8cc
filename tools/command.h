/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the commands of pvsched(8) share.
 */
#ifndef PVSCHED_TOOLS_COMMAND_H
#define PVSCHED_TOOLS_COMMAND_H

#include <stdbool.h>

#include <pvsched/client.h>

/* Exit codes, as ip(8) has them. */
enum {
	COMMAND_DONE = 0,
	COMMAND_USAGE = 1,
	COMMAND_FAILED = 2, /* the kernel refused, or cannot be asked */
};

int list_main(int argc, char **argv);
int show_main(int argc, char **argv);
int get_cap_main(int argc, char **argv);
int set_cap_main(int argc, char **argv);
int stats_main(int argc, char **argv);
int attach_main(int argc, char **argv);
int detach_main(int argc, char **argv);
int run_main(int argc, char **argv);
int policy_main(int argc, char **argv);
int payback_main(int argc, char **argv);
int enable_main(int argc, char **argv);
int disable_main(int argc, char **argv);
int set_canary_main(int argc, char **argv);
int monitor_main(int argc, char **argv);
int daemon_main(int argc, char **argv);
int doctor_main(int argc, char **argv);
int guest_main(int argc, char **argv);

/*
 * Options that most commands have: -j and -h. Returns true to go on with the
 * operands, which begin at optind; else the command ends with *status.
 */
bool options_parse(int argc, char **argv, const char *help, bool *json,
		   int *status);

/* For __attribute__((cleanup)). */
void client_close(struct pvsched_client **client);

/* A number of at least 1. Returns whether it is one, else says so. */
bool count_parse(const char *command, const char *text, uint64_t *count);

/* A process or thread id, or a real-time priority, 1 to 99; 0 after saying so. */
int id_parse(const char *command, const char *text);
unsigned int rtprio_parse(const char *command, const char *text);

/* Each prints to standard error and returns an exit code. */
__attribute__((format(printf, 2, 3))) int usage_error(const char *command,
						      const char *fmt, ...);
int out_of_memory(const char *command);
int command_failed(const char *what, const struct pvsched_error *error);

/* Standard output was written: did that work? Returns an exit code. */
int output_finish(const char *command);

#endif /* PVSCHED_TOOLS_COMMAND_H */
