# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# packages.sh - root directories to install packages in, for tests/packages
#
# Made once and kept in the cache, as the lab's root; a test has an overlay of one,
# whose changes are in build/packages/NAME.upper.

# Of Debian 12, with what the packages need, so that what is there before and
# after them can be compared.
PACKAGES_BOOKWORM=(
	apt ca-certificates dkms linux-headers-amd64 gcc libc6-dev make pkg-config python3
	procps systemd udev dbus libncursesw6 libjson-c5 libmicrohttpd12 libmosquitto1 libnl-genl-3-dev
)
# A Debian 13 as a guest, with the kernel and the headers that it has of its own.
PACKAGES_GUEST=(
	apt ca-certificates linux-image-amd64 linux-headers-amd64 systemd-sysv udev dbus
	busybox-static procps
)
# On top of the lab's root.
PACKAGES_TRIXIE=(apt dkms systemd systemd-sysv udev dbus)
# On top of that.
PACKAGES_LIBVIRT=(libvirt-daemon-system libvirt-clients apparmor)

root_path()
{
	root_locate
	echo "$ROOT"
}

# Of all that a root is made of.
packages_key()
{
	{
		echo "$ROOT"
		declare -p PACKAGES_BOOKWORM PACKAGES_TRIXIE
		case $1 in
		guest) declare -p PACKAGES_GUEST ;;
		libvirt) declare -p PACKAGES_LIBVIRT ;;
		esac
		declare -f packages_bootstrap packages_settle "packages_build_$1"
	} | sha256sum | cut -c1-12
}

# packages_bootstrap SUITE DIR PACKAGE...
packages_bootstrap()
{
	local LAB_SUITE=$1 dir=$2 list

	shift 2
	list=$*
	root_apt_options >"$dir.conf" || true
	root_sources | DEBIAN_FRONTEND=noninteractive mmdebstrap --quiet --mode=root \
		--variant=minbase --include="${list// /,}" --aptopt="$dir.conf" \
		--keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
		--dpkgopt=force-unsafe-io --skip=cleanup/apt "$LAB_SUITE" "$dir" - >&2
}

# packages_settle DIR: README's commands ask nobody, and the machine is not another one
packages_settle()
{
	{
		root_apt_options || true
		echo 'APT::Get::Assume-Yes "true"; APT::Install-Recommends "false";'
	} >"$1/etc/apt/apt.conf.d/90lab"
	rm -f "$1/etc/machine-id"
}

packages_build_bookworm()
{
	packages_bootstrap bookworm "$1" "${PACKAGES_BOOKWORM[@]}"
}

packages_build_guest()
{
	packages_bootstrap "$LAB_SUITE" "$1" "${PACKAGES_GUEST[@]}"
	packages_settle "$1"
	echo guest >"$1/etc/hostname"
}

packages_build_trixie()
{
	cp -a "$ROOT" "$1"
	packages_settle "$1"
	packages_chroot "$1" sh -ec "apt-get -qq update
		apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 install \
			${PACKAGES_TRIXIE[*]}" >&2
}

# AppArmor's other profiles cost the machine half a minute when it starts.
packages_build_libvirt()
{
	cp -a "$(packages_root trixie)" "$1"
	packages_chroot "$1" sh -ec "apt-get -qq update
		apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 install \
			${PACKAGES_LIBVIRT[*]}
		find /etc/apparmor.d -maxdepth 1 -type f ! -name '*libvirt*' -delete" >&2
}

packages_chroot()
{
	local dir=$1

	shift
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare --mount --propagation private bash -euc '
		root=$1
		shift
		mount --bind /dev "$root/dev"
		mount --bind /proc "$root/proc"
		mount --bind /etc/resolv.conf "$root/etc/resolv.conf"
		exec chroot "$root" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"
	' packages_chroot "$dir" "$@"
}

