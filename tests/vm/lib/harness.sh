# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2119,SC2120
#
# harness.sh - one line of output per check: "ok - NAME" or
# "not ok - NAME: REASON". The script's exit status is 1 if any failed.

T_FAILED=0
T_NAME=

t_begin()
{
	T_NAME=$1
}

t_ok()
{
	printf 'ok - %s\n' "${1:-$T_NAME}"
}

# t_fail REASON: the check that t_begin named has failed.
t_fail()
{
	T_FAILED=1
	printf 'not ok - %s: %s\n' "$T_NAME" "$(tr '\n' ' ' <<<"${1:-failed}")"
}

t_skip()
{
	printf 'ok - %s # SKIP %s\n' "$T_NAME" "${1:-}"
}

# check NAME COMMAND...: has to succeed. It runs in this shell, so it may set
# variables; what it printed is shown only if it failed, and all of it is kept then.
check()
{
	local status=0 log

	t_begin "$1"
	shift
	log=$(mktemp /tmp/check.XXXXXX)
	"$@" >"$log" 2>&1 || status=$?
	if [ "$status" -eq 0 ]; then
		t_ok
	else
		t_fail "status $status: $(tail -n 5 "$log")"
		{ echo "== $T_NAME"; cat "$log"; } >>/out/failed.txt
	fi
	rm -f "$log"
	go_on
}

# A guest that gave no answer, or ended by itself, gives none to the next check either.
go_on()
{
	[ -s /out/stuck ] || [ -s /out/ended ] || return 0
	t_begin "a guest answers"
	t_fail "$(cat /out/stuck /out/ended 2>/dev/null) does not, the rest was not tried"
	exit 1
}

# check_fails_with NAME REGEX COMMAND...: has to fail, and to say why.
check_fails_with()
{
	local name=$1 regex=$2 output status=0

	t_begin "$name"
	shift 2
	output=$("$@" 2>&1) || status=$?
	if [ "$status" -eq 0 ]; then
		t_fail "succeeded, should not: $output"
	elif ! grep -qE -- "$regex" <<<"$output"; then
		t_fail "status $status, but no /$regex/ in: $output"
	else
		t_ok
	fi
	go_on
}

# check_equal NAME EXPECTED ACTUAL
check_equal()
{
	t_begin "$1"
	if [ "$2" = "$3" ]; then t_ok; else t_fail "expected '$2', got '$3'"; fi
	go_on
}

# status_of COMMAND...: prints it
status_of()
{
	"$@" >/dev/null 2>&1
	echo $?
}

# wait_until SECONDS COMMAND...: true as soon as the command is. SECONDS are those of
# a quiet computer: a busy one gets more of them, and so does a slow kernel.
wait_until()
{
	local end=$((${EPOCHREALTIME/[.,]/} + $1 * ${LAB_SLOW:-1} * 1000000))

	shift
	until "$@" >/dev/null 2>&1; do
		[ "${EPOCHREALTIME/[.,]/}" -lt "$end" ] || return 1
		sleep 0.1
	done
}

# A script that ends well, but had a check fail, has failed.
t_exit()
{
	local status=$?

	declare -F guest_stop_all >/dev/null && guest_stop_all
	[ "$status" -ne 0 ] || status=$T_FAILED
	exit "$status"
}
trap t_exit EXIT
