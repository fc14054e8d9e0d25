#!/usr/bin/env bash
source "$(dirname "$0")/common.sh"

usage() {
  cat <<'USAGE'
Usage: bench/compare.sh [--payload NAME] [--in-flight N] [--slices N] [--seconds S] VARIANT...

Installs the packages that are missing, builds, and compares the gateway's CPU time for each call with that of its
variants. A VARIANT is an environment variable as NAME=VALUE, or another build of the gateway as the path of its
program. They get short slices of load by turn, each in a new process, so that neither a slow minute of the machine nor
the place of a process in memory affects one alone. Prints each variant's ratio to the gateway as it is: the median and
the quartiles over the slices. With the defaults, takes about two seconds for each slice of each variant. Examples:

  bench/compare.sh GLIBC_TUNABLES=
  bench/compare.sh --payload denied --in-flight 1 LD_PRELOAD=/usr/lib/x86_64-linux-gnu/libmimalloc.so.2
USAGE
}

prepare "$@"
# shellcheck disable=SC2119  # No further targets.
build >/dev/null
measure python3 compare.py "$@"
