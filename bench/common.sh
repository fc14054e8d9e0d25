# shellcheck shell=bash
# What bench/run.sh and bench/scaling.sh share. They source it, and stand in the root after it.
source "$(dirname "${BASH_SOURCE[0]}")/../tools/common.sh"

readonly folder=.run/bench

# build [TARGET...]: the gateway, the load generator, the payloads, and what else is named; prints where they are.
# Copies of the first three stay in $folder as they are while somebody builds something else.
build() {
  local built
  bazel build -c opt //server:docspace-apikeys-gateway //bench/load //bench:payloads "$@" >&2
  built=$(bazel info -c opt bazel-bin 2>/dev/null)
  install -D --target-directory="$folder/bin" "$built"/server/docspace-apikeys-gateway "$built/bench/load/load"
  install -D --mode=644 --target-directory="$folder/payloads" "$built"/bench/payloads/*.json
  echo "$built"
}

# Installs what is missing of Debian's packages.
prepare() {
  tools/install.sh bench
  check_bazel
  mkdir -p "$folder"
  say 'Building'
}

# measure PROGRAM [ARGUMENT...]: in place of this process.
measure() {
  say 'Measuring'
  exec python3 -B "bench/$1" --folder "$PWD/$folder" "${@:2}"
}
