#!/usr/bin/env bash
source "$(dirname "$0")/common.sh"

usage() {
  cat <<'USAGE'
Usage: bench/credentials.sh [--calls N] [--rounds N]

Installs what is missing, builds, and measures what --share-portal-connections costs, with few and many credentials.
Prints the table of docs/performance.md. Takes about five minutes.
USAGE
}

main() {
  case ${1:-} in
    -h | --help) usage && exit ;;
  esac
  prepare
  # shellcheck disable=SC2119  # No further targets.
  build >/dev/null
  # gRPC for Python.
  python_environment client/python/requirements.txt .run/clients/python
  say 'Measuring'
  .run/clients/python/bin/python -B bench/credentials.py --bin "$folder/bin" "$@"
}

main "$@"
