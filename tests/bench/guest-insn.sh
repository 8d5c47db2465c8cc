#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# guest-insn.sh - what the guest's driver costs, in instructions
#
# usage: guest-insn.sh ROUNDS
#
# On a lab machine that counts instructions (--icount): the driver runs on the
# machine itself, with a device in the same kernel, and no host. With it and
# without it, in turn. Writes to /out/insn.tsv: with or without, what, number.

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/../vm/host-lib.sh"

MODULES=$SRC/build/modules/$LAB_HOST_SERIES
INTERRUPTS=20000
switches=$SRC/build/lab/boot/switches

result()
{
	printf '%s\t%s\t%s\n' "$mode" "$1" "$2" >>/out/insn.tsv
}

hackbench_seconds()
{
	hackbench -g 2 -l 200 | sed -n 's/^Time: *//p'
}

# The whole of the work that goes on meanwhile, in ns; the work is the same each
# time.
interrupts_ns()
{
	echo "$1" >/sys/module/fake_device/parameters/interrupts
	cat /sys/module/fake_device/parameters/interrupts
}

measure()
{
	result yield "$("$switches" yield 5000)"
	result pipe "$("$switches" pipe 3000)"
	result urgent "$("$switches" urgent 3000)"
	result interrupts "$(interrupts_ns $INTERRUPTS)"
	result hackbench "$(hackbench_seconds)"
}

: >/out/insn.tsv
echo $INTERRUPTS >/out/interrupts
insmod "$MODULES/tests/vm/modules/fake_device.ko" || exit
for ((round = 0; round < $1; round++)); do
	mode=without
	measure
	insmod "$MODULES/guest/virtio_pvsched.ko" || exit
	mode=with
	measure
	rmmod virtio_pvsched || exit
done
rmmod fake_device
cat /out/insn.tsv
