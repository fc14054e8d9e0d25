#!/usr/bin/env bash
source "$(dirname "$0")/common.sh"

usage() {
  cat <<'EOT'
Usage: tools/overload.sh SECONDS

Runs the gateway before a portal of a known capacity, optimised as it is released, and offers it that
many calls and five times as many, each for SECONDS: with a constant limit on calls at a time, and with
--adaptive-limit. Prints goodput, refusals and memory; fails where the goodput at five times the
capacity is below 90 % of that at the capacity.
EOT
}

main() {
  case ${1:-} in
    -h | --help) usage && exit ;;
    '' | *[!0-9]*) usage >&2 && exit 2 ;;
  esac
  bazel build -c opt //tests/processes:overload
  cd "$(bazel info -c opt bazel-bin 2>/dev/null)"
  exec tests/processes/overload "$1"
}

main "$@"
