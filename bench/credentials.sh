#!/usr/bin/env bash
source "$(dirname "$0")/common.sh"

usage() {
  cat <<'USAGE'
Usage: bench/credentials.sh [--calls N] [--rounds N]

Installs the packages that are missing, builds, and measures the cost of --portal-share-connections off with
few and with many credentials. Prints the table of docs/performance.md. Takes about five minutes.
USAGE
}

prepare "$@"
# shellcheck disable=SC2119  # No further targets.
build >/dev/null
# gRPC for Python.
python_environment client/python/requirements.txt .run/clients/python
measure .run/clients/python/bin/python credentials.py "$@"
