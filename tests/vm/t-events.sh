#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 guest=6.12 timeout=240
#
# shellcheck disable=SC2317 # check calls the functions
#
# t-events.sh - boosts of a guest, as events and in lists

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"

# events_check: complete, in order, each boost ended; prints what is wrong
events_check()
{
	python3 - "$1" <<-'END'
		import json, sys

		last, boosted, boosts = {}, {}, 0
		for line in open(sys.argv[1]):
		    event = json.loads(line)
		    if event["kind"] == "gap":
		        sys.exit("gap: " + line)
		    group = event["group"]
		    if event["seq"] != last.get(group, event["seq"] - 1) + 1:
		        sys.exit("out of order: " + line)
		    last[group] = event["seq"]
		    if group != "boost":
		        continue
		    key = event["vm"], event["vcpu"]
		    if key in boosted and boosted[key] == (event["kind"] == "boost"):
		        sys.exit("unpaired: " + line)
		    boosted[key] = event["kind"] != "deboost"
		    if (event["kind"] != "deboost") != (event["granted"] is not None):
		        sys.exit("granted and kind disagree: " + line)
		    boosts += event["kind"] == "boost"
		if not boosts:
		    sys.exit("no boosts")
	END
}

stat_of()
{
	pvsched show a -j | python3 -c 'import json, sys
print(json.load(sys.stdin)["vm"]["vcpus"][0]["stats"][sys.argv[1]])' "$1"
}

check "module loads" host_load
check "guest boots" guest_start a --vcpus 1 --cpu-affinity 0
check "guest's driver loads" guest_load a
check "the thread is found" wait_until 10 grep -E '^a +0 +[0-9]+ ' <(pvsched list)
pvsched monitor -j >/run/events & monitor=$!
sleep 0.5
hog --cpu 0 --seconds 5 >/dev/null &
guest_bg a "hog --seconds 5" >/dev/null
check "an urgent task in the guest" guest_exec a "cyclictest -q -p 80 -i 10000 -D 3 -m"
check "boosts are counted" test "$(stat_of boosts)" -gt 0
check "boosted time is counted" test "$(stat_of boosted_ns)" -gt 0
pvsched set-cap a rtprio=0: >/dev/null
before=$(stat_of boosts)
check "an urgent task that may not be boosted" guest_exec a "cyclictest -q -p 80 -i 10000 -D 1 -m"
check_equal "no boosts at rtprio 0" "$before" "$(stat_of boosts)"
sleep 0.5
kill "$monitor"
wait "$monitor"
check "events are complete and in order" events_check /run/events
check "causes are told" grep -q '"cause":"interrupt"\|"cause":"preempted"\|"cause":"halt"' /run/events
pvsched show a
tail -n 5 /run/events
guest_unload a
guest_stop a
check "module unloads" wait_until 10 host_unload
exit "$T_FAILED"
