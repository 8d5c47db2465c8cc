# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# show.sh - what an administrator sees while a guest is being boosted
#
# Sourced by latency-host.sh, whose guest it uses.

show()
{
	echo
	echo "# $*"
	pvsched "$@" || exit
}

guest_load g && wait_until 10 is_attached g || exit
hog --cpu 0 --seconds 5 >/dev/null &
guest_bg g "cyclictest -q -m -p 80 -i 10000 -D 5" >/dev/null
sleep 1
show list
show monitor -j -n 10
guest_unload g
