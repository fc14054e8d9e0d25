#!/usr/bin/env zsh
# Checks what zsh completes: completion.zsh FOLDER, which has the completion of docspace-keys.
zmodload zsh/zpty
zpty shell zsh -f -i
# The function prints what zsh has made of a line, because a terminal shows only what a completion adds.
zpty -w shell "PS1= RPS1= fpath=($1 \$fpath); autoload -Uz compinit; compinit -D -u; bindkey -e"
zpty -w shell "docspace-keys() { print -r -- \"<\$*>\"; }; print re''ady"
zpty -r shell line '*ready*' || exit 1

# completes WORDS EXPECTED: types the words, a tabulator and a line break.
completes() {
  zpty -w shell "docspace-keys $1"$'\t'
  zpty -r shell line '*<*>*' && [[ $line == *"<$2>"* ]] || { print -r "$1: $line instead of $2" && exit 1 }
}

completes 'crea' 'create'
completes '--plain' '--plaintext'
completes '--output j' '--output json'
completes 'update ID --deact' 'update ID --deactivate'
completes '--target localhost:1 create --secret' '--target localhost:1 create --secret-file'
completes "--ca-file ${1%?}" "--ca-file $1"
zpty -d shell
