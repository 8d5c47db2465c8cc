#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# section-host.sh - what boosts for critical sections give and cost
#
# usage: section-host.sh ROUNDS SECONDS
#
# A guest with twice as many vCPUs as the host has CPUs, and a hog of the host on
# each of these. With cap section as it is by default and with 0, in turn, the
# guest does work that its kernel's locks bound: first threads that take one
# spinlock, then hackbench. Prints progress; writes to /out/rounds.tsv: round, mode,
# metric, value.

set -uo pipefail
# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/../vm/host-lib.sh"

CPUS=$(nproc)
VCPUS=$((2 * CPUS))
rounds=$1 seconds=$2

result()
{
	printf '%s\t%s\t%s\t%s\n' "$round" "$mode" "$1" "$2" >>/out/rounds.tsv
}

section_boosts()
{
	local vcpu sum=0

	for ((vcpu = 0; vcpu < VCPUS; vcpu++)); do
		((sum += $(stat_of g/$vcpu stats.boosts_by_cause.section)))
	done
	echo "$sum"
}

# beside COMMAND...: with a hog on each CPU; what these got done to $hog_units.
beside_hogs()
{
	local cpu pids=() out

	out=$(mktemp -d)
	for ((cpu = 0; cpu < CPUS; cpu++)); do
		hog --cpu $cpu >"$out/$cpu" & pids+=($!)
	done
	"$@"
	kill "${pids[@]}"
	wait "${pids[@]}"
	hog_units=$(cat "$out"/* | awk '{ sum += $2 } END { print sum }')
	rm -r "$out"
}

# In the guest: hundredths of a second.
GUEST_NOW="now() { cut -d' ' -f1 /proc/uptime | tr -d .; }; begin=\$(now)"

# What got done in the guest, and in what time, to /tmp/work.
spinlock()
{
	guest_exec g "insmod /lab/guest_sections.ko threads=$VCPUS hold_us=20 gap_us=60 || exit
		$GUEST_NOW; sleep $seconds
		echo \$(cat /sys/module/guest_sections/parameters/rounds) \$((\$(now) - begin))
		rmmod guest_sections" >/tmp/work
}

hackbench_rounds()
{
	guest_exec g "$GUEST_NOW; n=0
		while [ \$((\$(now) - begin)) -lt ${seconds}00 ]; do
			hackbench -g 1 -l 20 >/dev/null || exit
			n=\$((n + 1))
		done
		echo \$n \$((\$(now) - begin))" >/tmp/work
}

# load NAME COMMAND: per second, with the hogs beside it
load()
{
	local before work time

	before=$(section_boosts)
	beside_hogs "$2"
	read -r work time </tmp/work && [ "$work" -gt 0 ] || exit
	result "$1" "$((work * 100000 / time))"
	result "$1_hogs" "$((hog_units * 100 / time))"
	result "$1_boosts" "$((($(section_boosts) - before) * 100 / time))"
}

: >/out/rounds.tsv
files=$(mktemp -d)
mkdir "$files/lab"
cp "$SRC/build/modules/$LAB_GUEST_SERIES/tests/vm/modules/guest_sections.ko" "$files/lab/"
host_load && guest_start g --vcpus $VCPUS --extra "$files" --append nowatchdog || exit
guest_load g sections=1 || exit
wait_until 20 is_attached g/$((VCPUS - 1)) || exit
for ((round = 0; round < rounds; round++)); do
	# Each is first in turn.
	modes=(without with)
	((round % 2)) && modes=(with without)
	for mode in "${modes[@]}"; do
		echo "round $((round + 1)) of $rounds: $mode"
		case $mode in
		# The host's default binds then.
		with) pvsched set-cap g section=unlimited: >/dev/null || exit ;;
		without) pvsched set-cap g section=0: >/dev/null || exit ;;
		esac
		load spinlock spinlock
		load hackbench hackbench_rounds
	done
done
guest_stop g
host_unload
cat /out/rounds.tsv
