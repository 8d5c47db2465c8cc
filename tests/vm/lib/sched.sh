# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# sched.sh - how the host schedules the threads of a guest

# vcpu_tids NAME: thread ids of the virtual CPUs, in their order.
vcpu_tids()
{
	local pid task comm

	pid=$(cat "/run/lab/$1.qemu.pid") || return
	for task in "/proc/$pid/task/"*; do
		read -r comm <"$task/comm" || continue
		[[ $comm =~ ^CPU\ ([0-9]+)/KVM$ ]] &&
			echo "${BASH_REMATCH[1]} ${task##*/}"
	done | sort -n | cut -d' ' -f2
}

# sched_of TID: "POLICY NICE RTPRIO", e.g. "other 0 0", "fifo 0 10". Read with
# no process started, as it is used in a loop to catch short states.
sched_of()
{
	local stat policies=(other fifo rr batch iso idle deadline ext) field

	read -r stat <"/proc/$1/stat" || return
	# The second field, a name, may have blanks.
	read -ra field <<<"${stat##*) }"
	echo "${policies[${field[38]}]} ${field[16]} ${field[37]}"
}

# expect_sched TID POLICY NICE PRIO: the thread gets there within some seconds.
expect_sched()
{
	local tid=$1

	shift
	wait_until 10 sched_is "$tid" "$*" && return
	echo "thread $tid is '$(sched_of "$tid")', expected '$*'"
	return 1
}

sched_is()
{
	[ "$(sched_of "$1")" = "$2" ]
}

# seen_as TID SECONDS "POLICY NICE PRIO": seen like this within that time, if only
# for a moment
seen_as()
{
	local tid=$1 end=$((SECONDS + $2 * LAB_SLOW)) want=$3

	while [ $SECONDS -lt $end ]; do
		[ "$(sched_of "$tid")" != "$want" ] || return 0
	done
	echo "never '$want' in $(($2 * LAB_SLOW)) s; now '$(sched_of "$tid")'"
	return 1
}

# all_ordinary TID...: none of them is boosted, nor has another priority
all_ordinary()
{
	local tid

	for tid; do
		[ "$(sched_of "$tid")" = "other 0 0" ] || return
	done
}
