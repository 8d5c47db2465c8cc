#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# packages-libvirt.sh - what docs/virtualisation.md says about libvirt, on a host
# machine with the packages of pvsched and libvirt; tests/packages runs it
#
# The machine has been started by systemd, with all units that packages enable. The
# domain, the commands and the hook are those of the document.

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"
# shellcheck source=tests/vm/lib/packages.sh
. "$(dirname "$0")/lib/packages.sh"

export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
REPO=$SRC
VM=web-1
HOOK=/etc/libvirt/hooks/qemu.d/pvsched

# document HEADING N: a block of it
document()
{
	readme_block "$1" "$2" docs/virtualisation.md
}

# What the document leaves to the reader: a disk for him, for the lab a kernel and
# a port for its agent.
domain_xml()
{
	local f=$LAB_RUN/$VM

	cat >/run/os.xml <<-END
		<kernel>$SRC/build/lab/boot/vmlinux-$LAB_GUEST_SERIES</kernel>
		<initrd>$f.initrd</initrd>
		<cmdline>console=ttyS0 panic=-1 loglevel=5 rdinit=/init</cmdline>
	END
	cat >/run/devices.xml <<-END
		<serial type='file'><source path='/out/guest-$VM.log'/></serial>
		<channel type='pipe'>
		<source path='$f.agent'/><target type='virtio' name='agent'/>
		</channel>
	END
	document cputune 1 >/run/cputune.xml &&
	document libvirt 1 | sed -e '/<type arch=/r /run/os.xml' -e '/<\/os>/r /run/cputune.xml' \
		-e '/^ *\.\.\.$/r /run/devices.xml' -e '/^ *\.\.\.$/d' >/out/domain.xml &&
	virsh define /out/domain.xml
}

# For guest_start: libvirt makes the command line, and knows the process.
guest_vhost_start() { :; }
guest_qemu_args() { qemu=(); }
guest_spawn()
{
	virsh start "$VM" >&2
	ln -s "/run/libvirt/qemu/$VM.pid" "$LAB_RUN/$VM.qemu.pid"
}

