#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 timeout=400
# lab-full: host=6.1 timeout=400
# lab-full: host=7.3 timeout=500
#
# shellcheck disable=SC2317 # check calls the functions
#
# t-cli.sh - each verb of pvsched: good, refused, as the owner, and its JSON
#
# Wrong usage needs no kernel: tests/cli/verbs.bats.

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"
# shellcheck source=tests/vm/lib/fake.sh
. "$(dirname "$0")/lib/fake.sh"

# of JSON on standard input: pick EXPRESSION, with the document as d
pick()
{
	python3 -c 'import json, sys
d = json.load(sys.stdin)
print(eval(sys.argv[1]))' "$1"
}

# valid SCHEMA COMMAND...: it succeeds, and its JSON is as the schema says
valid()
{
	local schema=$1

	shift
	"$@" >/run/valid.json || return
	[ -s /run/valid.json ] || { echo "no output"; return 1; }
	"$SRC/tests/vm/schema.py" "$SRC/tools/schema" "$schema" /run/valid.json
}

# check_refused NAME REGEX COMMAND...: status 2, the reason on standard error,
# and nothing on standard output
check_refused()
{
	local name=$1 regex=$2 output status=0

	t_begin "$name"
	shift 2
	output=$("$@" 2>/run/refused) || status=$?
	if [ "$status" -ne 2 ]; then
		t_fail "status $status: $(cat /run/refused)"
	elif [ -n "$output" ]; then
		t_fail "printed: $output"
	elif ! grep -qE -- "$regex" /run/refused; then
		t_fail "no /$regex/ in: $(cat /run/refused)"
	else
		t_ok
	fi
}

vm_pid()
{
	pvsched show "$1" -j | pick 'd["vm"]["pid"]'
}

vcpu_count()
{
	[ "$(pvsched show "$1" -j | pick 'len(d["vm"]["vcpus"])')" = "$2" ]
}

soft_of()
{
	pvsched get-cap "$1" -j | pick "d['caps']['$2']['soft']"
}

# A dry run says what then comes true.
dry_run_right()
{
	local planned done_

	planned=$(pvsched set-cap -n -j "$@" | pick '(d["old"], d["new"], d["binds"])') || return
	done_=$(pvsched set-cap -j "$@" | pick '(d["old"], d["new"], d["binds"])') || return
	[ "$planned" = "$done_" ] || { echo "planned $planned, done $done_"; return 1; }
}

doctor()
{
	pvsched doctor -j || [ $? -eq 2 ]
}

# Its JSON is on standard error.
run_report()
{
	pvsched run -j -n r -- true 2>/run/report || return
	cat /run/report
}

# It has asked anew, and what it said last is what the kernel has.
subscriber_right()
{
	[ "$(grep -c resync /run/subscriber)" -ge 2 ] &&
		[ "$(tail -n 1 /run/subscriber | cut -d ' ' -f 2)" = "$(stat_of hogs stats.boosts)" ]
}

asked_anew()
{
	[ "$(grep -c resync /run/subscriber)" -ge 2 ]
}

kinds_in()
{
	sed 's/.*"kind":"\([^"]*\)".*/\1/' "$1" | xargs
}

# With an event after which it can be told, once the reader has caught up.
gap_told()
{
	pvsched set-cap host kicks=$((9500 + RANDOM % 400)): >/dev/null
	sleep 0.5
	grep -q '"kind":"gap","lost":[0-9]' /run/gaps
}

# Its status, once the reader has gone.
status_without_reader()
{
	(timeout 30 "$@"; echo $? >/run/pipe) | head -n 1 >/dev/null
	cat /run/pipe
}

# Not of a shell, which would have its background jobs ignore SIGINT.
interrupted()
{
	python3 -c 'import signal, subprocess, sys, time
p = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
time.sleep(2)
p.send_signal(signal.SIGINT)
sys.exit(p.wait(timeout=20))' "$@"
}

check_refused "list without the module" "modprobe pvsched" pvsched list
check "module loads" host_load
check "an empty list" valid list pvsched list -j
check_equal "no names" "" "$(pvsched list --names)"
check_equal "rates of nothing" 0 "$(status_of pvsched stats)"
check_equal "set-cap of no vCPU" "no vCPU" "$(pvsched set-cap host kicks=10000: | awk 'END { print $5, $6 }')"
check "a VM of root" fake_start 5 web-1 root 2
check "a VM of a user" fake_start 6 web-2 vmuser 3

