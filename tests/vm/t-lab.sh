#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 guest=7.3 timeout=300
# lab-full: host=7.3 guest=6.12 timeout=300
#
# t-lab.sh - the lab itself: both machines boot, commands get through

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"

guest_says()
{
	[ "$(guest_exec "$1" "$2")" = "$3" ]
}

# What does not answer in time is not asked again; this one is.
not_waited_for()
{
	local GUEST_EXEC_TIMEOUT=1 status=0

	guest_exec a "$1" || status=$?
	rm -f /out/stuck
	return $status
}

check "host kernel is $LAB_HOST_SERIES" grep -qxF "$LAB_HOST_RELEASE" /proc/sys/kernel/osrelease
check "KVM is there" test -c /dev/kvm
check "an unprivileged user exists" setpriv --reuid vmuser --regid vmuser --clear-groups true
check "host hog counts" grep -E '^units [1-9]' <(hog --seconds 1)

check "guest boots" guest_start a --no-device --vcpus 2
check "guest kernel is $LAB_GUEST_SERIES" guest_says a "cut -d. -f1,2 /proc/sys/kernel/osrelease" "$LAB_GUEST_SERIES"
check "guest has two CPUs" guest_says a nproc 2
check "guest has two vCPU threads" test "$(vcpu_tids a | wc -l)" -eq 2
check "output comes back" guest_says a "printf 'a  b\\nc'" "a  b
c"
check_fails_with "status comes back" "^oops$" guest_exec a "echo oops; false"
guest_exec a "exit 7"
check_equal "status is exact" 7 $?
check "standard error comes back" guest_says a "echo x >&2" x
check "long output comes back" test "$(guest_exec a "seq 2000" | sha1sum)" = "$(seq 2000 | sha1sum)"
check_fails_with "a slow command times out" "no answer" not_waited_for "sleep 3; echo late"
check "the next one is not confused by it" guest_says a "echo next" next
check "guest hog counts" grep -E '^units [1-9]' <(guest_exec a "hog --cpu 1 --seconds 1")
check "background command runs" grep -E '^[0-9]+$' <(guest_bg a "sleep 0.2; touch /tmp/done")
check "background command is done" wait_until 5 guest_exec a "test -f /tmp/done"
check "cyclictest runs" grep -E 'T: 0.*C: *[0-9]+' <(guest_exec a "cyclictest -q -D 1 -i 10000 -p 80")

tid=$(vcpu_tids a | head -n 1)
check "vCPU thread starts as other 0 0" expect_sched "$tid" other 0 0
chrt -f -p 5 "$tid"
check "a change of class is seen" expect_sched "$tid" fifo 0 5
chrt -o -p 0 "$tid"
renice -n -3 -p "$tid" >/dev/null
check "a change of nice is seen" expect_sched "$tid" other -3 0
check_fails_with "a wrong class is told" "expected 'rr 0 1'" expect_sched "$tid" rr 0 1

pid=$(guest_pid a)
check "guest stops" guest_stop a
check "its process is gone" test ! -d "/proc/$pid"

# For ten seconds of a quiet computer, one is silent
GUEST_BOOT_TIMEOUT=$((30 * LAB_SLOW))
wait_until 10 test -s "$LAB_RUN/b.qemu.pid" && kill -STOP "$(guest_pid b)" &
guest_start b --no-device 2>/run/said
check "one that falls silent while it boots is started once more" grep "^guest b is started once more: silent" /run/said
check "and runs commands" guest_says b "echo here" here
guest_stop b

exit "$T_FAILED"
