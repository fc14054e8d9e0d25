#!/usr/bin/env bash
source "$(dirname "$0")/../setup/common.sh"

# The code that reads bytes from outside: from callers, from the portal, and in tests from the gateway.
readonly parsing_files=(
  server/caller/credentials.cc
  server/docspace/api_key_json.cc
  server/docspace/date_time.cc
  server/docspace/portal_error.cc
  server/docspace/errors.cc
  server/docspace/proxies.cc
  server/docspace/retry_after.cc
  server/docspace/routes.cc
  server/caller/forwarded_metadata.cc
  server/http/chunk_decoder.cc
  server/http/origin.cc
  server/http/request_writer.cc
  server/http/response_head.cc
  server/http/response_reader.cc
  server/base/rapidjson.h
  server/tracing/trace_context.cc
  server/base/utf8.cc
  tests/emulator/api.cc
  tests/emulator/authentication.cc
  tests/emulator/conditions.cc
  tests/emulator/faults.cc
  tests/emulator/fields_filter.cc
  tests/emulator/http_server.cc
  tests/emulator/json_web_token.cc
  tests/emulator/request_dto.cc
  tests/emulator/url.cc
)

# The tests of these files, and the replays of the fuzz targets' corpora.
readonly tests=(
  //tests/emulator:{api,conditions,emulator,emulator_tls,faults,fields_filter,generations,json_web_token}_test
  //tests/emulator:{rate_limit,request_dto,url}_test
  //tests/fuzz:{api_key_json,credentials,emulator_request,portal_error,response_reader}_fuzzer_replay_test
  //tests/server/base:{rapidjson,utf8}_test
  //tests/server/caller:{credentials,forwarded_metadata}_test
  //tests/server/docspace:{api_key_json,date_time,errors,portal_error,proxies,retry_after,routes}_test
  //tests/server/tracing:trace_context_test
  //tests/server/http:{chunk_decoder,origin,request_writer,response_head,response_reader}_test
)

readonly required_percent=95

usage() {
  cat <<EOF
Usage: tools/check/coverage.sh

Builds the parsing code and its tests with clang, runs the tests, and prints the share of each file's
lines that ran. If it is less than $required_percent % for any file, fails and prints the lines that never ran.
EOF
}

# llvm_cov COMMAND ARGUMENT...: runs llvm-cov on all tests together. Its warnings concern inline functions that not
# every file uses.
llvm_cov() {
  local paths=("${tests[@]/#\/\//$binaries/}")
  paths=("${paths[@]//://}")
  llvm-cov-16 "$1" "${paths[0]}" "${paths[@]/#/--object=}" "--instr-profile=$counts/all" \
    "--path-equivalence=.,$PWD" "${@:2}" 2>/dev/null
}

# Prints "FILE LINES MISSED PERCENT" for each file.
lines_of_files() {
  llvm_cov report --show-region-summary=false --show-branch-summary=false "${parsing_files[@]}" |
    awk '$1 ~ /\.(cc|h)$/ { print $1, $5, $6, $7 }'
}

main() {
  local file lines missed percent failed=0 files=0
  case ${1:-} in
    -h | --help) usage && exit ;;
  esac
  counts=$PWD/.run/coverage
  rm -rf "$counts"
  mkdir -p "$counts"
  use_clang
  # Outside Bazel's sandbox, because each process must write its counts.
  bazel test --config=coverage --nocache_test_results --strategy=TestRunner=local \
    --test_env=LLVM_PROFILE_FILE="$counts/%p-%m.profraw" "${tests[@]}"
  binaries=$(bazel info --config=coverage bazel-bin 2>/dev/null)
  llvm-profdata-16 merge --sparse "$counts"/*.profraw -o "$counts/all"
  while read -r file lines missed percent; do
    printf '%-34s %4d lines, %7s covered\n' "$file" "$lines" "$percent"
    files=$((files + 1))
    ((100 * missed > (100 - required_percent) * lines)) || continue
    failed=1
    llvm_cov show "$file" | grep -E '^ +[0-9]+\| +0\|' >&2
  done < <(lines_of_files)
  ((files == ${#parsing_files[@]})) || die 'A file is in no test.'
  return "$failed"
}

main "$@"