check "list" valid list pvsched list -j
check_equal "names" "web-1 web-2" "$(pvsched list --names | xargs)"
check_equal "names, as a user" "web-2" "$(as_user pvsched list --names)"
check "show" valid show pvsched show -j web-1
check "show, as the owner" valid show as_user pvsched show -j web-2
check_refused "show of another's" "refused: no VM web-1" as_user pvsched show web-1
check_refused "show of nobody" "refused: no VM nobody" pvsched show nobody

check "stats" valid stats pvsched stats -j
check "stats of a pattern" test "$(pvsched stats -j 'web-?' | pick '[v["name"] for v in d["vms"]]')" = "['web-1', 'web-2']"
check "stats of one" test "$(pvsched stats -j web-2 | pick '[len(v["vcpus"]) for v in d["vms"]]')" = "[3]"
check "stats a second" valid stats pvsched stats -j --watch 0.3 -n 2
check_equal "so many times" 2 "$(wc -l </run/valid.json)"
check "stats a second, as text" grep -qE '^web-1 +all +0\.0 ' <(pvsched stats -w 0.2 -n 1)
check_refused "stats of nobody" "refused: no VM nobody" pvsched stats nobody
check_refused "stats of another's" "refused: no VM web-1" as_user pvsched stats web-1
check_equal "stats ends with its pipe" 0 "$(status_without_reader pvsched stats -w 0.1)"

check "get-cap" valid get-cap pvsched get-cap -j
check "get-cap of a vCPU" valid get-cap pvsched get-cap -j web-1/1
check "get-cap of a pattern" valid get-cap pvsched get-cap -j 'web-*'
check_equal "get-cap by process" "web-2" "$(pvsched get-cap -j --pid "$(vm_pid web-2)" | pick 'd["target"]["vm"]')"
check_refused "get-cap of a process that is none" "no VM or vCPU" pvsched get-cap --pid 1
check_refused "get-cap of a pattern that is nobody's" "no VM has such a name" pvsched get-cap 'db-*'
check_refused "get-cap of another's" "no VM web-1" as_user pvsched get-cap web-1

check "set-cap" valid set-cap pvsched set-cap -j web-1 slice=4ms: rtprio=7:
check_equal "was set" "4000 7" "$(soft_of web-1 slice) $(soft_of web-1 rtprio)"
check "set-cap on trial" valid set-cap pvsched set-cap -j -n web-1 slice=1ms:
check_equal "sets nothing" 4000 "$(soft_of web-1 slice)"
check "a trial is right: the host" dry_run_right host rtprio=9: nice=-5:
check "a trial is right: a VM" dry_run_right web-1 rtprio=5: runtime=1ms:
check "a trial is right: a VM, the host binds" dry_run_right web-1 rtprio=30:
check "a trial is right: a vCPU" dry_run_right web-1/1 rtprio=3:
check "a trial is right: a VM of which one vCPU has its own" dry_run_right web-1 rtprio=6:
check_equal "what binds whom" "[('vm', 6, 1), ('vcpu', 3, 1)]" "$(pvsched set-cap -j web-1 rtprio=6: |
	pick '[(b["from"], b["value"], b["vcpus"]) for b in d["binds"]["rtprio"]]')"
check_refused "a trial of what is refused to all" "refused: .*soft is above hard 50" \
	pvsched set-cap -n host rtprio=60:50
check_refused "a trial beyond what there is" "refused: .*above the largest value 98" \
	pvsched set-cap -n host rtprio=99
