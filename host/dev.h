/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /dev/pvsched.
 */
#ifndef PVSCHED_DEV_H
#define PVSCHED_DEV_H

int pvsched_dev_init(void);
void pvsched_dev_exit(void);

#endif /* PVSCHED_DEV_H */
