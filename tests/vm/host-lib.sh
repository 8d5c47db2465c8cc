# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# host-lib.sh - what a test script can do on the lab's host machine
#
#   host_load [PARAM...], host_unload         the host module
#   guest_start NAME [OPTION...]              a guest with its back end
#   guest_exec NAME COMMAND...                run in the guest, get output and status
#   guest_bg NAME COMMAND...                  the same in the background
#   guest_load, guest_unload NAME             the guest's driver
#   guest_stop, guest_kill NAME               the end of a guest, clean and not
#   vcpu_tids NAME, sched_of TID, expect_sched TID POLICY NICE PRIO
#   seen_as TID SECONDS "POLICY NICE PRIO", all_ordinary TID...
#   no_vms; stat_of, stat_above, is_attached, guest_urgent, guest_quiet VM...
#   as_user COMMAND...                        not as root
#   mini_start NAME VCPUS, mini, mini_end     a VM without a guest kernel
#   check, check_fails_with, ...              see lib/harness.sh
#
# To be sourced by a script that "lab run" runs. Files: /run/lab/NAME.* and logs
# in /out. LAB_HOST_SERIES and LAB_GUEST_SERIES are the kernels of this run,
# LAB_SLOW is by how much time limits have to be longer than a quiet computer needs.

LAB_LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/vm/lib/harness.sh
. "$LAB_LIB/lib/harness.sh"
# shellcheck source=tests/vm/lib/guest.sh
. "$LAB_LIB/lib/guest.sh"
# shellcheck source=tests/vm/lib/guest-exec.sh
. "$LAB_LIB/lib/guest-exec.sh"
# shellcheck source=tests/vm/lib/sched.sh
. "$LAB_LIB/lib/sched.sh"
# shellcheck source=tests/vm/lib/vcpu.sh
. "$LAB_LIB/lib/vcpu.sh"
# shellcheck source=tests/vm/lib/mini.sh
. "$LAB_LIB/lib/mini.sh"

SRC=$(cd "$LAB_LIB/../.." && pwd -P)
export PATH=$SRC/build/user/tools:$SRC/build/user/daemon:$PATH

host_module()
{
	echo "$SRC/build/modules/$LAB_HOST_SERIES/host/pvsched.ko"
}

host_load()
{
	insmod "$(host_module)" "$@"
}

host_unload()
{
	rmmod pvsched
}

# host_expect_warning FUNCTION: the host's kernel may warn in it, in all of the run.
host_expect_warning()
{
	echo "$1" >/out/host.expect-warning
}

# as_user COMMAND...: as the user vmuser, who may do nothing that others may not
as_user()
{
	setpriv --reuid vmuser --regid vmuser --clear-groups "$@"
}