check_refused "and in earnest" "refused: .*above the largest value 98" pvsched set-cap host rtprio=99
check_refused "a trial of a period of a VM" "refused: .*for the host only" pvsched set-cap -n web-1 period=10ms
check_refused "a trial with nobody" "no VM nobody" pvsched set-cap -n nobody rtprio=1
check "set-cap of a pattern" valid set-cap pvsched set-cap -j 'web-*' slice=3ms:
check_equal "both were set" "3000 3000" "$(soft_of web-1 slice) $(soft_of web-2 slice)"
check_equal "only one of a pattern can be set: status" 2 "$(status_of pvsched set-cap 'web-*/2' slice=2ms:)"
check_equal "that one was" 2000 "$(soft_of web-2/2 slice)"
pvsched set-cap -j 'web-*/2' slice=2ms: >/run/part.json 2>/run/part.err
check "it says who was not" grep -q "web-1/2: refused: no vCPU 2 of VM web-1" /run/part.err
check "and has it in its JSON" valid set-cap cat /run/part.json
check "set-cap by process" pvsched set-cap --pid "$(vm_pid web-1)" kicks=500:
check_equal "was set, too" 500 "$(soft_of web-1 kicks)"
check_refused "a process that is none" "no VM or vCPU" pvsched set-cap --pid 1 kicks=1
check "set-cap as the owner" as_user pvsched set-cap web-2 kicks=400:
check "a pattern as the owner" as_user pvsched set-cap 'web-*' kicks=300:
check_equal "is of his own" "500 300" "$(soft_of web-1 kicks) $(soft_of web-2 kicks)"
check_refused "set-cap of the host, as a user" "refused: .*CAP_SYS_RESOURCE" \
	as_user pvsched set-cap host kicks=1
check_refused "period of a VM" "refused: .*for the host only" pvsched set-cap web-1 period=10ms

check "policy list" valid policy-list as_user pvsched policy list -j
check "policy set" valid vm-set pvsched policy set -j web-1 observe
check "payback" valid vm-set pvsched payback -j web-1 off
check "payback on, as the owner" valid vm-set as_user pvsched payback -j web-2 on
check_refused "payback off, as the owner" "refused: payback off needs" as_user pvsched payback web-2 off
check_refused "a policy that is none" "refused: no policy" pvsched policy set web-1 nonsense
check "disable" valid host-set pvsched disable -j
check "which is shown" grep -q "boosts are disabled" <(pvsched list)
check "enable" valid host-set pvsched enable -j
check "set-canary" valid host-set pvsched set-canary -j 600ms
check_refused "a canary that is too small" "refused: " pvsched set-canary 1ms
for verb in disable enable "set-canary 1s"; do
	# shellcheck disable=SC2086 # words
	check_refused "$verb, as a user" "refused: .*CAP_SYS_RESOURCE" as_user pvsched $verb
done
check "doctor" valid doctor doctor
check "it knows the VMs" grep -q '"web-1: threads of 0 of 2' /run/valid.json
check_refused "guest, on a host" "virtio_pvsched" pvsched guest

pvsched monitor -j >/run/all & all=$!
pvsched monitor -j -v 'web-?' -k caps -k policy >/run/some & some=$!
pvsched monitor -v web-1 -c 1 -t absolute >/run/one & one=$!
sleep 1
pvsched set-cap web-1 slice=2ms: >/dev/null
pvsched set-cap web-1/1 slice=1ms: >/dev/null
pvsched set-cap host slice=9ms: >/dev/null
pvsched payback web-1 on >/dev/null
pvsched policy set web-2 observe >/dev/null
check "all events come" wait_until 10 grep -q '"kind":"policy"' /run/all
check "those of a filter" wait_until 10 grep -q '"kind":"policy"' /run/some
wait_until 10 test -s /run/one
kill "$all" "$some" "$one"
check "monitor ends well" wait "$all"
wait "$some" "$one"
check "monitor" valid monitor cat /run/all
check "monitor with filters" valid monitor cat /run/some
check_equal "of all" "caps caps caps payback policy" "$(kinds_in /run/all)"
check_equal "of VMs and kinds" "caps caps policy" "$(kinds_in /run/some)"
check_equal "of a vCPU" 1 "$(wc -l </run/one)"
check "with the time of the clock" grep -qE "^config +[0-9]+ $(date +%Y)-[0-9-]+ [0-9:.]+ caps web-1/1 slice=1ms" /run/one
check "monitor ends by SIGINT" interrupted pvsched monitor
check_refused "monitor, as a user" "refused: .*CAP_NET_ADMIN" as_user pvsched monitor

