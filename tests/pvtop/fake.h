/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A source with a made-up host, which is the same each time: its clock goes on by
 * a second with each sample, and its counters at a constant pace.
 */
#ifndef TESTS_PVTOP_FAKE_H
#define TESTS_PVTOP_FAKE_H

#include "../../tools/pvtop/source.h"

/*
 * scene: "few": three VMs, all states
 *	"many": 32 VMs with 32 vCPUs each, 160 CPUs
 *	"none": no VM
 *	"late": the module is missing for three samples
 *	"reload": the module goes away at the fourth sample, and comes back new at
 *		the sixth
 *	"vanish": the VM web-1 is gone from the fourth sample on
 *	"broken": from the third sample on asking fails
 *	"disabled", "held": as "few", with no boosts
 *	"hostile": names that a terminal must not see
 *	"user": who may set nothing and hears no events
 * Returns NULL if there is no such scene.
 */
struct source *fake_new(const char *scene);

#endif /* TESTS_PVTOP_FAKE_H */
