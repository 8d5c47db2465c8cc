#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 timeout=240
# lab: host=6.1 timeout=240
# lab-full: host=7.3 timeout=300
#
# t-canary.sh - boosts that together keep a CPU's ordinary work from running are
# taken back, and others are not
#
# Four vCPUs that are urgent all the time and never leave guest mode share CPU 1.
# With the default caps, which bound each of them, they take all of it.

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"

# host FIELD
host()
{
	pvsched list -j | sed -n "s/.*\"$1\": \([^,]*\),*$/\1/p" | head -n 1
}

host_is()
{
	[ "$(host "$1")" = "$2" ]
}

# On a slow machine the first holds are over before all of it was looked at.
held()
{
	host_is held true && all_ordinary $tids && host_is held true
}

list_has()
{
	pvsched list | grep -q "$1"
}

# event KIND FIELD: of each such event, one a line
event()
{
	sed -n "/\"kind\":\"$1\"/s/.*\"$2\":\([^,}]*\).*/\1/p" /run/events
}

seen()
{
	[ "$(event "$1" seq | wc -l)" -ge "$2" ]
}

# The operator came after the second or, on a slow machine, a later hold.
forgotten()
{
	event canary hold_ns | tail -n +3 | grep -qx 1000000000
}

taskset -cp 0 $$ >/dev/null
check_fails_with "a limit too short" "Invalid" host_load canary=9
check "host module loads" host_load canary=300
check "with a limit" host_is canary_ms 300
check_fails_with "not for a user" "needs CAP_SYS_RESOURCE" \
	as_user pvsched set-canary 0
check_fails_with "too short" "refused: canary is 0 or 10 to 60000 ms" pvsched set-canary 9ms
check_fails_with "too long" "refused: canary is 0 or 10 to 60000 ms" pvsched set-canary 61s
check_fails_with "not a time" "not a time" pvsched set-canary soon
check "it can be set" pvsched set-canary 200ms
check "which shows" host_is canary_ms 200

pvsched monitor -j -g config >/run/events 2>&1 & monitor=$!
mini_start m 4
for tid in $tids; do taskset -cp 1 "$tid" >/dev/null; done
hogs=()
for _ in {1..8}; do
	hog --cpu 1 & hogs+=($!)
done
sleep 3
check_equal "a host that is only busy does not trip it" 0 "$(host canary_trips)"
kill "${hogs[@]}"

mini m word 0 92
sleep 3
check "one urgent vCPU is boosted" test "$(pvsched show m -j |
	sed -n 's/.*"boosts": \([0-9]*\),/\1/p' | head -n 1)" -gt 2
check_equal "and does not trip it" 0 "$(host canary_trips)"

for vcpu in 1 2 3; do mini m word $vcpu 92; done
check "four do" wait_until 20 seen canary 1
check "it shows, and all boosts were taken back" wait_until 20 held
check "also in the list" wait_until 20 list_has "held back"
check_equal "the event tells the CPU" 1 "$(event canary cpu | head -n 1)"
check "how long work waited" test "$(event canary waited_ns | head -n 1)" -ge 200000000
check_equal "and for how long there are none" 1000000000 "$(event canary hold_ns | head -n 1)"
check "boosts are allowed again" wait_until 10 seen recover 1
check "again too much: again taken back" wait_until 20 seen canary 2
check_equal "for twice as long" 2000000000 "$(event canary hold_ns | sed -n 2p)"
check "an operator can end that" pvsched enable
check "held back no more" wait_until 2 seen recover 2
check "which is forgotten then: for the shortest time again" wait_until 20 forgotten

check "it can be turned off" pvsched set-canary 0
check "and boosts are allowed again" wait_until 10 seen recover 3
trips=$(host canary_trips)
sleep 3
check_equal "nothing trips it then" "$trips" "$(host canary_trips)"
mini_end m
sleep 0.5
kill "$monitor"
wait "$monitor"
check "no event was lost" sh -c '! grep -q "\"gap\"" /run/events'
check "host module unloads" wait_until 10 host_unload
exit "$T_FAILED"