# The file of the CPU controller, of the group of a thread and those above it.
cgroup_files()
{
	local dir

	dir=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$1/cgroup")
	while [ "$dir" != /sys/fs/cgroup ]; do
		grep -H . "$dir"/cpu.{weight,max}
		dir=${dir%/*}
	done
}

# All that <cputune> has set for a vCPU.
tuned()
{
	sched_of "$1"
	taskset -cp "$1"
	cgroup_files "$1"
}

cgroup_of()
{
	cgroup_files "$1" | sed -n 's/\/cpu.max:.*//p' | head -n 1
}

throttled_by_quota()
{
	sed -n 's/^nr_throttled //p' "$(cgroup_of "$tid")/cpu.stat"
}

# percent_of TID SECONDS: of a CPU, that it gets in that time
percent_of()
{
	local ran_before ran now=${EPOCHREALTIME/./} _

	read -r ran_before _ <"/proc/$1/schedstat"
	sleep "$2"
	read -r ran _ <"/proc/$1/schedstat"
	echo $(((ran - ran_before) / 10 / (${EPOCHREALTIME/./} - now)))
}

# knows VM FIELD VALUE: pvschedd does
knows()
{
	pvsched daemon status -j | python3 -c '
import json, sys
vm, field, value = sys.argv[1:]
vms = json.load(sys.stdin)["vms"]
print(vms)
sys.exit([v[field] for v in vms if v["name"] == vm] != [value])' "$@"
}

not_active()
{
	! systemctl is-active --quiet "$1"
}

# starts_backend VM: its device is connected, the guest is of no interest
starts_backend()
{
	virsh start "$1" && wait_until 30 sh -c "pvsched list | grep '^$1 '"
}

mkdir -p "$LAB_RUN"
check "the machine's units are up" wait_until 120 systemctl is-active --quiet multi-user.target
check "libvirt runs" wait_until 120 virsh version
check "AppArmor confines libvirt" grep -q '^libvirtd (enforce)' /sys/kernel/security/apparmor/profiles
check "the module was loaded at boot" grep -q '^pvsched ' /proc/modules
check "the document's command: the socket" eval "$(document libvirt 2)"
check "the document's domain is defined" domain_xml
check "the guest's package has its module" guest_files
check "the domain starts, its guest boots" guest_start $VM --extra /run/guest-files
check "AppArmor confines it, too" grep -q "^libvirt-.* (enforce)" "/proc/$(guest_pid $VM)/attr/current"
mapfile -t tids < <(vcpu_tids $VM)
tid=${tids[0]}
before=$(tuned "$tid")
before_rr=$(tuned "${tids[1]}")
printf '%s\n' "$before" "$before_rr" >/out/tuned.txt
check "<vcpupin>, <quota>: they are in force" grep -q "/vcpu0/cpu.max:80000 100000" <<<"$before"
check "<vcpusched>: it is in force" expect_sched "${tids[1]}" rr 0 1
check "the guest's driver loads" guest_exec $VM modprobe virtio_pvsched
check "vCPU 0 is attached" wait_until 30 is_attached $VM/0
check "vCPU 1 is attached" wait_until 30 is_attached $VM/1
check "pvschedd knows the domain's name, with no hook" wait_until 30 knows $VM known_as $VM
check "its UUID" knows $VM uuid "$(virsh domuuid $VM | tr -d '\n')"
check "its owner" knows $VM owner libvirt-qemu

hog --cpu 1 >/dev/null & hog=$!
guest_bg $VM "chrt -f 20 hog --cpu 0 --seconds 6" >/dev/null
check "urgent work is boosted" seen_as "$tid" 60 "fifo 0 10"
guest_quiet $VM
check "then it has its own class again" expect_sched "$tid" other 0 0
check_equal "and all that <cputune> says" "$before" "$(tuned "$tid")"
guest_bg $VM "chrt -f 20 hog --cpu 1 --seconds 6" >/dev/null
check "the vCPU with <vcpusched> is boosted above it" seen_as "${tids[1]}" 60 "fifo 0 10"
guest_quiet $VM
check "then it has its own class again" expect_sched "${tids[1]}" rr 0 1
check_equal "and all that <cputune> says" "$before_rr" "$(tuned "${tids[1]}")"
kill $hog

check "<quota> can be changed" virsh schedinfo $VM --live --set vcpu_quota=20000
before=$(tuned "$tid")
check "it is in force at once" grep -q "/vcpu0/cpu.max:20000 100000" <<<"$before"
before_rr=$(tuned "${tids[1]}")
throttled=$(throttled_by_quota)
guest_bg $VM "hog --cpu 0 --seconds 10" >/dev/null
plain=$(percent_of "$tid" 8)
check "<quota> binds what is not urgent" test "$(throttled_by_quota)" -gt "$throttled"
guest_quiet $VM
guest_bg $VM "chrt -f 20 hog --cpu 0 --seconds 10" >/dev/null
boosted=$(percent_of "$tid" 8)
guest_quiet $VM
check "a boost is outside of it" test "$boosted" -gt $((plain + 5))
command=$(document cputune 2)
check "the document's command: $command" eval "$command"
throttles=$(stat_of $VM stats.throttles)
guest_bg $VM "chrt -f 20 hog --cpu 0 --seconds 10" >/dev/null
capped=$(percent_of "$tid" 8)
guest_quiet $VM
check "the cap binds" stat_above $VM stats.throttles "$throttles"
check "and bounds the boosts" test "$capped" -lt "$boosted"
echo "percent of a CPU: quota $plain, boosted $boosted, with a cap $capped" | tee /out/shares.txt
check_equal "after all that, what libvirt has set is in force" "$before" "$(tuned "$tid")"

check "virsh suspend" virsh suspend $VM
check "virsh resume" virsh resume $VM
check "vCPU 0 is attached again" wait_until 30 is_attached $VM/0
check_fails_with "it cannot be saved" "migrat" virsh managedsave $VM
check "and runs on" guest_exec $VM true
check "the guest's driver is unloaded" guest_exec $VM rmmod virtio_pvsched
check "detached, vCPU 0 has what libvirt has set" test "$(tuned "$tid")" = "$before"
check "and vCPU 1" test "$(tuned "${tids[1]}")" = "$before_rr"
check "the driver is loaded again" guest_exec $VM modprobe virtio_pvsched
check "virsh destroy" virsh destroy $VM
check "no VM is left" wait_until 30 no_vms
check "nor a process" test ! -e "/proc/$tid"

check "the socket is given up" systemctl disable --now pvsched-vhost@$VM.socket
check "and the back end" systemctl stop pvsched-vhost@$VM.service
check "the document's rule for AppArmor" eval "$(document libvirt 3)"
mkdir -p "${HOOK%/*}"
check "the document's hook" install -m 755 <(document "As domains come and go" 1) $HOOK
check "libvirt is restarted" systemctl restart libvirtd.service
check "the hook starts the back end" starts_backend $VM
check "virsh destroy, with the hook" virsh destroy $VM
check "it stops the back end" wait_until 30 not_active pvsched-vhost@$VM.service
check "and the socket" wait_until 30 not_active pvsched-vhost@$VM.socket
check "no VM is left" wait_until 30 no_vms
check "no unit has failed" sh -c '! systemctl --failed --plain --no-legend | grep -E "pvsched|libvirt"'
check "no warning in the journal" sh -c '! journalctl -q -p warning -t pvschedd -t pvsched-vhost | grep .'
journalctl -q >/out/journal.txt
