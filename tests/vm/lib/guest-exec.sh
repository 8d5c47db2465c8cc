# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# guest-exec.sh - run commands in a guest, through its agent (l2/agent)
#
# The port's host end is a pair of FIFOs, which QEMU holds open: nothing gets
# lost while nobody listens. The caller's end is opened for each request.

GUEST_EXEC_TIMEOUT=$((60 * LAB_SLOW))

# guest_request NAME TIMEOUT COMMAND
guest_request()
{
	local name=$1 timeout=$2 id=$RANDOM$RANDOM port=/run/lab/$1.agent in out lock

	exec {lock}>"$port.lock" {in}<>"$port.in" {out}<>"$port.out"
	flock "$lock"
	printf '%s %s\n' "$id" "$(base64 -w0 <<<"$3")" >&"$in"
	guest_answer "$name" "$id" "$timeout" "$out"
	set -- $?
	exec {lock}>&- {in}>&- {out}>&-
	[ "$1" -ne 124 ] || guest_stuck "$name" "$timeout"
	return "$1"
}

# guest_ended NAME: its VMM has, so there is no answer. Run's verdict depends on whether
# somebody killed it, or what happened in its machine made it end.
guest_ended()
{
	local status=0

	# Of a child of this shell; a subshell does not know it.
	wait "$(guest_pid "$1")" || status=$?
	echo "guest $1: no answer, its VMM has ended with status $status: $(dmesg | tail -n 3)" >&2
	[ $status -gt 128 ] || echo "$1" >>/out/ended
}

# guest_stuck NAME SECONDS: no answer; say what its vCPUs do, for who has to find
# out why. The script ends with the check that this belongs to: each of the others
# would wait as long.
guest_stuck()
{
	guest_alive "$1" || {
		guest_ended "$1"
		return
	}
	echo "guest $1: no answer in $2 s" >&2
	guest_picture "$1" >&2
	echo "$1" >>/out/stuck
}

guest_registers()
{
	guest_qmp "$1" '{"execute": "human-monitor-command", "arguments": {"command-line": "info registers -a"}}' |
		sed 's/\\r\\n/\n/g'
}

# guest_picture NAME: what its vCPUs do, and whether that changes.
guest_picture()
{
	local tid dir

	for _ in 1 2; do
		for tid in $(vcpu_tids "$1"); do
			dir=/proc/$tid
			echo "vCPU thread $tid: $(sched_of "$tid"), $(cat "$dir/schedstat")"
			cat "$dir/wchan" <(echo) "$dir/stack"
		done
		guest_registers "$1" | grep -E '^CPU#|RIP='
	done
	pvsched show "$1"
}

# guest_answer NAME ID TIMEOUT FD: lines up to the end of the answer with this id; what is
# left of an earlier one, which nobody waited for, is skipped.
guest_answer()
{
	local name=$1 id=$2 end=$((SECONDS + $3)) out=$4 line='' part left lines=()

	while left=$((end - SECONDS)); [ "$left" -gt 0 ]; do
		IFS= read -r -t $((left < 5 ? left : 5)) part <&"$out" || {
			# The rest of that line may come.
			line+=$part
			guest_alive "$name" || break
			continue
		}
		line+=$part
		case $line in
		"|"*) lines+=("${line#|}") ;;
		"end $id "*)
			[ ${#lines[@]} -eq 0 ] || printf '%s\n' "${lines[@]}"
			return "${line##* }" ;;
		"end "*) lines=() ;;
		esac
		line=
	done
	return 124
}

# guest_exec NAME COMMAND...: as a shell command; its output, its status, or 124
# after GUEST_EXEC_TIMEOUT seconds.
guest_exec()
{
	local name=$1

	shift
	guest_request "$name" "$GUEST_EXEC_TIMEOUT" "$*"
}

# guest_bg NAME COMMAND...: prints its process id in the guest, which is that of
# its process group too. Its output goes to /tmp/bg.PID in the guest.
guest_bg()
{
	local name=$1

	shift
	guest_exec "$name" "setsid sh -c 'exec >/tmp/bg.\$\$ 2>&1; echo \$\$ >/tmp/bg.last;
		eval \"\$(echo $(base64 -w0 <<<"$*") | base64 -d)\"' </dev/null >/dev/null 2>&1 &
		while ! [ -s /tmp/bg.last ]; do usleep 10000; done
		cat /tmp/bg.last; rm /tmp/bg.last"
}

guest_load()
{
	local name=$1

	shift
	guest_exec "$name" "insmod /lab/virtio_pvsched.ko $*"
}

guest_unload()
{
	guest_exec "$1" rmmod virtio_pvsched
}
