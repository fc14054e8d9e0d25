#!/usr/bin/env bash
source "$(dirname "$0")/common.sh"

readonly all_targets=(api_key_json credentials emulator_request portal_error response_reader)

usage() {
  cat <<EOF
Usage: tools/fuzz.sh [EXECUTIONS] [TARGET...]

Builds the fuzz targets of tests/fuzz with clang's libFuzzer, AddressSanitizer and
UndefinedBehaviorSanitizer, and runs each for EXECUTIONS (1000000 by default), two at a time. Says how
often each ran and what it found; an input that breaks a property is kept below .run/fuzz, and makes the
exit status 1. New inputs that reach new code are kept there too, and are where the next run begins.

Targets: ${all_targets[*]}
EOF
}

# build TARGET...: in an output base of its own, or each change of compiler would rebuild everything.
build() {
  local normal_base
  normal_base=$(bazel info output_base 2>/dev/null)
  bazel_startup=("--output_base=$normal_base-fuzz" --max_idle_secs=60)
  bazel build --config=fuzz --repo_env=CC=clang-16 "${@/%/_fuzzer}"
}

# fuzz EXECUTIONS TARGET: what libFuzzer says goes to .run/fuzz/TARGET.log.
fuzz() {
  local target=$2 max_len=4096
  [[ $target != api_key_json ]] || max_len=8192
  mkdir -p ".run/fuzz/$target"
  "$binaries/${target}_fuzzer" -runs="$1" -max_len="$max_len" -timeout=10 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix=".run/fuzz/$target-" \
    ".run/fuzz/$target" "tests/fuzz/corpus/${target}_fuzzer" >".run/fuzz/$target.log" 2>&1
}

# report TARGET STATUS
report() {
  local log=.run/fuzz/$1.log executions findings=0
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  # A run that did not get through its executions found something, whatever it says.
  (($2 == 0)) || findings=1
  printf '%-17s %10s executions, %s findings\n' "$1" "${executions:-0}" "$findings"
  ((findings == 0)) || tail -n 50 "$log" >&2
}

main() {
  local executions=1000000 target failed=0
  local -A running=()
  case ${1:-} in
    -h | --help) usage && exit ;;
    [0-9]*) executions=$1 && shift ;;
  esac
  (($#)) || set -- "${all_targets[@]}"
  build "${@/#///tests/fuzz:}"
  binaries=$(bazel info --config=fuzz --repo_env=CC=clang-16 bazel-bin 2>/dev/null)/tests/fuzz
  for target in "$@" ''; do
    # Wait for one where two run already, and for both at the end.
    while ((${#running[@]} >= (${#target} ? 2 : 1))); do
      local pid status=0
      wait -n -p pid "${!running[@]}" || status=$?
      report "${running[$pid]}" "$status"
      ((status == 0)) || failed=1
      unset "running[$pid]"
    done
    [[ -n $target ]] || break
    fuzz "$executions" "$target" &
    running[$!]=$target
  done
  return "$failed"
}

main "$@"
