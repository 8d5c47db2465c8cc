# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2054,SC2119,SC2120 # the commas are QEMU's
#
# run.sh - boot the host machine, run a script in it, judge the outcome

RUN_HOST=6.12
RUN_GUEST=
RUN_TIMEOUT=120
RUN_NAME=
RUN_PATH=
RUN_MEM=4096
RUN_CPUS=2
RUN_ICOUNT=
RUN_SYSTEMD=
RUN_LOCK=/tmp/pvsched-lab.lock

# What a kernel says when something is wrong with it.
SPLAT='BUG:|WARNING:|Call Trace|Oops|Kernel panic|general protection fault|INFO: task .* blocked|rcu: INFO:'
# That it can say so no longer.
SPLAT+='|turning off the locking correctness validator|kmemleak: .*disabled'

run_usage()
{
	cat >&2 <<-'END'
	usage: lab run [--host K] [--guest-kernel K] [--timeout SEC] [--name N]
	               [--mem MB] [--cpus N] [--icount] [--systemd] SCRIPT [ARG...]
	END
	exit 2
}

run_options()
{
	while [ $# -gt 0 ]; do
		case $1 in
		--host) RUN_HOST=$2; shift ;;
		--guest-kernel) RUN_GUEST=$2; shift ;;
		--timeout) RUN_TIMEOUT=$2; shift ;;
		--name) RUN_NAME=$2; shift ;;
		--mem) RUN_MEM=$2; shift ;;
		--cpus) RUN_CPUS=$2; shift ;;
		--icount) RUN_ICOUNT=yes ;;
		--systemd) RUN_SYSTEMD=yes ;;
		-*) run_usage ;;
		*) break ;;
		esac
		shift
	done
	RUN_COMMAND=("$@")
	run_series
	RUN_TIMEOUT=$((RUN_TIMEOUT * RUN_SLOW))
}

# The debug kernel is for the host machine only.
run_series()
{
	need_series "$RUN_HOST"
	RUN_SLOW=1
	if [ "$RUN_HOST" = "$SERIES_DEBUG" ]; then
		RUN_SLOW=$DEBUG_SLOW
		RUN_GUEST=${RUN_GUEST:-6.12}
	fi
	RUN_GUEST=${RUN_GUEST:-$RUN_HOST}
	need_series "$RUN_GUEST"
	[ "$RUN_GUEST" != "$SERIES_DEBUG" ] || die "guests have stock kernels: ${SERIES_ALL[*]}"
}

