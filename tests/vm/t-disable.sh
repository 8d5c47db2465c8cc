#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 timeout=240
# lab: host=6.1 timeout=240
# lab-full: host=7.3 timeout=300
#
# t-disable.sh - pvsched disable takes every boost back at once, and enable allows
# them again
#
# Three vCPUs that never leave guest mode want CPU 1, and have caps with which
# they keep everybody else from it.

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"

boosted()
{
	[ "$(pvsched list -j | sed -n 's/.*"boosted": \([0-9]*\),/\1/p' | head -n 1)" -ge "$1" ]
}

# A host-set without attributes: prints the answer.
set_nothing()
{
	python3 - "$(dirname "$0")/netlink-hostile.py" \
		"$SRC/include/uapi/linux/pvsched_netlink.h" <<-'END'
		import re, runpy, socket, sys
		lib = runpy.run_path(sys.argv[1])
		commands = re.findall(r"^\t(PVSCHED_CMD_\w+)", open(sys.argv[2]).read(), re.M)
		host_set = 1 + commands.index("PVSCHED_CMD_HOST_SET")
		sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
		sock.setsockopt(270, 11, 1)	# NETLINK_EXT_ACK
		family = lib["family_find"](sock)
		sock.send(lib["message"](family, host_set, b"", 5, 2))
		print(sock.recv(65536))
	END
}

taskset -cp 0 $$ >/dev/null
check "host module loads" host_load canary=0
check_fails_with "a user may not disable" "to set the host needs CAP_SYS_RESOURCE" \
	as_user pvsched disable
check "a request that sets nothing" grep -q "nothing to set in the request" <(set_nothing)
check "nothing is boosted: it has nothing to do" \
	grep -q "boosts ended: 0$" <(pvsched disable)
check "a user sees that, and not how many are boosted" grep -q 'enabled":false,"boosted":null' \
	<(as_user pvsched list -j | tr -d ' \n')
check "so does who lists VMs" grep -q "boosts are disabled" <(pvsched list)
check "enabled again" grep -q "boosts are allowed" <(pvsched enable)
check "which shows too" grep -q '"enabled":true,"boosted":0' <(pvsched list -j | tr -d ' \n')

pvsched set-cap host slice=300ms:1s runtime=1s:1s period=1s >/dev/null
pvsched monitor -j >/run/events 2>&1 & monitor=$!
mini_start m 3
for tid in $tids; do taskset -cp 1 "$tid" >/dev/null; done
for vcpu in 0 1 2; do mini m word $vcpu 92; done
check "they are boosted" wait_until 20 boosted 2

times=()
for _ in {1..11}; do
	wait_until 20 boosted 2 || echo "not boosted again"
	answer=$(pvsched disable -j | tr -d ' \n')
	all_ordinary $tids || echo "boosted after disable"
	case $answer in
	*'"boosted":0'*'"ended":'[123]*) ;;
	*) echo "not what is expected: $answer" ;;
	esac
	answer=${answer##*ended_ns\":}
	times+=("$((${answer%\}} / 1000))")
	pvsched enable >/dev/null
done >/run/rounds
check_equal "11 times: all end, and begin again" "" "$(cat /run/rounds)"
mapfile -t times < <(printf '%s\n' "${times[@]}" | sort -n)
t_begin "request to the last baseline: median ${times[5]} us, longest ${times[10]} us, emulated"
t_ok

check "disabled" pvsched disable
counts=$(pvsched show m -j | grep '"boosts": ')
sleep 2
check "there are figures of three vCPUs" test "$(wc -l <<<"$counts")" -ge 3
check_equal "no boost while disabled" "$counts" "$(pvsched show m -j | grep '"boosts": ')"
check "nobody is boosted" all_ordinary $tids
check "the cause is counted" grep -q '"disabled": ' <(pvsched show m -j)
check "a VM may come while disabled" mini_start n 1
check "and go" mini_end n
check "enabled" pvsched enable
check "boosted again" wait_until 20 boosted 1
mini_end m
sleep 0.5
kill "$monitor"
wait "$monitor"
for kind in disable enable; do
	check "an event: $kind" grep -q "\"group\":\"config\",\"kind\":\"$kind\".*\"vm\":null" /run/events
done
check_equal "each of them once" 12 "$(grep -c '"kind":"disable"' /run/events)"
check "host module unloads" wait_until 10 host_unload
check "it is enabled when it is loaded anew" host_load
check "which shows" grep -q '"enabled":true' <(pvsched list -j | tr -d ' ')
check "host module unloads again" host_unload
exit "$T_FAILED"
