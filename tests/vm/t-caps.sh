#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 timeout=240
# lab: host=6.1 timeout=240
# lab-full: host=7.3 timeout=300
#
# t-caps.sh - what each cap does to a boost, also to one that is under way
#
# The VMs have a few instructions instead of a kernel (mini-vm.py), and share
# CPU 0 with a hog.

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"

URGENT=62 # a SCHED_FIFO 20 task runs
CALM=21   # a nice 0 task runs
IN_SECTION=$((CALM | 1 << 40)) # likewise, interrupted

# vm_start NAME VCPUS: sets tid to its first thread, threads to all
vm_start()
{
	mini_start "$1" "$2" --rings || return
	read -ra threads <<<"$tids"
	tid=${threads[0]}
	for i in $tids; do taskset -cp 0 "$i" >/dev/null || return; done
}

# under COMMAND VM VCPUS: the same, run by COMMAND
under()
{
	MINI_UNDER=$1 vm_start "$2" "$3"
}

taskset -cp 1 $$ >/dev/null
check "module loads" host_load
check "a VM" vm_start a 4
all=("${threads[@]}")
hog --cpu 0 & hog=$!
# So that a boost stays until something else ends it.
pvsched set-canary 0 >/dev/null
pvsched set-cap host runtime=100ms:1s slice=1s:1s >/dev/null

check "urgent" mini a word 0 $URGENT
check "real-time by default" seen_as "$tid" 20 "fifo 0 10"
check "rtprio binds at once" pvsched set-cap a rtprio=5:
check "a lower priority" seen_as "$tid" 20 "fifo 0 5"
check "no real-time" pvsched set-cap a rtprio=0:
check "a nice value instead, at once" seen_as "$tid" 20 "other -10 0"
check "nice binds at once" pvsched set-cap a/0 nice=-5:
check "a less good nice value" seen_as "$tid" 20 "other -5 0"
check "what binds" grep -E 'nice +unlimited|nice +-5 +unlimited +-5 +vcpu' <(pvsched get-cap a/0)
check "the baseline is told during a boost" test "$(stat_of a/0 baseline)" = "nice 0"
check "no nice either" pvsched set-cap a nice=20:
check "no boost" seen_as "$tid" 20 "other 0 0"
pvsched set-cap a nice=-20: >/dev/null
check "a boost again" seen_as "$tid" 20 "other -5 0"
check "calm" mini a word 0 $CALM
check "the guest rings" mini a ring 0 1
check "back to the baseline" expect_sched "$tid" other 0 0

mini a word 0 $URGENT
check "a boost by nice value" seen_as "$tid" 20 "other -5 0"
renice -n 4 -p "$tid" >/dev/null
mini a word 0 $CALM
mini a ring 0 1
check "somebody's nice value of meanwhile is kept" expect_sched "$tid" other 4 0
mini a word 0 $URGENT
check "a boost from there" seen_as "$tid" 20 "other -5 0"
chrt -b -p 0 "$tid"
check "somebody's class of meanwhile is kept, not the boost" expect_sched "$tid" batch 4 0
mini a word 0 $CALM

check "a VM of the idle class" under "chrt -i 0" b 1
pvsched set-cap b rtprio=0: >/dev/null
mini b word 0 $URGENT
# The host looks when it takes the CPU away, so the thread has to run first, as
# those of this class seldom do.
check "is boosted by nice value" seen_as "$tid" 40 "other -10 0"
mini b word 0 $CALM
mini b ring 0 1
check "and gets class and nice value back" expect_sched "$tid" idle 0 0
mini_end b

tid=${all[1]}
pvsched set-cap a rtprio=10: kicks=20: >/dev/null
mini a word 1 $URGENT
check "boosted" seen_as "$tid" 20 "fifo 0 10"
# Long enough to meet a boost, of which every other second has one.
mini a ring 1 20000
check "20000 doorbells" mini a rung 1
check_equal "all are counted" 20000 "$(stat_of a/1 stats.doorbells)"
ignored=$(stat_of a/1 stats.doorbells_ignored)
check "many are not heard ($ignored)" test "$ignored" -ge 200
check "at least 20 are ($ignored)" test "$ignored" -le 19980
pvsched set-cap a kicks=0: >/dev/null
before=$(stat_of a/1 stats.deboosts_by_cause | grep -o 'doorbell[^,]*')
mini a word 1 $CALM
mini a ring 1 1
check "an unheard boost ends all the same" expect_sched "$tid" other 0 0
check_equal "not by the doorbell" "$before" \
	"$(stat_of a/1 stats.deboosts_by_cause | grep -o 'doorbell[^,]*')"

