#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 guest=6.12 timeout=480
# lab-full: host=6.1 guest=7.3 timeout=480
# lab-full: host=6.12 guest=6.1 timeout=480
#
# t-guest.sh - the guest's side: what the host tells, and how the driver comes and
# goes
#
# Two vCPUs, one on each of the host's CPUs, and two devices, the second of which
# can be unplugged.

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"

CPUS=/sys/devices/system/cpu
DRIVER=/sys/bus/virtio/drivers/virtio_pvsched

# The command, and the libraries that it needs, for the guest.
command_copy()
{
	local tool lib

	tool=$(command -v pvsched)
	mkdir -p "$1/usr/bin"
	cp "$tool" "$1/usr/bin/"
	ldd "$tool" | grep -o '/[^ :)]*' | while read -r lib; do
		# What was built here is in no directory of the guest's.
		case $lib in
		"$SRC"/*) mkdir -p "$1/usr/lib" && cp -L "$lib" "$1/usr/lib/" ;;
		*) mkdir -p "$1${lib%/*}" && cp -L "$lib" "$1$lib" ;;
		esac
	done
}

# told CPU FILE
told()
{
	guest_exec g "cat $CPUS/cpu$1/pvsched/$2"
}

# told_is CPU FILE OPERATOR VALUE
told_is()
{
	test "$(told "$1" "$2")" "$3" "$4"
}

same_core()
{
	[ "$(told 0 core_id)" = "$(told 1 core_id)" ]
}

# becomes CPU FILE VALUE: seen in the guest, however short
becomes()
{
	guest_exec g "end=\$((\$(date +%s) + 10))
		until [ \$(cat $CPUS/cpu$1/pvsched/$2) $3 $4 ]; do
			[ \$(date +%s) -lt \$end ] || exit 1
		done"
}

placed_on()
{
	guest_exec g "pvsched guest place -- sh -c 'taskset -p \$\$'" | grep -q "mask: $1\$"
}

attached()
{
	pvsched show "${1:-g}" -j | python3 -c '
import json, sys
sys.exit(len([v for v in json.load(sys.stdin)["vm"]["vcpus"]
              if v["state"] in ("running", "preempted", "blocked")]) != 2)'
}

# A VM that has no vCPUs any more, or is not there.
detached()
{
	! pvsched show "$1" -j | grep -q '"state"'
}

nothing_urgent()
{
	! pvsched show g -j | grep -q '"name": *"fifo'
}

# A reset that the driver has not asked for.
reset_behind()
{
	guest_exec g "d=\$(readlink -f /sys/bus/virtio/devices/$1) && echo 1 >\${d%/*}/reset"
}

# told_of_resets: is the driver, by its kernel?
told_of_resets()
{
	[ "$LAB_GUEST_SERIES" = 7.3 ]
}

guest_log()
{
	guest_exec g "dmesg | grep -q '$1'"
}

taskset -cp 1 $$ >/dev/null
check "host module loads" host_load
G_NAME=second G_CPUS=1 G_USER='' G_VHOST=''
check "a second back end starts" guest_vhost_start
command_copy /tmp/extra
check "guest boots" guest_start g --vcpus 2 --cpu-affinity 1 --extra /tmp/extra \
	--append "irqaffinity=0 nowatchdog panic=0" \
	--qemu "-device pcie-root-port,id=rp1 -chardev socket,id=c2,path=/run/pvsched/second.sock -device vhost-user-test-device-pci,bus=rp1,id=second,chardev=c2,virtio-id=21,num_vqs=2,vq_size=64,config_size=64"
{ read -r tid0; read -r tid1; } < <(vcpu_tids g)
check_fails_with "no driver, nothing to show" "no vCPU is registered" \
	guest_exec g "pvsched guest"
check "driver loads" guest_load g
check "a second device is refused" guest_log "another pvsched device is in use"
check "the first one works" wait_until 20 attached
taskset -cp 0 "$tid1" >/dev/null

# What the host tells
guest_bg g "taskset 1 hog" >/dev/null
other=$(guest_bg g "exec taskset 2 hog")
hog --cpu 0 >/dev/null & hog=$!
check "a CPU as big as any" wait_until 10 told_is 1 capacity = 1024
check "others take much of its time" wait_until 30 told_is 1 taken -gt 200
check "the other vCPU is the better place" wait_until 20 placed_on 1
check "ids of core and cache" told_is 0 core_id -gt 0
check "two cores" wait_until 5 eval '! same_core'
check "a cache" told_is 0 cache_id -gt 0
taskset -cp 1 "$tid1" >/dev/null
check "one core, when they share it" \
	wait_until 10 same_core
guest_exec g "chrt -f -p 20 $other"
taskset -cp 0 "$tid1" >/dev/null
check "told that it is boosted" becomes 1 boosted = 1
check "and to what" becomes 1 granted = 52
check "told that it is throttled" becomes 1 throttled = 1
check "and for how long" becomes 1 throttled_us -gt 0
# The hog does not have all of its CPU: the guest's kernel keeps some for ordinary tasks.
guest_tells_all()
{
	guest_exec g "pvsched guest -j" >/tmp/guest.json || return
	python3 - <<-'END'
	import json
	vcpus = json.load(open("/tmp/guest.json"))["vcpus"]
	assert [v["vcpu"] for v in vcpus] == [0, 1], vcpus
	assert vcpus[1]["running"]["name"] == "fifo 20", vcpus
	assert vcpus[0]["capacity"] == 1024, vcpus
	END
}
check "pvsched guest -j" wait_until 10 guest_tells_all
check "pvsched guest" wait_until 10 guest_exec g "pvsched guest | grep -q 'fifo 20'"
check_fails_with "a command that is not there" "No such file" \
	guest_exec g "pvsched guest place -- /nonexistent"
check_fails_with "no command" "place takes a command" guest_exec g "pvsched guest place"
guest_exec g "chrt -o -p 0 $other"

# Comes and goes, with work going on
guest_bg g "cyclictest -q -m -p 40 -t 2 -a -i 5000 -D 60" >/dev/null
comes_and_goes()
{
	# Waiting for RCU takes seconds each time in a guest that is so busy.
	local GUEST_EXEC_TIMEOUT=150

	guest_exec g "for i in 1 2 3; do
		rmmod virtio_pvsched && insmod /lab/virtio_pvsched.ko || exit; done"
}
# The port of the agent does not survive that on 7.3, of any guest: it goes before, and
# another agent comes after.
suspends_and_resumes()
{
	local G_NAME=g

	guest_bg g "sleep 3
		cd /sys/bus/virtio/drivers/virtio_console
		port=\$(echo virtio*)
		echo \$port >unbind
		echo devices >/sys/power/pm_test && echo mem >/sys/power/state
		echo \$? >/tmp/resumed
		echo \$port >bind
		until test -c /dev/vport*p1; do sleep 0.1; done
		exec setsid /sbin/agent /dev/vport*p1" >/dev/null
	guest_wait_ready && guest_exec g "grep -qx 0 /tmp/resumed"
}
check "the driver comes and goes under load" comes_and_goes
check "the threads are found" wait_until 20 attached
check "CPU 1 goes and comes" guest_exec g "for i in 1 2 3 4 5; do
	echo 0 >$CPUS/cpu1/online && echo 1 >$CPUS/cpu1/online || exit; done"
check "and is known again" wait_until 20 attached
check "suspended and resumed" suspends_and_resumes
check "and at work again" wait_until 20 attached
check "told again" wait_until 10 told_is 1 capacity = 1024

first=$(guest_exec g "basename $DRIVER/virtio*")
guest_exec g "echo $first >$DRIVER/unbind"
check "unbound: no vCPUs" wait_until 5 detached g
check "and no boosts" expect_sched "$tid1" other 0 0
guest_exec g "for d in /sys/bus/virtio/devices/*; do
	[ -e \$d/driver ] || [ \${d##*/} = $first ] || echo \${d##*/} >$DRIVER/bind
	done"
check "the second device has its turn" wait_until 20 attached second
second=$(guest_exec g "basename $DRIVER/virtio*")
other=$(guest_bg g "exec taskset 2 chrt -f 20 hog")
check "it has a vCPU boosted" wait_until 20 stat_above second/1 stats.boosts 5
check "it is reset behind its driver" reset_behind "$second"
if told_of_resets; then
	check "reset: the driver begins anew" wait_until 20 attached second
	check "reset: boosts go on" wait_until 20 stat_above second/1 stats.boosts 5
else
	check "reset: no vCPUs" wait_until 20 detached second
fi
guest_exec g "kill $other"
check "reset: nothing is boosted" expect_sched "$tid1" other 0 0
check "reset: work goes on" guest_exec g "taskset 2 chrt -f 20 cyclictest -q -m -p 40 -i 2000 -D 1"
check "reset: the driver can be unbound" guest_exec g "echo $second >$DRIVER/unbind"
told_of_resets ||
	check "reset: it has noticed" guest_log "unregister a vCPU: no answer; going on without boosts"
check "reset: and bound" guest_exec g "echo $second >$DRIVER/bind"
check "reset: and is at work again" wait_until 20 attached second
guest_qmp g '{"execute":"device_del","arguments":{"id":"second"}}' >/dev/null
check "unplugged: no vCPUs" wait_until 20 detached second
check "nothing is boosted" expect_sched "$tid1" other 0 0
guest_exec g "echo $first >$DRIVER/bind"
check "the first device comes back" wait_until 20 attached

# The end: a real-time task panics, and the guest stays there.
guest_expect_panic g
guest_bg g "sleep 1; exec taskset 2 chrt -f 30 sh -c 'echo c >/proc/sysrq-trigger'" >/dev/null
check "the guest has panicked" wait_until 20 grep -q "Kernel panic" /out/guest-g.log
check "nothing is urgent in it" wait_until 20 nothing_urgent
check "nothing is boosted" expect_sched "$tid1" other 0 0
check "neither there" expect_sched "$tid0" other 0 0
kill "$hog"
guest_kill g
guest_vhost_end second
check "host module unloads" wait_until 10 host_unload
exit "$T_FAILED"
