#!/usr/bin/env bash
source "$(dirname "$0")/common.sh"

usage() {
  cat <<'USAGE'
Usage: bench/calls.sh [--seconds N]

Installs the packages that are missing, builds, and counts with callgrind the instructions that the gateway's process
takes for a whole call. They vary by a few percent, with how many calls share a wake-up. Takes a minute.
USAGE
}

prepare "$@"
# For callgrind.
tools/setup/install.sh check
# shellcheck disable=SC2119  # No further targets.
build >/dev/null
measure python3 calls.py "$@"
