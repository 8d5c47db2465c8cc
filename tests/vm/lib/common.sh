# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # the other parts use these
#
# common.sh - what every part of the lab needs: paths, messages, kernel series
#
# Sourced by tests/vm/lab. "Series" is the short name of a kernel that the lab
# knows: the long-term kernel of Debian 12, the two of Debian 13, and for the
# host machine only "debug", which the lab builds itself (debug.sh).

SERIES_ALL=(6.1 6.12 7.3)
SERIES_DEBUG=debug
DEBUG_SLOW=5		# how much longer everything may take on it
SHARED_SLOW=3		# and on a computer that others use at the same time
LAB_SUITE=trixie

REPO=$(cd "$LAB_DIR/../.." && pwd -P)
BUILD=$REPO/build
CACHE=${PVSCHED_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pvsched}

# Exit codes of "lab run" besides those of the script itself.
EXIT_SPLAT=120		# a kernel complained in its log
EXIT_LAB=121		# the host machine did not boot or died
EXIT_TIMEOUT=124	# as timeout(1)

say()
{
	printf 'lab: %s\n' "$*" >&2
}

die()
{
	say "$*"
	exit "$EXIT_LAB"
}

need_root()
{
	[ "$(id -u)" -eq 0 ] || die "needs root: it mounts and changes root directories"
}

need_series()
{
	local s

	for s in "${SERIES_ALL[@]}" "$SERIES_DEBUG"; do
		[ "$s" = "$1" ] && return
	done
	die "no such kernel: $1 (have: ${SERIES_ALL[*]} $SERIES_DEBUG)"
}

# Whatever runs with these series needs.
series_need()
{
	local s

	[ -n "${ROOT:-}" ] || root_need
	for s; do
		[ "$s" != "$SERIES_DEBUG" ] || debug_need
	done
}

# Where lib/modules/ and boot/ of a series are.
kernel_dir()
{
	if [ "$1" = "$SERIES_DEBUG" ]; then echo "$DEBUG"; else echo "$ROOT"; fi
}

# The full release name of a series.
kernel_release()
{
	local dirs

	if [ "$1" = "$SERIES_DEBUG" ]; then
		cat "$DEBUG/release"
		return
	fi
	dirs=("$ROOT/usr/lib/modules/$1".*)
	[ -d "${dirs[0]}" ] || die "kernel $1 is not in $ROOT"
	basename "${dirs[-1]}"
}

# Run a command with $ROOT as its root directory, read-only, /src being the
# repository and /out the directory $1. The mounts live and die with a private
# mount namespace, so there is never anything to clean up. /lab/root is the root
# once more, without what is mounted on it: what a machine gets to see.
in_root()
{
	local out=$1

	shift
	# shellcheck disable=SC2016 # expanded by the inner shell
	exec unshare --mount --propagation private bash -euc '
		root=$1 src=$2 out=$3
		shift 3
		mount --bind "$root" "$root"
		cd "$root"
		mount --bind . lab/root
		mount --bind /dev dev
		mount --bind /proc proc
		mount -t tmpfs tmp tmp
		mount --bind "$src" src
		mount --bind "$out" out
		mount -o remount,bind,ro "$root"
		mount -o remount,bind,ro lab/root
		exec chroot . "$@"
	' in_root "$ROOT" "$REPO" "$out" "$@"
}
