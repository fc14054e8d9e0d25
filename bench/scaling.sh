#!/usr/bin/env bash
source "$(dirname "$0")/common.sh"

usage() {
  cat <<'USAGE'
Usage: bench/scaling.sh [--quick] [--rounds N] [--seconds S] [--warm-up S] [--subject-core N] [--load-core N]

Installs what is missing, builds, and measures what a call costs this gateway as calls in flight, callers'
connections, keys in a list, and event loops become more, with nginx in the portal's place, on two cores of
this machine. Writes .run/bench/scaling.md, scaling.svg and scaling.json. The default takes six minutes,
--quick one. Every answer is checked; a wrong one fails it. Nothing else should run meanwhile.
USAGE
}

main() {
  case ${1:-} in
    -h | --help) usage && exit ;;
  esac
  prepare
  # shellcheck disable=SC2119  # Nothing beside.
  build >/dev/null
  measure scaling.py "$@"
}

main "$@"
