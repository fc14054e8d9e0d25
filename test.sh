#!/usr/bin/env bash
source "$(dirname "$0")/tools/setup/common.sh"

# Each stage, the seconds that it takes from nothing on two cores, from which the script computes
# progress, and its content. The stages run in this order.
readonly stages=(
  'unit      470 every GoogleTest, in the configuration that ./run.sh builds'
  'demo      15  ./run.sh --once, and docspace-keys doctor against every generation of the emulated portal'
  'lint      130 the format, clang-tidy, the proto, the scripts, the dependencies, the fault matrix, references, versions'
  'counts    10  the number of instructions of each step of a call, by bench/instructions.sh'
  'docs      65  the commands of the README and of pages in docs/, spans in a foreign collector, the status page in a browser'
  'proxies   110 the status of calls through Envoy, nginx and HAProxy, by tests/proxies/run.sh'
  'deploy    200 the alerts, the dashboard, the Helm chart, the kustomize base, the image files and the Debian package'
  'clients   250 each client: its stubs, tests, contract suite, example and page; grpc-gateway and buf'
  'coverage  75  the share of the lines of the parsing code that tests run, by tools/check/coverage.sh'
  'asan      600 every test under AddressSanitizer and UndefinedBehaviorSanitizer'
  'tsan      440 every test with more than one thread, under ThreadSanitizer'
  'fuzz      85  every fuzz target two hundred thousand times, by tools/check/fuzz.sh'
)
readonly default_tier='unit demo'
# The stages that `all` leaves out, because from nothing they make a whole Debian and compile everything again.
readonly long_stages=(
  'platforms 5400 ./test.sh on Debian 13 and on what comes after it, by tools/platform.sh'
)

list_stages() {
  local stage
  for stage in "$@"; do printf '  %-9s %s\n' "${stage%% *}" "$(sed -E 's/^\S+ +\S+ +//' <<<"$stage")"; done
}

usage() {
  cat <<'EOF_USAGE'
Usage: ./test.sh [all | STAGE...]

Installs the packages that are missing, builds, and runs tests. Without arguments it runs the stages unit
and demo. `all` runs every stage, which takes about five times as long:

EOF_USAGE
  list_stages "${stages[@]}"
  cat <<'EOF_USAGE'

A long run like those of the soak test, which is no part of `all`:

EOF_USAGE
  list_stages "${long_stages[@]}"
  cat <<'EOF_USAGE'

The next stage runs even if one has failed. The last line is `N passed, N failed`, with `, N skipped` if
any were skipped; it counts test cases, checks and fuzz targets. The exit status is 0 only if none failed.

tools/README.md says which script each stage runs; each script explains its use with --help or in its first lines.
EOF_USAGE
}

# The options that `all` adds to the stage unit, because row S4 of the fault matrix needs as many calls.
unit_options=()

declare -A stage_counts=() stage_seconds=()
passed=0 failed=0 skipped=0

# count STAGE PASSED FAILED SKIPPED
count() {
  stage_counts[$1]="$2 passed, $3 failed, $4 skipped"
  passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
}

# bazel_stage STAGE FLAG...: runs every test of the repository in one configuration.
bazel_stage() {
  local events status=0 p=0 f=0 s=0
  events=$(mktemp)
  # In CI a test runs again even if it has passed before.
  bazel test "${@:2}" ${CI:+--nocache_test_results} --build_tests_only --keep_going \
    --build_event_json_file="$events" //... || status=$?
  # A failure that no test case counts, such as an error in a BUILD file, still fails the stage.
  read -r p f s < <(python3 tools/check/count_tests.py "$events") || f=1
  rm -f "$events"
  ((status == 0 || f > 0)) || f=1
  ((p > 0 || f > 0)) || f=1
  count "$1" "$p" "$f" "$s"
}

# run_checks STAGE COMMAND...: runs commands, each of which passes or fails as a whole.
run_checks() {
  local stage=$1 p=0 f=0 check
  shift
  for check in "$@"; do
    say "$stage: $check"
    # shellcheck disable=SC2086  # The words of the command.
    if $check; then
      p=$((p + 1))
    else
      f=$((f + 1))
      echo "FAILED $check" >&2
    fi
  done
  count "$stage" "$p" "$f" 0
}