tid=${all[2]}
pvsched set-cap host section=1s:1s >/dev/null
pvsched set-cap a kicks=10000: >/dev/null
mini a word 2 $IN_SECTION
check "preempted in a section: boosted, not more than needed" seen_as "$tid" 20 "fifo 0 1"
check "a boost by cause section" test "$(stat_of a/2 stats.boosts_by_cause.section)" -ge 1
mini a word 2 $CALM
mini a ring 2 1
check "the section is over" expect_sched "$tid" other 0 0
pvsched set-cap a section=2ms: >/dev/null
mini a word 2 $IN_SECTION
check "a boost for a short section" seen_as "$tid" 20 "fifo 0 1"
check "its end does not need the guest" expect_sched "$tid" other 0 0
check "and is counted" test "$(stat_of a/2 stats.deboosts_by_cause.section)" -ge 1
check_equal "it is no throttling" False "$(stat_of a/2 throttled)"
pvsched set-cap a section=0: >/dev/null
sleep 0.2
before=$(stat_of a/2 stats.boosts)
sleep 1
check_equal "no boosts for sections" "$before" "$(stat_of a/2 stats.boosts)"
mini a word 2 $URGENT
check "others all the same" seen_as "$tid" 20 "fifo 0 10"

# boosted_most: the largest number of boosted vCPUs that is seen three times.
boosted_most()
{
	local counts i

	counts=$(for i in {1..15}; do
		for tid in "${all[@]:1}"; do sched_of "$tid"; done | grep -c fifo
	done)
	sort -rn <<<"$counts" | sed -n 3p
}

boosted_several()
{
	[ "$(boosted_most)" -ge 2 ]
}

mini a word 1 $URGENT
mini a word 3 $URGENT
check "all at the same time" wait_until 10 boosted_several
check "vcpus binds at once" pvsched set-cap a vcpus=1:
sleep 0.2
check_equal "one at a time" 1 "$(boosted_most)"
for i in 1 2 3; do
	check "each has its turn: $i" seen_as "${all[i]}" 20 "fifo 0 10"
done
pvsched set-cap a vcpus=0: >/dev/null
for i in 1 2 3; do
	check "none: $i" expect_sched "${all[i]}" other 0 0
done
pvsched set-cap a vcpus=2: >/dev/null
check "a raised cap wakes those that wait" seen_as "${all[3]}" 20 "fifo 0 10"

mini_end a

# Whoever is boosted by nice value may set a worse one that is still too good.
check "a VM that leaves guest mode" mini_start f 1 --exits
taskset -cp 0 "${tids%% *}" >/dev/null
pvsched set-cap f rtprio=0: >/dev/null
mini f word 0 $URGENT
check_equal "a child does not keep the nice value of a boost" "0 0 0 50000" "$(mini f keep-fork 0)"
check "nor does the thread" wait_until 10 seen_as "${tids%% *}" 20 "other -10 0"
echo "keep-exec 0 hog --cpu 0 --seconds 8" >&"$(cat /run/f.fd)"
tid=$(mini_pid f)
check "another program" wait_until 20 grep -q hog "/proc/$tid/comm"
check "does not, either" expect_sched "$tid" other 0 0
sleep 1
check_equal "for good" "other 0 0" "$(sched_of "$tid")"
mini_end f

chmod 666 /dev/pvsched /dev/kvm
check "a user's VM, attached by himself" under as_user c 1
mini c word 0 $URGENT
sleep 1
check_equal "is not boosted beyond his RLIMITs" "other 0 0 0" \
	"$(sched_of "$tid") $(stat_of c/0 stats.boosts)"
prlimit --pid "$tid" --rtprio=7:7
check "but within them" seen_as "$tid" 20 "fifo 0 7"
check_fails_with "he cannot ask for more" "rtprio of VM c: is above the process's RLIMIT, 7" \
	as_user pvsched set-cap c rtprio=8:
check "he can for less" as_user pvsched set-cap c rtprio=6:
check "which binds" seen_as "$tid" 20 "fifo 0 6"
prlimit --pid "$tid" --rtprio=0 --nice=25:25
check "by nice value likewise" seen_as "$tid" 20 "other -5 0"
mini_end c
check_fails_with "not another user's" "not permitted" \
	as_user "$LAB_LIB/fake-vm.py" d $$ 1
check_fails_with "nor as root of another user namespace" "not permitted" \
	as_user unshare -Ur "$LAB_LIB/fake-vm.py" d $$ 1
MINI_UNDER="unshare --pid --fork"
check "a VM in another pid namespace" mini_start e 1 --rings
# What it says itself is of its namespace.
tid=$(stat_of e/0 tid)
taskset -cp 0 "$tid" >/dev/null
mini e word 0 $URGENT
check "is boosted" seen_as "$tid" 20 "fifo 0 10"
mini_end e

kill "$hog"
check "module unloads" wait_until 20 host_unload
exit "$T_FAILED"
