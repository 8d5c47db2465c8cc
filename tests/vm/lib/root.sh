# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# root.sh - the root file system of the lab's host machine
#
# A Debian 13 with the kernels, a QEMU that has vhost-user-test-device-pci, and
# a compiler for modules. It is also where QEMU and that compiler run from on
# this machine, by chroot. Kept in the cache under a name that is a hash of
# what it is made of; a directory of that name is complete, by construction.

ROOT_PACKAGES=(
	linux-image-amd64 linux-headers-amd64	# 6.12
	gcc make libc6-dev libelf1t64 sparse	# to build modules
	libnl-3-200 libnl-genl-3-200 libjson-c5 libsystemd0
	libmicrohttpd12t64 libmosquitto1 systemd	# pvschedd, and its unit
	rt-tests tmux strace procps iproute2 util-linux kmod busybox-static
	cpio socat python3 python3-yaml
)
ROOT_BACKPORTS=(linux-image-amd64 linux-headers-amd64 qemu-system-x86)

# The Debian 12 kernel has to be the one whose headers this machine has.
release_6_1()
{
	dpkg-query -W -f '${Depends}' linux-headers-amd64 2>/dev/null |
		sed -n 's/^linux-headers-\([^ ,]*\).*/\1/p'
}

root_key()
{
	{
		printf '%s\n' "$LAB_SUITE" "$(release_6_1)"
		cat "$LAB_DIR/lib/root.sh"
	} | sha256sum | cut -c1-12
}

# Sets ROOT to the path it has or will have.
root_locate()
{
	[ -n "$(release_6_1)" ] || die "linux-headers-amd64 is missing: run scripts/setup"
	ROOT=$CACHE/root-$(root_key)
}

root_need()
{
	root_locate
	[ -d "$ROOT" ] || root_build
}

# What this machine's apt uses as its mirrors, for the suite of the lab.
root_sources()
{
	# shellcheck disable=SC2016 # apt expands these
	apt-get indextargets --format '$(RELEASE) $(SITE)' 'Created-By: Packages' |
	sort -u | while read -r release site; do
		case $release in
		*-security) echo "deb $site $LAB_SUITE-security main" ;;
		*-updates | *-backports) ;;
		bookworm) echo "deb $site $LAB_SUITE main"
			  echo "deb $site $LAB_SUITE-backports main" ;;
		esac
	done
}

# Proxy and date-checking settings of this machine's apt hold for the root too.
root_apt_options()
{
	apt-config dump | grep -E \
		'^Acquire::(Check-Valid-Until|Check-Date|Retries|https?::[Pp]roxy) '
}

root_install()
{
	local dir=$1 list=${ROOT_PACKAGES[*]}

	# INITRD=No: the lab makes its own initramfs.
	root_apt_options >"$dir.apt.conf" || true
	root_sources | INITRD=No DEBIAN_FRONTEND=noninteractive mmdebstrap \
		--quiet --mode=root --variant=minbase --include="${list// /,}" \
		--keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
		--aptopt="$dir.apt.conf" --dpkgopt=force-unsafe-io \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--customize-hook="chroot \"\$1\" apt-get -qq -y --no-install-recommends \
			-o Dpkg::Use-Pty=0 install -t $LAB_SUITE-backports \
			${ROOT_BACKPORTS[*]} >/dev/null" \
		"$LAB_SUITE" "$dir" - >&2
	rm "$dir.apt.conf"
}

# Image and modules of the Debian 12 kernel. Unpacked aside, as its /lib would
# replace the link that /lib is in the root.
root_add_6_1()
{
	local dir=$1 release tmp

	release=$(release_6_1)
	tmp=$(mktemp -d "$CACHE/tmp.XXXXXX")
	chmod 755 "$tmp"
	(cd "$tmp" && apt-get -qq -o APT::Sandbox::User=root download "linux-image-$release" >&2 &&
	 dpkg-deb -x linux-image-*.deb x) || die "cannot get linux-image-$release"
	mv "$tmp/x/boot/"* "$dir/boot/"
	mv "$tmp/x/lib/modules/$release" "$dir/usr/lib/modules/"
	depmod -b "$dir" "$release"
	rm -r "$tmp"
}

root_finish()
{
	local dir=$1

	mkdir -p "$dir/src" "$dir/out" "$dir/lab/root"
	echo 'vmuser:x:1000:1000::/tmp:/bin/bash' >>"$dir/etc/passwd"
	echo 'vmuser:x:1000:' >>"$dir/etc/group"
	echo pvsched-host >"$dir/etc/hostname"
	rm -rf "$dir"/var/lib/apt/lists/* "$dir"/var/cache/apt/* "$dir"/boot/initrd*
}

# Two that start at the same time: the second waits, then finds it done.
root_build()
{
	local dir=$ROOT.part

	need_root
	mkdir -p "$CACHE"
	exec 8>"$CACHE/root.lock"
	flock -n 8 || { say "waiting for another build of the root"; flock 8; }
	if [ ! -d "$ROOT" ]; then
		say "building the host machine's root (about two minutes, once): $ROOT"
		rm -rf "$dir" "$dir".*
		root_install "$dir" || die "mmdebstrap failed"
		say "adding kernel $(release_6_1)"
		root_add_6_1 "$dir"
		root_finish "$dir"
		mv "$dir" "$ROOT"
		say "root is ready: $(du -sh "$ROOT" | cut -f1)"
	fi
	exec 8>&-
}
