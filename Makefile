# SPDX-License-Identifier: GPL-2.0-or-later
#
# The front door: everything is done by Meson, Kbuild or a script.
#
#	make			programs
#	make modules		modules for every kernel of the lab
#	make demo		the whole chain at work, in the lab
#	make check		every test
#	make check-debug	the lab's tests on a kernel that looks for bugs (long)
#	make check-packages	do Debian packages install, upgrade and go (long)
#	make lint		style and static checks
#	make lab		a shell on the lab's host machine, and a guest beside it
#	make bench-latency	build/bench/latency.json
#	make bench-cost		build/bench/cost.json
#	make bench-guest	build/bench/guest.json
#	make bench-section	build/bench/section.json
#	make bench-dump		build/bench/dump.json
#	make bench-storm	build/bench/storm.json
#	make bench-pvtop	build/bench/pvtop.json
#	make dist		build/dist/pvsched-VERSION.tar.xz
#	make deb		Debian packages, in build/deb
#	make rpm		the RPM source package, in build/rpm
#	make install		programs, library and units, to $(DESTDIR)$(PREFIX)

USER_BUILD := build/user
PREFIX ?= /usr/local
# What Meson builds; nothing: the tests too.
TARGETS :=

.PHONY: all setup setup-build modules demo check check-debug check-packages lint lab bench bench-latency bench-cost bench-guest bench-section bench-dump bench-storm bench-pvtop install dist deb rpm clean

all: setup-build
	@test -d $(USER_BUILD)/meson-info || \
		meson setup --prefix $(PREFIX) $(USER_BUILD) >/dev/null
	@meson compile -C $(USER_BUILD) $(TARGETS) >build/compile.log 2>&1 || \
		{ cat build/compile.log; exit 1; }

setup-build:
	@mkdir -p build
	@scripts/setup build

setup:
	@mkdir -p build
	@scripts/setup

modules: setup
	@tests/vm/lab modules

demo: TARGETS := tools/pvsched:executable pvtop pvsched-vhost
demo: setup all
	@tests/demo

check: setup all
	@tests/check

check-debug: all
	@scripts/setup debug
	@tests/vm/lab build debug >/dev/null
	@tests/check debug

check-packages: setup
	@scripts/setup packages
	@tests/check packages

lint: setup
	@tests/lint

lab: setup all
	@tests/vm/lab modules 6.12
	@tests/vm/lab shell

bench: bench-latency bench-cost bench-guest bench-section bench-dump bench-storm bench-pvtop

bench-latency: setup all
	@tests/bench/latency

bench-cost: setup all
	@tests/bench/cost

bench-guest: setup all
	@tests/bench/guest

bench-section: setup all
	@tests/bench/section

bench-dump: setup all
	@mkdir -p build/bench
	@$(USER_BUILD)/tests/bench/dump $(wildcard build/lab/*/vcpus.dump) >build/bench/dump.json; \
		status=$$?; cat build/bench/dump.json; exit $$status

bench-storm: setup all
	@mkdir -p build/bench
	@$(USER_BUILD)/tests/bench/storm >build/bench/storm.json; \
		status=$$?; cat build/bench/storm.json; exit $$status

bench-pvtop: setup all
	@mkdir -p build/bench
	@tests/bench/pvtop.py $(USER_BUILD)/tests/pvtop/pvtop-live >build/bench/pvtop.json; \
		status=$$?; cat build/bench/pvtop.json; exit $$status

install: all
	@meson configure --prefix $(PREFIX) $(USER_BUILD)
	@meson install -C $(USER_BUILD)
	@[ -n "$(DESTDIR)" ] || ldconfig

dist:
	@scripts/dist

deb:
	@scripts/setup deb
	@scripts/deb

rpm:
	@scripts/setup rpm
	@scripts/rpm

clean:
	rm -rf build
