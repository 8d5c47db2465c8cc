#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 timeout=400
# lab-full: host=7.3 timeout=500
#
# shellcheck disable=SC2317 # check calls the functions
#
# t-threads.sh - threads that are no vCPUs: attached by themselves or by others

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"

PROGRAM=$SRC/build/user/tests/threads/threads

threads()
{
	taskset -c 0 "$PROGRAM" "$@"
}

# hogs_start COUNT
hogs_start()
{
	hogs=()
	while [ ${#hogs[@]} -lt "$1" ]; do
		hog --cpu 0 >/dev/null &
		hogs+=($!)
	done
}

hogs_stop()
{
	kill "${hogs[@]}"
	wait "${hogs[@]}"
}

# start COMMAND...: in the background, until descriptor 5 is closed
start()
{
	rm -f /run/start.in
	mkfifo /run/start.in
	"$@" </run/start.in >/run/start.out 2>&1 5>&- &
	started=$!
	exec 5>/run/start.in
	wait_until 20 grep -q ready /run/start.out || { cat /run/start.out; false; }
}

# vcpu_has GROUP MEMBER VALUE: of the only thread of that group, as JSON
vcpu_has()
{
	pvsched show "$1" -j | python3 -c '
import json, sys
value = json.load(sys.stdin)["vm"]["vcpus"][0][sys.argv[1]]
print(json.dumps(value))
sys.exit(json.dumps(value) != sys.argv[2])' "$2" "$3"
}

kind_is()
{
	pvsched show "$1" -j | grep -q "\"kind\": *\"$2\""
}

# What the kernel has allocated and cannot take back at will, kB. Freed memory
# may be kept back for a moment: by RCU, and on the lists of each CPU; and by KASAN until
# the cache that it is of is shrunk.
memory()
{
	local cache

	sleep 1
	for cache in /sys/kernel/slab/*/shrink; do
		echo 1 >"$cache"
	done
	echo 3 >/proc/sys/vm/drop_caches
	awk '/^(SUnreclaim|KernelStack|PageTables|Percpu):/ { kb += $2 } END { print kb }' \
		/proc/meminfo
}

# flat LIMIT_KB COMMAND...: run it a little, then for good; memory is the same
flat()
{
	local limit=$1 before after

	shift
	"$@" warm || return
	before=$(memory)
	"$@" whole || return
	after=$(memory)
	echo "memory: $((after - before)) kB more than before" >&3
	[ $((after - before)) -lt "$limit" ]
}

unused()
{
	[ "$(cat /sys/module/pvsched/refcnt)" = 0 ]
}

churn()
{
	local start=$SECONDS

	"$PROGRAM" churn "$@" || return
	echo "churn $*: $((SECONDS - start)) s" >&3
}

# Ten thousand in all.
churn_all()
{
	local part=1

	[ "$1" = whole ] || part=10
	churn $((5000 / part)) self &&
	churn $((1500 / part)) close &&
	churn $((1500 / part)) exit &&
	churn $((1500 / part)) kill &&
	churn $((500 / part)) other &&
	wait_until 20 unused
}

dump_whole()
{
	[ "$(pvsched show many -j | python3 -c '
import json, sys
vcpus = json.load(sys.stdin)["vm"]["vcpus"]
print(len({v["id"] for v in vcpus}), len({v["tid"] for v in vcpus}))')" = "1024 1024" ]
}

many()
{
	start "$PROGRAM" many 1024 || return
	if [ "$1" = whole ]; then
		sleep 3
		dump_whole && dump_whole || return
	fi
	exec 5>&-
	wait "$started" || { cat /run/start.out; return 1; }
	wait_until 20 unused
}

# Its figures go to the log.
example()
{
	taskset -c 0 "$SRC/build/user/examples/audio" --seconds 8 "$@" >&3
}

exec 3>&1
check "module loads" host_load
check "what is not as documented is refused" threads refusals
hogs_start 2
check "a thread boosts itself, and lowers itself" threads boost 5
check "a child has neither boost nor group" threads fork 5
check "another program: not boosted" start threads exec 5
check "another program: left alone" vcpu_has exec owner_changed true
check "another program: not boosted any more" expect_sched "$started" other 0 0
exec 5>&-
check "another program ends well" wait "$started"

check_fails_with "the device is root's" "Permission denied" as_user "$PROGRAM" limited 1 0
chmod 666 /dev/pvsched
check "a user without the right to real-time priorities" \
	as_user taskset -c 0 "$PROGRAM" limited 1 0
check "a user, RLIMIT_RTPRIO bounds" prlimit --rtprio=5:5 setpriv --reuid vmuser \
	--regid vmuser --clear-groups taskset -c 0 "$PROGRAM" limited 5 5
check "a user, the cap bounds" prlimit --rtprio=50:50 setpriv --reuid vmuser \
	--regid vmuser --clear-groups taskset -c 0 "$PROGRAM" limited 5 10
hogs_stop
sleep 1000 & other=$!
check_fails_with "a user and another's thread" "not permitted" \
	as_user "$PROGRAM" foreign x $other
check "somebody else's thread, by hand" start threads foreign a $other
check "it is known" wait_until 5 vcpu_has a tid "$other"
check "it sleeps" vcpu_has a state '"blocked"'
check "it was named" vcpu_has a by_hand true
check "it has no word" vcpu_has a wordless true
check "it is in a group of threads" kind_is a threads
check "it need not pay back" grep '"payback": *false' <(pvsched show a -j)
check_fails_with "not in two groups" "busy" threads foreign b $other
check "it has caps" pvsched set-cap a/0 rtprio=3:
kill $other
check "it exits" wait_until 5 vcpu_has a state '"pending"'
exec 5>&-
check "its group ends" wait "$started"
check "nothing is left" wait_until 10 unused

check "the example alone" example
hogs_start 4
check "the example beside hogs" example
check "the example beside hogs, with pvsched" example --pvsched
hogs_stop
hogs_start 1
check "10,000 are attached and end, memory is flat" flat 2000 churn_all
check "1,024 on two CPUs, whole dumps, memory is flat" flat 3000 many
hogs_stop
check "module unloads" wait_until 10 host_unload
exit "$T_FAILED"
