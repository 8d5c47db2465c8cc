# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# debug.sh - a kernel for the host machine that looks for bugs
#
# Debian's 6.12 sources, of the version that the root has, with the
# configuration debug/config, built on this machine. Kept in the cache like the
# root, under a hash of what it is made of: boot/, lib/modules/, and in tree/
# what is needed to build modules for it. An interrupted build goes on where it was.

DEBUG_SOURCE=linux-source-6.12
DEBUG_FILES=1150	# compiled, about; for the progress messages
# Nothing the build of a module reads.
DEBUG_UNUSED=(Documentation block crypto drivers fs init io_uring ipc mm net
	rust samples security sound virt)

# The version of the kernel sources, such as 6.12.117.
debug_version()
{
	kernel_release 6.12 | sed 's/[^0-9.].*//'
}

debug_key()
{
	{
		debug_version
		gcc -dumpfullversion -dumpmachine
		cat "$LAB_DIR/debug/config" "$LAB_DIR/lib/debug.sh"
	} | sha256sum | cut -c1-12
}

# Sets DEBUG to the path it has or will have. The root is there.
debug_locate()
{
	DEBUG=$CACHE/debug-$(debug_key)
}

debug_need()
{
	debug_locate
	[ -d "$DEBUG" ] || debug_build
}

# The package of exactly that version, else the newest there is.
debug_package_version()
{
	local versions

	versions=$(apt-cache madison "$DEBUG_SOURCE" | cut -d '|' -f 2 | tr -d ' ')
	grep -m1 "^$(debug_version)-" <<<"$versions" || head -n 1 <<<"$versions"
}

debug_unpack()
{
	local version

	[ ! -f unpacked ] || return 0
	version=$(debug_package_version)
	[ -n "$version" ] ||
		die "apt knows no $DEBUG_SOURCE: try apt-get update, or add Debian's security suite"
	say "unpacking $DEBUG_SOURCE $version"
	rm -rf tree ./*.deb
	mkdir tree
	apt-get -qq -o APT::Sandbox::User=root download "$DEBUG_SOURCE=$version" >&2 ||
		die "cannot download $DEBUG_SOURCE $version"
	dpkg-deb --fsys-tarfile ./*.deb |
		tar -xO --wildcards "*/$DEBUG_SOURCE.tar.xz" | xz -dc -T0 |
		tar -x -C tree --strip-components=1
	rm ./*.deb
	touch unpacked
}

# What is asked for and cannot be had would make a kernel that does not look.
debug_configure()
{
	local line lost=0

	KCONFIG_ALLCONFIG=$LAB_DIR/debug/config make -s -C tree allnoconfig
	while read -r line; do
		grep -qxF -- "$line" tree/.config && continue
		say "debug/config: the kernel has no $line"
		lost=1
	done < <(grep '^CONFIG_' "$LAB_DIR/debug/config")
	[ "$lost" -eq 0 ] || die "tests/vm/debug/config does not fit $(debug_version)"
}

# debug_make TARGET...: output to build.log, a line of progress each half minute.
debug_make()
{
	local pid status=0 start=$SECONDS next=30

	nice -n 15 make -C tree -j"$(nproc)" "$@" >>build.log 2>&1 9>&- &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		sleep 1
		[ $((SECONDS - start)) -ge $next ] || continue
		say "debug kernel: $(grep -c '^  CC ' build.log) of about $DEBUG_FILES files," \
			"$((next / 60)):$(printf %02d $((next % 60))) min"
		next=$((next + 30))
	done
	wait "$pid" || status=$?
	[ "$status" -eq 0 ] && return
	grep -E -B 2 -A 8 '(error:|Error [0-9])' build.log | tail -n 30 >&2
	die "the debug kernel does not build: see $PWD/build.log"
}

# The products; then what is left of the tree is made small.
debug_finish()
{
	mkdir -p boot
	strip -o boot/vmlinux tree/vmlinux
	make -s -C tree INSTALL_MOD_PATH="$PWD" modules_install
	rm -f lib/modules/*/build
	make -s -C tree kernelrelease >release
	rm unpacked
	(cd tree && rm -rf "${DEBUG_UNUSED[@]}" vmlinux*)
	find tree \( -name '*.o' -o -name '*.a' -o -name '.*.cmd' \) ! -path '*/scripts/*' -delete
}

debug_build()
{
	need_root
	mkdir -p "$CACHE"
	exec 8>"$CACHE/debug.lock"
	flock -n 8 || { say "waiting for another build of the debug kernel"; flock 8; }
	if [ ! -d "$DEBUG" ]; then
		say "building the debug kernel (5 to 30 minutes, once): $DEBUG"
		mkdir -p "$DEBUG.part"
		# No || after this: each of these ends all at its first error.
		(
			cd "$DEBUG.part" || return
			debug_unpack
			debug_configure
			debug_make vmlinux modules
			debug_finish
		)
		mv "$DEBUG.part" "$DEBUG"
		say "debug kernel is ready: $(du -sh "$DEBUG" | cut -f1)"
	fi
	exec 8>&-
}
