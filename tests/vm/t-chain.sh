#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 guest=6.12 timeout=300
# lab: host=6.1 guest=6.1 timeout=300
# lab: host=7.3 guest=7.3 timeout=300
#
# t-chain.sh - urgent work in a guest boosts its vCPU, within the caps
#
# The guest's vCPU shares CPU 0 with a host hog, so that it is preempted; the
# rest of the virtual machine runs on CPU 1.

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"

guest_periodic()
{
	guest_exec g "cyclictest -q -m -p 80 -i 10000 -D $1" >/dev/null
}

kind_seen()
{
	grep -q "\"kind\":\"$1\"" /run/events
}

taskset -cp 1 $$ >/dev/null
check_fails_with "doctor says what is missing" "-> modprobe pvsched" pvsched doctor
check "host module loads" host_load
pvsched monitor -j >/run/events 2>/run/events.err & monitor=$!
check "guest boots" guest_start g --cpu-affinity 1
tid=$(vcpu_tids g)
taskset -cp 0 "$tid" >/dev/null
renice -n 3 -p "$tid" >/dev/null
check_equal "the VM is known before its driver is" "g" \
	"$(pvsched list -j | python3 -c 'import json, sys; print(json.load(sys.stdin)["vms"][0]["name"])')"
check "driver loads" guest_load g
check "the vCPU's thread is found" wait_until 10 is_attached g
check "doctor finds nothing bad" pvsched doctor
check "doctor sees the VM" sh -c "pvsched doctor | grep -q 'g is attached; vCPUs: 1'"
check_equal "it is the right thread" "$tid" "$(stat_of g tid)"
check_equal "not boosted without need" "other 3 0" "$(sched_of "$tid")"

hog --cpu 0 & hog=$!
guest_urgent g 4 20
check "urgent and preempted: boosted, bounded by the soft cap" seen_as "$tid" 20 "fifo 3 10"
guest_quiet g
check "not urgent any more: back to the baseline" expect_sched "$tid" other 3 0
check "a slice was used up" stat_above g stats.throttles 0

guest_urgent g 4 5
check "a lower priority of the guest is a lower boost" seen_as "$tid" 20 "fifo 3 5"
guest_quiet g
check "set-cap takes effect" pvsched set-cap g rtprio=7:
guest_urgent g 4 20
check "the VM's cap binds" seen_as "$tid" 20 "fifo 3 7"
check "a cap binds a boost that is under way" pvsched set-cap g rtprio=0: nice=20:
check "no boost with rtprio 0" expect_sched "$tid" other 3 0
guest_quiet g
pvsched set-cap g rtprio=10: nice=-20: >/dev/null

before=$(stat_of g stats.boosts)
guest_bg g hog >/dev/null
guest_periodic 3
check "interrupts for a sleeper boost" stat_above g stats.boosts "$((before + 20))"
check "by cause interrupt" stat_above g stats.boosts_by_cause.interrupt 20
check "the guest rings" stat_above g stats.doorbells 20
check "most boosts end by its doorbell" stat_above g stats.deboosts_by_cause.doorbell 20
check "boosted time is counted" stat_above g stats.boosted_ns 0
check "back to the baseline again" expect_sched "$tid" other 3 0

pvsched set-cap g slice=2ms: runtime=10ms: >/dev/null
guest_urgent g 3 20
began=${EPOCHREALTIME/[.,]/}
start=$(stat_of g stats.boosted_ns)
sleep 2
ran=$(($(stat_of g stats.boosted_ns) - start))
periods=$(((${EPOCHREALTIME/[.,]/} - began) / 100000 + 2))
# A timer may be late on an emulated machine: half as much again.
check "the budget holds: 10 ms in each 100 ($((ran / 1000000)) ms in $periods periods)" \
	test $ran -le $((periods * 15000000))
guest_exec g "killall hog" >/dev/null
pvsched set-cap g slice=10ms: runtime=50ms: >/dev/null

# Alone in the guest, and on the CPU: or it would be preempted as soon as it has
# rung, and not get to halt before the next interrupt. It halts, and is boosted
# before it blocks.
kill -STOP "$hog"
before=$(stat_of g stats.boosts_by_cause.halt)
guest_periodic 3
check "a halting guest is boosted in advance" \
	stat_above g stats.boosts_by_cause.halt "$((before + 20))"
check "and not when nobody urgent sleeps" expect_sched "$tid" other 3 0
kill -CONT "$hog"

chrt -f -p 30 "$tid"
guest_periodic 1
check_equal "somebody else's chrt wins" "fifo 3 30" "$(sched_of "$tid")"
chrt -o -p 0 "$tid"
before=$(stat_of g stats.boosts)
guest_urgent g 2 20
sleep 2
check_equal "for good" "other 3 0 $before" "$(sched_of "$tid") $(stat_of g stats.boosts)"
kill "$hog"

check "driver unloads" guest_unload g
check "and loads again" guest_load g
check "the thread is found again" wait_until 10 is_attached g
check "driver unloads again" guest_unload g
sleep 0.5
kill "$monitor"
check "the monitor ends well" wait "$monitor"
for kind in vm-add vcpu-add vcpu-bound caps boost deboost throttle release owner vcpu-del; do
	check "an event: $kind" kind_seen $kind
done
check "no event was lost" sh -c '! grep "\"gap\"" /run/events'
check_fails_with "the host module stays while in use" "in use" host_unload
check "guest stops" guest_stop g
check "host module unloads" wait_until 10 host_unload
exit "$T_FAILED"
