#!/usr/bin/env bash
# Runs the built tests and always ends: after TEST_MINUTES (default 25) it names the tests that had begun and not
# ended, shows what their processes wait for, and fails. Arguments go to `swift test`.
set -euo pipefail
minutes=${TEST_MINUTES:-25}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Lines as they come: a buffered tail would be lost with the process, and with it the name of the test that hangs.
lines() { if command -v stdbuf >/dev/null; then stdbuf -oL "$@"; else "$@"; fi; }
descendants() {
    local child
    for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do
        echo "$child"
        descendants "$child"
    done
}
lines "${SWIFT:-swift}" test --skip-build "$@" > >(tee "$log") 2>&1 &
run=$!
for ((second = 0; second < minutes * 60; second++)); do
    kill -0 "$run" 2>/dev/null || break
    sleep 1
done
if kill -0 "$run" 2>/dev/null; then
    echo "error: the tests did not end within $minutes minutes (TEST_MINUTES). Begun and not ended:"
    # Names are quoted texts or functions; a suite or test has ended when a line of its name says "after".
    sed -nE 's/^. (Test|Suite) (.*) started\.$/\1 \2/p' "$log" | sort -u | while IFS= read -r name; do
        grep -qF "$name passed after" "$log" || grep -qF "$name failed after" "$log" \
            || grep -qF "$name skipped" "$log" || echo "  $name"
    done
    all=$(descendants "$run")
    for pid in $all; do echo "process $pid: $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | cut -c1-160)"; done
    for pid in $all; do
        case $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null) in *PackageTests.xctest*) ;; *) continue ;; esac
        if command -v gdb >/dev/null; then gdb -p "$pid" -batch -ex 'thread apply all bt 15' 2>/dev/null | cut -c1-200; fi
    done
    for pid in $run $all; do kill -KILL "$pid" 2>/dev/null || true; done
    exit 1
fi
wait "$run"
