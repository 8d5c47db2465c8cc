#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 timeout=180
# lab-full: host=6.1 timeout=180
# lab-full: host=7.3 timeout=240
#
# t-pvtop.sh - pvtop sees what a vCPU does, also across a reload of the module

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"

export PATH=$SRC/build/user/tools/pvtop:$PATH
URGENT=62 # a SCHED_FIFO 20 task runs
CALM=21   # a nice 0 task runs

# top_start FILE OPTION...: pvtop in batch mode, until top_end; sets top
top_start()
{
	local file=$1

	shift
	pvtop -b -j -d 0.1 "$@" >"$file" 2>"$file.err" &
	top=$!
}

top_end()
{
	kill "$top"
	wait "$top"
}

# seen FILE STATE [WHY]: vCPU 0 of VM a, in any sample
seen()
{
	grep -qE "\"vm\":\"a\",\"vcpu\":0,\"state\":\"$2\",\"why\":${3:-}" "$1"
}

# figure FILE NAME: the largest that vCPU 0 ever had
figure()
{
	sed -n 's/.*"vm":"a","vcpu":0,//p' "$1" |
		sed -n "s/[^}]*\"$2\":\([0-9.]*\)[,}].*/\1/p" | sort -g | tail -n 1
}

# at_least VALUE FILE NAME
at_least()
{
	awk -v value="$(figure "$2" "$3")" -v least="$1" 'BEGIN { exit !(value >= least) }'
}

# ends_with STATUS COMMAND...
ends_with()
{
	local status=$1

	shift
	[ "$(status_of "$@")" -eq "$status" ]
}

taskset -cp 1 $$ >/dev/null
check "without the module it says so" grep -q "modprobe pvsched" <(pvtop -b -n 1 -d 0.1)
check "and its status does" ends_with 2 pvtop -b -n 1 -d 0.1
top_start /run/reload.json
reload=$top
check "module loads" host_load
check "a VM" mini_start a 2 --rings
for tid in $tids; do taskset -cp 0 "$tid" >/dev/null; done
check "it was there before the module, and attaches" \
	wait_until 10 grep -q '"missing":false.*"vm":"a"' /run/reload.json
hog --cpu 0 & hog=$!
pvsched set-canary 0 >/dev/null
pvsched set-cap host runtime=100ms:1s slice=1s:1s >/dev/null

top_start /run/top.json -w /out/pvtop.rec
check "calm beside a hog: waiting" wait_until 20 seen /run/top.json waiting
mini a word 0 $URGENT
check "urgent: boosted" wait_until 20 seen /run/top.json boosted
pvsched set-cap a runtime=1ms: >/dev/null
check "beyond its budget: throttled, and why" \
	wait_until 20 seen /run/top.json throttled '"(budget|slice)"'
check "boosts are counted" wait_until 20 at_least 1 /run/top.json boosts
check "throttles are" wait_until 20 at_least 1 /run/top.json throttles
check "waits while urgent are measured" wait_until 20 at_least 1000 /run/top.json p99
check "the CPU that it is on" at_least 0 /run/top.json cpu
pvsched disable >/dev/null
check "the kill switch is seen" wait_until 10 grep -q '"enabled":false' /run/top.json
pvsched enable >/dev/null
check "ended by a signal: status 0" top_end

pvtop -b -j -r /out/pvtop.rec >/run/replay.json
check "what is replayed is what was shown" \
	cmp <(tail -n 5 /run/top.json) <(tail -n 5 /run/replay.json)
check "the recording is its owner's" test "$(stat -c %a /out/pvtop.rec)" = 600
check "text, sorted and filtered" \
	grep -qE '^ a/0 ' <(pvtop -b -n 1 -d 0.3 -f -s boosted -F a/)
check "another user sees nothing" grep -q "No VM is registered" \
	<(as_user pvtop -b -n 1 -d 0.1)
check "and hears no events" grep -q '"lost":null' <(as_user pvtop -b -j -n 1 -d 0.1)

mini a word 0 $CALM
mini_end a
kill "$hog"
top=$reload
check "a VM that is gone is shown no longer" \
	wait_until 10 sh -c 'tail -n 1 /run/reload.json | grep -q "\"rows\":\[\]"'
check "module unloads under a pvtop that looks" wait_until 20 host_unload
check "which sees that" \
	wait_until 10 sh -c 'tail -n 1 /run/reload.json | grep -q "\"missing\":true"'
check "module loads anew" host_load
check "which it sees, too" \
	wait_until 10 sh -c 'tail -n 1 /run/reload.json | grep -q "\"missing\":false"'
check "it goes on to the end" top_end
check_equal "without a complaint" "" "$(cat /run/reload.json.err)"
check "module unloads" wait_until 20 host_unload
exit "$T_FAILED"
