// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Reasons of failures.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <netlink/errno.h>

#include "error.h"

int error_set(struct pvsched_error *error, int code, const char *fmt, ...)
{
	va_list args;

	error->code = code;
	error->refused = false;
	va_start(args, fmt);
	vsnprintf(error->text, sizeof(error->text), fmt, args);
	va_end(args);
	return code;
}

/* strerror() is not for several threads, %m is. */
static void error_describe(struct pvsched_error *error, const char *reason,
			   int code)
{
	errno = -code;
	if (reason)
		snprintf(error->text, sizeof(error->text), "%s", reason);
	else
		snprintf(error->text, sizeof(error->text), "%m");
}

int error_errno(struct pvsched_error *error, int code, const char *what)
{
	error->code = code;
	error->refused = false;
	errno = -code;
	snprintf(error->text, sizeof(error->text), "%s: %m", what);
	return code;
}

int error_refused(struct pvsched_error *error, int code, const char *reason)
{
	error->code = code;
	error->refused = true;
	error_describe(error, reason, code);
	return code;
}

int error_from_nl(int nl_error)
{
	switch (nl_error < 0 ? -nl_error : nl_error) {
	case NLE_SUCCESS:
		return 0;
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_PERM:
	case NLE_NOACCESS:
		return -EPERM;
	case NLE_OBJ_NOTFOUND:
		return -ENOENT;
	case NLE_AGAIN:
		return -EAGAIN;
	case NLE_DUMP_INTR:
		return -EINTR;
	default:
		return -EIO;
	}
}