# The script's path, from wherever the caller stands, as one below /src.
run_script()
{
	local path

	[ ${#RUN_COMMAND[@]} -gt 0 ] || run_usage
	path=$(realpath -e "${RUN_COMMAND[0]}") || exit 2
	case $path in
	"$REPO"/*) RUN_COMMAND[0]=/src/${path#"$REPO"/} ;;
	*) die "$path is not in $REPO" ;;
	esac
	[ -x "$path" ] || RUN_COMMAND=(bash "${RUN_COMMAND[@]}")
	RUN_NAME=${RUN_NAME:-$(basename "$path" .sh)}
	RUN_PATH=$path
}

# "# lab-needs: ynl" in a script's head: the kernel's own netlink client, which
# is no package, in build/lab/ynl.
run_needs()
{
	local tools

	grep -q '^# lab-needs: ynl$' "$RUN_PATH" || return 0
	tools=$("$REPO/scripts/kernel-tools") || die "cannot get the kernel's tools"
	mkdir -p "$BUILD/lab/ynl"
	rsync -a --delete "$tools/tools/net/ynl/" "$BUILD/lab/ynl/"
}

# What l1/init reads: the command, and what it has to know about this run.
run_prepare()
{
	OUT=$BUILD/lab/$RUN_NAME
	rm -rf "$OUT"
	mkdir -p "$OUT"
	printf '%s\0' "${RUN_COMMAND[@]}" >"$OUT/command"
	cat >"$OUT/environment" <<-END
		export LAB_HOST_SERIES=$RUN_HOST LAB_GUEST_SERIES=$RUN_GUEST
		export LAB_HOST_RELEASE=$(kernel_release "$RUN_HOST") LAB_SLOW=$((RUN_SLOW * SHARED_SLOW))
		export LAB_SYSTEMD=$RUN_SYSTEMD
	END
	env | sed -n 's/^\(PVSCHED_TEST_[A-Z_]*\)=\(.*\)/\1 \2/p' |
	while read -r name value; do
		printf 'export %s=%q\n' "$name" "$value"
	done >>"$OUT/environment"
	: >"$OUT/output.txt"
	: >"$OUT/host.log"
}

# One machine at a time on the whole computer: they would disturb each other's
# figures, and time limits.
run_lock()
{
	[ -z "${LAB_NOLOCK:-}" ] || return 0
	exec 9>>"$RUN_LOCK"
	flock -n 9 || {
		say "waiting for another run of the lab to end"
		flock 9
	}
}

# Sets QEMU to the arguments of the host machine.
qemu_args()
{
	local share tag

	QEMU=(qemu-system-x86_64 -name pvsched-host -cpu "${LAB_CPU:-max}" -m "$RUN_MEM"
		-machine q35 -nodefaults -display none -no-reboot
		-kernel "/src/build/lab/boot/vmlinux-$RUN_HOST"
		-initrd "/src/build/lab/boot/host-$RUN_HOST.cpio"
		-append "console=ttyS0 panic=-1 loglevel=5 tsc=reliable rdinit=/init ${LAB_APPEND:-}"
		-chardev "file,id=log,path=/out/host.log,append=on" -serial chardev:log)
	for share in root:/lab/root:on src:/src:on out:/out:off; do
		tag=${share%%:*}
		share=${share#*:}
		QEMU+=(-fsdev "local,id=$tag,path=${share%:*},security_model=none,multidevs=remap,readonly=${share#*:}"
			-device "virtio-9p-pci,fsdev=$tag,mount_tag=$tag")
	done
	if [ -n "$RUN_ICOUNT" ]; then
		# One instruction is one nanosecond; works with one CPU only.
		QEMU+=(-accel tcg,thread=single -icount shift=0,sleep=off -smp 1)
	else
		QEMU+=(-accel tcg,thread=multi -smp "$RUN_CPUS")
	fi
}

# Only ever this run's own machine, by its id.
qemu_kill()
{
	if [ -n "${QEMU_PID:-}" ]; then
		kill -KILL "$QEMU_PID" 2>/dev/null || true
		wait "$QEMU_PID" 2>/dev/null || true
	fi
}

qemu_start()
{
	qemu_args
	(in_root "$OUT" "${QEMU[@]}" "$@") </dev/null >"$OUT/qemu.log" 2>&1 9>&- &
	QEMU_PID=$!
	trap qemu_kill EXIT
	trap 'exit 130' INT TERM
}

# A CPU that its kernel has missed twice, a minute apart, does not come back.
stands_still()
{
	[ "$(grep -ac 'rcu: INFO: .*detected' "$OUT/host.log")" -ge 2 ] &&
		say "a CPU of the host machine stands still: killed"
}

# Returns when the machine is off; false at the time limit, or if that is of no use.
qemu_wait()
{
	local end=$((SECONDS + RUN_TIMEOUT)) look=0

	while kill -0 "$QEMU_PID" 2>/dev/null; do
		[ $SECONDS -lt $end ] || return 1
		if [ $SECONDS -ge $look ]; then
			look=$((SECONDS + 5))
			! stands_still || return 1
		fi
		sleep 0.1
	done
}

# Prints a log without the warnings that a test has announced by their function.
log_unexpected()
{
	local expected=none

	[ ! -s "${1%.log}.expect-warning" ] || expected=$(cat "${1%.log}.expect-warning")
	awk -v start="WARNING: .* ${expected}[+]0x" '
		$0 ~ start { inside = 1 }
		!inside
		/---\[ end trace / { inside = 0 }' "$1"
}

# Prints the first line of a log that is a splat. From the line on which a test
# has announced a panic, a guest's log is not judged.
log_splat()
{
	local log=$1 limit=-0

	if [ -s "${log%.log}.expect-panic" ]; then
		limit=$(cat "${log%.log}.expect-panic")
	fi
	log_unexpected "$log" | head -n "$limit" | tr -d '\r' | grep -a -m1 -E "$SPLAT"
}

run_verdict()
{
	local log line

	for log in "$OUT/host.log" "$OUT"/guest-*.log; do
		[ -f "$log" ] || continue
		if line=$(log_splat "$log"); then
			say "kernel splat in ${log#"$REPO"/}: $line"
			return "$EXIT_SPLAT"
		fi
	done
	if [ -s "$OUT/kmemleak.txt" ]; then
		say "kernel memory leak: $(head -n 1 "$OUT/kmemleak.txt"), see ${OUT#"$REPO"/}/kmemleak.txt"
		return "$EXIT_SPLAT"
	fi
	if [ -n "$RUN_TIMED_OUT" ]; then
		say "not done after $RUN_TIMEOUT s: killed (see ${OUT#"$REPO"/}/host.log)"
		return "$EXIT_TIMEOUT"
	fi
	if [ -s "$OUT/ended" ]; then
		say "a guest ended, or fell silent, by itself: $(head -n 1 "$OUT/ended"), see ${OUT#"$REPO"/}/output.txt"
		return "$EXIT_LAB"
	fi
	if [ ! -s "$OUT/status" ]; then
		say "the host machine died: see ${OUT#"$REPO"/}/host.log, qemu.log"
		return "$EXIT_LAB"
	fi
	return "$(cat "$OUT/status")"
}

lab_run()
{
	local tail_pid status=0

	need_root
	run_options "$@"
	run_script
	series_need "$RUN_HOST"
	boot_files "$RUN_HOST" "$RUN_GUEST"
	run_needs
	run_lock
	run_prepare
	qemu_start
	tail -n +1 -s 0.2 -f --pid="$QEMU_PID" "$OUT/output.txt" 9>&- &
	tail_pid=$!
	RUN_TIMED_OUT=
	qemu_wait || RUN_TIMED_OUT=yes
	qemu_kill
	wait "$tail_pid" || true
	run_verdict || status=$?
	return "$status"
}
