#!/usr/bin/env bash
# Installs the system libraries that Haldane links against, if any is missing. Does nothing when all are there.
# Works as root, or through sudo. Tells what it does.
set -euo pipefail

packages=(libsqlite3-dev libzstd-dev libre2-dev libyaml-dev libdeflate-dev libsnappy-dev pkg-config)

if ! command -v swift >/dev/null; then
    echo "setup: no 'swift' in PATH; Haldane needs Swift 6.2 or later: https://www.swift.org/install" >&2
    exit 1
fi
if ! command -v dpkg-query >/dev/null; then
    echo "setup: not a Debian system; make sure these are installed: ${packages[*]}" >&2
    exit 0
fi

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "setup: run as root: apt-get install ${missing[*]}" >&2; exit 1; }
    as_root=(sudo)
fi

export DEBIAN_FRONTEND=noninteractive
echo "setup: installing ${missing[*]}"
for attempt in 1 2 3; do
    if "${as_root[@]}" apt-get update -qq && "${as_root[@]}" apt-get install -y -qq "${missing[@]}" >/dev/null; then
        exit 0
    fi
    echo "setup: apt-get failed (attempt $attempt of 3)" >&2
    sleep 5
done
echo "setup: could not install ${missing[*]}" >&2
exit 1
