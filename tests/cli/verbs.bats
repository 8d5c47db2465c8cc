#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# verbs.bats - what pvsched does where there is no module: help, wrong usage, and
# what it says when the kernel cannot be asked
#
# PVSCHED is the program. With rights it runs in a network namespace of its own,
# where the family is not, whatever this machine has loaded; /dev/pvsched then
# has to be missing for the tests of attach and run.

bats_require_minimum_version 1.5.0

VERBS=(list show stats get-cap set-cap disable enable set-canary policy payback attach
	detach run monitor daemon doctor guest)

setup()
{
	PVSCHED=$(realpath "$PVSCHED")
	apart=()
	! unshare -n true 2>/dev/null || apart=(unshare -n)
}

pvsched()
{
	"${apart[@]}" "$PVSCHED" "$@"
}

# usage_error REGEX ARGUMENT...: status 1, nothing on standard output
usage_error()
{
	local regex=$1

	shift
	run --separate-stderr pvsched "$@"
	echo "pvsched $*: status $status, $output, $stderr"
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[[ $stderr =~ $regex ]]
}

# no_kernel ARGUMENT...: status 2, and what to do
no_kernel()
{
	run --separate-stderr pvsched "$@"
	echo "pvsched $*: status $status, $output, $stderr"
	[ "$status" -eq 2 ]
	[ -z "$output" ]
	[[ $stderr == *"modprobe pvsched"* ]]
}

@test "every verb is listed" {
	run -0 pvsched help
	for verb in "${VERBS[@]}"; do
		grep -q "^  $verb " <<<"$output"
	done
	[ "$(grep -c '^  [a-z]' <<<"$output")" -ge "${#VERBS[@]}" ]
}

@test "every verb has a help with an example" {
	for verb in "${VERBS[@]}"; do
		run -0 --separate-stderr pvsched "$verb" --help
		[ -z "$stderr" ]
		[[ $output == "usage: pvsched $verb"* ]]
		[[ $output == *"Example: "*"pvsched $verb"* ]]
		[[ $output == *"--json"* ]]
	done
}

@test "every verb refuses an unknown option" {
	for verb in "${VERBS[@]}"; do
		usage_error "Try: pvsched $verb --help" "$verb" --frobnicate
	done
}

@test "no verb, and an unknown one" {
	usage_error "usage: pvsched"
	usage_error "no command 'frobnicate'" frobnicate
}

@test "operands that are missing or too many" {
	usage_error "takes no 'x'" list x
	usage_error "names are no JSON" list -j --names
	usage_error "takes the name" show
	usage_error "takes the name" show a b
	usage_error "takes one VM" stats a b
	usage_error "takes one TARGET" get-cap a b
	usage_error "takes one TARGET" get-cap --pid 1 a
	usage_error "takes a TARGET" set-cap
	usage_error "takes a TARGET" set-cap host
	usage_error "takes a TARGET" set-cap --pid 1
	usage_error "takes no 'x'" disable x
	usage_error "takes no 'x'" enable x
	usage_error "takes one TIME" set-canary
	usage_error "takes list, or set" policy
	usage_error "takes list, or set" policy set web-1
	usage_error "takes a VM, and on or off" payback web-1
	usage_error "takes VM and PID" attach web-1
	usage_error "takes VM and PID" attach web-1 1 2
	usage_error "takes NAME and PID" attach --threads web-1
	usage_error "takes one NAME" detach
	usage_error "takes a COMMAND" run
	usage_error "takes a COMMAND" run --
	usage_error "takes no 'x'" monitor x
	usage_error "takes no 'x'" doctor x
	usage_error "status, rules, reload or history" daemon
	usage_error "there is no 'x'" daemon x
	usage_error "status takes nothing more" daemon status x
	usage_error "of which VM" daemon history
	usage_error "the host has no history" daemon history host
	usage_error "behind the '/' belongs a vCPU" daemon history web/x
	usage_error "place takes a command" guest place
}

@test "values that make no sense" {
	usage_error "'0' is not a number of seconds" stats --watch 0
	usage_error "'nan' is not a number" stats --watch nan
	usage_error "'1e9' is not a number" stats --watch 1e9
	usage_error "'0' is not a number of times" stats --watch 1 --count 0
	usage_error "with --watch only" stats --count 1
	usage_error "'0' is not a number of times" stats --since 0
	usage_error "the last 86400 seconds" stats --since 86401
	usage_error "--watch is not" stats --since 1 --watch 1
	usage_error "with --since only" stats --history /x
	usage_error "no process" get-cap --pid 0
	usage_error "no process" set-cap --pid -1 rtprio=1
	usage_error "no process" set-cap --pid 99999999999999999999 rtprio=1
	usage_error "no cap is called 'speed'" set-cap host speed=1
	usage_error "is there twice" set-cap host rtprio=1 rtprio=2
	usage_error "not CAP=VALUE" set-cap --pid 1 host rtprio=1
	usage_error "behind the '/'" set-cap web-1/x rtprio=1
	usage_error "not a time" set-canary soon
	usage_error "neither on nor off" payback web-1 maybe
	usage_error "real-time priority" attach --threads --rtprio 100 a 1
	usage_error "with --threads only" attach --rtprio 1 a 1
	usage_error "process or thread id" attach a b
	usage_error "nothing to detach" detach host
	usage_error "behind the '/'" detach a/x
	usage_error "real-time priority" run --rtprio 0 true
	for name in "" "a*" "a b" -- host "$(printf '%064d' 0)"; do
		usage_error "letters, digits" run --name "$name" true
		usage_error "letters, digits" attach --threads -- "$name" 1
	done
	usage_error "'-1' is not a number of times" monitor -n -1
	usage_error "not a kind" monitor --kind frob
	usage_error "not config or boost" monitor --group all
	usage_error "not relative" monitor --time utc
	usage_error "not a vCPU" monitor --vcpu 4096
	usage_error "no such kind is of that group" monitor --group boost --kind caps
}

