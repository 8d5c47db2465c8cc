/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Children of a boosted thread.
 */
#ifndef PVSCHED_FORK_H
#define PVSCHED_FORK_H

int pvsched_fork_get(void);
void pvsched_fork_put(void);

#endif /* PVSCHED_FORK_H */