# packages_root bookworm|guest|trixie|libvirt: its path; it is made if need be.
packages_root()
{
	local dir

	root_need >&2
	dir=$CACHE/packages-$1-$(packages_key "$1")
	if [ ! -d "$dir" ]; then
		say "building a root for packages (a minute or two, once): $dir"
		rm -rf "$dir.part"
		"packages_build_$1" "$dir.part" || die "cannot build it"
		rm -f "$dir.part.conf"
		mv "$dir.part" "$dir"
	fi
	echo "$dir"
}

# overlay_new NAME ROOT
overlay_new()
{
	[ -d "$2" ] || return
	rm -rf "${WORK:?}/$1".*
	mkdir -p "$WORK/$1."{upper,work,root}
	ln -s "$2" "$WORK/$1.lower"
}

# in_overlay NAME COMMAND...: with this repository as /src
in_overlay()
{
	# shellcheck disable=SC2016 # expanded by the inner shell
	overlay_run "$1" '
		mount --bind "$repo" src
		mount --bind /dev dev
		mount -t proc proc proc
		mount -t tmpfs tmp tmp
		mount -t tmpfs run run
		[ ! -f /etc/resolv.conf ] || cp /etc/resolv.conf etc/resolv.conf
		exec chroot . "$@"' "${@:2}"
}

# lab_in_overlay NAME LAB-COMMAND...
lab_in_overlay()
{
	# shellcheck disable=SC2016
	overlay_run "$1" 'cd "$repo"; exec tests/vm/lab --root "$root" "$@"' "${@:2}"
}

overlay_run()
{
	local name=$1 script=$2

	shift 2
	# shellcheck disable=SC2016
	unshare --mount --propagation private bash -euc "
		root=\$1.root repo=\$2
		mount -t overlay -o \"lowerdir=\$(readlink \"\$1.lower\"),upperdir=\$1.upper,workdir=\$1.work\" overlay \"\$root\"
		shift 2
		cd \"\$root\"
		mkdir -p src out lab/root
		$script" overlay_run "$WORK/$name" "$REPO" "$@"
}

# guest_image NAME: what is in that overlay, as build/packages/guest.img to be booted by
# its own kernel and initramfs. The lab adds what it gives orders by.
guest_image()
{
	# shellcheck disable=SC2016 # expanded by the inner shell
	overlay_run "$1" '
		install -D "$repo/tests/vm/l2/agent" usr/local/sbin/lab-agent
		install -D "$repo/build/lab/boot/hog" usr/local/bin/hog
		ln -sf /bin/busybox usr/local/bin/usleep
		cp "$repo/tests/vm/l2/lab-agent.service" etc/systemd/system/
		ln -sf ../lab-agent.service etc/systemd/system/multi-user.target.wants/
		rm -rf var/cache/apt/* var/lib/apt/lists/* usr/share/doc/*
		cp boot/vmlinuz-* "$repo/build/packages/guest.vmlinuz"
		cp boot/initrd.img-* "$repo/build/packages/guest.initrd"
		rm -f "$repo/build/packages/guest.img"
		mkfs.ext4 -q -L guest -d . "$repo/build/packages/guest.img" 3G'
}

# readme_block HEADING N [FILE]: the Nth indented block below that heading of README.md,
# or of another document
readme_block()
{
	awk -v heading="$1" -v want="$2" '
		/^#/ { below = ($0 ~ "^#+ " heading "$"); block = 0; inside = 0 }
		!below { next }
		/^    / { if (!inside) block++; inside = 1; if (block == want) print substr($0, 5); next }
		NF { inside = 0 }' "$REPO/${3:-README.md}" | grep .
}

# On a host machine, the module that the guest's package has built, as --extra files
# for a guest: where modprobe looks for it.
guest_files()
{
	local dir=/run/guest-files/lib/modules/$LAB_HOST_RELEASE

	mkdir -p "$dir/updates/dkms"
	xz -dc "/lib/modules/$LAB_HOST_RELEASE/updates/dkms/virtio_pvsched.ko.xz" \
		>"$dir/updates/dkms/virtio_pvsched.ko" &&
	touch "$dir"/modules.{order,builtin} &&
	depmod -b /run/guest-files "$LAB_HOST_RELEASE"
}
