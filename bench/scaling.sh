#!/usr/bin/env bash
source "$(dirname "$0")/common.sh"

usage() {
  cat <<'USAGE'
Usage: bench/scaling.sh [--quick] [--rounds N] [--seconds S] [--warm-up S] [--subject-core N] [--load-core N]

Installs the packages that are missing, builds, and measures the gateway's cost for each call with more calls
in flight, connections of callers, keys in a list, and event loops. nginx stands in for the portal; two cores
of this machine are used. Writes .run/bench/scaling.md, scaling.svg and scaling.json. The default takes six
minutes, --quick one. Every response is checked, and a wrong one fails the run. Run nothing else meanwhile.
USAGE
}

prepare "$@"
# shellcheck disable=SC2119  # No further targets.
build >/dev/null
measure python3 scaling.py "$@"
