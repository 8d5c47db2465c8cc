#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# audio.sh - examples/audio beside CPU hogs, with and without pvsched
#
# usage: tests/vm/lab run --timeout 300 tests/bench/audio.sh [ROUNDS [SECONDS]]
#
# In turn: alone, beside four hogs on its CPU, the same with pvsched. Prints
# medians over the rounds.

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/../vm/host-lib.sh"

rounds=${1:-5} seconds=${2:-4}

# audio MODE [OPTION...]: one line, as in "hogs missed 3 avg 791 p99 4184"
audio()
{
	local mode=$1

	shift
	taskset -c 0 "$SRC/build/user/examples/audio" --seconds "$seconds" "$@" |
		sed -n "s/.*missed \([0-9]*\), late us: avg \([0-9]*\), 99% \([0-9]*\),.*/$mode \1 \2 \3/p"
}

median()
{
	awk -v mode="$1" -v column="$2" '$1 == mode { print $column }' /out/audio.txt |
		sort -n | awk '{ n[NR] = $1 } END { print n[int((NR + 1) / 2)] }'
}

taskset -cp 1 $$ >/dev/null
host_load || exit
for ((round = 1; round <= rounds; round++)); do
	audio alone
	hogs=()
	for _ in 1 2 3 4; do
		hog --cpu 0 >/dev/null &
		hogs+=($!)
	done
	audio hogs
	audio pvsched --pvsched
	kill "${hogs[@]}"
	wait "${hogs[@]}"
done >/out/audio.txt
for mode in alone hogs pvsched; do
	echo "$mode: missed $(median $mode 2) of $((seconds * 100)), late us: avg $(median $mode 3), 99% $(median $mode 4)"
done
wait_until 10 host_unload
