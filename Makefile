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
#	make bench		all of these, and build/bench/report.html and .md
#	make bench-report	the report of what was measured before
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

.PHONY: all setup setup-build modules demo check check-debug check-packages lint lab bench bench-report bench-latency bench-cost bench-guest bench-section bench-dump bench-storm bench-pvtop install dist deb rpm clean

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

# The report says what failed, too.
bench: setup all
	@scripts/setup bench
	@status=0; tests/bench/run || status=1; tests/bench/report || status=1; exit $$status

bench-latency bench-cost bench-guest bench-section bench-dump bench-storm bench-pvtop: setup all
	@tests/bench/run $(@:bench-%=%)

bench-report:
	@scripts/setup bench
	@tests/bench/report

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
