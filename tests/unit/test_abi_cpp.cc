// SPDX-License-Identifier: GPL-2.0-or-later
/* Compiling it is the test. */
#include "abi_asserts.h"

int main(void)
{
	return 0;
}
