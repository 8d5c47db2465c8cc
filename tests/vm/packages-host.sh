#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# packages-host.sh - README's commands, word for word, on a host machine that has
# nothing of pvsched but its packages; tests/packages runs it
#
# The machine has been started by systemd, with all units that packages enable.

# shellcheck disable=SC2054 # the commas are QEMU's
# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"
# shellcheck source=tests/vm/lib/packages.sh
. "$(dirname "$0")/lib/packages.sh"

export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
REPO=$SRC
VM=web-1

# The processor of the lab's host machine is AMD's.
readme_lines()
{
	readme_block "Start it" "$1" | grep -v '# Intel'
}

# What README leaves to the reader is "...": the disk that tests/packages made, with the
# kernel that is on it. Nothing is written to it.
guest_vhost_start() { :; }
guest_initrd() { :; }
guest_qemu_args()
{
	local f=$LAB_RUN/$G_NAME image=$SRC/build/packages/guest command

	command=$(readme_lines 2 | sed 's/\\$//; s/^ *\.\.\.$//' | tr '\n' ' ')
	read -ra qemu <<<"env TMPDIR=/run $command"
	qemu+=(-name "$G_NAME,debug-threads=on" -cpu host -nodefaults -display none -no-reboot
		-smp "$G_VCPUS" -kernel "$image.vmlinuz" -initrd "$image.initrd"
		-append "console=ttyS0 panic=-1 loglevel=5 root=LABEL=guest rw"
		-drive "file=$image.img,format=raw,if=virtio,snapshot=on,file.locking=off"
		-chardev "socket,id=con,path=$f.console,server=on,wait=off,logfile=/out/guest-$G_NAME.log"
		-serial chardev:con
		-device virtio-serial-pci
		-chardev "pipe,id=agent,path=$f.agent" -device virtserialport,chardev=agent
		-qmp "unix:$f.qmp,server=on,wait=off")
}

from_package()
{
	dpkg -S "$(command -v "$1")" | grep "^$2:"
}

doctor_green()
{
	pvsched doctor >/out/doctor.txt
	local status=$?

	cat /out/doctor.txt
	[ $status -eq 0 ] && ! grep -E '^(BAD|note)' /out/doctor.txt
}

mkdir -p "$LAB_RUN"
check "the machine's units are up" wait_until 60 systemctl is-active --quiet multi-user.target
check "no unit has failed" sh -c '! systemctl --failed --plain --no-legend | grep pvsched'
check "the command is the package's" from_package pvsched pvsched-tools
check "the module was loaded at boot" grep -q '^pvsched ' /proc/modules
check "it is the one that DKMS built" grep -q /updates/dkms/ <(modinfo -F filename pvsched)
check_equal "its device has its group" "pvsched 660" "$(stat -c '%G %a' /dev/pvsched)"
check "the daemon runs" systemctl is-active --quiet pvschedd.service

while read -r line; do
	check "README: ${line%%  *}" eval "$line"
done < <(readme_lines 1)
pvsched monitor -j >/run/events 2>/out/events.err & monitor=$!
GUEST_BOOT_TIMEOUT=600
check "README: qemu-system-x86_64" guest_start $VM --cpu-affinity 1
tid=$(vcpu_tids $VM)
check "the back end was started by its socket" systemctl is-active --quiet "pvsched-vhost@$VM.service"
check "guest: its driver is loaded at boot" \
	wait_until 60 guest_exec $VM "grep -q '^virtio_pvsched ' /proc/modules"
check "guest: it is the one that DKMS built" \
	guest_exec $VM "/usr/sbin/modinfo -F filename virtio_pvsched | grep /updates/dkms/"
line=$(readme_lines 3)
check "README, guest: $line" guest_exec $VM "$line"
check "guest: no unit has failed" guest_exec $VM "! systemctl --failed --plain --no-legend | grep ."
check "guest: pvsched guest shows its CPU" guest_exec $VM "pvsched guest -j | grep '\"vcpu\"'"
check "the vCPU is attached" wait_until 30 is_attached $VM
while read -r line; do
	check "README: $line" eval "$line"
done < <(readme_lines 4)
check "pvsched list has it" grep -q "^$VM " <(pvsched list)
check "doctor is all green" doctor_green

taskset -cp 0 "$tid" >/dev/null
hog --cpu 0 >/dev/null & hog=$!
guest_urgent $VM 5 20
check "urgent work in the guest is boosted" seen_as "$tid" 60 "fifo 0 10"
guest_quiet $VM
check "a cap is set" pvsched set-cap $VM rtprio=7:
guest_urgent $VM 5 20
check "it binds" seen_as "$tid" 60 "fifo 0 7"
guest_quiet $VM
kill $hog
check "who listens saw boosts, and the cap" \
	sh -c "grep '\"kind\":\"boost\"' /run/events | grep -q '\"$VM\"' && grep -q '\"kind\":\"caps\"' /run/events"
check "the daemon has seen it, too" sh -c "pvsched daemon status | grep '^$VM '"
kill $monitor
guest_stop $VM
check "its end is noticed" wait_until 30 no_vms
check "no warning in the journal" sh -c '! journalctl -q -p warning -t pvschedd -t pvsched-vhost | grep .'
exit "$T_FAILED"
