#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 timeout=300
# lab-full: host=6.1 timeout=300
# lab-needs: ynl
#
# shellcheck disable=SC2317 # check calls the functions
#
# t-ynl.sh - the netlink family by a client that nobody here wrote; and the example
# that uses nothing else

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"
# shellcheck source=tests/vm/lib/fake.sh
. "$(dirname "$0")/lib/fake.sh"

CLIENT=$(dirname "$0")/ynl-client.py

# Each vCPU once, whatever comes and goes beside it
dump_whole()
{
	pvsched show uservm -j | python3 -c '
import json, sys
ids = [vcpu["id"] for vcpu in json.load(sys.stdin)["vm"]["vcpus"]]
stay = [vcpu for vcpu in ids if vcpu]
sys.exit(stay != list(range(1, 1024)) or len(ids) != len(set(ids)))'
}

dumps_whole()
{
	for _ in {1..3}; do
		dump_whole || return
	done
}

# It has asked anew, and what it said last is what the kernel has.
example_right()
{
	[ "$(grep -c resync /run/example)" -ge 2 ] &&
		[ "$(tail -n 1 /run/example | cut -d ' ' -f 2)" = "$(stat_of hogs stats.boosts)" ]
}

# It heard of boosts after it had noticed that the module went.
example_hears_again()
{
	sed '1,/^gone/d' /run/example | grep -q "event"
}

check "module loads" host_load
check "a VM of root" fake_start 5 rootvm root 2
check "a VM of a user with 1024 vCPUs" fake_start 6 uservm vmuser 1024
"$CLIENT" root || T_FAILED=1
as_user "$CLIENT" user || T_FAILED=1
check_equal "a dump is recorded for make bench-dump" 1024 "$("$LAB_LIB/dump-record.py" uservm /out/vcpus.dump)"
(while echo "detach 0" && echo "attach 0"; do :; done >&6 2>/dev/null) & churn=$!
check "our own client starts anew" dumps_whole
kill "$churn"
exec 5>&- 6>&-

# Boosts of a hog, which the example is stopped under while more events come than its
# socket holds.
hog --cpu 0 >/dev/null & other=$!
hog --cpu 0 >/dev/null & hog=$!
pvsched attach --threads --rtprio 4 hogs $hog >/run/attach & attach=$!
wait_until 10 grep -q "policy boost" /run/attach
PYTHONPATH=$SRC/build/lab/ynl "$SRC/examples/subscriber.py" \
	"$SRC/include/netlink/pvsched.yaml" hogs >/run/example & example=$!
check "the example hears of boosts" wait_until 30 grep -q "event" /run/example
kill -STOP "$example"
check "a flood of events" "$LAB_LIB/cap-flood.py" 2000
kill -CONT "$example"
sleep 1
pvsched disable >/dev/null
check "the example has counted exactly" wait_until 30 example_right
check "it has counted something" stat_above hogs stats.boosts 10
pvsched enable >/dev/null

kill "$attach"
wait "$attach"
check "module unloads beneath the example" wait_until 20 host_unload
check "the example notices" wait_until 30 grep -q "^gone" /run/example
check "module loads anew" host_load
pvsched attach --threads --rtprio 4 hogs $hog >/run/attach-anew & attach=$!
check "the example hears of boosts again" wait_until 30 example_hears_again
kill "$example" "$attach" "$hog" "$other"
wait "$attach"
check "module unloads" wait_until 20 host_unload
exit "$T_FAILED"
