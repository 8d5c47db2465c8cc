#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=debug alone=yes timeout=240
#
# t-failnth.sh - no memory at any one place leaves nothing behind
#
# The lab's verdict on this run includes that of kmemleak. It has a machine for itself:
# kmemleak prints with its lock held where its own memory is made to fail, which lets
# lockdep see circles with the console's locks in whatever comes later.

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"

cases()
{
	# Each case is a result of its own.
	PVSCHED_KO=$(host_module) "$(dirname "$0")/failnth.py" "$@" || T_FAILED=1
}

# Probes of both functions, called by ftrace.
kicks_are_probed()
{
	local function

	for function in kvm_vcpu_wake_up kvm_vcpu_kick; do
		grep "^f.* $function+0x0 .*FTRACE" /sys/kernel/debug/kprobes/list &&
			grep "^$function " /sys/kernel/debug/tracing/enabled_functions ||
			return
	done
}

cases module
check "module loads" host_load
# The kernel warns where it cannot disarm a kprobe; so do we, and remove it.
host_expect_warning __disarm_kprobe_ftrace
cases open create protocol doorbell attach detach close vm-dump vcpu-dump cap-set
check "a probe that cannot be disarmed is said" \
	grep "pvsched: the kernel cannot disarm the probe of kvm_vcpu_" <(dmesg)
check_equal "it is removed" "" "$(cat /sys/kernel/debug/kprobes/list)"
check "module unloads" wait_until 10 host_unload
check "module loads again" host_load
check "a VM starts" mini_start m 1 --exits
check "its kicks are probed anew" kicks_are_probed
check "the VM ends" mini_end m
check "module unloads again" wait_until 10 host_unload
exit "$T_FAILED"
