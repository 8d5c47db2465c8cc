#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 guest=6.12 timeout=300
# lab-full: host=6.12 guest=6.1 timeout=300
# lab-full: host=7.3 guest=7.3 timeout=300
#
# t-signals.sh - each thing that makes a vCPU urgent, done in the guest, read on
# the host
#
# Two vCPUs. What the test does runs on the guest's CPU 0, and the subject of each
# check on CPU 1, where nothing else runs. To see what waits there, its thread is
# kept from running by a real-time hog of the host.

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"

# Nothing runs on its CPU 1 of itself. That CPU is kept from running for long: a watchdog
# that found that would print, and whoever prints next would wait for it.
GUEST_KERNEL="isolcpus=1 irqaffinity=0 rcupdate.rcu_cpu_stall_suppress=1 nowatchdog tsc=nowatchdog"

RT20=62 RT25=67 RT40=82 DEADLINE=142
NORMAL=21
# Runs for less than half of the time, as it is not the only one of its CPU.
AS_DEADLINE="chrt -d -T 400000000 -P 1000000000 -p 0"

# level_in VCPU FIELD: in the answer of pvsched show on standard input, 0: none.
level_in()
{
	tr -d ' \n' | grep -oE "\"$2\":(null|\{\"level\":[0-9]+)" |
		sed -n "$(($1 + 1))s/.*://p" | sed 's/null/0/'
}

# level VCPU FIELD: as the guest publishes it. It has to be quick.
level()
{
	pvsched show g -j | level_in "$@"
}

# both VCPU FIELD LEVEL FIELD LEVEL: at the same time.
both()
{
	local answer

	answer=$(pvsched show g -j)
	[ "$(level_in "$1" "$2" <<<"$answer")" = "$3" ] &&
		[ "$(level_in "$1" "$4" <<<"$answer")" = "$5" ]
}

level_is()
{
	[ "$(level "$1" "$2")" = "$3" ]
}

# expect VCPU FIELD LEVEL: it gets there in some seconds.
expect()
{
	wait_until 8 level_is "$@" && return
	echo "vCPU $1 $2 is $(level "$1" "$2"), expected $3"
	return 1
}

state_is()
{
	pvsched show g -j | grep -c "\"state\": *\"$1\"" | grep -qx "$2"
}

tells_of()
{
	pvsched show g -j | grep -q "\"name\": *\"$1\""
}

attached()
{
	pvsched show g -j | python3 -c '
import json, sys
sys.exit(len([v for v in json.load(sys.stdin)["vm"]["vcpus"]
              if v["state"] in ("running", "preempted", "blocked")]) != 2)'
}

guest_stat()
{
	guest_exec g "cat $DEVICE/stats/$1"
}

above()
{
	[ "$1" -gt "$2" ]
}

# On the guest's CPU 1, for good; prints the process id.
guest_subject()
{
	guest_bg g "exec taskset 2 $*"
}

starve()
{
	chrt -f 50 hog --cpu 0 >/dev/null & starver=$!
	wait_until 20 state_is preempted 1
}

feed()
{
	kill "$starver"
	wait "$starver"
}

# How often the subject's vCPU was boosted for a section
sections()
{
	stat_of g/1 stats.boosts_by_cause.section
}

files=$(mktemp -d)
mkdir "$files/lab"
cp "$SRC/build/modules/$LAB_GUEST_SERIES/tests/vm/modules/guest_sections.ko" "$files/lab/"
taskset -cp 1 $$ >/dev/null
echo -1 >/proc/sys/kernel/sched_rt_runtime_us
check "host module loads" host_load
pvsched set-cap host rtprio=45: >/dev/null
check "guest boots" guest_start g --vcpus 2 --cpu-affinity 1 --extra "$files" \
	--append "$GUEST_KERNEL"
tid1=$(vcpu_tids g | tail -n 1)
taskset -cp 0 "$tid1" >/dev/null
before_driver=$(guest_subject chrt -f 60 sleep 1000)
check "driver loads" guest_load g sections=1
DEVICE=$(guest_exec g "echo /sys/bus/virtio/drivers/virtio_pvsched/virtio*")
check "both threads are found" wait_until 20 attached

