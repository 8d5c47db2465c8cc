#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 guest=6.12 timeout=200
#
# t-pvtop-guest.sh - pvtop sees a VM wait, boosted and throttled
#
# Leaves /out/pvtop-guest.rec, of which scripts/screenshot makes the README's image.

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"

export PATH=$SRC/build/user/tools/pvtop:$PATH

# seen STATE: the vCPU of VM g, in any sample
seen()
{
	grep -q "\"vm\":\"g\",\"vcpu\":0,\"state\":\"$1\"" /run/top.json
}

check "host module loads" host_load
check "guest boots" guest_start g --cpu-affinity 1
check "driver loads" guest_load g
tid=$(vcpu_tids g)
taskset -cp 0 "$tid" >/dev/null
pvtop -b -j -d 0.2 -w /out/pvtop-guest.rec >/run/top.json 2>/run/top.err & top=$!
hog --cpu 0 & hog=$!
guest_bg g hog >/dev/null
check "a busy guest beside a hog: waiting" wait_until 30 seen waiting
guest_bg g "cyclictest -q -m -p 80 -i 10000 -D 60" >/dev/null
check "a real-time task in it: boosted" wait_until 30 seen boosted
pvsched set-cap g runtime=1ms: >/dev/null
check "beyond its budget: throttled" wait_until 30 seen throttled
sleep 2
kill "$top"
wait "$top"
check_equal "pvtop ends well" 0 $?
check_equal "without a complaint" "" "$(cat /run/top.err)"
kill "$hog"
check "guest stops" guest_stop g
check "host module unloads" wait_until 10 host_unload
exit "$T_FAILED"
