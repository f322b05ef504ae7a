#!/usr/bin/env bash
# All benchmarks: Haldane beside Debian's Prometheus and VictoriaMetrics, which are installed if they are missing.
#
#   benchmarks/run.sh            print the tables
#   benchmarks/run.sh --record   and write them to benchmarks/RESULTS.md
#   SEEDS="1 2" benchmarks/run.sh ...   the peers once with each of these seeds of the traffic (default: 1)
#
# Further arguments go to `haldane bench peers` (--workload, --measure, --prometheus, --victoria, --smoke).
set -euo pipefail
cd "$(dirname "$0")/.."

record=no
seeds=${SEEDS:-1}
if [ "${1:-}" = --record ]; then record=yes; shift; fi
binary=.build/release/haldane
if [ ! -x "$binary" ]; then
    echo "no $binary: run 'make build' first" >&2
    exit 1
fi
# The packages start services of their own, which the benchmark does not use.
scripts/install.sh bench prometheus victoria-metrics ||
    echo "WARNING: going on without the peers that could not be installed: the ratios to them are missing" >&2

# A row that is missed says so itself; the rest is measured all the same.
if [ "$record" = no ]; then
    "$binary" bench
    "$binary" bench verdicts || true
    "$binary" bench registered || true
    for seed in $seeds; do "$binary" bench peers --seed "$seed" "$@"; done
    exec benchmarks/promql.sh
fi

work=$(mktemp)
trap 'rm -f "$work"' EXIT
{
    echo "# Haldane beside its peers"
    echo
    echo "Written by \`${SEEDS:+SEEDS=\"$SEEDS\" }benchmarks/run.sh --record${*:+ $*}\`, Haldane $("$binary" --version), release build. A row is as it must be by"
    echo "the ratio to Prometheus in the same run; absolute figures hold for one machine and one run. What is"
    echo "measured and how: \`haldane bench peers --help\`."
    echo
    for seed in $seeds; do
        "$binary" bench peers --output markdown --seed "$seed" "$@"
        echo
    done
    benchmarks/promql.sh
    echo
    echo "## Verdicts"
    echo
    echo '```'
    "$binary" bench verdicts || true
    echo '```'
    echo
    echo "## Registered analyses"
    echo
    echo '```'
    "$binary" bench registered || true
    echo '```'
} >"$work"
cat "$work"
cp "$work" benchmarks/RESULTS.md
