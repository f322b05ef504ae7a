#!/usr/bin/env bash
# install.sh WHAT PACKAGE...: installs those of the Debian packages that are missing. Does nothing when all are there.
# Works as root, or through sudo. Tells what it does; WHAT says for whom.
set -euo pipefail
what=$1
shift

if ! command -v dpkg-query >/dev/null; then
    echo "$what: not a Debian system; make sure these are installed: $*" >&2
    exit 0
fi

missing=()
for package in "$@"; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "$what: run as root: apt-get install ${missing[*]}" >&2; exit 1; }
    as_root=(sudo)
fi

export DEBIAN_FRONTEND=noninteractive
echo "$what: installing ${missing[*]}" >&2
for attempt in 1 2 3; do
    if "${as_root[@]}" apt-get update -qq &&
        "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null; then
        exit 0
    fi
    echo "$what: apt-get failed (attempt $attempt of 3)" >&2
    sleep 5
done
echo "$what: could not install ${missing[*]}" >&2
exit 1
