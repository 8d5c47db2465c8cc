# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # run.sh uses RUN_*
#
# shell.sh - the lab by hand: a terminal on the host machine, one on a guest
#
# The host machine has two virtio consoles, whose other ends are sockets: its
# shell (l1/shell) and, passed on, its guest's. Here each is a pane of a tmux.

SHELL_TMUX=pvsched-lab

shell_options()
{
	while [ $# -gt 0 ]; do
		case $1 in
		--host) RUN_HOST=$2 ;;
		--guest-kernel) RUN_GUEST=$2 ;;
		*) say "shell: what is $1?"; exit 2 ;;
		esac
		shift 2
	done
	run_series
}

# As an edit may have happened since, build what will be loaded.
shell_modules()
{
	local series

	[ -f "$REPO/Kbuild" ] || return 0
	for series in $(printf '%s\n' "$RUN_HOST" "$RUN_GUEST" | sort -u); do
		modules_build "$series" "" || die "modules for $series failed"
	done
}

# A serial line does not tell the size of its terminal.
shell_environment()
{
	local rows cols

	read -r rows cols < <(stty size </dev/tty)
	echo "export LAB_ROWS=$((rows - 1)) LAB_COLS=$((cols / 2)) TERM=screen" \
		>>"$OUT/environment"
}

shell_start()
{
	local console args=(-device virtio-serial-pci)

	for console in host guest; do
		args+=(-chardev "socket,id=$console,path=/out/$console.sock,server=on,wait=off"
			-device "virtconsole,chardev=$console")
	done
	qemu_start "${args[@]}"
}

shell_pane()
{
	echo "exec socat -,raw,echo=0 'unix-connect:$OUT/$1.sock'"
}

# Returns when both panes are closed, which is when the machine is off.
shell_attach()
{
	local tmux=(tmux -L "$SHELL_TMUX-$$" -f /dev/null)

	while ! [ -S "$OUT/host.sock" ] || ! [ -S "$OUT/guest.sock" ]; do
		kill -0 "$QEMU_PID" 2>/dev/null || die "QEMU did not start: $(cat "$OUT/qemu.log")"
		sleep 0.1
	done
	env -u TMUX "${tmux[@]}" \
		new-session -s lab "$(shell_pane host)" ';' \
		set-option -g status-left '' ';' \
		set-option -g status-right "host $RUN_HOST | guest $RUN_GUEST | 'exit' on the left ends it" ';' \
		set-option -g status-right-length 70 ';' \
		set-option -g mouse on ';' \
		split-window -h "$(shell_pane guest)" ';' \
		select-pane -t 0 || true
	"${tmux[@]}" kill-server 2>/dev/null || true
}

# Takes no lock: it may stay open for hours, and tests go on beside it.
lab_shell()
{
	need_root
	shell_options "$@"
	if ! [ -t 0 ] || ! [ -t 1 ]; then die "shell needs a terminal"; fi
	series_need "$RUN_HOST"
	shell_modules
	boot_files "$RUN_HOST" "$RUN_GUEST"
	RUN_NAME=shell-$$
	RUN_COMMAND=(/src/tests/vm/l1/shell)
	run_prepare
	shell_environment
	say "starting host $RUN_HOST with a guest $RUN_GUEST"
	shell_start
	shell_attach
	qemu_kill
	rm -rf "$OUT"
}
