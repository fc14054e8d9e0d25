#!/usr/bin/env bash
source "$(dirname "$0")/../tools/setup/common.sh"

usage() {
  cat <<'USAGE'
Usage: bench/instructions.sh [--record | FLAG...]

Counts, with callgrind, the instructions of each step of a call (bench/work), because they are repeatable and
time is not, and compares them with bench/instructions/expected.txt. Fails if a step differs by more than 5 %:
correct a step that became slower, and record one that became faster. --record writes the numbers as the
expected ones of this compiler; commit them with the change that explains them. FLAG, such as --copt=-O3, is a
flag of Bazel, whose effect the comparison then shows.
USAGE
}

readonly expected=bench/instructions/expected.txt
readonly tolerance_percent=5

# count FOLDER FLAG...: prints "step instructions", as counted.
count() {
  local folder=$1 built
  bazel build -c opt "${@:2}" //bench/instructions //bench:payloads >&2
  built=$(bazel info -c opt "${@:2}" bazel-bin 2>/dev/null)
  valgrind --quiet --tool=callgrind --callgrind-out-file="$folder/counts" \
    "$built/bench/instructions/instructions" "$built/bench/payloads"
  awk '/^desc: Trigger: Client Request: / { step = $5 } /^summary: / { if (step) print step, $2; step = "" }' \
    "$folder"/counts.* | sort
}

# record COMPILER COUNTS: replaces the expected numbers of this compiler.
record() {
  local others
  others=$(grep -v "^$1 " "$expected") || true
  { printf '%s\n' "$others" | sed '/^$/d'; sed "s/^/$1 /" "$2"; } >"$expected"
  git --no-pager diff --stat -- "$expected"
}

# compare COMPILER COUNTS
compare() {
  awk -v compiler="$1" -v tolerance="$tolerance_percent" '
    /^#/ { next }
    NR == FNR { if ($1 == compiler) expected[$2] = $3; next }
    !($1 in expected) { print "FAILED " $1 ": nothing is expected of it with " compiler; failed = 1; next }
    {
      percent = 100 * ($2 - expected[$1]) / expected[$1]
      wrong = percent > tolerance || percent < -tolerance
      printf "%s%-28s %12d instructions %+6.1f %%\n", wrong ? "FAILED " : "", $1, $2, percent
      failed = failed || wrong
      delete expected[$1]
    }
    END {
      for (step in expected) { print "FAILED " step ": it was not counted"; failed = 1 }
      exit failed
    }' "$expected" "$2"
}

main() {
  local compiler folder record='' flags=()
  case ${1:-} in
    -h | --help) usage && exit ;;
    --record) (($# == 1)) || { usage >&2 && exit 2; } && record=1 ;;
    '' | --*) flags=("$@") ;;
    *) usage >&2 && exit 2 ;;
  esac
  tools/setup/install.sh check
  compiler=g++-$(g++ -dumpfullversion)
  folder=$(mktemp -d)
  # shellcheck disable=SC2064  # The folder of now.
  trap "rm -rf '$folder'" EXIT
  count "$folder" "${flags[@]}" >"$folder/total"
  if [[ -n $record ]]; then
    record "$compiler" "$folder/total"
  else
    compare "$compiler" "$folder/total"
  fi
}

main "$@"
