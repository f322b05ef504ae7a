#!/usr/bin/env bash
# Installs the system libraries that Haldane links against, if any is missing. Does nothing when all are there.
set -euo pipefail

if ! command -v swift >/dev/null; then
    echo "setup: no 'swift' in PATH; Haldane needs Swift 6.2 or later: https://www.swift.org/install" >&2
    exit 1
fi
exec "$(dirname "$0")/install.sh" setup \
    libsqlite3-dev libzstd-dev libre2-dev libyaml-dev libdeflate-dev libsnappy-dev pkg-config
