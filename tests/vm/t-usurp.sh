#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 guest=6.12 timeout=300
# lab-full: host=6.1 guest=6.12 timeout=300
# lab-full: host=7.3 guest=6.12 timeout=300
#
# shellcheck disable=SC2317,SC2119,SC2120 # check calls the functions
#
# t-usurp.sh - the user of a VM cannot turn a boost into a priority of his own

# The VMM and its user have no right to raise priorities; the back end has.

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"

unprivileged()
{
	setpriv --bounding-set -sys_nice --inh-caps -sys_nice "$@"
}

LATE=/sys/module/late_calls/parameters
URGENT=62 # a SCHED_FIFO 20 task runs
CALM=21   # a nice 0 task runs

# try SECONDS [POLICY PRIORITY]: prints how often it was allowed
try()
{
	unprivileged "$(dirname "$0")/usurp.py" "$tid" "$@"
}

held()
{
	[ "$(cat $LATE/held)" -gt "$1" ]
}

# A VM that never halts, whose thread $tid shares CPU 0 with a hog.
vm_start()
{
	mini_start m 1 --rings || return
	tid=$tids
	taskset -cp 0 "$tid" >/dev/null
}

hog_start()
{
	hog --cpu 0 & hog=$!
}

hog_end()
{
	kill "$hog"
	wait "$hog" 2>/dev/null
}

calm()
{
	mini m word 0 $CALM
	mini m ring 0 1
}

# late_call POLICY PRIORITY: it is allowed during a boost, and does not take effect yet
late_call()
{
	local before

	before=$(cat $LATE/held)
	echo 1 >$LATE/hold
	mini m word 0 $URGENT
	try once "$@" >/dev/null & caller=$!
	wait_until 30 held "$before"
}

# From now on it has taken effect.
late_land()
{
	echo 0 >$LATE/hold
	wait "$caller"
}

# late NAME POLICY PRIORITY: it takes effect when the boost is over
late()
{
	check "$1: allowed during the boost" late_call "$2" "$3"
	calm
	check "$1: the boost is over" expect_sched "$tid" other 0 0
	check "$1: takes effect" late_land
	check "$1: the thread has its baseline" expect_sched "$tid" other 0 0
}

boosted_again()
{
	mini m word 0 $URGENT
	check "$1: it is boosted again" seen_as "$tid" 20 "fifo 0 10"
	calm
	check "$1: and no longer" expect_sched "$tid" other 0 0
}

noticed()
{
	dmesg | grep -c "tried to keep"
}

# Nothing else wants its CPU, so it is not switched out.
alone()
{
	local before late_at

	check "alone: allowed during the boost" late_call fifo 9
	calm
	check "alone: the boost is over" expect_sched "$tid" other 0 0
	hog_end
	before=$(stat_of m stats.boosted_ns)
	late_land
	check "alone: the thread has its baseline" expect_sched "$tid" other 0 0
	check "alone: it was charged" stat_above m stats.boosted_ns "$before"
	hog_start
	sleep 1

	check "at once: allowed during the boost" late_call fifo 9
	hog_end
	before=$(noticed)
	echo 1 >$LATE/prompt
	calm
	wait "$caller"
	late_at=${EPOCHREALTIME/[.,]/}
	check "at once: the thread has its baseline" expect_sched "$tid" other 0 0
	echo "# after $((${EPOCHREALTIME/[.,]/} - late_at)) us"
	check "at once: the host noticed" test "$(noticed)" -gt "$before"
	echo 0 >$LATE/prompt
	hog_start
}

idle()
{
	mini m detach 0
	chrt -i -p 0 "$tid"
	# Of the same class, or the thread would seldom run.
	chrt -i -p 0 "$hog"
	mini m attach 0
	check "idle: attached" wait_until 20 is_attached m
	check "idle: allowed during the boost" late_call other 0
	check "idle: takes effect" late_land
	calm
	check "idle: the thread has its baseline" expect_sched "$tid" idle 0 0
	mini m word 0 $URGENT
	check "idle: it is boosted again" seen_as "$tid" 20 "fifo 0 10"
	calm
}

detached()
{
	check "detached: allowed during the boost" late_call fifo 1
	mini m detach 0
	check "detached: the boost is over" expect_sched "$tid" other 0 0
	check "detached: takes effect" late_land
	check "detached: the thread has its baseline" expect_sched "$tid" other 0 0
	mini m word 0 $CALM
	mini m attach 0
	check "detached: attached again" wait_until 20 is_attached m
}

attached()
{
	check "attached anew: allowed during the boost" late_call fifo 1
	mini m detach 0
	mini m word 0 $CALM
	expect_sched "$tid" other 0 0
	[ "$1" = before ] || late_land
	mini m attach 0
	check "attached anew: $1 it takes effect" wait_until 20 is_attached m
	[ "$1" != before ] || late_land
	check "attached anew: the thread has its baseline" expect_sched "$tid" other 0 0
	check_equal "attached anew: that is the baseline" "nice 0" "$(stat_of m baseline)"
	boosted_again "attached anew"
}

owner()
{
	check "owner: allowed during the boost" late_call fifo 1
	chrt -b -p 0 "$tid"
	check "owner: his class is kept" expect_sched "$tid" batch 0 0
	mini m word 0 $CALM
	check "owner: takes effect" late_land
	check "owner: the thread has his class" expect_sched "$tid" batch 0 0
	mini m detach 0
	check "owner: for good" expect_sched "$tid" batch 0 0
	chrt -o -p 0 "$tid"
	mini m attach 0
	check "owner: attached again" wait_until 20 is_attached m
}

check "host module loads" host_load
check "guest boots" guest_start g --cpu-affinity 1 --qemu-without sys_nice
tid=$(vcpu_tids g)
taskset -cp 0 "$tid" >/dev/null
check "driver loads" guest_load g
hog_start
guest_bg g "cyclictest -q -m -p 80 -i 2000" >/dev/null
check "it is boosted" wait_until 20 stat_above g stats.boosts 20
check_fails_with "he has no right to real-time priorities" "not permitted" \
	unprivileged chrt -f 1 true
won=$(try 6)
check "he got in between ($won times)" test "$won" -gt 0
check "the host noticed" grep -q "tried to keep" <(dmesg)
guest_exec g "killall cyclictest" >/dev/null
check "the thread has its baseline, not his priority" expect_sched "$tid" other 0 0
sleep 1
check_equal "for good" "other 0 0" "$(sched_of "$tid")"
check "driver unloads" guest_unload g
check_equal "and after that" "other 0 0" "$(sched_of "$tid")"
check "guest stops" guest_stop g

taskset -cp 1 $$ >/dev/null
check "calls can be late" insmod "$SRC/build/modules/$LAB_HOST_SERIES/tests/vm/modules/late_calls.ko"
# So that a boost lasts until the guest rings.
pvsched set-canary 0 >/dev/null
pvsched set-cap host runtime=1s:1s slice=1s:1s >/dev/null
check "a VM that never halts" vm_start
check "it is attached" wait_until 20 is_attached m
late "a lower priority" fifo 1
late "the boost's own" fifo 10
boosted_again "the boost's own"
prlimit --pid "$(mini_pid m)" --rtprio=1
late "round robin" rr 5
boosted_again "round robin"
prlimit --pid "$(mini_pid m)" --rtprio=0
alone
detached
attached before
attached after
owner
idle
hog_end
check "a VM goes" mini_end m
check "host module unloads" wait_until 10 host_unload
check "calls are not late any more" rmmod late_calls
exit "$T_FAILED"
