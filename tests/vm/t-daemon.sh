#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 timeout=300
# lab-full: host=6.1 timeout=300
# lab-full: host=7.3 timeout=300
#
# t-daemon.sh - pvschedd and pvsched-vhost in their units, under systemd
#
# systemd runs in a pid namespace of its own, so process ids are not the same within.

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"
# shellcheck source=tests/vm/lib/fake.sh
. "$(dirname "$0")/lib/fake.sh"

BUILD=$SRC/build/user
# CAP_NET_ADMIN, CAP_SYS_NICE, CAP_SYS_RESOURCE
DAEMON_CAPS=0000000001801000
# CAP_SYS_NICE
VHOST_CAPS=0000000000800000

# What "make install" would install, and udev and systemd-sysusers would do.
units_install()
{
	mkdir -p /usr/local/sbin /usr/local/bin /etc/pvsched /etc/systemd/system &&
	ln -sf "$BUILD/daemon/pvschedd/pvschedd" /usr/local/sbin/pvschedd &&
	ln -sf "$BUILD/daemon/pvsched-vhost" /usr/local/bin/pvsched-vhost &&
	cp "$BUILD"/packaging/*.service "$SRC"/packaging/systemd/*.socket /etc/systemd/system/ &&
	systemd-sysusers "$SRC/packaging/sysusers/pvsched.conf" &&
	chgrp pvsched /dev/pvsched && chmod 660 /dev/pvsched
}

config_write()
{
	cat >/etc/pvsched/pvschedd.conf <<-'END'
		[daemon]
		history-entries = 16
		[exporter]
		listen = 127.0.0.1:9756
		[rule web]
		name = web-*
		rtprio = 5:20
		policy = observe
	END
}

# What this machine has no use for, and an emulated one takes long for; systemd-udevd
# would load drivers, and systemd-tmpfiles-setup-dev change /dev.
UNNEEDED=(
	ldconfig.service systemd-journal-catalog-update.service systemd-update-done.service
	systemd-hwdb-update.service systemd-sysusers.service systemd-binfmt.service
	systemd-udevd.service systemd-udevd-control.socket systemd-udevd-kernel.socket
	systemd-udev-trigger.service systemd-modules-load.service kmod-static-nodes.service
	systemd-tmpfiles-setup-dev.service systemd-tmpfiles-setup-dev-early.service
	systemd-tmpfiles-setup.service systemd-sysctl.service systemd-random-seed.service
	systemd-hostnamed.socket proc-sys-fs-binfmt_misc.automount timers.target
)

systemd_start()
{
	local unit

	for unit in "${UNNEEDED[@]}"; do
		ln -sf /dev/null "/etc/systemd/system/$unit"
	done
	unshare --fork --pid --mount --mount-proc --kill-child env container=other \
		/usr/lib/systemd/systemd --system --unit=basic.target --show-status=false \
		>/out/systemd.log 2>&1 </dev/null &
	systemd=$!
	wait_until 60 as_systemd systemctl is-active --quiet basic.target
}

cgroups_remove()
{
	find /sys/fs/cgroup -mindepth 1 -depth -type d -exec rmdir {} + &&
	[ -z "$(find /sys/fs/cgroup -mindepth 1 -type d)" ]
}

# Where systemd is the first process.
as_systemd()
{
	nsenter --target "$(pgrep -P "$systemd")" --pid --mount -- "$@"
}

# If it does not come up, with what it says of that.
daemon_start()
{
	as_systemd systemctl start pvschedd.socket pvschedd.service && return
	as_systemd journalctl -q -n 4 -u pvschedd.service
	return 1
}

status_has()
{
	pvsched daemon status | grep -qE "$1"
}

# daemon_proc FIELD: of its process's status
daemon_proc()
{
	awk -v field="$1:" '$1 == field { print $2 }' "/proc/$(pgrep -x pvschedd)/status"
}

metric()
{
	python3 -c '
import urllib.request
print(urllib.request.urlopen("http://127.0.0.1:9756/metrics", timeout=20).read().decode())' |
		grep -E "$1"
}

# since VM: what the file of the history has
since()
{
	pvsched stats --since 600 --history /var/lib/private/pvschedd/history -j "$1" |
		python3 -c '
import json, sys
vm, = json.load(sys.stdin)["vms"]
print(vm["name"], len(vm["vcpus"]))'
}

samples()
{
	pvsched daemon history -j web-1 | grep -c time_ns
}

more_samples()
{
	local count

	count=$(samples)
	[ "$count" -gt "$1" ]
}

policy_of()
{
	pvsched list -j | python3 -c '
import json, sys
print([vm["policy"] for vm in json.load(sys.stdin)["vms"] if vm["name"] == sys.argv[1]][0])' "$1"
}

is_listed()
{
	pvsched list --names | grep -qx "$1"
}

connect()
{
	as_systemd python3 -c '
import socket, sys, time
sock = socket.socket(socket.AF_UNIX)
sock.connect(sys.argv[1])
time.sleep(30)' "$1" &
}

check "module loads" host_load
check "units are installed" units_install
config_write
check_equal "settings are right" "1 rules" "$(/usr/local/sbin/pvschedd --check-config)"
check "systemd runs" systemd_start
check "a VM that is there first" fake_start 5 web-1 vmuser 2
check "the daemon is ready" daemon_start
check_equal "it says what it sees" "1 VMs, 2 vCPUs" \
	"$(as_systemd systemctl show -P StatusText pvschedd.service)"
check "not as root" test "$(daemon_proc Uid)" -ne 0
check_equal "with few capabilities" "$DAEMON_CAPS $DAEMON_CAPS" \
	"$(daemon_proc CapEff) $(daemon_proc CapBnd)"
check_equal "and a filter of system calls" 2 "$(daemon_proc Seccomp)"
check "the VM's caps are the rule's" grep -qE 'rtprio +5 +20' <(pvsched get-cap web-1)
check_equal "so is its policy" observe "$(policy_of web-1)"
check "another VM" fake_start 6 web-2 vmuser 1
check "is noticed" wait_until 20 status_has "^web-2 .* web "
check "a history" wait_until 20 more_samples 2
check_equal "also without the daemon" "web-1 2" "$(since web-1)"
check "metrics" metric '^pvsched_vcpus\{vm="web-1"\} 2'
check "of the host, too" metric '^pvsched_enabled 1'

pvsched set-cap web-1 rtprio=3: >/dev/null
check "what is set by hand is told" wait_until 20 status_has '^web-1 .* rtprio$'
check "and stays" grep -qE 'rtprio +3 +20' <(pvsched get-cap web-1)
check "his own VMs are for everybody to see" grep -q '^web-1 ' <(as_user pvsched daemon status)
check_fails_with "but not to reload" "only root" as_user pvsched daemon reload
echo 'nice = much' >>/etc/pvsched/pvschedd.conf
check_fails_with "what is wrong is told" "pvschedd.conf:9: .*much" pvsched daemon reload
check "and changes nothing" grep -q rtprio=5:20 <(pvsched daemon rules)
config_write

before=$(samples)
check "killed" as_systemd systemctl kill -s KILL pvschedd.service
check "it is back" wait_until 60 status_has '^web-1 .* rtprio$'
check "the cap is still what was set by hand" grep -qE 'rtprio +3 +20' <(pvsched get-cap web-1)
check "the history goes on" wait_until 20 more_samples "$before"

check "a socket for a VM" as_systemd systemctl start pvsched-vhost@web-9.socket
connect /run/pvsched/web-9.sock
check "who connects is served" wait_until 30 pgrep -x pvsched-vhost
pid=$(pgrep -x pvsched-vhost)
check "not as root" test "$(awk '$1 == "Uid:" { print $2 }' "/proc/$pid/status")" -ne 0
check_equal "with one capability" "$VHOST_CAPS" \
	"$(awk '$1 == "CapEff:" { print $2 }' "/proc/$pid/status")"
check "and registers the VM" wait_until 30 is_listed web-9

check "ends" as_systemd systemctl stop pvschedd.service pvsched-vhost@web-9.service
check "the journal has it by VM and event" grep -q "rtprio is 3:20, not 5:20" \
	<(as_systemd journalctl -q -m PVSCHED_VM=web-1 PVSCHED_EVENT=by-hand)
kill -KILL "$systemd"
wait "$systemd" 2>/dev/null
check "systemd leaves nothing" wait_until 20 cgroups_remove
exec 5>&- 6>&-
check "the VMs end" wait_until 20 no_vms
check "module unloads" wait_until 20 host_unload
exit "$T_FAILED"
