/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The terminal: it shows a grid, and tells keys. All of ncurses is in term.c.
 */
#ifndef PVTOP_TERM_H
#define PVTOP_TERM_H

#include "ui.h"

struct term;

/*
 * force: use colours as ui->looks says; else ui->looks is set to what the terminal
 * can do. Returns NULL if there is no terminal that can be used.
 */
struct term *term_open(struct ui *ui, bool force);
/* The terminal is as it was before. For NULL, too. */
void term_close(struct term *term);

/* Draw all of it, and show what has changed. */
void term_show(struct term *term, struct ui *ui);

/* Hand all keys and clicks that have arrived to ui. */
void term_read(struct term *term, struct ui *ui);

#endif /* PVTOP_TERM_H */
