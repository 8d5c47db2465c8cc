#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# guest-doorbells.sh - how often a guest rings for its urgent work
#
# usage: guest-doorbells.sh SECONDS
#
# A guest with a CPU hog and a real-time task that wakes 100 times a second, on a
# host CPU first of its own and then shared with a hog. Writes to
# /out/doorbells.tsv: alone or shared, wake-ups, doorbells.

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/../vm/host-lib.sh"

rung()
{
	guest_exec g "cat /sys/bus/virtio/drivers/virtio_pvsched/virtio*/stats/doorbells"
}

measure()
{
	local before wakeups

	before=$(rung)
	wakeups=$(guest_exec g "cyclictest -q -m -p 80 -i 10000 -D $2" |
		sed -n 's/.*C: *\([0-9]*\).*/\1/p')
	printf '%s\t%s\t%s\n' "$1" "$wakeups" "$(($(rung) - before))" >>/out/doorbells.tsv
}

: >/out/doorbells.tsv
taskset -cp 1 $$ >/dev/null
host_load && guest_start g --cpu-affinity 1 || exit
taskset -cp 0 "$(vcpu_tids g)" >/dev/null
guest_bg g hog >/dev/null
guest_load g || exit
sleep 2
measure alone "$1"
hog --cpu 0 >/dev/null & hog=$!
measure shared "$1"
kill $hog
guest_stop g
host_unload
cat /out/doorbells.tsv
