#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 timeout=300
#
# shellcheck disable=SC2317 # check calls the functions
#
# t-threads.sh - threads that are no vCPUs: attached by themselves or by others

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"

threads()
{
	taskset -c 0 "$SRC/build/user/tests/threads/threads" "$@"
}

check "module loads" host_load
hog --cpu 0 >/dev/null & hogs=$!
hog --cpu 0 >/dev/null & hogs+=" $!"
check "a thread boosts itself, and lowers itself" threads boost 5
# shellcheck disable=SC2086 # ids
kill $hogs
check "module unloads" wait_until 10 host_unload
exit "$T_FAILED"
