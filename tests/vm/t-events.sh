#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 guest=6.12 timeout=300
# lab-needs: ynl
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

# stats_check: do the figures of the VM agree with each other? Prints what does not
stats_check()
{
	pvsched show a -j | python3 -c '
import json, sys

def expect(what, truth):
    if not truth:
        sys.exit(what)

vm = json.load(sys.stdin)["vm"]
for stats in [vm["stats"]] + [vcpu["stats"] for vcpu in vm["vcpus"]]:
    hists = stats["histograms"]
    counts = {name: sum(b["count"] for b in h["buckets"]) for name, h in hists.items()}
    expect("count", all(counts[name] == h["count"] for name, h in hists.items()))
    ended = sum(stats["deboosts_by_cause"].values())
    expect("each boost ends", 0 <= stats["boosts"] - ended <= 1)
    expect("each end has a length", counts["boost_length"] == ended)
    expect("deboosts took time", 0 < counts["deboost_latency"] <= ended)
    expect("events", 0 < counts["event_latency"] <= counts["wait_urgent"])
    expect("latencies", hists["event_latency"]["sum_ns"] <= hists["wait_urgent"]["sum_ns"])
    expect("ready time", stats["waited_urgent_ns"] >= hists["wait_urgent"]["sum_ns"] > 0)
    expect("waits", stats["waited_ns"] > 0)
    expect("boosted time", stats["boosted_ns"] > 0)
    if stats["boosts"] == ended:
        expect("length of boosts", hists["boost_length"]["sum_ns"] >= stats["boosted_ns"])
    expect("some are in vain, not all", stats["spurious"] < stats["boosts"])
'
}

vcpus_are()
{
	pvsched show a | grep -q "^vCPUs $1,"
}

# grown OLD NEW: did no counter go back? Documents of "pvsched show -j"
grown()
{
	python3 -c '
import json, sys

def walk(old, new, path):
    if isinstance(old, dict):
        for key in old:
            walk(old[key], new[key], path + "." + key)
    elif isinstance(old, int) and "debt" not in path and new < old:
        sys.exit(f"{path}: {old} -> {new}")

old, new = (json.load(open(name))["vm"]["stats"] for name in sys.argv[1:])
walk(old, new, "stats")
' "$@"
}

# No figure comes from there.
umount /sys/kernel/debug
check "no debugfs" test ! -d /sys/kernel/debug/kvm
check "module loads" host_load
check "guest boots" guest_start a --vcpus 1 --cpu-affinity 0
check "guest's driver loads" guest_load a
check "the thread is found" wait_until 10 is_attached a
pvsched monitor -j >/run/events & monitor=$!
sleep 0.5
hog --cpu 0 --seconds 5 >/dev/null &
guest_bg a "hog --seconds 5" >/dev/null
check "an urgent task in the guest" guest_exec a "cyclictest -q -p 80 -i 10000 -D 3 -m"
check "boosts are counted" test "$(stat_of a stats.boosts)" -gt 0
check "boosted time is counted" test "$(stat_of a stats.boosted_ns)" -gt 0
check "statistics agree" stats_check
pvsched set-cap a rtprio=0: nice=20: >/dev/null
before=$(stat_of a stats.boosts)
check "an urgent task that may not be boosted" guest_exec a "cyclictest -q -p 80 -i 10000 -D 1 -m"
check_equal "no boosts at rtprio 0" "$before" "$(stat_of a stats.boosts)"
pvsched set-cap a rtprio=10: nice=-20: >/dev/null
sleep 0.5
kill "$monitor"
wait "$monitor"
check "events are complete and in order" events_check /run/events
check "causes are told" grep -q '"cause":"interrupt"\|"cause":"preempted"\|"cause":"halt"' /run/events
check_fails_with "messages are not sent all the time" "Invalid argument" \
	bash -c "echo 0 >/sys/module/pvsched/parameters/batch_ms"
# So long that the ring of a CPU may overflow: nobody else counts events meanwhile.
echo 250 >/sys/module/pvsched/parameters/batch_ms
"$(dirname "$0")/boost-batches.py" /run/stop 250 >/run/batches 2>&1 & batches=$!
wait_until 30 grep ready /run/batches
hog --cpu 0 --seconds 4 >/dev/null &
guest_bg a "hog --seconds 4" >/dev/null
guest_exec a "cyclictest -q -p 80 -i 10000 -D 2 -m" >/dev/null
sleep 0.5
touch /run/stop
check "boosts are told in batches" wait "$batches"
cat /run/batches
echo 10 >/sys/module/pvsched/parameters/batch_ms
pvsched show a
tail -n 5 /run/events
pvsched show a -j >/run/before
guest_unload a
check "the vCPU is detached" wait_until 10 vcpus_are 0
pvsched show a -j >/run/after
check "the VM's totals have what is gone" grown /run/before /run/after
guest_load a
check "the vCPU is there anew" wait_until 10 vcpus_are 1
pvsched show a -j >/run/anew
check "totals do not go back" grown /run/after /run/anew
guest_unload a
guest_stop a
check "module unloads" wait_until 10 host_unload
exit "$T_FAILED"
