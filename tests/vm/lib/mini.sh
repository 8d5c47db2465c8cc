# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# mini.sh - VMs without a guest kernel, see mini-vm.py

# mini_start NAME VCPUS [OPTION...]: sets "tids" to the ids of its threads. With
# MINI_PID it gets that process id, if it is free; MINI_UNDER is a command to run it
# by.
mini_start()
{
	local name=$1 fd

	rm -f "/run/$name.in" "/run/$name.out"
	mkfifo "/run/$name.in"
	[ -z "${MINI_PID:-}" ] || echo $((MINI_PID - 1)) >/proc/sys/kernel/ns_last_pid
	# shellcheck disable=SC2086 # words
	${MINI_UNDER:-} "$LAB_LIB/mini-vm.py" "$@" <"/run/$name.in" >"/run/$name.out" 2>&1 &
	echo $! >"/run/$name.pid"
	exec {fd}>"/run/$name.in"
	echo "$fd" >"/run/$name.fd"
	wait_until 20 grep -q ^ready "/run/$name.out" || {
		cat "/run/$name.out"
		return 1
	}
	# shellcheck disable=SC2034 # for the script
	tids=$(sed -n 's/^ready //p' "/run/$name.out")
}

# mini NAME COMMAND...: prints the answer.
mini()
{
	local name=$1 count

	shift
	count=$(grep -c ^done "/run/$name.out")
	echo "$*" >&"$(cat "/run/$name.fd")"
	wait_until 30 mini_answers "$name" "$count" || cat "/run/$name.out"
	sed -n '$s/^done *//p' "/run/$name.out"
}

mini_answers()
{
	[ "$(grep -c ^done "/run/$1.out")" -gt "$2" ]
}

mini_pid()
{
	cat "/run/$1.pid"
}

# mini_end NAME [SIGNAL]: by a command, or killed. Not by the end of its input: a
# program that was started meanwhile has that open, too.
mini_end()
{
	local fd

	fd=$(cat "/run/$1.fd")
	if [ $# -eq 1 ]; then
		(echo end >&"$fd") 2>/dev/null
	else
		kill "-$2" "$(mini_pid "$1")"
	fi
	exec {fd}>&-
	wait "$(mini_pid "$1")" 2>/dev/null
	rm -f "/run/$1".{in,out,pid,fd}
	return 0
}
