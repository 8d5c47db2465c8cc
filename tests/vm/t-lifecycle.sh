#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 timeout=300
# lab-full: host=6.1 timeout=300
# lab-full: host=7.3 timeout=400
#
# t-lifecycle.sh - what a boost leaves as it was, and what may happen to its
# thread, its CPU, its host and the module meanwhile

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"

CPU1=/sys/devices/system/cpu/cpu1/online
GROUP=/sys/fs/cgroup/lifecycle

# of FIELD: of the first vCPU of m
of()
{
	pvsched show m -j | sed -n "s/.*\"$1\": \([^,]*\),*$/\1/p" | head -n 1
}

boosts_above()
{
	[ "$(of boosts)" -gt "$1" ]
}

boosted_again()
{
	wait_until 20 boosts_above "$(of boosts)"
}

# Until the thread is seen boosted, without starting a process.
boosted_now()
{
	local end=$((SECONDS + 20))

	while [ $SECONDS -lt $end ]; do
		[[ $(sched_of "$tid") != fifo* ]] || return 0
	done
	return 1
}

# What a boost must not change, even while it lasts.
lasting()
{
	local file

	for file in cgroup cpuset autogroup limits oom_score_adj loginuid; do
		echo "$file $(cat "/proc/$tid/$file" 2>/dev/null)"
	done
	grep -E '^(Cpus|Mems)_allowed|^(Uid|Gid|Cap|NoNewPrivs|Seccomp)' "/proc/$tid/status"
	taskset -p "$tid"
}

# What it must restore.
restored()
{
	cat "/proc/$tid/timerslack_ns"
	chrt -p "$tid"
	sched_of "$tid"
}

# One vCPU that is preempted all the time, on CPU 1.
vm_start()
{
	check "$1: a VM" mini_start m "${@:2}"
	tid=${tids%% *}
	taskset -cp 1 "$tid" >/dev/null
}

urgent()
{
	mini m word 0 92
	check "$1: it is boosted" wait_until 20 boosts_above 2
}

attributes()
{
	local before now

	vm_start attributes 1 --exits
	# In a group that has a cpuset of its own, where the kernel has such groups.
	mount -t cgroup2 none /sys/fs/cgroup 2>/dev/null
	mkdir -p $GROUP
	echo +cpuset >/sys/fs/cgroup/cgroup.subtree_control
	echo 0-1 >$GROUP/cpuset.cpus
	mini_pid m >$GROUP/cgroup.procs
	check "attributes: in a cgroup" grep -q /lifecycle "/proc/$tid/cgroup"
	# Its baseline is what it has when it is attached.
	mini m detach 0
	chrt -b -p 0 "$tid"
	renice -n 4 -p "$tid" >/dev/null
	echo 123456 >"/proc/$tid/timerslack_ns"
	taskset -cp 1 "$tid" >/dev/null
	mini m attach 0
	before=$(lasting)
	now=$(restored)
	check "attributes: they were set" grep -q "^123456" <<<"$now"
	urgent attributes
	check "attributes: seen boosted" boosted_now
	check_equal "attributes: the same while it is boosted" "$before" "$(lasting)"
	mini m word 0 21
	check "attributes: not boosted any more" expect_sched "$tid" batch 4 0
	check_equal "attributes: the same afterwards" "$before" "$(lasting)"
	check_equal "attributes: scheduling and timer slack, too" "$now" "$(restored)"

	mini m word 0 92
	check_equal "attributes: a child has the baseline" "3 4 0 123456" "$(mini m fork 0)"
	check_equal "attributes: and so has a thread" "3 4 0 123456" "$(mini m clone 0)"
	mini_end m
}

rttime()
{
	vm_start rttime 1
	prlimit --pid "$(mini_pid m)" --rttime=300000:400000
	urgent rttime
	check "rttime: boosts of more than that in all" wait_until 30 more_than 500000000
	check "rttime: do not end it" kill -0 "$(mini_pid m)"
	prlimit --pid "$(mini_pid m)" --rttime=15000:20000
	sleep 0.5
	check_equal "rttime: less than a slice: it shows" true "$(of rttime_short)"
	check "rttime: no boosts then" expect_sched "$tid" other 0 0
	check "rttime: and it lives" kill -0 "$(mini_pid m)"
	mini_end m
}

more_than()
{
	[ "$(of boosted_ns)" -gt "$1" ]
}

