#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# misbehave.sh - what lab-selftest runs: ends badly in the way it is told to

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/../host-lib.sh"

bad()
{
	insmod "$SRC/build/modules/$LAB_HOST_SERIES/tests/vm/modules/pvsched_bad.ko" "what=$1" &&
		rmmod pvsched_bad
}

case $1 in
status) exit 7 ;;
check) check "this fails" false ;;
hang) echo started; sleep 1000 ;;
reboot) echo b >/proc/sysrq-trigger; sleep 60 ;;
splat) echo '<4>WARNING: fake, of the host' >/dev/kmsg ;;
expected)
	host_expect_warning fake
	{
		echo '<4>WARNING: CPU: 0 PID: 1 at kernel/fake.c:1 fake+0x1/0x2'
		echo '<4>Call Trace:'
		echo '<4>---[ end trace 0000000000000000 ]---'
		echo '<4>WARNING: fake, not expected'
	} | while IFS= read -r line; do echo "$line" >/dev/kmsg; done ;;
stall)
	for _ in 1 2; do
		echo '<4>rcu: INFO: fake, detected stalls' >/dev/kmsg
	done
	sleep 1000 ;;
debug-leak) bad leak ;;
debug-splats)
	bad sleep && bad kasan && bad lockdep &&
	dmesg | grep "BUG: sleeping function called from invalid context" &&
	dmesg | grep "BUG: KASAN: slab-out-of-bounds in bad_kasan" &&
	dmesg | grep "WARNING: possible circular locking dependency" &&
	echo "all noticed" ;;
guest-splat)
	guest_start a --no-device &&
	guest_exec a "echo '<4>WARNING: fake, of the guest' >/dev/kmsg" ;;
guest-stuck)
	GUEST_EXEC_TIMEOUT=3
	check "a guest" guest_start a --no-device
	check "that is busy" guest_exec a "sleep 1000"
	check "another check" true ;;
guest-panic)
	guest_start a --no-device || exit 1
	guest_expect_panic a
	guest_bg a "sleep 0.2; echo c >/proc/sysrq-trigger"
	wait_until 20 guest_gone a ;;
guest-kill)
	guest_start a --no-device && guest_kill a && guest_start a --no-device &&
	guest_exec a true ;;
esac