@test "without the module: what to do" {
	no_kernel list
	no_kernel list -j
	no_kernel list --names
	no_kernel show web-1
	no_kernel stats
	no_kernel stats --watch 1
	no_kernel get-cap
	no_kernel get-cap 'web-*'
	no_kernel set-cap host rtprio=1
	no_kernel set-cap --dry-run --pid 1 rtprio=1
	no_kernel disable
	no_kernel enable
	no_kernel set-canary 1s
	no_kernel policy list
	no_kernel policy set web-1 observe
	no_kernel payback web-1 on
	no_kernel monitor
}

@test "doctor says that the module is missing" {
	[ ! -e /sys/module/pvsched ] || skip "the module is loaded"
	run -2 pvsched doctor
	[[ $output == *"BAD   module"*"modprobe pvsched"* ]]
	run -2 pvsched doctor -j
	[[ $output == *'"status":"bad"'* || $output == *'"status": "bad"'* ]]
}

@test "guest says that this is none" {
	[ ! -e /sys/devices/system/cpu/cpu0/pvsched ] || skip "it is one"
	run -2 --separate-stderr pvsched guest
	[[ $stderr == *"virtio_pvsched"* ]]
}

@test "attach without the device" {
	[ ! -e /dev/pvsched ] || skip "there is a /dev/pvsched"
	no_kernel attach web-1 $$
	no_kernel attach --threads --rtprio 5 a $$
	run -2 --separate-stderr pvsched attach web-1 2147483647
	[[ $stderr == *"No such process"* ]]
}

@test "detach where nothing is held" {
	run -2 --separate-stderr pvsched detach nobody
	[[ $stderr == *"no pvsched attach or pvsched run"* ]]
}

@test "run: a command that cannot be executed" {
	run -127 --separate-stderr pvsched run -- ./no-such-command
	[[ $stderr == *"./no-such-command: No such file"* ]]
	run -126 --separate-stderr pvsched run /etc/passwd
	[[ $stderr == *"Permission denied"* ]]
}

@test "run: what cannot be held does not run" {
	# The search for leaks needs ptrace itself.
	ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 run -2 --separate-stderr \
		"$BATS_TEST_DIRNAME/no-ptrace" "$PVSCHED" run -- \
		touch "$BATS_TEST_TMPDIR/ran"
	[[ $stderr == *"Operation not permitted"* ]]
	[ ! -e "$BATS_TEST_TMPDIR/ran" ]
}

@test "run: what cannot be attached does not run" {
	[ ! -e /dev/pvsched ] || skip "there is a /dev/pvsched"
	no_kernel run -- touch "$BATS_TEST_TMPDIR/ran"
	[ ! -e "$BATS_TEST_TMPDIR/ran" ]
}

@test "output that cannot be written is a failure" {
	for verb in help "list --help" "run --help" "doctor"; do
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr bash -c '"$@" >/dev/full' bash "$PVSCHED" $verb
		[[ $stderr == *"No space left"* ]]
	done
}

@test "output that has to wait is not lost" {
	whole=$(pvsched help)
	for kind in pipe terminal; do
		run -0 --separate-stderr "$BATS_TEST_DIRNAME/late-reader" $kind \
			"$PVSCHED" help
		[ "$output" = "$whole" ]
	done
}

# On a terminal, with these variables.
on_terminal()
{
	env -u NO_COLOR TERM=xterm "$@" script -qec "'$PVSCHED' doctor" /dev/null
}

@test "colour on a terminal only, and not with NO_COLOR" {
	esc=$'\033['
	run on_terminal
	[[ $output == *"$esc"* ]]
	run on_terminal NO_COLOR=1
	[[ $output != *"$esc"* ]]
	run on_terminal TERM=dumb
	[[ $output != *"$esc"* ]]
	run on_terminal NO_COLOR=
	[[ $output == *"$esc"* ]]
	run pvsched doctor
	[[ $output != *"$esc"* ]]
}

# What is opened first would be standard output.
@test "without standard output" {
	run -2 --separate-stderr bash -c '"$@" >&-' bash "$PVSCHED" help
	[[ $stderr == *"Bad file descriptor"* ]]
	run -2 bash -c '"$@" <&- >&- 2>&-' bash "$PVSCHED" list
}