# Two that stand still while more comes than their sockets hold: the monitor, and
# the C example, which counts boosts.
hog --cpu 0 >/dev/null & other=$!
hog --cpu 0 >/dev/null & hog=$!
pvsched attach --threads --rtprio 4 hogs $hog >/run/attach & attach=$!
wait_until 10 grep -q "policy boost" /run/attach
"$SRC/build/user/examples/subscriber" hogs >/run/subscriber & subscriber=$!
check "the example hears of boosts" wait_until 30 grep -q event /run/subscriber
pvsched monitor -j -g config >/run/gaps & monitor=$!
sleep 1
pvsched set-cap host kicks=9500: >/dev/null
check "it listens" wait_until 10 test -s /run/gaps
kill -STOP "$monitor" "$subscriber"
check "a flood of events" "$LAB_LIB/cap-flood.py" 14000
kill -CONT "$monitor" "$subscriber"
check "the gap is told" wait_until 60 gap_told
kill "$monitor"
wait "$monitor"
check "with gaps" valid monitor cat /run/gaps
check_equal "none is missing in its count" True "$(python3 -c 'import json
events = [json.loads(line) for line in open("/run/gaps")]
seqs = [e["seq"] for e in events if e["kind"] != "gap"]
lost = sum(e["lost"] or 0 for e in events if e["kind"] == "gap")
print(lost > 0 and seqs[-1] - seqs[0] + 1 == len(seqs) + lost)')"
pvsched disable >/dev/null
check "the example has counted exactly" wait_until 30 subscriber_right
check "it has counted something" stat_above hogs stats.boosts 10
pvsched enable >/dev/null
kill "$subscriber" "$hog" "$other"
check "attach ends with the hog" wait "$attach"

# Threads by hand.
sleep 1000 & sleeper=$!
pvsched attach -j --threads a $sleeper >/run/attach.json & attach=$!
check "a process is attached" wait_until 10 test -s /run/attach.json
check "attach" valid attach cat /run/attach.json
check_equal "it is what was named" "[(0, $sleeper)]" \
	"$(pick '[(t["id"], t["tid"]) for t in d["threads"]]' </run/attach.json)"