# fuzz_stage: counts each target as one check; a build that fails is one failure.
fuzz_stage() {
  local report status=0 p f
  report=$(mktemp)
  # Each run has the same inputs, so that the check of a change does not fail by chance.
  FUZZ_SEED=1 tools/check/fuzz.sh 200000 | tee "$report" || status=$?
  p=$(grep -c ', 0 findings$' "$report") || true
  f=$(grep -c ', [1-9][0-9]* findings$' "$report") || true
  rm -f "$report"
  ((status == 0 || f > 0)) || f=1
  count fuzz "$p" "$f" 0
}

run_stage() {
  case $1 in
    unit) bazel_stage unit --compilation_mode=opt "${unit_options[@]}" ;;
    demo) run_checks demo './run.sh --once' tools/check/doctor.sh ;;
    lint) run_checks lint 'tools/check/lint.sh '{format,scripts,dependencies,faults,references,versions,proto,tidy} ;;
    counts) run_checks counts bench/instructions.sh ;;
    docs) run_checks docs tools/check/readme.sh 'tools/check/observability.sh '{spans,status_page} ;;
    proxies) run_checks proxies tests/proxies/run.sh ;;
    deploy) run_checks deploy 'tools/check/deploy.sh '{alerts,dashboard,chart,base,images} 'tools/check/package.sh files' ;;
    clients) run_checks clients 'tools/clients/generate.sh --check' tools/clients/contract.sh tools/clients/interop.sh 'tools/check/lint.sh snippets' ;;
    coverage) run_checks coverage tools/check/coverage.sh ;;
    asan | tsan) bazel_stage "$1" "--config=$1" ;;
    fuzz) fuzz_stage ;;
    platforms) run_checks platforms 'tools/platform.sh '{trixie,next}' ./test.sh' ;;
  esac
}

# expected_seconds STAGE...: prints the sum of the seconds that the stages take from nothing.
expected_seconds() {
  local name seconds sum=0 stage
  for stage in "${stages[@]}" "${long_stages[@]}"; do
    read -r name seconds _ <<<"$stage"
    [[ " $* " != *" $name "* ]] || sum=$((sum + seconds))
  done
  echo "$sum"
}

summary() {
  local stage
  say Summary
  for stage in "$@"; do
    printf '%-8s %s, %d s\n' "$stage" "${stage_counts[$stage]}" "${stage_seconds[$stage]}"
  done
  echo "$passed passed, $failed failed$( ((skipped == 0)) || echo ", $skipped skipped")"
}

main() {
  local stage started total done=() chosen=("$@") every=() long=()
  for stage in "${stages[@]}"; do every+=("${stage%% *}"); done
  for stage in "${long_stages[@]}"; do long+=("${stage%% *}"); done
  ((${#chosen[@]})) || read -ra chosen <<<"$default_tier"
  if [[ ${chosen[*]} == all ]]; then
    chosen=("${every[@]}")
    unit_options=(--test_env=DOCSPACE_CALLS=100000)
  fi
  for stage in "${chosen[@]}"; do
    case $stage in
      -h | --help) usage && exit ;;
    esac
    [[ " ${every[*]} ${long[*]} " == *" $stage "* ]] || { usage >&2 && exit 2; }
  done
  # Only the default tier needs fewer packages.
  case " ${chosen[*]} " in
    ' unit demo ' | ' unit ' | ' demo ') tools/setup/install.sh test ;;
    ' platforms ') tools/setup/install.sh platforms ;;
    *) tools/setup/install.sh check ;;
  esac
  total=$(expected_seconds "${chosen[@]}")
  for stage in "${chosen[@]}"; do
    say "Stage $((${#done[@]} + 1)) of ${#chosen[@]}: $stage" \
      "($((100 * $(expected_seconds "${done[@]}") / total)) % of the usual work is done, after $SECONDS s)"
    started=$SECONDS
    run_stage "$stage"
    stage_seconds[$stage]=$((SECONDS - started))
    done+=("$stage")
  done
  summary "${chosen[@]}"
  ((failed == 0))
}

main "$@"
