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

# A histogram, as it costs nothing while it is made; what it costs to print is nobody's
# to measure any more.
guest_latency()
{
	guest_exec g "cyclictest -q -m -p 80 -i 10000 -D $seconds -h 100000 \
		>/tmp/histogram 2>/dev/null"
}

# Average, 99th percentile and maximum. Most of the histogram's rows, "MICROSECONDS
# SAMPLES", are empty. Of samples beyond its end only their number and the maximum are
# known.
guest_percentiles()
{
	guest_exec g "grep -v ' 000000\$' /tmp/histogram" | awk '
		/^[0-9]/ { n += $2; us[++rows] = $1 + 0; until[rows] = n }
		/^# Avg/ { avg = $4 + 0 }
		/^# Max/ { max = $4 + 0 }
		/^# Histogram Overflows/ { beyond = $4 + 0 }
		END {
			p99 = max
			for (row = rows; row && until[row] >= (n + beyond) * 0.99; row--)
				p99 = us[row]
			print avg, p99, max
		}'
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

# The hogs run as long as the host's task is measured: START in microseconds
host_measure()
{
	local us

	host_latency >/tmp/host.latency
	us=$((${EPOCHREALTIME/[.,]/} - $1))
	echo "$us $(hogs_cpu)" >/tmp/hogs.time
	[ "$mode" = idle ] || kill "${hogs[@]}"
}

# In units of work a second, of both.
hogs_result()
{
	local us ns

	[ "$mode" != idle ] || return 0
	wait "${hogs[@]}"
	read -r us ns </tmp/hogs.time
	result host_cpu "$(awk -v ns="$ns" -v us="$us" 'BEGIN { print ns / us / 1000 }')"
	result host_work "$(awk -v us="$us" '{ n += $2 } END { printf "%.0f", n * 1000000 / us }' \
		/tmp/hog.1 /tmp/hog.2)"
}

# Guest, host task and hogs are measured over the same time, but for what it takes to
# have the guest begin.
measure()
{
	local avg p99 max before after host_pid

	before=$(counters)
	hogs_start
	host_measure "${EPOCHREALTIME/[.,]/}" &
	host_pid=$!
	guest_latency
	wait $host_pid
	hogs_result
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
