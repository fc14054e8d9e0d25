#!/usr/bin/env bash
# Checks what bash completes: completion.bash FILE, which is that of docspace-keys.
set -euo pipefail
# shellcheck source=/dev/null
source "$1"
# It is an error outside a completion.
compopt() { :; }

# completes EXPECTED WORD...: fails if bash offers something else for the last word.
completes() {
  COMP_WORDS=("${@:2}") COMP_CWORD=$(($# - 2)) COMPREPLY=()
  _docspace_keys
  [[ ${COMPREPLY[*]} == "$1" ]] || { echo "${*:2}: ${COMPREPLY[*]} instead of $1" && exit 1; }
}

completes 'create' docspace-keys cr
completes '--plaintext' docspace-keys --pl
completes 'table json' docspace-keys --output ''
completes 'json' docspace-keys --output j
# bash splits a word at an equals sign.
completes 'json' docspace-keys --output = j
completes 'table json' docspace-keys --output =
completes '--activate' docspace-keys update ID --ac
completes '' docspace-keys list --activ
completes '--secret-file' docspace-keys --target localhost:1 create --sec
# The value of an option is no command.
completes 'delete' docspace-keys --portal list del
completes 'delete' docspace-keys --portal = list del
completes '' docspace-keys create --name ''
completes "$1" docspace-keys --ca-file "${1%?}"
