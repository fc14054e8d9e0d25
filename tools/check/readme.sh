#!/usr/bin/env bash
source "$(dirname "$0")/../setup/common.sh"

usage() {
  cat <<'EOF'
Usage: tools/check/readme.sh

Runs the commands of the README and of the pages in docs/ as they are written, against what ./run.sh
serves: all ```sh blocks of each page, in order, in one shell, which begins with the environment of the
README's first block. A further shell runs the commands that ./run.sh itself shows. A ```console block
shows a session that needs something else, such as a registry of images, and is not run.

The README's ./run.sh and ./test.sh are not run here: the stage demo of ./test.sh runs the first one.
EOF
}

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

# commands PAGE: prints the sh blocks of a page.
commands() {
  # shellcheck disable=SC2016  # Backquotes of Markdown.
  sed -n '/^```sh$/,/^```$/p' "$1" | grep -v '^```'
}

# first_commands PAGE: prints its first sh block.
first_commands() {
  # shellcheck disable=SC2016  # Backquotes of Markdown.
  sed -n '/^```sh$/,${p;/^```$/q}' "$1" | grep -v '^```'
}

run_commands() {
  local tools=$PWD/.run/tools page pages
  # shellcheck disable=SC2016  # Backquotes of Markdown.
  mapfile -t pages < <(git grep --files-with-matches '^```sh$' -- README.md 'docs/*.md')
  [[ -x $tools/grpcurl ]] || GOBIN=$tools go install "$grpcurl"
  trap clean_up EXIT
  env -u DOCSPACE_URL ./run.sh >.run/readme.log 2>&1 </dev/null &
  serving=$!
  wait_until_served
  sed -n '/^In another terminal/,/^Ctrl-C/s/^  //p' .run/readme.log >.run/shown.sh
  grep -q '^grpcurl ' .run/shown.sh || die './run.sh shows no commands.'
  export PATH="$tools:$PATH"
  for page in "${pages[@]}"; do
    say "The commands of $page"
    commands "$page" >.run/page.sh || die "$page has no commands."
    [[ $page == README.md ]] || {
      # All but the line that creates a key, whose file exists already.
      first_commands README.md | grep -E '^(source|export) ' | cat - .run/page.sh >.run/readme.sh
      mv .run/readme.sh .run/page.sh
    }
    bash -euxo pipefail .run/page.sh
  done
  say 'The commands that ./run.sh shows'
  bash -euxo pipefail .run/shown.sh
}

mkdir -p .run
case ${1:-} in
  '') run_commands ;;
  -h | --help) usage ;;
  *) usage >&2 && exit 2 ;;
esac
