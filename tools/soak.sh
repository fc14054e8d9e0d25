#!/usr/bin/env bash
source "$(dirname "$0")/common.sh"

usage() {
  cat <<'EOF'
Usage: tools/soak.sh SECONDS

Runs callers, the gateway, a proxy that disturbs a third of the exchanges, and an emulated portal in one
optimised process for SECONDS. Prints the numbers of calls, faults and resources in use. Fails if a write was
done twice or although its status says otherwise, if a response was wrong, or if memory or descriptors leak.
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
