/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What batch mode prints.
 */
#ifndef PVTOP_BATCH_H
#define PVTOP_BATCH_H

#include <stdio.h>

#include "ui.h"

/* The screen as text, with all rows. Each returns 0, or -1. */
int batch_text(struct ui *ui, FILE *to);
int batch_json(struct ui *ui, FILE *to);

#endif /* PVTOP_BATCH_H */
