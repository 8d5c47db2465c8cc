#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 guest=6.12 timeout=240
#
# t-usurp.sh - the user of a VM cannot turn a boost into a priority of his own

# The VMM and its user have no right to raise priorities; the back end has.

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"

unprivileged()
{
	setpriv --bounding-set -sys_nice --inh-caps -sys_nice "$@"
}

check "host module loads" host_load
check "guest boots" guest_start g --cpu-affinity 1 --qemu-without sys_nice
tid=$(vcpu_tids g)
taskset -cp 0 "$tid" >/dev/null
check "driver loads" guest_load g
hog --cpu 0 & hog=$!
guest_bg g "cyclictest -q -m -p 80 -i 2000" >/dev/null
check "it is boosted" wait_until 20 stat_above g stats.boosts 20
check_fails_with "he has no right to real-time priorities" "not permitted" \
	unprivileged chrt -f 1 true
won=$(unprivileged "$(dirname "$0")/usurp.py" "$tid" 6)
check "he got in between ($won times)" test "$won" -gt 0
check "the host noticed" grep -q "tried to keep" <(dmesg)
guest_exec g "killall cyclictest" >/dev/null
check "the thread has its baseline, not his priority" expect_sched "$tid" other 0 0
sleep 1
check_equal "for good" "other 0 0" "$(sched_of "$tid")"
check "driver unloads" guest_unload g
check_equal "and after that" "other 0 0" "$(sched_of "$tid")"
kill "$hog"
check "guest stops" guest_stop g
check "host module unloads" wait_until 10 host_unload
exit "$T_FAILED"
