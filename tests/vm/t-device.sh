#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 timeout=240
# lab-full: host=6.1 timeout=240
# lab-full: host=7.3 timeout=240
#
# t-device.sh - the guest's driver and a device that lies
#
# No guest: the driver runs on the host machine itself, with a device in the same
# kernel (modules/fake_device.c).

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"

MODULES=$SRC/build/modules/$LAB_HOST_SERIES
CPU=/sys/devices/system/cpu/cpu0/pvsched

# with LIE REGEX: the driver's message, and the machine goes on
with()
{
	local since

	since=$(dmesg | wc -l)
	insmod "$MODULES/tests/vm/modules/fake_device.ko" lie="$1" || return
	wait_until 25 said "$since" "$2" || {
		dmesg | tail -n "+$((since + 1))" | tail -n 5
		return 1
	}
}

said()
{
	dmesg | tail -n "+$(($1 + 1))" | grep -qE "$2"
}

without()
{
	rmmod fake_device
}

# Something urgent runs and sleeps, on both CPUs.
urgent_work()
{
	cyclictest -q -m -p 50 -t 2 -a -i 1000 -D 1 >/dev/null
}

# features: accepted by the driver
features()
{
	local bits i found=

	bits=$(cat /sys/devices/pvsched-fake/virtio*/features)
	for ((i = 0; i < ${#bits}; i++)); do
		[ "${bits:i:1}" = 0 ] || found+=" $i"
	done
	echo "${found# }"
}

# sections_shown: by how many vCPUs, as far as the device was asked
sections_shown()
{
	cat /sys/module/fake_device/parameters/shown
}

check "driver loads, with no device" insmod "$MODULES/guest/virtio_pvsched.ko" sections=1

check "an honest device, without features" with "" "protocol urgency:1, 2 vCPUs registered"
check "the CPUs are shown" test -e $CPU/running
check "work goes on" urgent_work
check_equal "features of an older device" "32" "$(features)"
check_equal "it is not asked for what it cannot do" 0 "$(sections_shown)"
check "nobody rings without a boost" \
	test "$(cat /sys/module/fake_device/parameters/doorbells)" = 0
check "it goes" without
check "nothing is shown any more" test ! -e $CPU

check "a newer device" with newer "protocol urgency:1, 2 vCPUs registered"
check_equal "of its features, those that are known" "0 32" "$(features)"
check_equal "they are used" 2 "$(sections_shown)"
check "work goes on" urgent_work
check "it goes" without

check "not our magic" with magic "not a pvsched device"
check "gone" without
check "not our version" with version "device version 2, this driver knows only 1"
check "gone" without
check "it takes no vCPUs: one is tried" with max "1 vCPUs registered"
check "gone" without
check "no answer" with silent "no answer; going on without boosts"
check "gone" without
check "a short answer" with short "the answer is too short"
check "gone" without
check "an answer longer than there was room" with long "urgency:1|answer|broken|cannot"
check "gone" without
check "an answer to nothing" with id "out of range|going on without boosts"
check "gone" without
check "an error that there is not" with status 'refuses to negotiate: status 4294967295, "\?+"'
check "gone" without
check "a protocol that was not offered" with choice "chose a protocol that this driver does not speak"
check "gone" without

check "nonsense in the pages" with page "2 vCPUs registered"
check_equal "no level that there is not" 0 "$(cat $CPU/granted)"
check_equal "no such capacity" 0 "$(cat $CPU/capacity)"
check_equal "no such share" 0 "$(cat $CPU/taken)"
check "work goes on" urgent_work
check_equal "it is published" 0 "$(cat $CPU/waiter)"
check "gone" without
check "the driver goes" rmmod virtio_pvsched
exit "$T_FAILED"
