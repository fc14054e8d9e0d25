#!/usr/bin/env bash
source "$(dirname "$0")/tools/common.sh"

usage() {
  cat <<'EOF'
Usage: ./test.sh [STAGE...]

Installs what is missing, builds, and runs every test. Without arguments all stages run, in this order:

  unit      every test, optimised as it is released
  lint      the format, clang-tidy, the proto, the scripts, the dependencies, the fault matrix, and how many
            instructions each step of a call takes, by bench/instructions.sh
  demo      ./run.sh --once, the commands of the README, what of the gateway's spans arrives elsewhere, and
            the status page in a browser
  deploy    the alerts, the dashboard, the Helm chart, the kustomize base and the images' files, by tools/deploy.sh
  clients   the client of each language there is a toolchain for: whether its stubs are fresh, its tests, the
            contract suite, its example, the code in its page; REST by grpc-gateway, and buf
  coverage  how many lines of the code that parses its tests run, by tools/coverage.sh
  asan      every test under AddressSanitizer and UndefinedBehaviorSanitizer
  tsan      every test under ThreadSanitizer
  fuzz      every fuzz target a million times, by tools/fuzz.sh

A stage that fails does not stop the next. The last line says how many test cases, checks, demos and
fuzz targets passed and failed; the exit status is 0 only if none failed.
EOF
}

readonly all_stages=(unit lint demo deploy clients coverage asan tsan fuzz)
declare -A stage_counts=() stage_seconds=()
passed=0 failed=0 skipped=0

# count STAGE PASSED FAILED SKIPPED
count() {
  stage_counts[$1]="$2 passed, $3 failed, $4 skipped"
  passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
}

# bazel_stage STAGE FLAG...: every test of the repository in one configuration.
bazel_stage() {
  local events status=0 p=0 f=0 s=0
  events=$(mktemp)
  # A test that passed in an earlier run of CI runs again.
  bazel test "${@:2}" ${CI:+--nocache_test_results} --keep_going --build_event_json_file="$events" //... || status=$?
  # What failed in a way that counts no case (as an error in a BUILD file does) still fails the stage.
  read -r p f s < <(python3 tools/count_tests.py "$events") || f=1
  rm -f "$events"
  ((status == 0 || f > 0)) || f=1
  ((p > 0 || f > 0)) || f=1
  count "$1" "$p" "$f" "$s"
}

# check STAGE COMMAND...: commands that each pass or fail as a whole; separated by ",".
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

# fuzz_stage: each target is one check; a build that fails is one that failed.
fuzz_stage() {
  local report status=0 p f
  report=$(mktemp)
  tools/fuzz.sh | tee "$report" || status=$?
  p=$(grep -c ', 0 findings$' "$report") || true
  f=$(grep -c ', [1-9][0-9]* findings$' "$report") || true
  rm -f "$report"
  ((status == 0 || f > 0)) || f=1
  count fuzz "$p" "$f" 0
}

run_stage() {
  case $1 in
    unit) bazel_stage unit --compilation_mode=opt ;;
    asan | tsan) bazel_stage "$1" "--config=$1" --build_tests_only ;;
    lint) run_checks lint "tools/lint.sh "{format,scripts,dependencies,faults,proto,tidy} bench/instructions.sh ;;
    demo) run_checks demo './run.sh --once' tools/readme.sh tools/tracing.sh tools/status_page.sh ;;
    deploy) run_checks deploy 'tools/deploy.sh '{alerts,dashboard,chart,base,images} ;;
    clients) run_checks clients 'tools/generate.sh --check' tools/contract.sh tools/interop.sh 'tools/lint.sh snippets' ;;
    coverage) run_checks coverage tools/coverage.sh ;;
    fuzz) fuzz_stage ;;
  esac
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
  local stage started stages=("$@")
  ((${#stages[@]})) || stages=("${all_stages[@]}")
  for stage in "${stages[@]}"; do
    case $stage in
      -h | --help) usage && exit ;;
      unit | lint | demo | deploy | clients | coverage | asan | tsan | fuzz) ;;
      *) usage >&2 && exit 2 ;;
    esac
  done
  tools/install.sh test
  check_bazel
  for stage in "${stages[@]}"; do
    say "$stage, after $SECONDS s"
    started=$SECONDS
    run_stage "$stage"
    stage_seconds[$stage]=$((SECONDS - started))
  done
  summary "${stages[@]}"
  ((failed == 0))
}

main "$@"
