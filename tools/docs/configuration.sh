#!/usr/bin/env bash
# Writes the tables of settings and of deprecated names into docs/configuration.md, from server/config/.
source "$(dirname "$0")/../setup/common.sh"

main() {
  local program
  bazel build -c opt //tools/docs:reference_table
  program=$(bazel info -c opt bazel-bin 2>/dev/null)/tools/docs/reference_table
  mkdir -p .run
  "$program" >.run/table.md
  "$program" deprecated >.run/deprecated.md
  sed -i -e '/^| flag | environment /r .run/table.md' -e '/^| flag | environment /,/^$/{/^|/d}' \
    -e '/^| flag | deprecated /r .run/deprecated.md' -e '/^| flag | deprecated /,/^$/{/^|/d}' docs/configuration.md
}

main "$@"