# Somebody else has the process id of a VMM that is gone, while its back end is
# still there.
id_reused()
{
	local old fake

	sleep 1000 &
	old=$!
	mkfifo /run/ghost.in
	"$(dirname "$0")/fake-vm.py" ghost $old 1 </run/ghost.in >/run/ghost.out 2>&1 &
	fake=$!
	exec 5>/run/ghost.in
	check "id reused: a VM that goes" wait_until 20 grep -q ready /run/ghost.out
	kill $old
	wait $old 2>/dev/null
	MINI_PID=$old vm_start "id reused" 1
	check_equal "id reused: by another" $old "$(mini_pid m)"
	urgent "id reused"
	check "id reused: the ghost has no thread" grep -q '"state": "pending"' <(pvsched show ghost -j)
	check_equal "id reused: and no boosts" 0 "$(pvsched show ghost -j | sed -n 's/.*"boosts": \([0-9]*\),/\1/p' | head -n 1)"
	mini_end m
	exec 5>&-
	wait $fake
}

executes()
{
	vm_start exec 1 --exits
	urgent exec
	echo "exec 0 hog --cpu 1 --seconds 4" >&"$(cat /run/m.fd)"
	tid=$(mini_pid m)
	check "exec: another program" wait_until 20 grep -q hog "/proc/$tid/comm"
	check "exec: it has the baseline" expect_sched "$tid" other 0 0
	sleep 1
	check_equal "exec: and keeps it" "other 0 0" "$(sched_of "$tid")"
	mini_end m
	check "exec: the VM ended with its back end" wait_until 5 no_vms
}

# Boosts of a CPU that goes and comes.
hotplug()
{
	local i

	vm_start hotplug 2
	for i in $tids; do taskset -cp 0-1 "$i" >/dev/null; done
	taskset -cp 1 "$tid" >/dev/null
	mini m word 1 92
	urgent hotplug
	for i in 1 2; do
		check "hotplug: CPU 1 goes, $i" sh -c "echo 0 >$CPU1"
		check "hotplug: boosts go on, $i" boosted_again
		[ "$i" -ne 2 ] || check "hotplug: they can be disabled" grep -q "boosts ended" <(pvsched disable)
		check "hotplug: CPU 1 comes, $i" sh -c "echo 1 >$CPU1"
		[ "$i" -ne 2 ] || check "hotplug: and enabled" pvsched enable
	done
	check "hotplug: boosts go on" boosted_again
	mini m word 0 21
	check "hotplug: it has the baseline" expect_sched "$tid" other 0 0
	mini_end m
}

# As far as the lab's machine can be suspended: see tests/vm/README.md.
suspends()
{
	vm_start suspend 1
	urgent suspend
	echo 1 >/sys/module/suspend/parameters/pm_test_delay
	echo "${PVSCHED_TEST_SUSPEND:-freezer}" >/sys/power/pm_test
	check "suspend: everything is frozen, and goes on" sh -c "echo freeze >/sys/power/state"
	echo none >/sys/power/pm_test
	check "suspend: boosts go on" boosted_again
	mini m word 0 21
	check "suspend: it has the baseline" expect_sched "$tid" other 0 0
	mini_end m
}

# Nobody gets it out while it is in use, and everybody when it is not.
module_goes()
{
	local i refused=0

	vm_start "module goes" 2
	mini m word 1 92
	urgent "module goes"
	for i in {1..15}; do
		rmmod pvsched 2>/dev/null || refused=$((refused + 1))
	done
	check_equal "module goes: not while it boosts" 15 $refused
	check "module goes: boosts go on" boosted_again
	mini_end m KILL
	check "module goes: as soon as its VMM was killed" wait_until 10 host_unload
	for i in 1 2 3 4; do
		host_load
		mini_start m 2
		mini m word 0 92
		mini m word 1 92
		sleep 0.$i
		mini_end m KILL
		wait_until 10 host_unload || echo "round $i: still there"
	done >/run/rounds 2>&1
	check_equal "module goes: comes and goes with VMs that are killed" "" "$(cat /run/rounds)"
}

# Preempts who is on CPU 1.
hog --cpu 1 & hog=$!
taskset -cp 0 $$ >/dev/null
check "host module loads" host_load
attributes
rttime
id_reused
executes
hotplug
suspends
module_goes
kill $hog
exit "$T_FAILED"