check_equal "by process, the group before the thread" "a None" "$(pvsched get-cap -j --pid $sleeper | pick 'd["target"]["vm"], d["target"]["vcpu"]' | tr -d "(',)")"
check_refused "not twice" "already" pvsched attach --threads b $sleeper
check_refused "not a name that is taken" "of that name" pvsched attach --threads a $$
check_refused "a thread of another process" "no such thread" pvsched attach --threads b $sleeper $$
check_refused "a policy that there is not" "policy nonsense: no such policy" \
	pvsched attach --threads -p nonsense b $sleeper
check_refused "attach, as a user" "/dev/pvsched: Permission denied" as_user pvsched attach --threads b $sleeper
check_refused "detach, as another user" "another user's" as_user pvsched detach a
check_refused "detach of what a back end holds" "no pvsched attach" pvsched detach web-1
check_refused "detach of a number that is not there" "no thread of that number" pvsched detach a/7
check "detach of one" valid detach pvsched detach -j a/0
check "it is not attached any more" vcpu_count a 0
check "detach of all" valid detach pvsched detach -j a
check "its holder ends well" wait "$attach"
check_refused "and so has the group" "no VM a" pvsched show a
pvsched attach --threads a $sleeper >/run/attach & attach=$!
wait_until 10 grep -q "group a: 1 threads, policy blind" /run/attach
kill "$sleeper"
check "attach ends with the process" wait "$attach"

hog --cpu 0 >/dev/null & other=$!
hog --cpu 0 >/dev/null & hog=$!
pvsched attach --threads --rtprio 4 a $hog >/run/attach & attach=$!
check "a thread with a word" wait_until 10 grep -q "policy boost" /run/attach
check "it is boosted" seen_as $hog 20 "fifo 0 4"
check "it gets ordinary in between" seen_as $hog 20 "other 0 0"
check "detach takes the boost back" pvsched detach a
check "at once" expect_sched $hog other 0 0
wait "$attach"
kill $hog
wait $hog

check_equal "run: the command's status" 7 "$(status_of pvsched run -- sh -c 'exit 7')"
# shellcheck disable=SC2016 # of the other shell
check_equal "run: its signal" 137 "$(status_of pvsched run -- sh -c 'kill -9 $$')"
check_equal "run: its status, though nobody wants SIGCHLD" 7 "$(status_of python3 -c '
import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execvp(sys.argv[1], sys.argv[1:])' pvsched run -- sh -c 'exit 7')"
check "run: JSON" valid run run_report
check_equal "run: the command's own output" "hello" "$(pvsched run -v -- echo hello 2>/dev/null)"
check_refused "run: a name that is taken" "of that name" pvsched run -n web-1 -- touch /run/ran
check "run: it has not run then" test ! -e /run/ran
check_refused "run: as a user" "/dev/pvsched: Permission denied" as_user pvsched run -- touch /tmp/ran
check "run: not either" test ! -e /tmp/ran
pvsched run -n r -r 5 -- hog --cpu 0 >/run/hog & run=$!
check "run: a hog" wait_until 10 vcpu_count r 1
pid=$(vm_pid r)
check "run: it is boosted" seen_as "$pid" 20 "fifo 0 5"
kill $run
check "run: SIGTERM goes to it, and it ends by itself" wait $run
check "run: it says what it did" grep -q "^units" /run/hog
check_refused "run: its group is gone" "no VM r" pvsched show r
pvsched run -n r -- python3 -c 'import threading, time
t = threading.Thread(target=time.sleep, args=(1000,), daemon=True)
t.start()
time.sleep(1000)' & run=$!
check "run: a thread that came later" wait_until 20 vcpu_count r 2
check "run: is detached" pvsched detach r
check_refused "run: as a whole" "no VM r" pvsched show r
check "run: the command goes on" kill -0 $run
kill $run
wait $run
pvsched run -n r -r 5 -- hog --cpu 0 >/dev/null & run=$!
wait_until 10 vcpu_count r 1
pid=$(vm_pid r)
kill -9 $run
check "run: killed, the command is ordinary" expect_sched "$pid" other 0 0
check "run: and goes on" kill -0 "$pid"
kill "$pid" $other
chmod 666 /dev/pvsched
check "run: as a user who may" as_user pvsched run -v -- true
check_refused "a user and another's process" "not permitted" as_user pvsched attach --threads u $$
setpriv --reuid vmuser --regid vmuser --clear-groups sleep 1000 & sleeper=$!
wait_until 10 grep -q sleep "/proc/$sleeper/comm"
as_user pvsched attach --threads u $sleeper >/run/attach & attach=$!
wait_until 10 grep -q "group u" /run/attach
check "root detaches what a user holds" pvsched detach u
check "and that is true" wait "$attach"
kill "$sleeper"
chmod 600 /dev/pvsched

# Whoever is first has the name that the holder would listen at.
as_user python3 -c 'import socket, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind("\0pvsched/taken")
s.listen()
peer, _ = s.accept()
peer.send(bytes(4))
time.sleep(1000)' & squatter=$!
sleep 1000 & sleeper=$!
wait_until 10 grep -q "@pvsched/taken" /proc/net/unix
pvsched attach --threads taken $sleeper >/run/attach 2>&1 & attach=$!
wait_until 10 grep -q "group taken" /run/attach
check_refused "detach does not believe anybody" "does not belong" pvsched detach taken
check "it is attached still" vcpu_count taken 1
kill "$attach" "$sleeper" "$squatter"
wait "$attach"

for name in '*' 'a?' '[a]' "\$HOME" '`id`' -n "a b" host; do
	check_fails_with "a VM called $name" "Invalid argument" "$FAKE" "$name" $$ 0
done
check "a VM with all that a name may have" fake_start 7 'aZ9._-:@+' root 1
check "it is shown" pvsched show 'aZ9._-:@+'
exec 7>&-

exec 5>&- 6>&-
check "all are gone" wait_until 20 no_vms

# Who listens hears of a module that is loaded anew.
pvsched monitor -j -g config >/run/anew & monitor=$!
"$SRC/build/user/examples/subscriber" web-3 >/run/subscriber & subscriber=$!
wait_until 10 grep -q resync /run/subscriber
sleep 1
check "module unloads" wait_until 10 host_unload
check "the monitor hears that it is gone" wait_until 10 grep -q '"gone":true' /run/anew
check "module loads again" host_load
check "a VM of the new module" fake_start 8 web-3 root 1
check "the monitor hears of it" wait_until 10 grep -q '"kind":"vm-add".*"vm":"web-3"' /run/anew
check "monitor of two modules" valid monitor cat /run/anew
check "the example has asked anew" wait_until 10 asked_anew
check "both go on" kill -0 "$monitor" "$subscriber"
kill "$monitor" "$subscriber"
check "the monitor ends well" wait "$monitor"
exec 8>&-
check "it is gone, too" wait_until 20 no_vms
check "module unloads again" wait_until 10 host_unload
exit "$T_FAILED"
