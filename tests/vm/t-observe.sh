#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 guest=6.12 timeout=180
#
# t-observe.sh - the policy "observe" counts, and changes nothing

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"

check "host module loads" host_load
check "guest boots" guest_start g --cpu-affinity 1 --vhost-args "--policy observe"
tid=$(vcpu_tids g)
taskset -cp 0 "$tid" >/dev/null
check "driver loads" guest_load g
hog --cpu 0 & hog=$!
guest_bg g hog >/dev/null
guest_exec g "cyclictest -q -m -p 80 -i 10000 -D 2" >/dev/null
kill "$hog"
check_equal "no boost" 0 "$(stat_of g stats.boosts)"
check "but those that would have been are counted" stat_above g stats.would_boost 20
check_equal "the thread is as it was" "other 0 0" "$(sched_of "$tid")"
check "guest stops" guest_stop g
check "a guest boots whose policy is unknown" guest_start x --vhost-args "--policy nonsense"
guest_load x >/dev/null 2>&1
check "the back end says why it is not served" grep "policy.*nonsense" /out/vhost-x.log
check "so does the guest" guest_exec x "dmesg | grep -i 'host refuses'"
check "it goes on" guest_exec x true
check "guest stops" guest_stop x
check "host module unloads" wait_until 10 host_unload
exit "$T_FAILED"
