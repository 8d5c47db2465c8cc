# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# modules.sh - build the kernel modules for the lab's kernels
#
# Kbuild writes beside the sources, so each kernel has a copy of them, in
# build/modules/SERIES; times are preserved, so that only what changed is built.
# For 6.1 (it is its Debian's) and the debug kernel (it was built here) they are
# built on this machine, for the others with the compiler in the root (it is
# theirs).

MODULE_SOURCES=(Kbuild host guest include tests/vm/modules)
MODULE_PRODUCTS=('*.o' '*.ko' '*.mod' '*.mod.c' '.*' 'Module.symvers' 'modules.order')

modules_copy()
{
	local dir=$1 sources=() s

	for s in "${MODULE_SOURCES[@]}"; do
		[ ! -e "$REPO/$s" ] || sources+=("./$s")
	done
	mkdir -p "$dir"
	(cd "$REPO" && rsync -aR --delete "${MODULE_PRODUCTS[@]/#/--exclude=}" \
		"${sources[@]}" "$dir/")
}

# modules_make SERIES SUBDIR ARG...: Kbuild in that part of the copy.
modules_make()
{
	local series=$1 sub=$2 release here=

	release=$(kernel_release "$series")
	case $series in
	6.1) here=/usr/src/linux-headers-$release ;;
	"$SERIES_DEBUG") here=$DEBUG/tree ;;
	esac
	shift 2
	set -- make -s -j"$(nproc)" W=1 KCFLAGS=-Werror "$@" modules
	if [ -n "$here" ]; then
		"$@" -C "$here" M="$BUILD/modules/$series$sub" \
			KBUILD_EXTRA_SYMBOLS="$(modules_symbols "$BUILD" "$series" "$sub")"
	else
		(in_root "$BUILD" "$@" -C "/usr/src/linux-headers-$release" \
			M="/src/build/modules/$series$sub" \
			KBUILD_EXTRA_SYMBOLS="$(modules_symbols /src/build "$series" "$sub")")
	fi
}

# The test modules use what the project's modules export.
modules_symbols()
{
	[ -z "$3" ] || echo "$1/modules/$2/Module.symvers"
}

# Warnings in the kernel's own headers are not ours to mend.
modules_sparse_verdict()
{
	grep -E '(warning|error):' "$1" | grep -vE '^(\./|/usr/)' >&2 || return 0
	say "sparse has something to say, see above"
	return 1
}

modules_build_in()
{
	local series=$1 sub=$2 dir=$BUILD/modules/$1

	shift 2
	[ -f "$dir$sub/Kbuild" ] || return 0
	modules_make "$series" "$sub" "$@"
}

modules_build()
{
	local series=$1 sparse=$2 dir=$BUILD/modules/$1 args=() log status=0

	# The headers package of 7.3 lacks scripts/checker-valid.sh.
	if [ "$series" = 7.3 ] && [ -n "$sparse" ]; then
		say "no sparse for 7.3: its headers do not support it"
		sparse=
	fi
	say "modules for $series${sparse:+, with sparse}"
	mkdir -p "$dir"
	log=$dir.log
	exec 6>"$dir.lock"
	flock 6
	modules_copy "$dir"
	[ -z "$sparse" ] || args=(C=2 CF=-D__CHECK_ENDIAN__)
	{
		modules_build_in "$series" "" "${args[@]}" &&
		modules_build_in "$series" /tests/vm/modules "${args[@]}"
	} >"$log" 2>&1 || status=$?
	if [ "$status" -ne 0 ]; then
		cat "$log" >&2
	elif [ -n "$sparse" ]; then
		modules_sparse_verdict "$log" || status=$?
	fi
	exec 6>&-
	return "$status"
}

lab_modules()
{
	local sparse='' series=() s failed=0

	for s; do
		if [ "$s" = --sparse ]; then
			sparse=yes
		else
			need_series "$s"
			series+=("$s")
		fi
	done
	[ ${#series[@]} -gt 0 ] || series=("${SERIES_ALL[@]}")
	need_root
	series_need "${series[@]}"
	[ -f "$REPO/Kbuild" ] || die "no Kbuild in $REPO"
	for s in "${series[@]}"; do
		modules_build "$s" "$sparse" || { say "modules for $s failed"; failed=1; }
	done
	return "$failed"
}
