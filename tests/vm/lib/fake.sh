# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# fake.sh - VMs that do not run, for tests of what is told about them
#
# To be sourced after host-lib.sh, by scripts that need it.

FAKE=$SRC/tests/vm/fake-vm.py

# fake_start FD NAME USER VCPUS: its commands go to descriptor FD, 5 to 8. What runs
# for one must not keep the others' open, which end with them.
fake_start()
{
	local name=$2 user=$3 vcpus=$4 pid

	setpriv --reuid "$user" --regid "$user" --clear-groups sleep 1000 5>&- 6>&- 7>&- 8>&- &
	pid=$!
	wait_until 5 grep -q "^Uid:.*$(id -u "$user")" "/proc/$pid/status"
	mkfifo "/run/$name.in"
	"$FAKE" "$name" "$pid" "$vcpus" <"/run/$name.in" >"/run/$name.out" 2>&1 5>&- 6>&- 7>&- 8>&- &
	eval "exec $1>/run/$name.in"
	wait_until 30 grep -q ready "/run/$name.out" || cat "/run/$name.out"
}
