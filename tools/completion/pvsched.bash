# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Completion of pvsched(8) for bash.

# Not by compgen -W, which would expand what others call their VMs.
_pvsched_words()
{
	local IFS=$' \t\n' words word

	read -r -d '' -a words <<<"$*"
	COMPREPLY=()
	for word in "${words[@]}"; do
		[[ $word != "${COMP_WORDS[COMP_CWORD]}"* ]] ||
			COMPREPLY+=("$(printf %q "$word")")
	done
}

_pvsched_vms()
{
	pvsched list --names 2>/dev/null
}

_pvsched_policies()
{
	pvsched policy list 2>/dev/null | awk 'NR > 1 { print $1 }'
}

_pvsched_caps='rtprio= nice= runtime= period= slice= section= vcpus= kicks='

# The word that follows an option that takes one. Returns whether there is one.
_pvsched_argument()
{
	case $1:$2 in
	monitor:-g | monitor:--group) _pvsched_words config boost ;;
	monitor:-t | monitor:--time) _pvsched_words relative absolute monotonic ;;
	monitor:-k | monitor:--kind)
		_pvsched_words vm-add vm-del vcpu-add vcpu-bound vcpu-exit vcpu-del \
			caps throttle release owner policy payback disable enable \
			canary recover boost deboost level ;;
	monitor:-v | monitor:--vm) _pvsched_words "$(_pvsched_vms)" ;;
	attach:-p | attach:--policy) _pvsched_words "$(_pvsched_policies)" ;;
	monitor:-[cn] | monitor:--vcpu | monitor:--count | stats:-[wn] | stats:--watch | \
		stats:--count | stats:-t | stats:--since | *-cap:-p | *-cap:--pid | attach:-r | attach:--rtprio | \
		run:-[nr] | run:--name | run:--rtprio | daemon:-t | daemon:--since) COMPREPLY=() ;;
	daemon:-s | daemon:--socket | stats:-H | stats:--history) mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}") ;;
	*) return 1 ;;
	esac
}

_pvsched_options()
{
	case $1 in
	list) echo --json --names --help ;;
	stats) echo --json --watch --count --since --history --help ;;
	get-cap) echo --json --pid --help ;;
	set-cap) echo --json --dry-run --pid --help ;;
	attach) echo --json --policy --threads --rtprio --help ;;
	run) echo --json --name --rtprio --verbose --help ;;
	monitor) echo --json --count --time --group --vm --vcpu --kind --help ;;
	daemon) echo --json --minutes --since --socket --help ;;
	*) echo --json --help ;;
	esac
}

# The operand number $2 of verb $1.
_pvsched_operand()
{
	case $1:$2 in
	show:1 | stats:1 | detach:1 | payback:1) _pvsched_words "$(_pvsched_vms)" ;;
	get-cap:1) _pvsched_words host "$(_pvsched_vms)" ;;
	set-cap:1) _pvsched_words host "$(_pvsched_vms)" "$_pvsched_caps" ;;
	set-cap:*) _pvsched_words "$_pvsched_caps" ;;
	payback:2) _pvsched_words on off ;;
	policy:1) _pvsched_words list set ;;
	policy:2) _pvsched_words "$(_pvsched_vms)" ;;
	policy:3) _pvsched_words "$(_pvsched_policies)" ;;
	guest:1) _pvsched_words place ;;
	daemon:1) _pvsched_words status rules reload history ;;
	daemon:2) _pvsched_words "$(_pvsched_vms)" ;;
	*) COMPREPLY=() ;;
	esac
	# A cap's value follows at once.
	case ${COMPREPLY[*]} in *=) compopt -o nospace 2>/dev/null ;; esac
}

# What is behind "run" or "guest place" is another command's. Sets "offset" to
# where that begins; returns whether that is before the word to be completed.
_pvsched_other_command()
{
	local i

	offset=2
	[ "$verb" = run ] || [ "${COMP_WORDS[2]:-}" = place ] || return 1
	[ "$verb" != guest ] || offset=3
	for ((i = offset; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--) offset=$((i + 1)); return 0 ;;
		-n | -r | --name | --rtprio) i=$((i + 1)) ;;
		-*) ;;
		*) offset=$i; return 0 ;;
		esac
	done
	offset=$COMP_CWORD
	[[ ${COMP_WORDS[COMP_CWORD]} != -* ]] &&
		! _pvsched_argument "$verb" "${COMP_WORDS[COMP_CWORD - 1]}"
}

_pvsched()
{
	local verb=${COMP_WORDS[1]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local i operands=1 offset

	if [ "$COMP_CWORD" -eq 1 ]; then
		_pvsched_words list show stats get-cap set-cap disable enable set-canary \
			policy payback attach detach run monitor daemon doctor guest help
		return
	fi
	case $verb in
	run | guest)
		if _pvsched_other_command; then
			if declare -F _command_offset >/dev/null; then
				_command_offset "$offset"
			else
				mapfile -t COMPREPLY < <(compgen -c -- "${COMP_WORDS[COMP_CWORD]}")
			fi
			return
		fi ;;
	esac
	_pvsched_argument "$verb" "$previous" && return
	if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
		_pvsched_words "$(_pvsched_options "$verb")"
		return
	fi
	for ((i = 2; i < COMP_CWORD; i++)); do
		[[ ${COMP_WORDS[i]} == -* ]] || operands=$((operands + 1))
	done
	_pvsched_operand "$verb" "$operands"
}

complete -F _pvsched pvsched
