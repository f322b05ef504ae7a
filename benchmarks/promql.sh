#!/bin/sh
# CPU per query of Haldane beside Debian's Prometheus: the same samples, the same queries, the same run.
#
#   benchmarks/promql.sh            print the table
#
# PROMETHEUS names another Prometheus. Further arguments go to `haldane bench servers` (--pods, --minutes, --spend).
set -eu
cd "$(dirname "$0")/.."

prometheus=${PROMETHEUS:-/usr/bin/prometheus}
binary=.build/release/haldane
if [ ! -x "$binary" ]; then
    echo "no $binary: run 'make build' first" >&2
    exit 1
fi

work=$(mktemp -d)
ours= theirs=
cleanup() {
    for pid in $ours $theirs; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# Waits until a log matches a pattern, and prints the host and port after it.
address() {
    for _ in $(seq 100); do
        found=$(sed -n "s#.*$2\([0-9.]*:[0-9]*\).*#\1#p" "$1" | head -n 1)
        if [ -n "$found" ]; then echo "$found"; return; fi
        sleep 0.1
    done
    echo "the server did not start:" >&2
    cat "$1" >&2
    exit 1
}

"$binary" serve --in-memory --listen 127.0.0.1:0 --log-level error 2>"$work/haldane.log" &
ours=$!
haldane_address=$(address "$work/haldane.log" 'listening on http://')
set -- --server "haldane=http://$haldane_address,$ours" "$@"

if [ -x "$prometheus" ]; then
    echo 'global: {}' >"$work/prometheus.yml"
    "$prometheus" --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" \
        --web.listen-address=127.0.0.1:0 --web.enable-remote-write-receiver 2>"$work/prometheus.log" &
    theirs=$!
    prometheus_address=$(address "$work/prometheus.log" 'msg="Listening on" address=')
    set -- "$@" --server "prometheus=http://$prometheus_address,$theirs"
    sleep 1
    peer=$("$prometheus" --version 2>&1 | head -n 1 | cut -d' ' -f1-3)
else
    echo "no Prometheus to compare with: 'apt-get install prometheus', or set PROMETHEUS to its path" >&2
    peer="no peer"
fi

"$binary" bench servers --markdown "$@" >"$work/table.md" 2>"$work/messages" || { cat "$work/messages" >&2; exit 1; }
echo "## Queries over the same samples"
echo
echo "CPU milliseconds of the server's process per request (user and system, garbage collection included) over one kept"
echo "HTTP connection. Both got the same samples by remote write, so the answers are equal."
echo
echo "- Machine: $(nproc) x $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(uname -sr)"
echo "- Haldane: $("$binary" --version), release build"
echo "- Peer: $peer"
echo "- Data: $(cat "$work/messages"); scraped every 10 s; load average $(cut -d' ' -f1 /proc/loadavg) at the end"
echo
cat "$work/table.md"
