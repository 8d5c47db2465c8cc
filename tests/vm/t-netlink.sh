#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 timeout=300
# lab: host=6.1 timeout=300
# lab-full: host=7.3 timeout=400
#
# shellcheck disable=SC2317 # check calls the functions
#
# t-netlink.sh - the command, the netlink family, and who may do what

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"
# shellcheck source=tests/vm/lib/fake.sh
. "$(dirname "$0")/lib/fake.sh"

HOSTILE=$(dirname "$0")/netlink-hostile.py

json()
{
	python3 -c 'import json, sys
for key in sys.argv[1:]:
    value = json.load(sys.stdin) if key == sys.argv[1] else value
    for part in key.split("."):
        value = value[int(part)] if isinstance(value, list) else value[part]
print(json.dumps(value))' "$@"
}

check_fails_with "without the module: what to do" "modprobe pvsched" pvsched list
check_equal "without the module: status" 2 "$(status_of pvsched list)"
check "module loads" host_load
check "no VMs" no_vms
check_fails_with "an unknown VM" "refused: no VM nobody" pvsched show nobody
check_fails_with "caps of an unknown VM" "no VM nobody" pvsched get-cap nobody/0
check "caps of the host" grep -E 'rtprio +10 +49' <(pvsched get-cap host)
check_equal "no command: status" 1 "$(status_of pvsched)"
check_equal "an unknown command: status" 1 "$(status_of pvsched frobnicate)"
check_fails_with "an unknown cap" "no cap is called 'speed'" pvsched set-cap host speed=1
check_equal "an unknown cap: status" 1 "$(status_of pvsched set-cap host speed=1)"
check_fails_with "soft above hard" "refused: rtprio of the host: soft is above hard 50" \
	pvsched set-cap host rtprio=60:50
check_equal "soft above hard: status" 2 "$(status_of pvsched set-cap host rtprio=60:50)"
check_fails_with "above the largest value" "largest value 98" pvsched set-cap host rtprio=99
check_fails_with "a better nice value than hard" "nice of the host: soft is above hard -10" \
	pvsched set-cap host nice=-15:-10
check_fails_with "more vCPUs than there are" "vcpus of the host: is above the largest value 4096" \
	pvsched set-cap host vcpus=4097
check_fails_with "a section of more than a second" "section of the host: is above the largest value 1000000" \
	pvsched set-cap host section=1001ms
check_fails_with "more doorbells than are counted" "kicks of the host: is above the largest value 1000000" \
	pvsched set-cap host kicks=1000001
check_fails_with "all or nothing" "rtprio of the host" pvsched set-cap host slice=1ms: rtprio=60:50
check_equal "nothing was set" 10000 "$(pvsched get-cap -j | json caps.slice.soft)"
check "several at once" pvsched set-cap host slice=5ms: rtprio=12:
check_equal "the first was set" 5000 "$(pvsched get-cap -j | json caps.slice.soft)"
check_equal "the second was set" 12 "$(pvsched get-cap -j | json caps.rtprio.soft)"

check "a VM of root" fake_start 5 rootvm root 2
check "a VM of a user" fake_start 6 uservm vmuser 600
check_equal "root sees both" '"rootvm" "uservm"' "$(pvsched list -j | json vms.0.name) $(pvsched list -j | json vms.1.name)"
check_equal "a dump of many messages is complete" 600 "$(pvsched show uservm -j |
	python3 -c 'import json, sys; print(len({v["id"] for v in json.load(sys.stdin)["vm"]["vcpus"]}))')"
check_equal "a user sees his own" '["uservm"]' "$(as_user pvsched list -j |
	python3 -c 'import json, sys; print(json.dumps([v["name"] for v in json.load(sys.stdin)["vms"]]))')"
check_fails_with "a user does not see another's" "no VM rootvm" as_user pvsched show rootvm
check_fails_with "an unknown vCPU" "no vCPU 7 of VM rootvm" pvsched get-cap rootvm/7
check "the owner lowers" as_user pvsched set-cap uservm rtprio=8:20
check_fails_with "the owner does not raise hard" "raising hard needs CAP_SYS_RESOURCE, hard is 20" \
	as_user pvsched set-cap uservm rtprio=8:21
check "the owner lowers nice" as_user pvsched set-cap uservm nice=0:-5
check_fails_with "and does not raise its hard" "nice of VM uservm: raising hard needs CAP_SYS_RESOURCE, hard is -5" \
	as_user pvsched set-cap uservm nice=0:-6
check "the owner raises soft" as_user pvsched set-cap uservm rtprio=20:
check "the owner bounds a vCPU" as_user pvsched set-cap uservm/3 rtprio=5:
check_equal "the smallest binds" '{"value": 5, "from": "vcpu"}' "$(pvsched get-cap -j uservm/3 | json binding.rtprio)"
check_equal "the host's binds elsewhere" '{"value": 12, "from": "host"}' "$(pvsched get-cap -j uservm/4 | json binding.rtprio)"
check "root raises hard" pvsched set-cap uservm rtprio=:30
check_fails_with "period is the host's" "for the host only" pvsched set-cap uservm period=1ms
check_fails_with "a user and the host" "caps of the host need CAP_SYS_RESOURCE" \
	as_user pvsched set-cap host rtprio=1
check_fails_with "a user and another's VM" "no VM rootvm|not the owner" \
	as_user pvsched set-cap rootvm rtprio=1
check_fails_with "a user and events" "CAP_NET_ADMIN" as_user pvsched monitor -n 1
check "asks are shown" grep -E 'rootvm +1 .*pending.* nice 0 +fifo 50 ' <(pvsched list)

pvsched monitor -j >/run/events & monitor=$!
sleep 0.5
echo "detach 1" >&5
echo "attach 1" >&5
pvsched set-cap rootvm slice=2ms: >/dev/null
wait_until 5 grep -q '"caps"' /run/events
check "a vCPU goes" grep '"kind":"vcpu-del".*"vm":"rootvm","vcpu":1' /run/events
check "a vCPU comes" grep '"kind":"vcpu-add".*"vm":"rootvm","vcpu":1' /run/events
check "a cap is changed" grep '"kind":"caps".*"caps":{"slice":{"soft":2000' /run/events
kill "$monitor"
check "a monitor ends well" wait "$monitor"
timeout 30 pvsched monitor -n 1 >/dev/null & counted=$!
# Until it listens, nothing that happens counts.
while kill -0 "$counted" 2>/dev/null; do
	pvsched set-cap rootvm slice=3ms: >/dev/null
	sleep 0.2
done
check "a monitor ends after a count" wait "$counted"
(timeout 5 pvsched monitor; echo $? >/run/pipe) | true
check_equal "a monitor ends with its pipe" 0 "$(cat /run/pipe)"

check "hostile messages of root" "$HOSTILE" 3000
check "hostile messages of a user" as_user "$HOSTILE" 3000
check "the family still answers" pvsched get-cap host
(while echo "detach 1" && echo "attach 1"; do :; done >&5 2>/dev/null) & churn=$!
for _ in {1..20}; do pvsched list >/dev/null || echo failed; done >/run/churn 2>&1
kill "$churn"
check_equal "dumps while vCPUs come and go" "" "$(cat /run/churn)"
exec 5>&- 6>&-
check "both VMs are gone" wait_until 20 no_vms
check "module unloads" wait_until 10 host_unload
exit "$T_FAILED"
