// SPDX-License-Identifier: GPL-2.0-only
/*
 * Payback: what is owed, and at which nice value it is repaid.
 */
#include "payback.h"

/*
 * How much more a thread is charged that runs at a nice value some steps worse:
 * 1.25 for each step, as the scheduler's weights, less one; in 1/1024.
 */
static const __u32 surcharge[] = {
	0, 256, 576, 976, 1476, 2101, 2882, 3859, 5079, 6605, 8512, 10896,
	13877, 17602, 22258, 28079, 35355, 44449, 55818, 70028, 87792, 109995,
	137750, 172444, 215811, 270020, 337781, 422483, 528360, 660706, 826138,
	1032929, 1291418, 1614528, 2018417, 2523277, 3154353, 3943198, 4929254,
	6161823,
};

#define STEPS_MAX	((int)(sizeof(surcharge) / sizeof(surcharge[0])) - 1)

/* The more is owed, the faster it is repaid. */
static const struct {
	__u64 debt;
	int steps;
} speeds[] = {
	{ 64000000, 16 },
	{ 16000000, 12 },
	{ 4000000, 8 },
	{ PVSCHED_DEBT_MIN, 4 },
};

#define SPEEDS	(sizeof(speeds) / sizeof(speeds[0]))

/* The debt after the thread ran boosted. */
__u64 pvsched_debt_boosted(__u64 debt, __u64 ran)
{
	if (ran > PVSCHED_DEBT_MAX - debt)
		return PVSCHED_DEBT_MAX;
	return debt + ran;
}

static __u64 repay(__u64 debt, __u64 amount)
{
	return amount < debt ? debt - amount : 0;
}

/* The debt after ordinary time, at a nice value that many steps worse. */
__u64 pvsched_debt_ran(__u64 debt, __u64 ran, int steps)
{
	if (steps <= 0)
		return debt;
	if (steps > STEPS_MAX)
		steps = STEPS_MAX;
	/* Longer than the largest debt repays everything: no overflow below. */
	if (ran > 4 * PVSCHED_DEBT_MAX)
		return 0;
	return repay(debt, (ran * surcharge[steps]) >> 10);
}

/*
 * The debt after the thread slept: it left to others what it might have had,
 * which is at least a quarter unless more than three compete.
 */
__u64 pvsched_debt_slept(__u64 debt, __u64 slept)
{
	return repay(debt, slept / 4);
}

/**
 * pvsched_debt_nice() - the nice value to run ordinary time at
 * @debt: what is owed
 * @nice: without debt
 *
 * Return: @nice or worse.
 */
int pvsched_debt_nice(__u64 debt, int nice)
{
	unsigned int i;

	for (i = 0; i < SPEEDS; i++) {
		if (debt < speeds[i].debt)
			continue;
		nice += speeds[i].steps;
		break;
	}
	return nice < PVSCHED_NICE_LEAST ? nice : PVSCHED_NICE_LEAST;
}
