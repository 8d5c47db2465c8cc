#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: host=6.12 guest=6.12 timeout=240
#
# t-demo.sh - what "make demo" and "make bench-latency" run comes to its end, with
# all that it is to show
#
# How large the figures are is not judged here. Static priority is left out: it makes
# everything else slow.

# shellcheck source=tests/vm/host-lib.sh
. "$(dirname "$0")/host-lib.sh"

MODES="vanilla pvsched"

measured()
{
	# shellcheck disable=SC2086 # words
	PVSCHED_TEST_SHOW=yes "$(dirname "$0")/../bench/latency-host.sh" 1 2 $MODES \
		</dev/null >/run/demo
}

# figures MODE: all there, and numbers
figures()
{
	local metric

	for metric in guest_avg_us guest_p99_us guest_max_us host_work host_cpu \
		host_cyclictest_avg_us host_cyclictest_max_us boosts doorbells; do
		grep -qE "^1	$1	$metric	[0-9.]+$" /out/rounds.tsv || {
			echo "no $metric"
			return 1
		}
	done
}

check "modes are measured in turn" measured
for mode in $MODES; do
	check "$mode: all figures" figures "$mode"
done
check "pvsched boosts" grep -qE "	pvsched	boosts	[1-9]" /out/rounds.tsv
check "nobody else does" sh -c '! grep -E "vanilla	boosts	[1-9]" /out/rounds.tsv'
check "the list shows the vCPU" grep -qE "^g +0 +[0-9]+ +0 " /run/demo
check_equal "ten events are shown" 10 "$(grep -c '^{"schema":1,"group":' /run/demo)"
cat /run/demo
exit "$T_FAILED"
