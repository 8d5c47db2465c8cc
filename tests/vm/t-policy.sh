#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 timeout=120
# lab-full: host=6.1 timeout=120
# lab-full: host=7.3 timeout=180
#
# shellcheck disable=SC2317 # check calls the functions
#
# t-policy.sh - policies come and go, VMs are given one, who may do that

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"
# shellcheck source=tests/vm/lib/fake.sh
. "$(dirname "$0")/lib/fake.sh"

MODULES=$SRC/build/modules/$LAB_HOST_SERIES/tests/vm/modules

# json KEY, of the VM v or of a policy
of_vm()
{
	pvsched show v -j | python3 -c '
import json, sys
print(json.load(sys.stdin)["vm"][sys.argv[1]])' "$1"
}

policies()
{
	pvsched policy list -j | python3 -c '
import json, sys
print(" ".join(p["name"] for p in json.load(sys.stdin)["policies"]))'
}

of_policy()
{
	pvsched policy list -j | python3 -c '
import json, sys
policies = {p["name"]: p for p in json.load(sys.stdin)["policies"]}
print(policies[sys.argv[1]][sys.argv[2]])' "$1" "$2"
}

event_seen()
{
	wait_until 5 grep -q "$1" /run/events
}

check "host module loads" host_load
check_equal "what is always there" "boost observe blind none" "$(policies)"
check_equal "the protocol of boost" "urgency" "$(of_policy boost protocol)"
check_equal "blind serves any guest" "None" "$(of_policy blind protocol)"
check "a VM" fake_start 5 v vmuser 3
check_equal "the default" "boost 1" "$(of_vm policy) $(of_policy boost vms)"

check "a module brings policies, wrong ones are refused" insmod "$MODULES/pvsched_odd.ko"
check_equal "they are listed" "boost observe blind none mad foreign greedy" "$(policies)"
check_equal "with their module" "pvsched_odd" "$(of_policy greedy module)"
check_fails_with "not twice" "File exists" insmod "$MODULES/pvsched_odd.ko"
check "so is the sample" insmod "$MODULES/pvsched_nice.ko"

pvsched monitor -j >/run/events & monitor=$!
sleep 0.5
check_fails_with "an unknown policy" "refused: no policy 'nonsense'" pvsched policy set v nonsense
check_fails_with "an unknown VM" "refused: no VM nobody" pvsched policy set nobody boost
check_fails_with "a policy of another protocol" \
	"policy foreign does not speak urgency 1, as the guest does" pvsched policy set v foreign
check_equal "refused: status" 2 "$(status_of pvsched policy set v foreign)"
check_equal "wrong usage: status" 1 "$(status_of pvsched policy set v)"
check_equal "an impossible name: status" 1 "$(status_of pvsched policy set v sixteen-letters-)"
check_equal "nothing has changed" "boost" "$(of_vm policy)"
check "another policy" pvsched policy set v observe
check_equal "is shown" "observe" "$(of_vm policy)"
check "an event: policy" event_seen '"kind":"policy".*"vm":"v".*"policy":"observe"'
check "the owner may" as_user pvsched policy set v blind
check_equal "blind, while the guest speaks urgency" "blind" "$(of_vm policy)"
check_fails_with "others do not know the VM" "no VM v" \
	setpriv --reuid 1234 --clear-groups pvsched policy set v boost

default=$(of_vm payback)
check_equal "payback is on where it works" "$([ "$LAB_HOST_SERIES" = 6.1 ] && echo False || echo True)" "$default"
check "payback on" as_user pvsched payback v on
check_fails_with "the owner does not switch it off" "payback off needs CAP_SYS_RESOURCE" \
	as_user pvsched payback v off
check_equal "it is on" "True" "$(of_vm payback)"
check "root does" pvsched payback v off
check "an event: payback" event_seen '"kind":"payback".*"vm":"v".*"payback":false'
check_equal "it is off" "False" "$(of_vm payback)"
check_equal "neither on nor off: status" 1 "$(status_of pvsched payback v perhaps)"
check "the owner switches it on" as_user pvsched payback v on

check "a policy of a module" pvsched policy set v greedy
check_fails_with "it pins its module" "in use" rmmod pvsched_odd
check "a policy goes while in use" sh -c "echo 1 >/sys/module/pvsched_odd/parameters/drop"
check_equal "its VM gets the one that does nothing" "none" "$(of_vm policy)"
check "an event: policy none" event_seen '"policy":"none"'
check "the module goes" rmmod pvsched_odd
check_equal "and its policies" "boost observe blind none nice" "$(policies)"
check_fails_with "pvsched stays while a policy needs it" "in use" host_unload

(while pvsched policy list >/dev/null && pvsched policy set v boost >/dev/null; do :; done) & churn=$!
for _ in {1..15}; do
	insmod "$MODULES/pvsched_odd.ko" || echo "not loaded"
	as_user pvsched policy set v mad >/dev/null
	pvsched policy set v nice >/dev/null
	wait_until 5 rmmod pvsched_odd || echo "not unloaded"
done >/run/churn 2>&1
check "policies come and go while others are listed and set" kill "$churn"
check_equal "without a failure" "" "$(grep -v 'in use' /run/churn)"
kill "$monitor"
check "the monitor ends well" wait "$monitor"
exec 5>&-
check "the VM goes" wait_until 10 no_vms
check "the sample goes" rmmod pvsched_nice
check "host module unloads" wait_until 10 host_unload
exit "$T_FAILED"
