#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 guest=6.12 timeout=480
# lab-full: host=7.3 guest=6.1 timeout=480
#
# t-survive.sh - whatever dies under load, every thread is as it was before
#
# In each case the vCPU thread starts with a scheduling that is not the
# default, and is being boosted when it happens.

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"

BASELINE="batch 4 0"

# As the host has it, of the VM of the guest.
vm_pid()
{
	pvsched show g -j | python3 -c 'import json, sys; print(json.load(sys.stdin)["vm"]["pid"])'
}

# A guest whose vCPU is boosted again and again.
load_start()
{
	check "$1: guest boots" guest_start g --cpu-affinity 1
	tid=$(vcpu_tids g)
	taskset -cp 0 "$tid" >/dev/null
	chrt -b -p 0 "$tid"
	renice -n 4 -p "$tid" >/dev/null
	check "$1: driver loads" guest_load g
	check_equal "$1: the VM is the process that connected" "$(guest_pid g)" "$(vm_pid)"
	guest_bg g hog >/dev/null
	guest_bg g "cyclictest -q -m -p 80 -i 2000" >/dev/null
	check "$1: it is being boosted" wait_until 20 stat_above g stats.boosts 20
}

as_before()
{
	# shellcheck disable=SC2086 # words
	check "$1: the thread is as it was" expect_sched "$tid" $BASELINE
	sleep 1
	check_equal "$1: and stays so" "$BASELINE" "$(sched_of "$tid")"
}

back_end_killed()
{
	load_start "back end killed"
	kill -KILL "$(guest_pid g vhost)"
	as_before "back end killed"
	check "back end killed: the host has no VM left" wait_until 5 no_vms
	check "back end killed: the guest goes on" guest_exec g true
	check "back end killed: its driver still unloads" guest_unload g
	guest_kill g
}

vmm_killed()
{
	local threads

	load_start "VMM killed"
	guest_kill g
	check "VMM killed: the host has no VM left" wait_until 5 no_vms
	# shellcheck disable=SC2009 # all threads are wanted
	threads=$(ps -eLo cls,rtprio,comm | grep -c 'CPU .*/KVM') || true
	check_equal "VMM killed: no thread is left" 0 "$threads"
}

guest_panics()
{
	load_start "guest panics"
	guest_expect_panic g
	guest_bg g "sleep 0.5; echo c >/proc/sysrq-trigger" >/dev/null
	check "guest panics: it is gone" wait_until 20 guest_gone g
	check "guest panics: the host has no VM left" wait_until 5 no_vms
	guest_kill g
}

driver_reloaded()
{
	local i

	load_start "driver reloaded"
	for i in 1 2 3 4 5; do
		check "driver reloaded: unloads under load, $i" guest_unload g
		# shellcheck disable=SC2086 # words
		check "driver reloaded: as it was, $i" expect_sched "$tid" $BASELINE
		check "driver reloaded: loads, $i" guest_load g
		check "driver reloaded: boosted again, $i" wait_until 20 stat_above g stats.boosts 20
	done
	check_fails_with "driver reloaded: the host module stays while in use" \
		"in use" host_unload
	check "driver reloaded: guest stops" guest_stop g
}

unknown_protocol()
{
	check "unknown protocol: guest boots" guest_start g
	tid=$(vcpu_tids g)
	guest_load g protocol=telepathy:7 >/dev/null 2>&1
	check "unknown protocol: the guest says why" \
		guest_exec g "dmesg | grep -i 'no protocol of: telepathy/7'"
	check "unknown protocol: so does the back end" \
		grep 'no protocol of: telepathy/7' /out/vhost-g.log
	check_equal "unknown protocol: nothing is attached" 0 \
		"$(pvsched list -j | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["vms"][0]["vcpus"]))')"
	check "unknown protocol: the guest goes on" guest_exec g true
	guest_exec g "rmmod virtio_pvsched" >/dev/null 2>&1
	check "unknown protocol: with a known one it works" guest_load g
	check "unknown protocol: guest stops" guest_stop g
}

check "host module loads" host_load
back_end_killed
vmm_killed
guest_panics
driver_reloaded
unknown_protocol
check "hostile front ends, beside the real host" \
	"$SRC/tests/unit/test_vhost_frontend.py" "$SRC/build/user/daemon/pvsched-vhost"
check "the host has no VM left" wait_until 5 no_vms
check "host module unloads" wait_until 10 host_unload
check "and loads again" host_load
check "and unloads again" host_unload
exit "$T_FAILED"
