#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 timeout=300
# lab: host=6.1 timeout=300
# lab-needs: ynl
#
# shellcheck disable=SC2317 # check calls the functions
#
# t-ynl.sh - the netlink family by a client that nobody here wrote

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

check "module loads" host_load
check "a VM of root" fake_start 5 rootvm root 2
check "a VM of a user with 1024 vCPUs" fake_start 6 uservm vmuser 1024
"$CLIENT" root || T_FAILED=1
as_user "$CLIENT" user || T_FAILED=1
(while echo "detach 0" && echo "attach 0"; do :; done >&6 2>/dev/null) & churn=$!
check "our own client starts anew" dumps_whole
kill "$churn"
exec 5>&- 6>&-
check "module unloads" wait_until 20 host_unload
exit "$T_FAILED"
