# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# initrd.sh - the initramfs of the host machine and of its guest
#
# Both are made of what is in the root, so that one of each per kernel does for
# all runs. They are remade when the root or anything they are made from changes.

HOST_MODULES=(virtio_pci 9p 9pnet_virtio overlay kvm-amd)
GUEST_MODULES=(virtio_pci virtio_console)
GUEST_TOOLS=(hog next-kernel pi-chain switches clone-into)	# from C files in this directory
GUEST_PROGRAMS=(/usr/bin/cyclictest /usr/bin/hackbench /usr/bin/chrt /usr/bin/taskset)

BOOT_DIR=$BUILD/lab/boot

# Copy modules and all they depend on, uncompressed, and name them in load order
# in /modules/order.
initrd_modules()
{
	local dir=$1 root release name file

	root=$(kernel_dir "$2")
	release=$(kernel_release "$2")
	shift 2
	mkdir -p "$dir/modules"
	: >"$dir/modules/order"
	for name; do
		modprobe -d "$root" -S "$release" --show-depends "$name" |
			sed -n 's/^insmod \([^ ]*\).*/\1/p'
	done | awk '!seen[$0]++' | while read -r file; do
		name=$(basename "$file" | sed 's/\.ko.*/.ko/')
		case $file in
		*.xz) xz -dc "$file" ;;
		*.zst) zstd -qdc "$file" ;;
		*) cat "$file" ;;
		esac >"$dir/modules/$name"
		echo "$name" >>"$dir/modules/order"
	done
}

# Copy programs of the root, and the libraries they are linked with.
initrd_programs()
{
	local dir=$1 file

	shift
	chroot "$ROOT" ldd "$@" | grep -o '/[^ :)]*' | sort -u |
	while read -r file; do
		mkdir -p "$dir${file%/*}"
		cp -L "$ROOT$file" "$dir$file"
	done
	for file; do
		install -D "$ROOT$file" "$dir$file"
	done
}

initrd_skeleton()
{
	local dir=$1

	mkdir -p "$dir"/{bin,sbin,usr/bin,usr/sbin,dev,proc,sys,tmp,run,etc,lib64,root}
	cp "$ROOT/usr/bin/busybox" "$dir/bin/busybox"
	mknod -m 600 "$dir/dev/console" c 5 1
	echo root:x:0:0::/root:/bin/sh >"$dir/etc/passwd"
}

initrd_pack()
{
	(cd "$1" && find . -mindepth 1 | sort | cpio --quiet -o -H newc -R 0:0)
}

host_initrd()
{
	local dir=$1 series=$2

	initrd_skeleton "$dir"
	initrd_modules "$dir" "$series" "${HOST_MODULES[@]}"
	install "$LAB_DIR/l1/initramfs" "$dir/init"
}

guest_initrd()
{
	local dir=$1 series=$2

	initrd_skeleton "$dir"
	initrd_modules "$dir" "$series" "${GUEST_MODULES[@]}"
	initrd_programs "$dir" "${GUEST_PROGRAMS[@]}"
	install "$LAB_DIR/l2/init" "$dir/init"
	install "$LAB_DIR/l2/agent" "$dir/sbin/agent"
	(cd "$BOOT_DIR" && install "${GUEST_TOOLS[@]}" "$dir/usr/bin/")
}

# The kernel proper, out of its self-extracting image: unpacking takes seconds
# under emulation, so it is done here. QEMU starts it by its PVH entry.
# Offsets are those of the x86 boot protocol's setup header.
kernel_unpack()
{
	local image=$1 sectors start length

	sectors=$(od -An -tu1 -j 497 -N 1 "$image")
	start=$(od -An -tu4 -j 584 -N 4 "$image")
	length=$(od -An -tu4 -j 588 -N 4 "$image")
	start=$((start + (sectors + 1) * 512))
	# The payload's last four bytes are its unpacked size.
	tail -c "+$((start + 1))" "$image" | head -c $((length - 4)) |
		{ unpack_any; } || true
}

unpack_any()
{
	local file

	file=$(mktemp "$BOOT_DIR/tmp.XXXXXX")
	cat >"$file"
	if xz -t "$file" 2>/dev/null; then xz -dc <"$file"; else zstd -qdc <"$file"; fi
	rm "$file"
}

kernel_build()
{
	local series=$1 unpack=kernel_unpack image out

	image=$ROOT/boot/vmlinuz-$(kernel_release "$series")
	if [ "$series" = "$SERIES_DEBUG" ]; then
		image=$DEBUG/boot/vmlinux
		unpack="cat"
	fi
	out=$BOOT_DIR/vmlinux-$series
	[ "$(readlink "$out.of" 2>/dev/null)" != "$image" ] || return 0
	"$unpack" "$image" >"$out.$$"
	mv "$out.$$" "$out"
	ln -sfn "$image" "$out.of"
}

# Work loads for both machines, so static.
tools_build()
{
	local tool src

	for tool in "${GUEST_TOOLS[@]}"; do
		src=$LAB_DIR/$tool.c
		[ "$BOOT_DIR/$tool" -nt "$src" ] || {
			cc -O2 -Wall -Wextra -Werror -static -pthread \
				-o "$BOOT_DIR/$tool.$$" "$src" || return
			mv "$BOOT_DIR/$tool.$$" "$BOOT_DIR/$tool"
		}
	done
}

# initrd_build host|guest SERIES: nothing to do if its inputs are unchanged.
initrd_build()
{
	local kind=$1 series=$2 out key tmp

	out=$BOOT_DIR/$kind-$series.cpio
	key="$ROOT $(kernel_dir "$series") $(cat "$LAB_DIR/lib/initrd.sh" "$LAB_DIR/l1/initramfs" \
		"$LAB_DIR"/l2/* "${GUEST_TOOLS[@]/#/$BOOT_DIR/}" | sha256sum)"
	if [ -f "$out" ] && [ "$(cat "$out.key" 2>/dev/null)" = "$key" ]; then
		return
	fi
	tmp=$(mktemp -d "$BOOT_DIR/tmp.XXXXXX")
	chmod 755 "$tmp"
	"${kind}_initrd" "$tmp" "$series"
	rm -f "$out.key"
	initrd_pack "$tmp" >"$out.$$"
	mv "$out.$$" "$out"
	echo "$key" >"$out.key"
	rm -r "$tmp"
}

# All that a run with these two kernels boots from.
boot_files()
{
	local host=$1 guest=$2

	mkdir -p "$BOOT_DIR"
	exec 7>"$BOOT_DIR/lock"
	flock 7
	tools_build || die "a work load does not compile"
	initrd_build host "$host"
	initrd_build guest "$guest"
	kernel_build "$host"
	kernel_build "$guest"
	exec 7>&-
}
