#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=debug timeout=240
#
# t-failnth.sh - no memory at any one place leaves nothing behind
#
# The lab's verdict on this run includes that of kmemleak.

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"

cases()
{
	# Each case is a result of its own.
	PVSCHED_KO=$(host_module) "$(dirname "$0")/failnth.py" "$@" || T_FAILED=1
}

cases module
check "module loads" host_load
cases open create protocol doorbell attach detach close vm-dump vcpu-dump cap-set
check "module unloads" wait_until 10 host_unload
exit "$T_FAILED"
