# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# vcpu.sh - what pvsched tells of VMs and vCPUs; how to make a guest urgent

no_vms()
{
	pvsched list -j | tr -d ' \n' | grep -q '"vms":\[\]'
}

# stat_of VM[/N] FIELD: of its vCPU in that place, or the first; e.g. tid,
# stats.boosts, stats.boosts_by_cause.halt. A cause that is not told of has not been
# there.
stat_of()
{
	local vcpu=${1#*/}

	[ "$vcpu" != "$1" ] || vcpu=0
	pvsched show "${1%/*}" -j | python3 -c '
import json, sys
value, path = json.load(sys.stdin)["vm"]["vcpus"][int(sys.argv[1])], ""
for part in sys.argv[2].split("."):
    value = value.get(part, 0) if path.endswith("_by_cause") else value[part]
    path = part
print(value)' "$vcpu" "$2"
}

# stat_above VM[/N] FIELD NUMBER
stat_above()
{
	local value

	value=$(stat_of "$1" "$2" 2>/dev/null) || value=0
	[ "$value" -gt "$3" ] && return
	echo "$2 of $1 is $value, not above $3"
	return 1
}

is_attached()
{
	case $(stat_of "$1" state) in
	running | preempted | blocked) ;;
	*) return 1 ;;
	esac
}

# guest_urgent VM SECONDS [PRIO]: a task of the guest that is real-time all the
# time. It ends by itself: on a guest with little CPU time, nothing else may get to
# end it.
guest_urgent()
{
	guest_bg "$1" "chrt -f ${3:-20} hog --seconds $2" >/dev/null
}

# guest_quiet VM: that task and its like have ended
guest_quiet()
{
	wait_until 20 guest_exec "$1" "! pidof hog"
}
