#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# cost-insn.sh - instructions, on a lab machine that counts them (--icount)
#
# Writes name and value to /out/cost.tsv. Each is the difference of two
# measurements of the same round: with the module and without it.

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/../vm/host-lib.sh"

cost()
{
	"$SRC/build/user/tests/bench/cost" "$@"
}

# The least of several: a run that sleeps costs one of two values, 24 apart, throughout.
cost_switch()
{
	for _ in 1 2 3 4 5; do
		cost switch "$@"
	done | sort -n | head -n 1
}

measure_all()
{
	local kind

	for kind in yield sleep; do
		echo "$1 $kind $(cost_switch $kind plain)"
	done
	echo "$1 kick $(cost kick)"
}

modprobe -a kvm-amd || exit
measure_all without >/out/measured
host_load || exit
# A VM and a thread of others: probes are set, and the tables are not empty.
sleep 1000 & sleeper=$!
mkfifo /run/others
"$SRC/tests/vm/fake-vm.py" others $sleeper 1 </run/others >/run/others.out &
exec 5>/run/others
wait_until 60 grep -q ready /run/others.out || exit
measure_all others >>/out/measured
exec 5>&-
wait $!
for kind in yield sleep; do
	echo "attached $kind $(cost_switch $kind attached)"
done >>/out/measured
kill $sleeper
wait_until 60 host_unload || exit
cat /out/measured
awk '
	{ n[$1, $2] = $3 }
	END {
		for (kind in n) {
			split(kind, key, SUBSEP)
			if (key[1] != "without")
				print key[1] "_" key[2], n[kind] - n["without", key[2]]
		}
	}' /out/measured >/out/cost.tsv
cat /out/cost.tsv
