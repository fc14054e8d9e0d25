#!/usr/bin/env bash
# Runs the README's commands as they are written, against what ./run.sh serves: its ```sh blocks, in
# order, in one shell; and in another one the commands that ./run.sh itself shows. (Its two commands
# themselves are run by ./test.sh: one by the stage demo, the other by whoever started it.) With the
# argument "table" it writes the table of settings instead.
source "$(dirname "$0")/common.sh"

readonly grpcurl=github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.8.9

serving=''
clean_up() {
  [[ -z $serving ]] || kill -TERM "$serving" 2>/dev/null || true
  wait
}

wait_until_served() {
  for ((i = 0; i < 6000; i++)); do
    grep -q 'In another terminal' .run/readme.log && return 0
    kill -0 "$serving" 2>/dev/null || break
    sleep 0.1
  done
  cat .run/readme.log >&2
  die './run.sh does not serve.'
}

write_table() {
  bazel build -c opt //tools:reference_table
  "$(bazel info -c opt bazel-bin 2>/dev/null)/tools/reference_table" >.run/table.md
  sed -i -e '/^| flag | environment /r .run/table.md' -e '/^| flag | environment /,/^$/{/^|/d}' README.md
}

main() {
  if [[ ${1:-} == table ]]; then
    mkdir -p .run
    write_table
    return
  fi
  local tools=$PWD/.run/tools
  mkdir -p .run
  [[ -x $tools/grpcurl ]] || GOBIN=$tools go install "$grpcurl"
  trap clean_up EXIT
  env -u DOCSPACE_URL ./run.sh >.run/readme.log 2>&1 </dev/null &
  serving=$!
  wait_until_served
  # shellcheck disable=SC2016  # Backquotes of Markdown.
  sed -n '/^```sh$/,/^```$/p' README.md | grep -v '^```' >.run/readme.sh
  [[ -s .run/readme.sh ]] || die 'README.md has no commands.'
  sed -n '/^In another terminal/,/^Ctrl-C/s/^  //p' .run/readme.log >.run/shown.sh
  grep -q '^grpcurl ' .run/shown.sh || die './run.sh shows no commands.'
  export PATH="$tools:$PATH"
  bash -euxo pipefail .run/readme.sh
  bash -euxo pipefail .run/shown.sh
}

main "$@"
