# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2054 # the commas are QEMU's
#
# guest.sh - start and end guests, on the lab's host machine

LAB_RUN=/run/lab
GUEST_BOOT_TIMEOUT=$((60 * LAB_SLOW))

# guest_start NAME [--kernel K] [--vcpus N] [--mem MB] [--no-device]
#   [--virtio-id N] [--cpu-affinity LIST] [--extra DIR] [--append TEXT]
#   [--vhost-args TEXT] [--user NAME] [--qemu-without CAP]
#   [--qemu TEXT]
#
# Returns when the guest runs commands. --extra adds a directory's contents to
# the guest's files; --qemu adds arguments.
#
# Emulated machines damage a guest at times (README.md, "Limits"). One that falls silent
# before it runs commands is started once more, and it is said.
guest_start()
{
	local G_NAME=$1 G_KERNEL=$LAB_GUEST_SERIES G_VCPUS=1 G_MEM=256 G_DEVICE=yes
	local G_ID=21 G_CPUS='' G_EXTRA='' G_APPEND='' G_VHOST='' G_USER='' G_WITHOUT='' G_QEMU=''
	local G_PATIENCE=$((GUEST_BOOT_TIMEOUT / 3)) G_SILENT=''

	shift
	guest_options "$@" || return
	guest_launch && return
	[ -n "$G_SILENT" ] || return 1
	echo "guest $G_NAME is started once more: silent for $G_PATIENCE s while it booted" >&2
	guest_kill "$G_NAME"
	mv "/out/guest-$G_NAME.log" "/out/guest-$G_NAME.silent"
	guest_launch
}

guest_launch()
{
	local qemu

	rm -f "$LAB_RUN/$G_NAME".*
	guest_initrd || return
	[ -z "$G_DEVICE" ] || guest_vhost_start || return
	mkfifo "$LAB_RUN/$G_NAME.agent.in" "$LAB_RUN/$G_NAME.agent.out"
	guest_qemu_args
	guest_spawn qemu "${qemu[@]}"
	guest_wait_ready
}

guest_options()
{
	while [ $# -gt 0 ]; do
		case $1 in
		--kernel) G_KERNEL=$2 ;;
		--vcpus) G_VCPUS=$2 ;;
		--mem) G_MEM=$2 ;;
		--no-device) G_DEVICE=; set -- "" "$@" ;;	# has no value
		--virtio-id) G_ID=$2 ;;
		--cpu-affinity) G_CPUS=$2 ;;
		--extra) G_EXTRA=$2 ;;
		--append) G_APPEND=$2 ;;
		--vhost-args) G_VHOST=$2 ;;
		--user) G_USER=$2 ;;
		--qemu-without) G_WITHOUT=$2 ;;
		--qemu) G_QEMU=$2 ;;
		*) echo "guest_start: what is $1?" >&2; return 2 ;;
		esac
		shift 2
	done
}

# The prepared files plus what changes from run to run: the driver, --extra.
guest_initrd()
{
	local dir=$LAB_RUN/$G_NAME.files out=$LAB_RUN/$G_NAME.initrd ko

	rm -rf "$dir"
	mkdir -p "$dir/lab"
	for ko in "$SRC/build/modules/$G_KERNEL/guest/"*.ko; do
		[ ! -f "$ko" ] || cp "$ko" "$dir/lab/"
	done
	[ -z "$G_EXTRA" ] || cp -a "$G_EXTRA/." "$dir/" || return
	cp "$SRC/build/lab/boot/guest-$G_KERNEL.cpio" "$out" || return
	(cd "$dir" && find . -mindepth 1 | cpio --quiet -o -H newc -R 0:0) >>"$out"
	rm -rf "$dir"
}

# guest_spawn KIND COMMAND...: in the background, its process id in a file,
# its output in a log, and as the user, with the capabilities and on the CPUs that
# were asked for.
guest_spawn()
{
	local kind=$1 wrap=(setsid)

	shift
	[ -z "$G_CPUS" ] || wrap+=(taskset -c "$G_CPUS")
	[ -z "$G_USER" ] || wrap+=(setpriv --reuid "$G_USER" --regid "$G_USER"
		--clear-groups --inh-caps=-all --)
	[ -z "$G_WITHOUT" ] || [ "$kind" != qemu ] ||
		wrap+=(setpriv --bounding-set "-$G_WITHOUT" --inh-caps "-$G_WITHOUT" --)
	"${wrap[@]}" "$@" </dev/null >>"/out/$kind-$G_NAME.log" 2>&1 &
	echo $! >"$LAB_RUN/$G_NAME.$kind.pid"
}

guest_vhost_start()
{
	local socket=/run/pvsched/$G_NAME.sock

	rm -f "$socket"
	# shellcheck disable=SC2086 # G_VHOST is words
	guest_spawn vhost "$SRC/build/user/daemon/pvsched-vhost" \
		--socket "$socket" --name "$G_NAME" $G_VHOST
	wait_until 10 test -S "$socket" && return
	echo "guest $G_NAME: pvsched-vhost did not start: $(tail -n 3 "/out/vhost-$G_NAME.log")" >&2
	return 1
}

