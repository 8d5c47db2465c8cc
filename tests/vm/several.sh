#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# several.sh - scripts one after the other on one host machine, for run-all
#
# usage: several.sh NAME...		(tests/vm/NAME.sh)
#
# Each one's output begins with the line "script NAME" and ends with "status
# NAME STATUS". It has to leave the machine as it was: without the host module.

failed=0
for name; do
	echo "script $name"
	"$(dirname "$0")/$name.sh"
	status=$?
	if [ -d /sys/module/pvsched ] && ! rmmod pvsched; then
		echo "not ok - leaves nothing behind: pvsched is still in use"
		status=1
	fi
	echo "status $name $status"
	[ $status -eq 0 ] || failed=1
done
exit $failed
