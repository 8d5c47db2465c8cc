/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reasons of failures.
 */
#ifndef PVSCHED_LIB_ERROR_H
#define PVSCHED_LIB_ERROR_H

#include <pvsched/client.h>

/* Each returns code, which is a negative errno value. */
__attribute__((format(printf, 3, 4))) int
error_set(struct pvsched_error *error, int code, const char *fmt, ...);
/* What was tried, and the system's words for code. */
int error_errno(struct pvsched_error *error, int code, const char *what);
/* The kernel said no; reason: its own words, or NULL. */
int error_refused(struct pvsched_error *error, int code, const char *reason);
/* Of a function of libnl. */
int error_from_nl(int nl_error);

#endif /* PVSCHED_LIB_ERROR_H */