guest_qemu_args()
{
	local f=$LAB_RUN/$G_NAME

	qemu=(qemu-system-x86_64 -name "$G_NAME,debug-threads=on" -accel kvm -cpu host
		-machine q35,memory-backend=m,hpet=off -nodefaults -display none -no-reboot
		-object "memory-backend-memfd,id=m,size=${G_MEM}M,share=on"
		-m "$G_MEM" -smp "$G_VCPUS"
		-kernel "$SRC/build/lab/boot/vmlinux-$G_KERNEL" -initrd "$f.initrd"
		-append "console=ttyS0 panic=-1 loglevel=5 rdinit=/init $G_APPEND"
		-chardev "socket,id=con,path=$f.console,server=on,wait=off,logfile=/out/guest-$G_NAME.log"
		-serial chardev:con
		-device virtio-serial-pci
		-chardev "pipe,id=agent,path=$f.agent" -device virtserialport,chardev=agent
		-qmp "unix:$f.qmp,server=on,wait=off")
	[ -z "$G_DEVICE" ] || qemu+=(-chardev "socket,id=c,path=/run/pvsched/$G_NAME.sock"
		-device "vhost-user-test-device-pci,chardev=c,virtio-id=$G_ID,num_vqs=2,vq_size=64,config_size=64")
	# shellcheck disable=SC2206 # G_QEMU is words
	qemu+=($G_QEMU)
}

# The agent's first line says that the guest is up. Sets G_SILENT if it said nothing for
# G_PATIENCE seconds.
guest_wait_ready()
{
	local line out end=$((SECONDS + GUEST_BOOT_TIMEOUT))
	local heard=$SECONDS size='' now

	exec {out}<>"$LAB_RUN/$G_NAME.agent.out"
	while guest_alive "$G_NAME" && [ $SECONDS -lt $end ]; do
		if read -r -t 0.2 line <&"$out" && [ "$line" = ready ]; then
			exec {out}>&-
			return 0
		fi
		now=$(stat -c %s "/out/guest-$G_NAME.log" 2>/dev/null)
		[ "$now" = "$size" ] || heard=$SECONDS
		size=$now
		[ $((SECONDS - heard)) -ge "${G_PATIENCE:-$GUEST_BOOT_TIMEOUT}" ] || continue
		G_SILENT=yes
		break
	done
	exec {out}>&-
	echo "guest $G_NAME did not come up: $(tail -n 3 "/out/qemu-$G_NAME.log" "/out/guest-$G_NAME.log")" >&2
	! guest_alive "$G_NAME" || guest_picture "$G_NAME" >&2
	return 1
}

guest_pid()
{
	cat "$LAB_RUN/$1.${2:-qemu}.pid"
}

guest_alive()
{
	kill -0 "$(guest_pid "$1")" 2>/dev/null
}

guest_gone()
{
	! guest_alive "$1"
}

# guest_stop NAME: power off, else quit, else kill; then the back end, which
# ends by itself when its guest has gone.
guest_stop()
{
	local in

	[ -f "$LAB_RUN/$1.qemu.pid" ] || return 0
	if guest_alive "$1"; then
		exec {in}<>"$LAB_RUN/$1.agent.in"
		printf 'off %s\n' "$(base64 -w0 <<<'sync; poweroff -f')" >&"$in"
		exec {in}>&-
		wait_until 10 guest_gone "$1" || guest_quit "$1" ||
			echo "guest $1: killed, did not stop" >&2
	fi
	guest_kill "$1"
}

# guest_qmp NAME REQUEST: to its VMM; prints the answer.
guest_qmp()
{
	printf '%s\n' '{"execute":"qmp_capabilities"}' "$2" |
		socat -t 2 - "unix-connect:$LAB_RUN/$1.qmp"
}

guest_quit()
{
	guest_qmp "$1" '{"execute":"quit"}' >/dev/null 2>&1
	wait_until 3 guest_gone "$1"
}

# guest_kill NAME: no farewell.
guest_kill()
{
	local pid

	pid=$(guest_pid "$1") || return
	kill -KILL "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	guest_vhost_end "$1"
	rm -f "$LAB_RUN/$1".*
	return 0
}

# A back end that outlives its guest by two seconds is told to go.
guest_vhost_end()
{
	local pid

	[ -f "$LAB_RUN/$1.vhost.pid" ] || return 0
	pid=$(guest_pid "$1" vhost)
	wait_until 2 test ! -d "/proc/$pid" || kill -TERM "$pid" 2>/dev/null
	wait_until 2 test ! -d "/proc/$pid" || kill -KILL "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	return 0
}

guest_stop_all()
{
	local f

	for f in "$LAB_RUN"/*.qemu.pid; do
		[ ! -f "$f" ] || guest_stop "$(basename "$f" .qemu.pid)"
	done
}

# guest_expect_panic NAME: from here on, the guest's log may have a panic in it.
guest_expect_panic()
{
	sync
	wc -l <"/out/guest-$1.log" >"/out/guest-$1.expect-panic"
}
