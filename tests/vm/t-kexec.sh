#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 guest=6.12 timeout=600
# lab-full: host=6.1 guest=6.1 timeout=600
# lab-full: host=7.3 guest=7.3 timeout=600
#
# t-kexec.sh - a guest that starts another kernel by itself
#
# First by kexec, then, from that kernel, by a crash; both while the second vCPU
# is being boosted. What the old kernel has published is in memory that the new one
# does not know of.

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"

# These kernels are compressed, and are checked before they are started.
GUEST_BOOT_TIMEOUT=$((400 * LAB_SLOW))
FIRST=$SRC/build/lab/boot/guest-$LAB_GUEST_SERIES.cpio

pack()
{
	(cd "$1" && find . -mindepth 1 | cpio --quiet -o -H newc -R 0:0)
}

# The files of the kernels to come, in a directory for the first guest; the second
# one has the third's.
next_files()
{
	local dir=$1

	mkdir -p "$dir/lab" "$dir/next"
	cp "$SRC/build/modules/$LAB_GUEST_SERIES/guest/virtio_pvsched.ko" "$dir/lab/"
	{ cat "$FIRST"; pack "$dir"; } >/tmp/third
	cp /boot/vmlinuz-"$LAB_GUEST_SERIES".* "$dir/next/kernel"
	mv /tmp/third "$dir/next/initramfs"
	{ cat "$FIRST"; pack "$dir"; } >/tmp/second
	mv /tmp/second "$dir/next/initramfs"
}

# next_kernel now|crash ARGUMENTS: these for its kernel
next_kernel()
{
	echo "next-kernel $1 /next/kernel /next/initramfs" \
		"'console=ttyS0 panic=-1 loglevel=5 rdinit=/init nowatchdog $2'"
}

# next_is_up TEXT: its agent runs commands, and its arguments have the text. A guest that
# falls silent before it gets there was damaged, as in guest_start; but this one cannot be
# started once more by itself.
next_is_up()
{
	local G_NAME=g G_PATIENCE=$((180 * LAB_SLOW)) G_SILENT=''

	guest_wait_ready && guest_exec g "grep -q $1 /proc/cmdline" && return
	[ -z "$G_SILENT" ] || echo g >>/out/ended
	return 1
}

# The host knows so many vCPUs, and the threads of all of them. None may also be no VM.
known()
{
	local states

	states=$(pvsched show g -j | grep '"state"')
	[ "$(grep -c state <<<"$states")" = "$1" ] && ! grep -q pending <<<"$states"
}

nothing_urgent()
{
	! pvsched show g -j | grep -q '"name": *"fifo'
}

# The old kernel's pages are there, and say that nothing is urgent.
silent()
{
	known 2 && nothing_urgent
}

# urgent N CPU: something urgent runs on the guest's CPU, and the host boosts the Nth
# vCPU that it knows.
urgent()
{
	local before

	before=$(stat_of "g/$1" stats.boosts)
	guest_bg g "exec taskset -c $2 chrt -f 30 hog" >/dev/null
	wait_until 20 stat_above "g/$1" stats.boosts "$((before + 5))"
}

both_ordinary()
{
	expect_sched "$tid0" other 0 0 && expect_sched "$tid1" other 0 0
}

taskset -cp 1 $$ >/dev/null
check "host module loads" host_load
next_files /tmp/files
check "guest boots" guest_start g --vcpus 2 --mem 640 --cpu-affinity 1 \
	--extra /tmp/files --append nowatchdog
{ read -r tid0; read -r tid1; } < <(vcpu_tids g)
taskset -cp 0 "$tid1" >/dev/null
hog --cpu 0 >/dev/null & hog=$!

check "driver loads" guest_load g
check "both threads are found" wait_until 20 known 2
check "the second one is boosted" urgent 1 1
guest_bg g "usleep 300000; $(next_kernel now "second crashkernel=192M")" >/dev/null
check "kexec: the host has no vCPU left" wait_until 120 known 0
check "kexec: both threads are as before" both_ordinary
check "kexec: the other kernel comes up" next_is_up second
check "kexec: and they still are" both_ordinary
check "kexec: a CPU goes" guest_exec g "echo 0 >/sys/devices/system/cpu/cpu1/online"
check "kexec: its driver loads" guest_load g
check "kexec: one thread is found" wait_until 20 known 1
check "kexec: the CPU comes" guest_exec g "echo 1 >/sys/devices/system/cpu/cpu1/online"
check "kexec: both threads are found" wait_until 20 known 2
check "kexec: the second one is boosted again" urgent 1 1

check "crash: a kernel is there for it" \
	guest_exec g "$(next_kernel crash "third nr_cpus=1 reset_devices")"
guest_expect_panic g
# More urgent than what runs there, before it gets there.
guest_bg g "sleep 1; exec chrt -f 40 taskset -c 1 sh -c 'echo c >/proc/sysrq-trigger'" >/dev/null
check "crash: nothing is urgent, before any driver has come" wait_until 60 silent
check "crash: both threads are as before" both_ordinary
# The other kernel starts on this CPU.
kill -STOP "$hog"
check "crash: the other kernel comes up" next_is_up third
check "crash: the host has no vCPU left" wait_until 30 known 0
check "crash: its driver loads" guest_load g
check "crash: one thread is found" wait_until 20 known 1
kill -CONT "$hog"
check_equal "crash: it is the second one's" "$tid1" "$(stat_of g tid)"
check "crash: it is boosted again" urgent 0 0
kill "$hog"
check "guest stops" guest_stop g
check "back end and host module go" wait_until 10 host_unload
exit "$T_FAILED"
