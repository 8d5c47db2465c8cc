#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# several.sh - scripts one after the other on one host machine, for run-all
#
# usage: several.sh NAME...		(tests/vm/NAME.sh)
#
# Each one's output begins with the line "script NAME" and ends with "status
# NAME STATUS". It has to leave the machine as it was: without the host module.

# Processes that have the device open.
users()
{
	find /proc/[0-9]*/fd -lname /dev/pvsched 2>/dev/null | cut -d/ -f3 | sort -u | paste -sd' '
}

# The next script has to find the machine as this one did.
free_machine()
{
	# shellcheck disable=SC2046 # words
	kill -KILL $(users)
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		! rmmod pvsched || return
		sleep 0.5
	done
}

failed=0
for name; do
	echo "script $name"
	"$(dirname "$0")/$name.sh"
	status=$?
	if [ -d /sys/module/pvsched ] && ! rmmod pvsched; then
		echo "not ok - leaves nothing behind: pvsched is still in use by $(users)"
		free_machine
		status=1
	fi
	echo "status $name $status"
	[ $status -eq 0 ] || failed=1
done
exit $failed
