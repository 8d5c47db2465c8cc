#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab-full: host=6.12 guest=6.12 timeout=600
#
# t-hostile.sh - a guest that means harm gets no more than its caps allow
#
# The guest's driver is modules/pvsched_hostile.ko. What it attacks with is in the
# heads of hostile_requests.c and hostile_words.c. Its vCPU 0 shares CPU 0 with a
# host hog; all else runs on CPU 1.

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"

GUEST_EXEC_TIMEOUT=120
ROUNDS=10000
SEED=${PVSCHED_TEST_SEED:-$RANDOM$RANDOM}

# Caps, ms. The hog keeps its half of what boosts leave, less a tolerance for an
# emulated machine, on which each boost may end late; all in thousandths of the
# time.
RUNTIME=20 PERIOD=100 SLICE=5
TOLERANCE=100
BOOSTED_MAX=$((2 * 1000 * RUNTIME / PERIOD))
PROMISED=$(((1000 - 1000 * RUNTIME / PERIOD) / 2))

now_ns()
{
	echo $((${EPOCHREALTIME/[.,]/} * 1000))
}

# ran_ns PID...: time that threads have run
ran_ns()
{
	local pid ran sum=0

	for pid; do
		read -r ran _ <"/proc/$pid/schedstat" && sum=$((sum + ran))
	done
	echo $sum
}

# "TIME BOOSTED BOOSTS" of vCPU 0; times in ns
boosts()
{
	pvsched show g -j | python3 -c '
import json, sys, time
vcpus = [v for v in json.load(sys.stdin)["vm"]["vcpus"] if v["id"] == 0]
for stats in [v["stats"] for v in vcpus] or [{"boosted_ns": 0, "boosts": 0}]:
    print(time.monotonic_ns(), stats["boosted_ns"], stats["boosts"])'
}

# measure SECONDS: sets the shares of the time of hog, vCPU 0 and workers, and
# what of it was boosted
measure()
{
	local start hog0 vcpu0 workers0 time before after

	read -ra before < <(boosts)
	start=$(now_ns) hog0=$(ran_ns "$hog") vcpu0=$(ran_ns "$tid")
	# shellcheck disable=SC2086 # numbers
	workers0=$(ran_ns $workers)
	sleep "$1"
	time=$(($(now_ns) - start))
	hog_share=$((($(ran_ns "$hog") - hog0) * 1000 / time))
	vcpu_share=$((($(ran_ns "$tid") - vcpu0) * 1000 / time))
	# shellcheck disable=SC2086 # numbers
	workers_share=$((($(ran_ns $workers) - workers0) * 1000 / time))
	read -ra after < <(boosts)
	boosted_share=$(((after[1] - before[1]) * 1000 / (after[0] - before[0])))
	boosts=$((after[2] - before[2]))
}

# The shares, for whoever reads the log, and what must be true of them.
judge()
{
	echo "# $1: hog $hog_share, vCPU 0 $vcpu_share, boosted $boosted_share in $boosts boosts, workers $workers_share"
	check "$1: the hog keeps what the caps promise" \
		test "$hog_share" -ge $((PROMISED - TOLERANCE))
}

attack()
{
	guest_exec g "taskset -p 2 \$\$ >/dev/null; echo $* >/sys/module/pvsched_hostile/parameters/attack ||
		{ dmesg | grep pvsched_hostile: | tail -n 5; false; }"
}

# attacked NAME: by words, for some seconds
attacked()
{
	local pid

	attack "$1" 9 >/run/attack.out 2>&1 & pid=$!
	sleep 0.7
	measure 2
	check "$1: the guest could do it" wait "$pid"
	judge "$1"
	check "$1: the thread is as it was" expect_sched "$tid" other 0 0
}

# Likewise, and the vCPU was boosted, or there would have been no attack.
attacked_boosted()
{
	attacked "$1"
	check "$1: it was boosted" test "$boosts" -gt 0
	check "$1: for no longer than its caps allow" \
		test "$boosted_share" -le $BOOSTED_MAX
}

vhost_memory()
{
	sed -n 's/^RssAnon:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$(guest_pid g vhost)/status"
}

no_vcpus()
{
	[ "$(pvsched show g -j | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["vm"]["vcpus"]))')" -eq 0 ]
}

requests()
{
	local i pid

	echo "# seed $SEED"
	for i in 1 2 3 4 5 6 7 8 9 10; do
		attack requests $((ROUNDS / 10)) $((SEED + i)) >/run/attack.out 2>&1 & pid=$!
		measure 2
		check "requests, part $i: each is answered as it must be" wait "$pid"
		cat /run/attack.out
		judge "requests, part $i"
		[ "$i" -gt 1 ] || memory=$(vhost_memory)
	done
	check "requests: nothing is left registered" no_vcpus
	guest_exec g "dmesg | grep pvsched_hostile: | tail -n 10" | sed 's/^/# /'
}

files=$(mktemp -d)
mkdir "$files/lab"
cp "$SRC/build/modules/$LAB_GUEST_SERIES/tests/vm/modules/pvsched_hostile.ko" "$files/lab/"
taskset -cp 1 $$ >/dev/null
check "host module loads" host_load
workers=$(pgrep '^pvsched/')
check "guest boots" guest_start g --vcpus 2 --cpu-affinity 1 --extra "$files"
tid=$(vcpu_tids g | head -n 1)
taskset -cp 0 "$tid" >/dev/null
hog --cpu 0 & hog=$!
check "hostile driver loads" guest_exec g "insmod /lab/pvsched_hostile.ko"
check "caps are set" pvsched set-cap g runtime=${RUNTIME}ms: slice=${SLICE}ms:
vhost=$(guest_pid g vhost)

for name in flip scribble stuck silent doorbell bystander call yoyo; do
	attacked_boosted $name
done
attacked churn
requests

check "the back end lives" kill -0 "$vhost"
grown=$(($(vhost_memory) - memory))
echo "# pvsched-vhost has grown by $grown kB"
check "and has not grown" test $grown -le 64
check "hostile driver unloads" guest_exec g "rmmod pvsched_hostile"
check "a decent driver loads" guest_load g
check "and unloads" guest_unload g
kill "$hog"
check "guest stops" guest_stop g
check "host module unloads" wait_until 10 host_unload
exit "$T_FAILED"
