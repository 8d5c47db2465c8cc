# SPDX-License-Identifier: GPL-2.0-or-later
#
# Completion of pvsched(8) for fish.

function __pvsched_vms
    pvsched list --names 2>/dev/null
end

function __pvsched_policies
    pvsched policy list 2>/dev/null | string match -rg '^(\S+)' | tail -n +2
end

function __pvsched_caps
    string split ' ' 'rtprio= nice= runtime= period= slice= section= vcpus= kicks='
end

# Is the verb one of these, and nothing but options behind it?
function __pvsched_first
    set -l words (commandline -opc | string match -v -- '-*')
    test (count $words) -eq 2; and contains -- $words[2] $argv
end

function __pvsched_second
    set -l words (commandline -opc | string match -v -- '-*')
    test (count $words) -eq 3; and contains -- $words[2] $argv
end

complete -c pvsched -f
complete -c pvsched -n __fish_use_subcommand -a list -d 'VMs and their vCPUs'
complete -c pvsched -n __fish_use_subcommand -a show -d 'one VM in detail'
complete -c pvsched -n __fish_use_subcommand -a stats -d 'what was counted, or happens a second'
complete -c pvsched -n __fish_use_subcommand -a get-cap -d 'caps of the host, a VM or a vCPU'
complete -c pvsched -n __fish_use_subcommand -a set-cap -d 'change caps'
complete -c pvsched -n __fish_use_subcommand -a disable -d 'end all boosts, and allow none'
complete -c pvsched -n __fish_use_subcommand -a enable -d 'allow boosts again'
complete -c pvsched -n __fish_use_subcommand -a set-canary -d 'how long boosts may starve ordinary work'
complete -c pvsched -n __fish_use_subcommand -a policy -d 'what decides on boosts'
complete -c pvsched -n __fish_use_subcommand -a payback -d 'repay boosted time'
complete -c pvsched -n __fish_use_subcommand -a attach -d 'a VM whose guest has no driver, or threads'
complete -c pvsched -n __fish_use_subcommand -a detach -d 'give back what attach or run holds'
complete -c pvsched -n __fish_use_subcommand -a run -d 'a command whose threads are boosted'
complete -c pvsched -n __fish_use_subcommand -a monitor -d 'events as they happen'
complete -c pvsched -n __fish_use_subcommand -a daemon -d 'what pvschedd knows'
complete -c pvsched -n __fish_use_subcommand -a doctor -d 'is this host ready, and what is to do?'
complete -c pvsched -n __fish_use_subcommand -a guest -d 'in a guest: its vCPUs'

complete -c pvsched -n '__pvsched_first show stats detach payback' -a '(__pvsched_vms)'
complete -c pvsched -n '__pvsched_first get-cap set-cap' -a 'host (__pvsched_vms)'
complete -c pvsched -n '__fish_seen_subcommand_from set-cap; and not __pvsched_first set-cap' -a '(__pvsched_caps)'
complete -c pvsched -n '__pvsched_second payback' -a 'on off'
complete -c pvsched -n '__pvsched_first policy' -a 'list set'
complete -c pvsched -n '__pvsched_second policy' -a '(__pvsched_vms)'
complete -c pvsched -n '__fish_seen_subcommand_from policy; and not __pvsched_first policy; and not __pvsched_second policy' -a '(__pvsched_policies)'
complete -c pvsched -n '__pvsched_first guest' -a place
complete -c pvsched -n '__pvsched_first daemon' -a 'status rules reload history'
complete -c pvsched -n '__pvsched_second daemon' -a '(__pvsched_vms)'
complete -c pvsched -n '__fish_seen_subcommand_from daemon' -s m -l minutes -d 'of a day, by minutes'
complete -c pvsched -n '__fish_seen_subcommand_from daemon' -s t -l since -x -d 'of so many seconds'
complete -c pvsched -n '__fish_seen_subcommand_from daemon' -s s -l socket -r -d 'of pvschedd'
complete -c pvsched -n '__fish_seen_subcommand_from run; or __fish_seen_subcommand_from place' -x -a '(__fish_complete_subcommand --fcs-skip=2)'

complete -c pvsched -n 'not __fish_use_subcommand' -s h -l help -d 'how it is used'
complete -c pvsched -n 'not __fish_use_subcommand' -s j -l json -d JSON
complete -c pvsched -n '__fish_seen_subcommand_from list' -s n -l names -d 'names only'
complete -c pvsched -n '__fish_seen_subcommand_from stats' -s w -l watch -x -d 'every so many seconds'
complete -c pvsched -n '__fish_seen_subcommand_from stats' -s t -l since -x -d 'in the last so many seconds'
complete -c pvsched -n '__fish_seen_subcommand_from stats' -s H -l history -r -d 'of pvschedd'
complete -c pvsched -n '__fish_seen_subcommand_from stats monitor' -s n -l count -x -d 'end after so many'
complete -c pvsched -n '__fish_seen_subcommand_from set-cap' -s n -l dry-run -d 'what would be'
complete -c pvsched -n '__fish_seen_subcommand_from get-cap set-cap' -s p -l pid -x -a '(__fish_complete_pids)'
complete -c pvsched -n '__fish_seen_subcommand_from attach' -s p -l policy -x -a '(__pvsched_policies)'
complete -c pvsched -n '__fish_seen_subcommand_from attach' -s t -l threads -d 'threads, not vCPUs'
complete -c pvsched -n '__fish_seen_subcommand_from attach run' -s r -l rtprio -x -d '1 to 99'
complete -c pvsched -n '__fish_seen_subcommand_from run' -s n -l name -x -d 'of the group'
complete -c pvsched -n '__fish_seen_subcommand_from run' -s v -l verbose -d 'what pvsched did'
complete -c pvsched -n '__fish_seen_subcommand_from monitor' -s t -l time -x -a 'relative absolute monotonic'
complete -c pvsched -n '__fish_seen_subcommand_from monitor' -s g -l group -x -a 'config boost'
complete -c pvsched -n '__fish_seen_subcommand_from monitor' -s v -l vm -x -a '(__pvsched_vms)'
complete -c pvsched -n '__fish_seen_subcommand_from monitor' -s c -l vcpu -x -d 'number of a vCPU'
complete -c pvsched -n '__fish_seen_subcommand_from monitor' -s k -l kind -x -a 'vm-add vm-del vcpu-add vcpu-bound vcpu-exit vcpu-del caps throttle release owner policy payback disable enable canary recover boost deboost level'
