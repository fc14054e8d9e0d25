#!/usr/bin/env bash
source "$(dirname "$0")/common.sh"

usage() {
  cat <<'EOF'
Usage: tools/contract.sh [--case TEXT] [LANGUAGE...]

Holds the clients to the contract suite: see tests/contract/README.md. Without arguments all languages are,
but those without a toolchain; with CI set that is a failure for those whose users are most.

  --case TEXT   only the cases whose names contain TEXT
EOF
}

readonly required='cpp go java python rust typescript'

# languages: those that have a runner.
languages() {
  local runner
  for runner in tests/contract/*/runner.sh; do basename "$(dirname "$runner")"; done
}

main() {
  local language missing status=0 chosen=() options=() runners=()
  while (($#)); do
    case $1 in
      -h | --help) usage && exit ;;
      --case) options=(--case "${2:?}") && shift ;;
      *) chosen+=("$1") ;;
    esac
    shift
  done
  ((${#chosen[@]})) || mapfile -t chosen < <(languages)
  bazel build -c opt //server:docspace-apikeys-gateway //tests/emulator:emulator
  local built
  built=$(bazel info -c opt bazel-bin 2>/dev/null)
  mkdir -p .run/contract
  install "$built/server/docspace-apikeys-gateway" .run/contract/
  install "$built/tests/emulator/emulator" .run/contract/docspace-emulator

  for language in "${chosen[@]}"; do
    missing=$("tests/contract/$language/runner.sh" missing)
    if [[ -n $missing ]]; then
      echo "SKIPPED $language: this machine lacks $missing"
      [[ -z ${CI:-} || " $required " != *" $language "* ]] || status=1
      continue
    fi
    say "Building the runner for $language"
    "tests/contract/$language/runner.sh" build
    while read -r name command; do runners+=("$name=$command"); done < <("tests/contract/$language/runner.sh" list)
  done
  ((${#runners[@]})) || die 'There is no runner.'
  python3 tests/contract/suite.py --bin .run/contract "${options[@]}" "${runners[@]}" || status=1
  return "$status"
}

main "$@"
