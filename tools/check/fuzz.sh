#!/usr/bin/env bash
source "$(dirname "$0")/../setup/common.sh"

readonly all_targets=(api_key_json credentials emulator_request portal_error response_reader)

usage() {
  cat <<EOF
Usage: tools/check/fuzz.sh [EXECUTIONS] [TARGET...]
       tools/check/fuzz.sh keep [TARGET...]

Builds the fuzz targets of tests/fuzz with clang's libFuzzer, AddressSanitizer and
UndefinedBehaviorSanitizer, and runs each for EXECUTIONS (1000000 by default), two at a time. Prints the
number of executions and findings of each. An input that breaks a property is kept below .run/fuzz, and the
exit status is then 1. Inputs that reach new code are kept there too, and the next run begins with them.

FUZZ_SEED in the environment makes runs on the same inputs repeatable; without it, or with 0, runs differ.

keep: runs no target, but minimises the folder "found" of each target's corpus in tests/fuzz/corpus: it
keeps the fewest inputs, of that folder and of .run/fuzz, that reach all code that the hand-written ones miss.

Targets: ${all_targets[*]}
EOF
}

# fuzz EXECUTIONS TARGET: runs the target; libFuzzer's output goes to .run/fuzz/TARGET.log.
fuzz() {
  mkdir -p ".run/fuzz/$2"
  "$binaries/${2}_fuzzer" -seed="${FUZZ_SEED:-0}" -runs="$1" -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix=".run/fuzz/$2-" \
    ".run/fuzz/$2" "tests/fuzz/corpus/${2}_fuzzer" >".run/fuzz/$2.log" 2>&1
}

# report TARGET STATUS
report() {
  local log=.run/fuzz/$1.log executions findings=0
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  # A run that did not complete its executions has found something, even if its log has no finding.
  (($2 == 0)) || findings=1
  printf '%-17s %10s executions, %s findings\n' "$1" "${executions:-0}" "$findings"
  ((findings == 0)) || tail -n 50 "$log" >&2
}

# keep TARGET
keep() {
  local corpus=tests/fuzz/corpus/${1}_fuzzer chosen
  chosen=$(mktemp -d)
  mkdir -p "$corpus/found" ".run/fuzz/$1"
  find "$corpus" -maxdepth 1 -type f -exec cp -t "$chosen" {} +
  "$binaries/${1}_fuzzer" -set_cover_merge=1 -use_counters=0 "$chosen" ".run/fuzz/$1" "$corpus/found" \
    >".run/fuzz/$1.log" 2>&1
  rm -r "$corpus/found"
  mkdir "$corpus/found"
  # New inputs are named by their hash.
  find "$chosen" -regextype egrep -regex '.*/[0-9a-f]{40}' -exec mv -t "$corpus/found" {} +
  rm -r "$chosen"
  printf '%-17s %4d inputs found\n' "$1" "$(find "$corpus/found" -type f | wc -l)"
}

# fuzz_all EXECUTIONS TARGET...: runs two targets at a time, and fails if one has a finding.
fuzz_all() {
  local target failed=0
  local -A running=()
  for target in "${@:2}" ''; do
    # Wait for one if two run already, and for both at the end.
    while ((${#running[@]} >= (${#target} ? 2 : 1))); do
      local pid status=0
      wait -n -p pid "${!running[@]}" || status=$?
      report "${running[$pid]}" "$status"
      ((status == 0)) || failed=1
      unset "running[$pid]"
    done
    [[ -n $target ]] || break
    fuzz "$1" "$target" &
    running[$!]=$target
  done
  return "$failed"
}

main() {
  local work=1000000 target labels
  case ${1:-} in
    -h | --help) usage && exit ;;
    keep | [0-9]*) work=$1 && shift ;;
  esac
  (($#)) || set -- "${all_targets[@]}"
  use_clang
  labels=("${@/#///tests/fuzz:}")
  bazel build --config=fuzz "${labels[@]/%/_fuzzer}"
  binaries=$(bazel info --config=fuzz bazel-bin 2>/dev/null)/tests/fuzz
  if [[ $work == keep ]]; then
    for target in "$@"; do keep "$target"; done
  else
    fuzz_all "$work" "$@"
  fi
}

main "$@"
