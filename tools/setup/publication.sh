# shellcheck shell=bash
# The functions of scripts that make what is published. They source this file after common.sh.

# Prints the one version of server, chart, clients and packages.
version() {
  sed -n 's/.*kVersion = "\(.*\)";/\1/p' server/base/version.h
}

# Makes what is published the same wherever and whenever it is made: the date is that of the last commit, and the mode
# of each file follows from what it is.
use_reproducible_environment() {
  SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
  export SOURCE_DATE_EPOCH LC_ALL=C.UTF-8 TZ=UTC
  umask 022
}
