# shellcheck shell=bash
# The functions that the scripts of this folder share. They source this file, define `usage`, and are in the root folder
# afterwards.
source "$(dirname "${BASH_SOURCE[0]}")/../tools/setup/common.sh"

readonly folder=.run/bench

# build [TARGET...]: builds the gateway, the load generator, the payloads and the targets, and prints Bazel's folder of
# binaries. $folder gets copies of the first three, which a later build does not change.
build() {
  local built
  bazel build -c opt //server:docspace-apikeys-gateway //bench/load //bench:payloads "$@" >&2
  built=$(bazel info -c opt bazel-bin 2>/dev/null)
  install -D --target-directory="$folder/bin" "$built"/server/docspace-apikeys-gateway "$built/bench/load/load"
  install -D --mode=644 --target-directory="$folder/payloads" "$built"/bench/payloads/*.json
  echo "$built"
}

# prepare [ARGUMENT...]: prints the usage and exits if the first argument asks for it; otherwise installs the Debian
# packages that are missing.
prepare() {
  case ${1:-} in
    -h | --help) usage && exit ;;
  esac
  tools/setup/install.sh bench
  mkdir -p "$folder"
  say 'Building'
}

# measure PYTHON PROGRAM [ARGUMENT...]: runs the program in place of this process.
measure() {
  say 'Measuring'
  exec "$1" -B "bench/$2" --folder "$PWD/$folder" "${@:3}"
}