# Who sleeps
check "a task that slept before the driver came" expect 1 sleeper 102
guest_exec g "chrt -o -p 0 $before_driver"
check "one that became ordinary in its sleep" expect 1 sleeper 0
guest_exec g "chrt -f -p 33 $before_driver"
check "and urgent again" expect 1 sleeper 75
guest_exec g "echo 34 >$DEVICE/min_rtprio"
check "it does not count below min_rtprio" expect 1 sleeper 0
guest_exec g "echo 1 >$DEVICE/min_rtprio; echo deadline >$DEVICE/min_class"
check "nor if only deadline tasks count" expect 1 sleeper 0
guest_exec g "$AS_DEADLINE $before_driver"
check "a deadline task counts" expect 1 sleeper $DEADLINE
guest_exec g "chrt -f -p 33 $before_driver"
check "as long as it is one" expect 1 sleeper 0
guest_exec g "echo realtime >$DEVICE/min_class"
check "it does by default" expect 1 sleeper 75
guest_exec g "renice -n -10 -p $before_driver; chrt -o -p 0 $before_driver"
check "an ordinary one does not" expect 1 sleeper 0
guest_exec g "echo normal >$DEVICE/min_class"
check "unless the administrator says so" expect 1 sleeper 31
guest_exec g "echo realtime >$DEVICE/min_class"
guest_exec g "kill $before_driver"
check "nobody sleeps any more" expect 1 sleeper 0
check_fails_with "a priority that there is not" "Invalid|range|Numerical" \
	guest_exec g "echo 100 >$DEVICE/min_rtprio"
check_fails_with "a nice value that is not better than normal" "Invalid|range|Numerical" \
	guest_exec g "echo 0 >$DEVICE/max_nice"
check_fails_with "a class that there is not" "Invalid" \
	guest_exec g "echo batch >$DEVICE/min_class"

# What runs
guest_bg g "pi-chain 1 6" >/dev/null
check "the owner of a mutex counts as who waits, through a chain" expect 1 current 72
check "and as itself when it has let go" expect 1 current $NORMAL
check "the CPU is idle when it is over" expect 1 current 0

# The CPU that idles is to queue the task, and cannot.
guest_exec g "mkfifo /tmp/a /tmp/b"
guest_subject chrt -f 20 cat /tmp/a >/dev/null
check "one sleeps on a CPU that idles" expect 1 sleeper $RT20
chrt -f 50 hog --cpu 0 >/dev/null & starver=$!
guest_exec g "echo >/tmp/a"
check "it is woken, and waits" expect 1 waiter $RT20
check "the vCPU is boosted for that" expect_sched "$tid1" fifo 0 20
feed
check "it ran: nobody waits" expect 1 waiter 0
check "and nobody is left" expect 1 current 0

first=$(guest_subject hog)
second=$(guest_subject hog)
guest_exec g "chrt -f -p 12 $first"
check "who runs all the time becomes urgent" expect 1 current 54
guest_exec g "$AS_DEADLINE $second"
check "a deadline task is more urgent than any other" expect 1 current $DEADLINE
check "and told by its name" wait_until 8 tells_of deadline
check "it has used up its time: the other one runs, and it may come at any interrupt" \
	wait_until 8 both 1 current 54 sleeper $DEADLINE
check "it has time again: it runs, and does not sleep" \
	wait_until 8 both 1 current $DEADLINE sleeper 0
guest_exec g "echo deadline >$DEVICE/min_class"
check "if only they count, the other one does not" expect 1 current $NORMAL
check "and this one does" expect 1 current $DEADLINE
guest_exec g "echo realtime >$DEVICE/min_class; chrt -o -p 0 $second"
check "it is ordinary, and the other one runs" expect 1 current 54
check "as an ordinary one it does not sleep" expect 1 sleeper 0
guest_exec g "chrt -o -p 0 $first"
check "and ordinary" expect 1 current $NORMAL

# What waits. As the interrupt for it is not answered, each boost lasts until the next,
# which is higher, or until the vCPU runs.
guest_exec g "mkdir /tmp/groups; mount -t cgroup2 none /tmp/groups
	echo +cpuset >/tmp/groups/cgroup.subtree_control
	mkdir /tmp/groups/cpu1; echo 1 >/tmp/groups/cpu1/cpuset.cpus"
