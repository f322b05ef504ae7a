#!/usr/bin/env bash
# quietly.sh WHAT COMMAND...: runs a long build, showing its last line on a terminal and a line every half minute
# elsewhere. Prints the whole output when it fails, and any compiler warning in any case.
set -uo pipefail
what=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
start=$SECONDS
"$@" >"$log" 2>&1 </dev/null &
job=$!
said=0
while kill -0 "$job" 2>/dev/null; do
    sleep 1
    spent=$((SECONDS - start))
    last=$(tail -n 1 "$log" | tr -d '\r' | cut -c1-60)
    if [ -t 1 ]; then
        printf '\r\033[K%s … %d s  %s' "$what" "$spent" "$last"
    elif [ $((spent / 30)) -gt "$said" ]; then
        said=$((spent / 30))
        echo "$what … $spent s  $last"
    fi
done
[ -t 1 ] && printf '\r\033[K'
wait "$job"
code=$?
if [ "$code" -ne 0 ]; then
    cat "$log"
    echo "$what failed (exit $code)" >&2
else
    # Left out: what the linker says of libc's own functions in static programs, and others' stray files.
    grep -E '(^|[^a-z])warning: ' "$log" |
        grep -vE "Using .* in statically linked applications|the use of .mktemp. is dangerous" |
        grep -vE "^warning: '[a-z-]+': found [0-9]+ file\(s\) which are unhandled" | sort -u
    echo "$what: done in $((SECONDS - start)) s"
fi
exit "$code"
