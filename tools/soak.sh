#!/usr/bin/env bash
source "$(dirname "$0")/common.sh"

usage() {
  cat <<'EOF'
Usage: tools/soak.sh SECONDS

Runs callers, the gateway, a proxy that harms a third of the exchanges, and an emulated portal in one
process for SECONDS, optimised as it is released. Prints the calls, faults and holdings; fails where a
write was done twice or in silence, an answer was wrong, or memory or descriptors leak.
EOF
}

main() {
  case ${1:-} in
    -h | --help) usage && exit ;;
    '' | *[!0-9]*) usage >&2 && exit 2 ;;
  esac
  bazel build -c opt //tests/soak
  exec "$(bazel info -c opt bazel-bin 2>/dev/null)/tests/soak/soak" "$1"
}

main "$@"