deadline=$(guest_subject cat /tmp/b)
guest_subject chrt -f 20 cat /tmp/a >/dev/null
check "one sleeps" expect 1 sleeper $RT20
check "the vCPU is kept from running" starve
guest_exec g "echo >/tmp/a"
check "woken from another CPU" expect 1 waiter $RT20
check "it is boosted for that" expect_sched "$tid1" fifo 0 20
feed
check "it ran" expect 1 waiter 0
# 7.3 takes CPU 1 for one with a cache of its own, and leaves it to it to queue the task.
# As that cannot run, the task could not be migrated.
guest_exec g "echo NO_TTWU_QUEUE >/sys/kernel/debug/sched/features"
waiting=$(guest_subject chrt -f 20 cat /tmp/a)
check "another one sleeps" expect 1 sleeper $RT20
check "the vCPU is kept from running again" starve
guest_exec g "echo >/tmp/a"
check "queued by another CPU" expect 1 waiter $RT20
guest_exec g "taskset -p 1 $waiting"
check "it was migrated: nobody waits" expect 1 waiter 0
# The output goes to a file, as the child keeps it open.
waiting=$(guest_exec g "chrt -f 25 clone-into /tmp/groups/cpu1 hog >/tmp/child 2>&1
	cat /tmp/child")
check "a new task waits, which has never run" expect 1 waiter $RT25
check "the vCPU is boosted more" expect_sched "$tid1" fifo 0 25
guest_exec g "chrt -o -p 0 $waiting; kill $waiting"
check "the new task is ordinary: nobody waits" expect 1 waiter 0
third=$(guest_subject hog)
calls=$(guest_stat calls)
# The CPU has been told to reschedule, so this time there is no interrupt for it.
guest_exec g "chrt -f -p 40 $third"
check "one that is runnable becomes urgent" expect 1 waiter $RT40
check "who made it so has called" above "$(guest_stat calls)" "$calls"
check "and the host has boosted the vCPU that the call was for" \
	expect_sched "$tid1" fifo 0 40
guest_exec g "chrt -o -p 0 $third"
check "it is ordinary again: nobody waits" expect 1 waiter 0
guest_exec g "$AS_DEADLINE $deadline"
check "one becomes a deadline task in its sleep" expect 1 sleeper $DEADLINE
guest_exec g "echo >/tmp/b"
check "and waits" expect 1 waiter $DEADLINE
check "nobody gets more than the cap" expect_sched "$tid1" fifo 0 45
guest_exec g "chrt -o -p 0 $deadline"
check "an ordinary one need not wait for long" expect 1 waiter 0
# While the shell runs, its child waits.
waiting=$(guest_exec g "chrt -f 30 sh -c 'chrt -f 20 hog >/dev/null 2>&1 & sleep 0.3
	taskset -p 2 \$! >/dev/null; echo \$!'")
check "one that waits elsewhere is migrated here" expect 1 waiter $RT20
guest_exec g "chrt -o -p 0 $waiting; kill $waiting"
feed
check "nobody urgent is left" expect 1 current $NORMAL
check "back to the baseline" expect_sched "$tid1" other 0 0
guest_exec g "echo normal >$DEVICE/min_class; renice -n -5 -p $first"
guest_exec g "kill $second $third"
check "a nice value counts where it is wanted" expect 1 current 26
guest_exec g "echo realtime >$DEVICE/min_class"
check "and nowhere else" expect 1 current $NORMAL
guest_exec g "chrt -i -p 0 $first"
check "less than any nice value: the idle class" expect 1 current 1
guest_exec g "kill $first"

# Sections: in nearly all of the time of the guest's CPU 1, with another thread on
# the host's CPU
sections_in_3s()
{
	local before

	before=$(sections)
	sleep 3
	echo $(($(sections) - before))
}

# few_sections NUMBER: prints a number in 3 s; where it is above that, the least of
# five. On a busy computer the interrupts of the guest's timer take as long as sections.
few_sections()
{
	local least found tries=1

	least=$(sections_in_3s)
	while [ "$least" -gt "$1" ] && [ $((tries++)) -lt 5 ]; do
		found=$(sections_in_3s)
		[ "$found" -ge "$least" ] || least=$found
	done
	echo "$least"
}

# many N: boosts in that time, besides those of a program. These are few, or 50 a second
# if the guest happens to have booted so that its ticks coincide with the host's.
many()
{
	test "$1" -gt $((user + user / 4 + 20))
}

section_work()
{
	check "work of kind $1" guest_exec g \
		"insmod /lab/guest_sections.ko kind=$1 first_cpu=1 hold_us=3000 gap_us=100"
	sleep 1
}

section_work_ends()
{
	guest_exec g "rmmod guest_sections"
}

hog --cpu 0 >/dev/null & other=$!
guest_subject hog >/dev/null
sleep 2
user=$(few_sections 20)
guest_exec g "killall hog"

# Of which the guest says nothing: the host sees them
section_work lock
before=$(stat_of g/1 stats.deboosts_by_cause.section)
locked=$(sections_in_3s)
check "a thread holds a lock: $locked boosts, in user space $user" many "$locked"
check "as long as cap section allows" \
	stat_above g/1 stats.deboosts_by_cause.section "$before"
pvsched set-cap g section=0: >/dev/null
check_equal "and not at all if it is 0" 0 "$(sections_in_3s)"
pvsched set-cap g section=unlimited: >/dev/null
pvsched set-cap host section=1s:1s >/dev/null
before=$(stat_of g/1 stats.deboosts_by_cause.section)
level=$(stat_of g/1 stats.deboosts_by_cause.level)
check "many when one may be as long as it likes" test "$(sections_in_3s)" -gt 5
check "they end with the section" stat_above g/1 stats.deboosts_by_cause.level "$level"
check_equal "for which no cap is needed" "$before" "$(stat_of g/1 stats.deboosts_by_cause.section)"
section_work_ends
check "no section, no boost" expect_sched "$tid1" other 0 0
section_work nmi
nmi=$(sections_in_3s)
check "NMIs: $nmi boosts" many "$nmi"
section_work_ends

# Of which it does: with nothing else to be seen
pvsched set-cap host section=500us: >/dev/null
check "driver unloads" guest_unload g
check "and loads, without showing where preemption is counted" guest_load g
check "both threads are found again" wait_until 20 attached
section_work lock
unseen=$(few_sections $((locked / 2)))
check "so locks are not seen: $unseen boosts, for its interrupts" \
	test "$unseen" -lt $((locked / 2))
section_work_ends
for kind in irq softirq; do
	section_work $kind
	found=$(sections_in_3s)
	check "a storm of kind $kind: $found boosts" many "$found"
	section_work_ends
done
check "none when it is over" expect_sched "$tid1" other 0 0
kill "$other"

# A timer gives it more time while what runs cannot be preempted. Of its period it takes
# little, so that it is late on no computer: then it would not be made to wait.
check "work that keeps the CPU for long" guest_exec g \
	"insmod /lab/guest_sections.ko kind=lock first_cpu=1 hold_us=500000 gap_us=100"
deadline=$(guest_subject hog)
guest_exec g "chrt -d -T 10000000 -P 200000000 -p 0 $deadline"
check "a deadline task has used up its time" \
	wait_until 8 both 1 current $NORMAL sleeper $DEADLINE
check "it has time again, and waits" expect 1 waiter $DEADLINE
guest_exec g "kill $deadline"
section_work_ends

check "nothing was lost" test "$(guest_stat sleeper_overflows)" = 0
check "guest's kernel has no complaints" guest_exec g "! dmesg | grep -E 'pvsched.*(cannot|without|not registered)'"
check "driver unloads" guest_unload g
check "guest stops" guest_stop g

# A CPU that polls while it idles is sent no interrupt: only who wakes can let the host
# know. Nor has it a sleeper, for whom its tick would do.
check "a guest boots that polls" guest_start g --vcpus 2 --cpu-affinity 1 \
	--append "$GUEST_KERNEL idle=poll"
tid1=$(vcpu_tids g | tail -n 1)
taskset -cp 0 "$tid1" >/dev/null
check "its driver loads" guest_load g
DEVICE=$(guest_exec g "echo /sys/bus/virtio/drivers/virtio_pvsched/virtio*")
check "its threads are found" wait_until 20 attached
guest_exec g "mkfifo /tmp/a"
sleeping=$(guest_bg g "exec taskset 1 chrt -f 20 cat /tmp/a")
check "a task sleeps on the other CPU" expect 0 sleeper $RT20
guest_exec g "taskset -p 2 $sleeping"
check "its vCPU is kept from running" starve
calls=$(guest_stat calls)
guest_exec g "echo >/tmp/a"
check "the task is woken, and waits" expect 1 waiter $RT20
check "who woke it has called" above "$(guest_stat calls)" "$calls"
check "its vCPU is boosted for that" expect_sched "$tid1" fifo 0 20
feed
check "it ran" expect 1 waiter 0
check "nothing is boosted" expect_sched "$tid1" other 0 0
check "its driver unloads" guest_unload g
check "it stops" guest_stop g
check "host module unloads" wait_until 10 host_unload
exit "$T_FAILED"
