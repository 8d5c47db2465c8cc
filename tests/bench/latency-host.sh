#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# latency-host.sh - measure guest latency beside host work, on the lab's host
#
# usage: latency-host.sh ROUNDS SECONDS MODE...
#
# One guest with one vCPU on CPU 0, in it a CPU hog and a real-time task that
# wakes 100 times a second; on the same CPU two host CPU hogs and a host task
# that wakes as often under SCHED_OTHER. Modes, in turn within each round:
#
#	idle	no host hogs: what the guest does alone
#	vanilla	nothing boosts
#	static	the vCPU thread is SCHED_FIFO all the time
#	pvsched	the guest's driver is loaded
#	blind	it is not, but the vCPU has the policy blind
#
# Everything else of the virtual machine runs on CPU 1. In the first three modes
# the host module has no vCPU attached. host_cpu is the hogs' share of the time,
# which says the same as host_work with less noise. Prints progress; results go to
# /out/rounds.tsv: round, mode, metric, value.

set -uo pipefail
# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/../vm/host-lib.sh"

STATIC_PRIO=10

rounds=$1 seconds=$2
shift 2

result()
{
	printf '%s\t%s\t%s\t%s\n' "$round" "$mode" "$1" "$2" >>/out/rounds.tsv
}

# The samples stay in the guest until nobody measures any more. A histogram would be
# smaller, and take long to print while the hogs are still being measured.
guest_latency()
{
	guest_exec g "cyclictest -v -m -p 80 -i 10000 -D $seconds >/tmp/samples 2>/dev/null"
}

# Average, 99th percentile and maximum; "THREAD: CYCLE: MICROSECONDS" is a sample.
guest_percentiles()
{
	guest_exec g "sed -n 's/^ *0: *[0-9]*: *//p' /tmp/samples | sort -n | awk '
		{ sum += \$1; us[NR] = \$1 }
		END { print int(sum / NR), us[int((NR * 99 + 99) / 100)], us[NR] }'"
}

# Average and maximum of an ordinary task on the vCPU's CPU.
host_latency()
{
	cyclictest -q -m --policy=other -a 0 -i 10000 -D "$seconds" |
		sed -n 's/.*Avg: *\([0-9]*\) Max: *\([0-9]*\).*/\1 \2/p'
}

counters()
{
	pvsched list -j | /usr/bin/python3 -c '
import json, sys
stats = [v["stats"] for m in json.load(sys.stdin)["vms"] for v in m["vcpus"]]
print(sum(s["boosts"] for s in stats), sum(s["doorbells"] for s in stats))'
}

hogs_start()
{
	hogs=()
	[ "$mode" != idle ] || return 0
	for i in 1 2; do
		hog --cpu 0 >"/tmp/hog.$i" &
		hogs+=($!)
	done
}

# Nanoseconds that the hogs have run.
hogs_cpu()
{
	local hog ran sum=0

	for hog in "${hogs[@]}"; do
		read -r ran _ <"/proc/$hog/schedstat"
		sum=$((sum + ran))
	done
	echo $sum
}

# In units of work a second, of both.
hogs_stop()
{
	local ms=$1

	[ "$mode" != idle ] || return 0
	result host_cpu "$(awk -v ns="$(hogs_cpu)" -v ms="$ms" 'BEGIN { print ns / ms / 1000000 }')"
	kill "${hogs[@]}"
	wait "${hogs[@]}"
	result host_work "$(awk -v ms="$ms" '{ n += $2 } END { printf "%.0f", n * 1000 / ms }' \
		/tmp/hog.1 /tmp/hog.2)"
}

# Guest, host task and hogs are measured over the same time.
measure()
{
	local avg p99 max before after start

	before=$(counters)
	start=${EPOCHREALTIME/[.,]/}
	hogs_start
	host_latency >/tmp/host.latency &
	host_pid=$!
	guest_latency
	wait $host_pid
	hogs_stop $(((${EPOCHREALTIME/[.,]/} - start) / 1000))
	after=$(counters)
	read -r avg p99 max < <(guest_percentiles)
	result guest_avg_us "$avg"
	result guest_p99_us "$p99"
	result guest_max_us "$max"
	read -r avg max </tmp/host.latency
	result host_cyclictest_avg_us "$avg"
	result host_cyclictest_max_us "$max"
	result boosts $((${after% *} - ${before% *}))
	result doorbells $((${after#* } - ${before#* }))
}

mode_run()
{
	case $mode in
	static) chrt -f -p $STATIC_PRIO "$tid" ;;
	pvsched) guest_load g && wait_until 10 is_attached g || exit ;;
	blind) blind_start || exit ;;
	esac
	measure
	case $mode in
	static) chrt -o -p 0 "$tid" ;;
	pvsched) guest_unload g ;;
	blind) blind_stop ;;
	esac
}

blind_start()
{
	pvsched attach -p blind blind "$(guest_pid g)" &
	blind_pid=$!
	wait_until 10 is_attached blind
}

blind_stop()
{
	kill $blind_pid
	wait $blind_pid
}

setup()
{
	taskset -cp 1 $$ >/dev/null
	host_load && guest_start g --cpu-affinity 1 || exit
	tid=$(vcpu_tids g)
	taskset -cp 0 "$tid" >/dev/null
	guest_bg g hog >/dev/null
	uname -r >/out/kernel
}

: >/out/rounds.tsv
setup
for ((round = 1; round <= rounds; round++)); do
	for mode; do
		echo "round $round of $rounds: $mode"
		mode_run
	done
done
if [ -n "${PVSCHED_TEST_SHOW:-}" ]; then
	# shellcheck source=tests/bench/show.sh
	. "$(dirname "$0")/show.sh"
fi
guest_stop g
host_unload
