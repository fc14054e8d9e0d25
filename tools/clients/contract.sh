#!/usr/bin/env bash
source "$(dirname "$0")/../setup/common.sh"

usage() {
  cat <<'EOF'
Usage: tools/clients/contract.sh [--case TEXT] [LANGUAGE...]

Runs the clients' own tests, the contract suite and the clients' examples: see tests/contract/README.md.
Without arguments it does so for every language that has a toolchain on this machine. With CI set, a missing
toolchain is a failure for the languages that most users write.

  --case TEXT   run only the cases whose names contain TEXT
EOF
}

readonly required='cpp go java python rust typescript'

# Prints the languages that have a runner.
languages() {
  local runner
  for runner in tests/contract/*/runner.sh; do basename "$(dirname "$runner")"; done
}

# append LANGUAGE VERB ARRAY: adds the output of the language's runner.sh to the array, as NAME=COMMAND.
append() {
  local name command
  local -n array=$3
  while read -r name command; do array+=("$name=$command"); done < <("tests/contract/$1/runner.sh" "$2")
}

main() {
  local language missing skipped=() failed=() chosen=() options=() runners=() examples=()
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
      skipped+=("$language: this machine lacks $missing")
      [[ -z ${CI:-} || " $required " != *" $language "* ]] || failed+=("$language is missing")
      continue
    fi
    say "Building and testing the client for $language"
    "tests/contract/$language/runner.sh" build || { failed+=("$language: build") && continue; }
    "tests/contract/$language/runner.sh" test || failed+=("$language: tests")
    append "$language" list runners
    append "$language" example examples
  done
  ((${#runners[@]})) || die 'There is no runner.'
  say 'The contract suite'
  python3 tests/contract/suite.py --bin .run/contract "${options[@]}" "${runners[@]}" || failed+=('the contract suite')
  if ((${#examples[@]})); then
    say 'The examples'
    python3 tests/contract/examples.py --bin .run/contract "${examples[@]}" || failed+=('the examples')
  fi
  ((!${#skipped[@]})) || printf 'SKIPPED %s\n' "${skipped[@]}"
  ((!${#failed[@]})) || die "Failed: $(printf '%s; ' "${failed[@]}")"
}

main "$@"
