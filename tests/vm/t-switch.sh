#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 guest=6.12 timeout=300
#
# shellcheck disable=SC2317 # check calls the functions
#
# t-switch.sh - what policies and payback do to a guest, while they are switched
#
# The guest's vCPU shares CPU 0 with a host hog, so that it is preempted.

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"

MODULES=$SRC/build/modules/$LAB_HOST_SERIES/tests/vm/modules

faults_of()
{
	pvsched policy list -j | python3 -c '
import json, sys
print({p["name"]: p["faults"] for p in json.load(sys.stdin)["policies"]}[sys.argv[1]])' "$1"
}

# Boosts of a vCPU that is urgent all the time begin anew after each pause.
never_boosted()
{
	local before

	before=$(stat_of g stats.boosts)
	sleep 1
	[ "$(stat_of g stats.boosts)" = "$before" ]
}

taskset -cp 1 $$ >/dev/null
check "host module loads" host_load
check "odd policies load" insmod "$MODULES/pvsched_odd.ko"
check "guest boots" guest_start g --cpu-affinity 1
tid=$(vcpu_tids g)
taskset -cp 0 "$tid" >/dev/null
check "driver loads" guest_load g
check "the vCPU's thread is found" wait_until 10 is_attached g
hog --cpu 0 & hog=$!

guest_urgent g 600
check "boost" seen_as "$tid" 20 "fifo 0 10"
check "another policy" pvsched policy set g none
check "none: back to the baseline" expect_sched "$tid" other 0 0
check "and no boost any more" never_boosted
check "boost again" pvsched policy set g boost
check "has effect at once" seen_as "$tid" 20 "fifo 0 10"
check "a switch that finds a boost under way" sh -c '
	for i in $(seq 30); do pvsched policy set g none && pvsched policy set g boost || exit; done'
check "ends it by cause policy" stat_above g stats.deboosts_by_cause.policy 0
check "a policy that wants everything" pvsched policy set g greedy
check "is bounded by the caps" seen_as "$tid" 20 "fifo 0 10"
check "a policy that talks nonsense" pvsched policy set g mad
check "is never followed" never_boosted
check "its answers are counted" test "$(faults_of mad)" -gt 0
check "and reported" sh -c "dmesg | grep 'policy mad answers with levels that do not exist'"
# Ten in five seconds.
check "reports are few" test "$(dmesg | grep -c 'policy mad')" -le 50
check_equal "others have none" 0 "$(faults_of boost)"

pvsched policy set g boost >/dev/null
for _ in {1..10}; do
	insmod "$MODULES/pvsched_nice.ko" || echo "not loaded"
	pvsched policy set g greedy >/dev/null
	pvsched policy set g nice >/dev/null
	wait_until 5 rmmod pvsched_odd || echo "not unloaded"
	insmod "$MODULES/pvsched_odd.ko" || echo "not loaded"
	pvsched policy set g greedy >/dev/null
	wait_until 5 rmmod pvsched_nice || echo "not unloaded"
done >/run/churn 2>&1
check_equal "two policies come and go under load" "" "$(cat /run/churn)"
check "and still work" seen_as "$tid" 20 "fifo 0 10"
check "one goes while it boosts" sh -c "echo 1 >/sys/module/pvsched_odd/parameters/drop"
check "its boost has ended" expect_sched "$tid" other 0 0
pvsched policy set g boost >/dev/null

# Debts, and somebody else's nice value.
check "debts are owed" wait_until 10 stat_above g stats.debt_ns 1000000
check "the share is measured" test "$(stat_of g share)" != None
renice -n 4 -p "$tid" >/dev/null
check "a nice value that was set meanwhile stays while boosted" seen_as "$tid" 20 "fifo 4 10"
check "payback off" pvsched payback g off
check_equal "no debt" "0 None" "$(stat_of g stats.debt_ns) $(stat_of g share)"
sleep 1
check_equal "none later" "0" "$(stat_of g stats.debt_ns)"
check "payback on" pvsched payback g on
check "debts are owed again" wait_until 10 stat_above g stats.debt_ns 1000000
guest_exec g "killall hog" >/dev/null
guest_quiet g
check "the nice value stays when all is over" expect_sched "$tid" other 4 0
# A better one is taken for the thread's own doing until ten seconds after a boost to one:
# policies of nice values were tried above (RENICE_LATE in host/state.c).
sleep 10
renice -n 0 -p "$tid" >/dev/null

# A guest without the driver, attached by hand.
check_fails_with "its thread is attached by its driver" "already" pvsched attach b "$(guest_pid g)"
check "driver unloads" guest_unload g
check_fails_with "no VMM" "no thread called CPU n/KVM" pvsched attach b $$
check_fails_with "an unknown policy" "no such policy" pvsched attach -p nonsense b "$(guest_pid g)"
pvsched attach b "$(guest_pid g)" >/run/attach & attach=$!
check "a vCPU is attached by hand" wait_until 10 is_attached b
check_equal "and its policy is" "VM b: 1 vCPUs, policy blind" "$(cat /run/attach)"
pvsched policy set b boost >/dev/null
guest_bg g hog >/dev/null
before=$(stat_of b stats.boosts)
sleep 2
check_equal "boost does nothing for it" "$before" "$(stat_of b stats.boosts)"
check "blind" pvsched policy set b blind
check "boosts when an interrupt comes" wait_until 30 stat_above b stats.boosts_by_cause.interrupt 5
check "for a while" wait_until 30 stat_above b stats.deboosts_by_cause.policy 2
boosts=$(stat_of b stats.boosts)
mean=$(($(stat_of b stats.boosted_ns) / boosts / 1000))
# Timers are late on an emulated machine, but the slice is twice as long.
check "that is bounded ($mean us)" test "$mean" -le 5000
echo 0 >/sys/module/pvsched/parameters/blind_us
sleep 0.2
before=$(stat_of b stats.boosts)
sleep 1
check_equal "blind_us=0: not at all" "$before" "$(stat_of b stats.boosts)"
check "the thread is as it was" expect_sched "$tid" other 0 0
echo 500 >/sys/module/pvsched/parameters/blind_us
check "it boosts again" wait_until 10 stat_above b stats.boosts "$before"
kill $attach
check "a signal ends it" wait $attach
check "the thread is as it was" expect_sched "$tid" other 0 0
pvsched attach b "$(guest_pid g)" >/dev/null & attach=$!
wait_until 10 is_attached b
kill "$hog"
check "guest stops" guest_stop g
check "and with it what attached its vCPUs" wait $attach
rmmod pvsched_odd
check "host module unloads" wait_until 10 host_unload
exit "$T_FAILED"
