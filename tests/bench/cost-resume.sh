#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# cost-resume.sh - how long an urgent thread does not run when it is preempted
#
# usage: cost-resume.sh SECONDS
#
# On a CPU with two CPU hogs a thread runs until it is preempted, and looks for
# how long it did not run: first an ordinary one, then one that is attached and
# urgent. Writes /out/resume.tsv: plain or attached, microseconds.

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/../vm/host-lib.sh"

taskset -cp 1 $$ >/dev/null
host_load || exit
# Boosts that use up the runtime would make it wait like any other.
pvsched set-cap host runtime=90ms: >/dev/null || exit
hog --cpu 0 >/dev/null & hogs=$!
hog --cpu 0 >/dev/null & hogs+=" $!"
for mode in plain attached; do
	taskset -c 0 "$SRC/build/user/tests/bench/cost" resume "$1" $mode |
		sed "s/^/$mode\t/"
done >/out/resume.tsv
# shellcheck disable=SC2086 # ids
kill $hogs
cut -f1 /out/resume.tsv | uniq -c
wait_until 10 host_unload
